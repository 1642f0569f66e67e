//! A person's own data, and their leaving for good; new passwords by a link.

use crate::kit::{PASSWORD, TestApp};
use maru::domain::{Actor, Command, Manage, UserId};
use maru::engine::retention;
use serde_json::json;

#[tokio::test]
async fn everybody_gets_their_own_data() {
    let app = TestApp::start().await;
    let (kim, lee) = (app.person("kim").await, app.person("lee").await);
    let room = app.room(&kim, "마루", "public").await;
    app.post(&format!("/rooms/{room}/join"), json!({}))
        .by(&lee)
        .send()
        .await;
    for n in 0..450 {
        app.say(&kim, room, &format!("글 {n}")).await;
    }
    let gone = app.say(&kim, room, "지운 글").await;
    app.delete(&format!("/messages/{gone}"))
        .by(&kim)
        .send()
        .await;
    app.say(&lee, room, "남의 글").await;
    let answer = app.get("/me/export").by(&kim).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json["user"]["username"], "kim", "{}", answer.text());
    let messages = answer.json["messages"].as_array().expect("messages");
    assert_eq!(messages.len(), 450);
    assert_eq!(answer.json["rooms"][0]["name"], "마루");
    assert_eq!(answer.json["sessions"].as_array().map(Vec::len), Some(1));
    assert!(!answer.text().contains("남의 글"));
    let empty = app
        .get("/me/export")
        .by(&app.person("max").await)
        .send()
        .await;
    assert_eq!(empty.json["messages"], json!([]), "{}", empty.text());
    assert_eq!(app.get("/me/export").send().await.status, 401);
}

#[tokio::test]
async fn an_erased_account_is_nobody_any_more() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "마루", "public").await;
    for n in 0..250 {
        app.say(&kim, room, &format!("비밀 {n}")).await;
    }
    let engine = &app.services().engine;
    let user = UserId(kim.id);
    let command = Command::Manage(Manage::EraseUser {
        user,
        messages: true,
    });
    engine.submit(Actor::System, command).await.expect("done");
    let removed = retention::erase_messages(engine, user).await.expect("done");
    assert_eq!(removed, 250);
    assert_eq!(app.get("/me").by(&kim).send().await.status, 401);
    let login = json!({ "username": "kim", "password": PASSWORD });
    assert_eq!(app.post("/login", login).send().await.status, 401);
    let shown = app
        .get(&format!("/users/{}", kim.id))
        .by(&admin)
        .send()
        .await;
    assert!(!shown.text().contains("kim"), "{}", shown.text());
    let page = app
        .get(&format!("/rooms/{room}/messages"))
        .by(&admin)
        .send()
        .await;
    assert!(!page.text().contains("비밀"), "{}", page.text());
    // The name is free again, and the last administrator stays.
    app.person("kim").await;
    let command = Command::Manage(Manage::EraseUser {
        user: UserId(admin.id),
        messages: false,
    });
    engine
        .submit(Actor::System, command)
        .await
        .expect_err("the last one");
}

#[tokio::test]
async fn a_link_sets_a_new_password_once() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let kim = app.person("kim").await;
    let path = format!("/users/{}/reset", kim.id);
    assert_eq!(app.post(&path, json!({})).by(&kim).send().await.status, 403);
    let first = app.post(&path, json!({})).by(&admin).send().await;
    assert_eq!(first.status, 201, "{}", first.text());
    let second = app.post(&path, json!({})).by(&admin).send().await;
    let url = second.json["url"].as_str().expect("a link");
    assert!(
        url.starts_with(&format!("{}/reset?token=", app.origin())),
        "{url}"
    );
    let new = "아주 새로운 비밀번호 하나";
    let redeem = async |token: &serde_json::Value, password: &str| {
        let body = json!({ "token": token, "password": password });
        app.post("/reset", body).send().await
    };
    let (old_token, token) = (&first.json["token"], &second.json["token"]);
    assert_eq!(
        redeem(old_token, new).await.code(),
        "bad_invite",
        "replaced"
    );
    assert_eq!(
        redeem(token, "kurz").await.status,
        400,
        "a bad password uses nothing up"
    );
    assert_eq!(redeem(token, new).await.status, 204);
    assert_eq!(redeem(token, new).await.code(), "bad_invite");
    assert_eq!(
        app.get("/me").by(&kim).send().await.status,
        401,
        "sessions end"
    );
    let login = json!({ "username": "kim", "password": new });
    assert_eq!(app.post("/login", login).send().await.status, 200);
    let lines = app.get("/admin/audit?action=user.").by(&admin).send().await;
    for action in ["user.reset_created", "user.password_reset"] {
        assert!(lines.text().contains(action), "{}", lines.text());
    }
    assert!(!lines.text().contains(token.as_str().expect("a token")));
}

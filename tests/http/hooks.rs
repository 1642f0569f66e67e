//! Incoming webhooks: Slack's words, the room's rights.

use crate::kit::{Answer, TestApp};
use serde_json::json;

#[tokio::test]
async fn a_program_posts_into_a_room() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "ops", "private").await;
    app.add(&kim, room, &lee).await;
    let hooks = format!("/rooms/{room}/hooks");
    let made = app
        .post(&hooks, json!({"name": "CI 서버"}))
        .by(&kim)
        .send()
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = made.json["secret"].as_str().expect("a secret").to_owned();
    let url = made.json["url"].as_str().expect("a url");
    assert_eq!(url, format!("{}/api/v1/hooks/{secret}", app.origin()));
    let by_lee = app.post(&hooks, json!({"name": "x"})).by(&lee).send().await;
    assert_eq!(by_lee.code(), "forbidden");
    let stranger = app.person("stranger").await;
    assert_eq!(app.get(&hooks).by(&stranger).send().await.status, 404);
    let list = app.get(&hooks).by(&lee).send().await;
    assert_eq!(list.json[0]["name"], "CI 서버");
    assert!(!list.text().contains(&secret));

    let path = format!("/hooks/{secret}");
    let ok = |answer: Answer| {
        assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
    };
    ok(app
        .post(&path, json!({"text": "*done* <https://ci/1|#1>"}))
        .send()
        .await);
    let form = b"payload=%7B%22text%22%3A%22form%22%7D".to_vec();
    ok(app
        .raw("POST", &path)
        .bytes("application/x-www-form-urlencoded", form)
        .send()
        .await);
    ok(app
        .raw("POST", &path)
        .bytes("text/plain", b"plain".to_vec())
        .send()
        .await);
    let named =
        json!({"text": "x", "username": "robot", "icon_emoji": ":ghost:", "channel": "#other"});
    ok(app.post(&path, named).send().await);
    // The same delivery is one message.
    for _ in 0..2 {
        let again = app
            .post(&path, json!({"text": "once"}))
            .header("idempotency-key", "d1");
        ok(again.send().await);
    }
    let page = app
        .get(&format!("/rooms/{room}/messages"))
        .by(&lee)
        .send()
        .await;
    let messages = page.json["messages"].as_array().expect("messages");
    let texts: Vec<&str> = messages.iter().filter_map(|m| m["text"].as_str()).collect();
    assert_eq!(
        texts,
        [
            "**done** [#1](https://ci/1)",
            "form",
            "plain",
            "**robot**: x",
            "once"
        ]
    );
    assert_eq!(messages[0]["author"]["display_name"], "CI 서버");
    assert_eq!(messages[0]["author"]["username"], "hook-ci-서버");

    for (body, word) in [("{}", "no_text"), ("{", "invalid_payload")] {
        let bad = app
            .raw("POST", &path)
            .bytes("application/json", body.into())
            .send()
            .await;
        assert_eq!((bad.status, bad.text().as_str()), (400, word));
    }
    let unknown = app.post("/hooks/nobody", json!({"text": "x"})).send().await;
    assert_eq!(
        (unknown.status, unknown.text().as_str()),
        (404, "no_service")
    );
    let format = app
        .post(&format!("{path}?format=x"), json!({"text": "x"}))
        .send()
        .await;
    assert_eq!(format.code(), "invalid");

    let id = made.json["id"].as_u64().expect("an id");
    let rotated = app
        .post(&format!("{hooks}/{id}/rotate"), json!({}))
        .by(&kim)
        .send()
        .await;
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    assert_eq!(
        app.post(&path, json!({"text": "x"})).send().await.status,
        404
    );
    let path = format!(
        "/hooks/{}",
        rotated.json["secret"].as_str().expect("a secret")
    );
    ok(app.post(&path, json!({"text": "x"})).send().await);
    let gone = app.delete(&format!("{hooks}/{id}")).by(&kim).send().await;
    assert_eq!(gone.status, 204);
    assert_eq!(
        app.post(&path, json!({"text": "x"})).send().await.status,
        404
    );
}

#[tokio::test]
async fn a_hook_that_posts_without_end_is_slowed_down() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "ops", "public").await;
    let made = app.post(&format!("/rooms/{room}/hooks"), json!({"name": "loud"}));
    let made = made.by(&kim).send().await;
    let path = format!("/hooks/{}", made.json["secret"].as_str().expect("a secret"));
    for n in 0..400 {
        let answer = app.post(&path, json!({"text": "!"})).send().await;
        if answer.status == 429 {
            assert!(n >= 100, "{n}");
            assert!(answer.header("retry-after").is_some());
            return;
        }
    }
    panic!("never slowed down");
}

/// Whose rooms they are sees them; an administrator those of public rooms, too.
#[tokio::test]
async fn hooks_of_all_rooms_in_one_list() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    for (name, kind) in [("open", "public"), ("closed", "private")] {
        let room = app.room(&kim, name, kind).await;
        let path = format!("/rooms/{room}/hooks");
        app.post(&path, json!({"name": name})).by(&kim).send().await;
    }
    for (person, names) in [
        (&kim, vec!["open", "closed"]),
        (&lee, vec![]),
        (&admin, vec!["open"]),
    ] {
        let list = app.get("/hooks").by(person).send().await;
        let list = list.json.as_array().expect("a list").clone();
        let found: Vec<&str> = list
            .iter()
            .filter_map(|hook| hook["name"].as_str())
            .collect();
        assert_eq!(found, names);
    }
}

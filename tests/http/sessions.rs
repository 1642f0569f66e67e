//! Sessions: one answer for every wrong password, and an end that is felt at once.

use crate::kit::{PASSWORD, Person, Socket, TestApp};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

fn login(name: &str, password: &str) -> Value {
    json!({ "username": name, "password": password })
}

#[tokio::test]
async fn one_answer_for_everything_that_is_wrong() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let kim = app.person("kim").await;
    let disable = app.patch(&format!("/users/{}", kim.id), json!({ "disabled": true }));
    assert_eq!(disable.by(&admin).send().await.json["disabled"], true);
    let mut answers = Vec::new();
    for (name, password) in [("admin", "wrong"), ("nobody", "wrong"), ("kim", PASSWORD)] {
        let answer = app.post("/login", login(name, password)).send().await;
        assert_eq!(
            (answer.status, answer.code()),
            (401, "bad_credentials"),
            "{name}"
        );
        answers.push(answer.text());
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let app = TestApp::start().await;
    app.person("kim").await;
    let mut refused = None;
    for _ in 0..12 {
        let answer = app
            .post("/login", login("kim", "wrong password"))
            .send()
            .await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("refused after a few");
    assert_eq!(refused.code(), "too_many_requests");
    let seconds: u64 = refused
        .header("retry-after")
        .and_then(|s| s.parse().ok())
        .expect("seconds");
    assert!((1..=60).contains(&seconds));
}

#[tokio::test]
async fn tokens_that_do_not_count() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let other = TestApp::start().await;
    let foreign = other.person("kim").await;
    let parts: Vec<&str> = kim.token.split('.').collect();
    let encode = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let none = format!(
        "{}.{}.",
        encode(json!({ "alg": "none", "typ": "JWT" })),
        parts[1]
    );
    let claims = BASE64_URL_SAFE_NO_PAD.decode(parts[1]).expect("claims");
    let mut claims: Value = serde_json::from_slice(&claims).expect("claims");
    claims["exp"] = json!(1_000_000_000);
    let forged = format!("{}.{}.{}", parts[0], encode(claims), parts[2]);
    let cut = kim.token[..kim.token.len() - 3].to_owned();
    let mut answers = Vec::new();
    for token in [
        none,
        forged,
        cut,
        foreign.token.clone(),
        "x".into(),
        "a.b.c".into(),
    ] {
        let bad = Person {
            token,
            ..kim.clone()
        };
        let answer = app.get("/me").by(&bad).send().await;
        assert_eq!((answer.status, answer.code()), (401, "unauthenticated"));
        answers.push(answer.text());
        let socket = app.connect(json!({ "token": bad.token })).await;
        assert_eq!(socket.refusal().as_deref(), Some("unauthenticated"));
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
    let nobody = app.connect(json!({})).await;
    assert_eq!(nobody.refusal().as_deref(), Some("unauthenticated"));
    for wrong in ["Basic a2ltOmtpbQ==", "Bearer", ""] {
        let answer = app.get("/me").header("authorization", wrong).send().await;
        assert_eq!(answer.status, 401, "{wrong}");
        // Where nobody has to be anybody, it is not looked at.
        let answer = app
            .post("/login", login("kim", PASSWORD))
            .header("authorization", wrong)
            .send()
            .await;
        assert_eq!(answer.status, 200, "{wrong}");
    }
}

/// The socket is told, closed, and hears nothing of what comes after.
async fn ends(app: &TestApp, socket: &mut Socket, room: u64, speaker: &Person) {
    let events = socket.rest().await;
    assert_eq!(
        events.last().map(|(name, _)| name.as_str()),
        Some("session.revoked"),
        "{events:?}"
    );
    app.say(speaker, room, "after the end").await;
    assert!(socket.next().await.is_none());
}

#[tokio::test]
async fn ending_a_session_ends_its_token_and_its_sockets() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let kim = app.person("kim").await;
    let room = app.room(&admin, "room", "public").await;
    app.add(&admin, room, &kim).await;

    // This one.
    let here = app.sign_in(kim.id, "kim").await;
    let mut socket = app.socket(&here).await;
    let mut stays = app.socket(&kim).await;
    let answer = app.request("POST", "/logout").by(&here).send().await;
    assert_eq!(answer.status, 204);
    assert!(
        answer
            .header("set-cookie")
            .is_some_and(|cookie| cookie.contains("Max-Age=0"))
    );
    ends(&app, &mut socket, room, &admin).await;
    assert_eq!(app.get("/me").by(&here).send().await.status, 401);
    assert_eq!(
        stays.find("message.created").await["message"]["text"],
        "after the end"
    );

    // One of the others.
    let there = app.sign_in(kim.id, "kim").await;
    let mut socket = app.socket(&there).await;
    let sessions = app.get("/sessions").by(&kim).send().await.json;
    let sessions = sessions.as_array().expect("a list");
    let other = sessions
        .iter()
        .find(|session| session["current"] == false)
        .expect("another");
    let answer = app
        .delete(&format!("/sessions/{}", other["id"]))
        .by(&kim)
        .send()
        .await;
    assert_eq!(answer.status, 204);
    ends(&app, &mut socket, room, &admin).await;

    // A foreign one is none.
    let own = sessions
        .iter()
        .find(|session| session["current"] == true)
        .expect("this one");
    let answer = app
        .delete(&format!("/sessions/{}", own["id"]))
        .by(&admin)
        .send()
        .await;
    assert_eq!(answer.status, 404);

    // All.
    let mut socket = app.socket(&kim).await;
    assert_eq!(app.delete("/sessions").by(&kim).send().await.status, 204);
    ends(&app, &mut socket, room, &admin).await;
    ends(&app, &mut stays, room, &admin).await;
    assert_eq!(app.get("/me").by(&kim).send().await.status, 401);
}

#[tokio::test]
async fn disabling_and_new_passwords_end_sessions() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let kim = app.person("kim").await;
    let room = app.room(&admin, "room", "public").await;
    app.add(&admin, room, &kim).await;

    // A new password keeps the session that set it.
    let other = app.sign_in(kim.id, "kim").await;
    let mut socket = app.socket(&other).await;
    let wrong = json!({ "password": { "current": "not this", "new": "quite another one" } });
    let answer = app.patch("/me", wrong).by(&kim).send().await;
    assert_eq!((answer.status, answer.code()), (403, "forbidden"));
    let change = json!({ "password": { "current": PASSWORD, "new": "quite another one" } });
    let answer = app.patch("/me", change).by(&kim).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    ends(&app, &mut socket, room, &admin).await;
    assert_eq!(app.get("/me").by(&other).send().await.status, 401);
    assert_eq!(app.get("/me").by(&kim).send().await.status, 200);
    let old = app.post("/login", login("kim", PASSWORD)).send().await;
    assert_eq!(old.status, 401);

    // An administrator's ends all.
    let mut socket = app.socket(&kim).await;
    let path = format!("/users/{}/password", kim.id);
    let answer = app
        .post(&path, json!({ "password": PASSWORD }))
        .by(&admin)
        .send()
        .await;
    assert_eq!(answer.status, 204);
    ends(&app, &mut socket, room, &admin).await;

    // Disabling, too.
    let kim = app.sign_in(kim.id, "kim").await;
    let mut socket = app.socket(&kim).await;
    let disable = app.patch(&format!("/users/{}", kim.id), json!({ "disabled": true }));
    assert_eq!(disable.by(&admin).send().await.status, 200);
    ends(&app, &mut socket, room, &admin).await;
    let refused = app.connect(json!({ "token": kim.token })).await;
    assert_eq!(refused.refusal().as_deref(), Some("unauthenticated"));
}

#[tokio::test]
async fn sessions_live_through_a_restart_and_ended_ones_do_not() {
    let mut app = TestApp::start().await;
    let kim = app.person("kim").await;
    let other = app.sign_in(kim.id, "kim").await;
    assert_eq!(
        app.request("POST", "/logout")
            .by(&other)
            .send()
            .await
            .status,
        204
    );
    app.restart().await;
    assert_eq!(app.get("/me").by(&kim).send().await.status, 200);
    assert_eq!(app.get("/me").by(&other).send().await.status, 401);
}

//! Outgoing webhooks: at least once, in order, signed, and dead only by name.

use crate::kit::{Person, Receiver, TestApp};
use maru::webhooks::sign;
use serde_json::{Value, json};

async fn hook(app: &TestApp, of: &Person, body: Value) -> Value {
    let made = app.post("/webhooks", body).by(of).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json
}

#[tokio::test]
async fn what_somebody_may_hear_is_delivered_signed_and_in_order() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "room", "private").await;
    let secret_room = app.room(&lee, "secret", "private").await;
    let receiver = Receiver::start(200).await;
    let made = json!({"url": receiver.url, "events": ["message.created"]});
    let made = hook(&app, &kim, made).await;
    let secret = made["secret"].as_str().expect("a secret");
    for n in 0..5 {
        app.say(&lee, secret_room, "not for kim").await;
        app.say(&kim, room, &format!("m{n}")).await;
    }
    let mut ids = Vec::new();
    for n in 0..5 {
        let came = receiver.next().await;
        assert_eq!(came.json["type"], "message.created");
        assert_eq!(came.json["data"]["message"]["text"], format!("m{n}"));
        let id = &came.headers["webhook-id"];
        let at = came.headers["webhook-timestamp"].parse().expect("seconds");
        let signature = sign(secret, id, at, came.body.as_bytes()).expect("a secret");
        assert_eq!(came.headers["webhook-signature"], signature);
        assert!(!id.contains('.') && !ids.contains(id));
        ids.push(id.clone());
    }
    assert!(receiver.is_empty().await);
    let list = app.get("/webhooks").by(&kim).send().await;
    assert!(!list.text().contains(secret), "shown once");
    let path = format!("/webhooks/{}", made["id"]);
    assert_eq!(app.get(&path).by(&lee).send().await.status, 404);
    assert_eq!(app.delete(&path).by(&lee).send().await.status, 404);
    // From the start again, the same events have the same ids.
    let replay = json!({"seq": made["position"]});
    let replayed = app
        .post(&format!("{path}/replay"), replay)
        .by(&kim)
        .send()
        .await;
    assert_eq!(replayed.status, 200, "{}", replayed.text());
    assert_eq!(receiver.next().await.headers["webhook-id"], ids[0]);
    assert_eq!(app.delete(&path).by(&kim).send().await.status, 204);
}

#[tokio::test]
async fn administrators_see_replay_and_delete_those_of_others_and_are_named_for_it() {
    let app = TestApp::start().await;
    let (boss, kim) = (app.admin("boss").await, app.person("kim").await);
    let receiver = Receiver::start(200).await;
    let made = hook(&app, &kim, json!({"url": receiver.url})).await;
    let secret = made["secret"].as_str().expect("a secret");
    let list = app.get("/webhooks").by(&boss).send().await;
    assert_eq!(list.json[0]["id"], made["id"]);
    assert_eq!(list.json[0]["user_id"], kim.id);
    assert!(!list.text().contains(secret), "shown once");
    let path = format!("/webhooks/{}", made["id"]);
    let replay = app.post(&format!("{path}/replay"), json!({})).by(&boss);
    assert_eq!(replay.send().await.status, 200);
    assert_eq!(app.delete(&path).by(&boss).send().await.status, 204);
    let left = app.get("/webhooks").by(&kim).send().await;
    assert_eq!(left.json, json!([]));
    let audit = "/admin/audit?action=webhook.deleted";
    let noted = app.get(audit).by(&boss).send().await;
    let entry = &noted.json["entries"][0];
    assert_eq!(entry["actor"]["username"], "boss", "{}", noted.text());
}

#[tokio::test]
async fn a_failure_is_tried_again_with_the_same_id_also_after_a_restart() {
    let mut app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let receiver = Receiver::start(500).await;
    let url = receiver.url.clone();
    let made = hook(
        &app,
        &kim,
        json!({"url": url, "events": ["message.created"]}),
    )
    .await;
    app.say(&kim, room, "first").await;
    let first = receiver.next().await;
    let path = format!("/webhooks/{}", made["id"]);
    let failing = loop {
        let shown = app.get(&path).by(&kim).send().await;
        if shown.json["failure"].is_object() {
            break shown;
        }
    };
    assert_eq!(failing.json["failure"]["reason"], "it answered 500");
    app.restart().await;
    receiver.answer_with(204);
    let again = receiver.next().await;
    assert_eq!(again.headers["webhook-id"], first.headers["webhook-id"]);
    assert_eq!(again.body, first.body);
    app.say(&kim, room, "second").await;
    loop {
        let next = receiver.next().await;
        if next.headers["webhook-id"] != first.headers["webhook-id"] {
            assert_eq!(next.json["data"]["message"]["text"], "second");
            break;
        }
    }
    loop {
        let shown = app.get(&path).by(&kim).send().await;
        if shown.json["failure"].is_null() {
            break;
        }
    }
}

#[tokio::test]
async fn a_dead_hook_is_named_and_comes_back() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let receiver = Receiver::start(410).await;
    let made = hook(&app, &kim, json!({"url": receiver.url, "room_ids": [room]})).await;
    app.say(&kim, room, "hello").await;
    receiver.next().await;
    let path = format!("/webhooks/{}", made["id"]);
    let dead = loop {
        let shown = app.get(&path).by(&kim).send().await;
        if shown.json["failure"].is_object() {
            break shown.json;
        }
    };
    assert_eq!(dead["failure"]["retry_at"], Value::Null);
    receiver.answer_with(200);
    let back = app
        .post(&format!("{path}/replay"), json!({}))
        .by(&kim)
        .send()
        .await;
    assert_eq!(back.status, 200, "{}", back.text());
    assert_eq!(
        receiver.next().await.json["data"]["message"]["text"],
        "hello"
    );
}

#[tokio::test]
async fn urls_and_secrets_that_cannot_be_are_refused() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    for (bad, field) in [
        (json!({"url": "http://169.254.169.254/"}), "url"),
        (json!({"url": "http://10.0.0.1/"}), "url"),
        (json!({"url": "ftp://example.org/"}), "url"),
        (json!({"url": "nonsense"}), "url"),
        (
            json!({"url": "https://example.org/", "secret": "whsec_x"}),
            "secret",
        ),
        (
            json!({"url": "https://example.org/", "events": ["x"]}),
            "events",
        ),
    ] {
        let answer = app.post("/webhooks", bad.clone()).by(&kim).send().await;
        assert_eq!(answer.status, 400, "{bad}");
        assert_eq!(answer.json["error"]["details"]["field"], field, "{bad}");
    }
    let foreign = json!({"url": "https://example.org/", "room_ids": [12_345]});
    assert_eq!(
        app.post("/webhooks", foreign).by(&kim).send().await.status,
        404
    );
}

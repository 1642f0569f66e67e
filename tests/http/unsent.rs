//! Drafts, messages that are sent later, folded replies, pictures of people, who is away.

use crate::kit::{Person, TestApp};
use maru::domain::Timestamp;
use serde_json::{Value, json};

const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
\0\0\0\x0dIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

async fn two(app: &TestApp) -> (Person, Person, u64) {
    let (kim, lee) = (app.person("kim").await, app.person("lee").await);
    let room = app.room(&kim, "room", "private").await;
    app.add(&kim, room, &lee).await;
    (kim, lee, room)
}

fn soon(ms: i64) -> Value {
    json!(Timestamp(maru::engine::now().0 + ms))
}

#[tokio::test]
async fn a_scheduled_message_is_sent_by_the_server_also_after_a_restart() {
    let mut app = TestApp::start().await;
    let (kim, lee, room) = two(&app).await;
    let max = app.person("max").await;
    let path = format!("/rooms/{room}/scheduled");
    let body = json!({ "text": "나중에", "send_at": soon(600) });
    let made = app.post(&path, body).by(&kim).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let later = json!({ "text": "한참 뒤", "send_at": soon(3_600_000) });
    let other = app.post(&path, later.clone()).by(&kim).send().await.json;
    assert_eq!(app.post(&path, later).by(&max).send().await.status, 404);
    let past = json!({ "text": "어제", "send_at": "2020-01-01T00:00:00Z" });
    assert_eq!(app.post(&path, past).by(&kim).send().await.status, 400);
    let mine = app.get(&path).by(&kim).send().await.json;
    assert_eq!(mine["scheduled"].as_array().map(Vec::len), Some(2));
    let theirs = app.get("/scheduled").by(&lee).send().await.json;
    assert_eq!(theirs["scheduled"], json!([]));
    let one = format!("/scheduled/{}", other["id"]);
    assert_eq!(app.delete(&one).by(&lee).send().await.status, 404);
    app.restart().await;
    let mut socket = app.socket(&lee).await;
    let said = app
        .get(&format!("/rooms/{room}/messages"))
        .by(&lee)
        .send()
        .await;
    let text = match said.json["messages"].as_array().and_then(|all| all.last()) {
        Some(message) => message["text"].clone(),
        None => socket.find("message.created").await["message"]["text"].clone(),
    };
    assert_eq!(text, "나중에");
    let changed = json!({ "text": "고친 글" });
    let changed = app.patch(&one, changed).by(&kim).send().await;
    assert_eq!(
        (changed.status, &changed.json["text"]),
        (200, &json!("고친 글"))
    );
    let send = app
        .post(&format!("{one}/send"), json!({}))
        .by(&kim)
        .send()
        .await;
    assert_eq!(
        (send.status, &send.json["text"]),
        (200, &json!("고친 글")),
        "{}",
        send.text()
    );
    assert_eq!(app.delete(&one).by(&kim).send().await.status, 404);
}

#[tokio::test]
async fn drafts_are_the_same_everywhere() {
    let app = TestApp::start().await;
    let (kim, lee, room) = two(&app).await;
    let mut other = app.socket(&kim).await;
    let draft = json!({ "room_id": room, "text": "쓰다가" });
    let kept = app.put("/me/drafts").json(&draft).by(&kim).send().await;
    assert_eq!(kept.status, 204, "{}", kept.text());
    assert_eq!(other.find("draft.updated").await["text"], "쓰다가");
    let mine = app.get("/me/drafts").by(&kim).send().await.json;
    assert_eq!(mine["drafts"][0]["text"], "쓰다가");
    assert_eq!(
        app.get("/me/drafts").by(&lee).send().await.json["drafts"],
        json!([])
    );
}

#[tokio::test]
async fn a_room_can_be_read_without_its_threads() {
    let app = TestApp::start().await;
    let (kim, lee, room) = two(&app).await;
    let root = app.say(&kim, room, "처음").await;
    let path = format!("/rooms/{room}/messages");
    let mut replies = Vec::new();
    for n in 0..5 {
        let body = json!({ "text": format!("답 {n}"), "reply_to": root, "also_in_room": n == 4 });
        let said = app.post(&path, body).by(&lee).send().await.json;
        replies.push(said["id"].as_u64().expect("an id"));
    }
    let folded = app
        .get(&format!("{path}?replies=false"))
        .by(&kim)
        .send()
        .await
        .json;
    let texts = folded["messages"].as_array().expect("a list").iter();
    let texts: Vec<_> = texts.map(|m| m["text"].as_str().expect("a text")).collect();
    assert_eq!(texts, ["처음", "답 4"]);
    assert_eq!(folded["messages"][1]["also_in_room"], true);
    let around = format!("/messages/{root}/thread?around={}&limit=2", replies[2]);
    let around = app.get(&around).by(&kim).send().await.json;
    let texts: Vec<_> = around["messages"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    assert!(texts.iter().any(|m| m["text"] == "답 2"), "{around}");
}

#[tokio::test]
async fn a_picture_is_seen_by_everybody_who_is_signed_in() {
    let app = TestApp::start().await;
    let (kim, lee, _) = two(&app).await;
    let set = |bytes: &[u8]| app.put("/me/avatar").bytes("image/png", bytes.to_vec());
    let user = set(PNG).by(&kim).send().await;
    assert_eq!(user.status, 200, "{}", user.text());
    let address = user.json["avatar"].as_str().expect("an address");
    let path = address.strip_prefix("/api/v1").expect("of the API");
    let seen = app.get(path).by(&lee).send().await;
    assert_eq!(
        (seen.status, seen.header("content-type")),
        (200, Some("image/png"))
    );
    assert!(
        seen.header("cache-control")
            .is_some_and(|how| how.contains("immutable"))
    );
    assert_eq!(app.get(path).send().await.status, 401);
    assert_eq!(
        set(b"<svg onload=alert(1)>").by(&kim).send().await.status,
        400
    );
    let gone = app.delete("/me/avatar").by(&kim).send().await;
    assert_eq!((gone.status, &gone.json["avatar"]), (200, &Value::Null));
    assert_eq!(app.get(path).by(&lee).send().await.status, 404);
}

#[tokio::test]
async fn who_leaves_the_screen_is_away_and_who_stops_typing_has_stopped() {
    let app = TestApp::start().await;
    let (kim, lee, room) = two(&app).await;
    let mut mine = app.socket(&kim).await;
    let mut theirs = app.socket(&lee).await;
    mine.ask("away", json!({ "away": true })).await;
    let answer = theirs.ask("presence", json!(null)).await;
    assert_eq!(answer["away"], json!([kim.id]));
    mine.ask("typing", json!({ "room_id": room })).await;
    mine.ask("typing", json!({ "room_id": room, "stopped": true }))
        .await;
    assert_eq!(theirs.find("typing").await.get("stopped"), None);
    assert_eq!(theirs.find("typing").await["stopped"], true);
    mine.ask("away", json!({ "away": false })).await;
    let answer = theirs.ask("presence", json!(null)).await;
    assert_eq!(answer["away"], json!([]));
}

//! Rooms keep messages for as long as they are told to; what goes is counted before.

use crate::kit::{Person, TestApp};
use maru::domain::history::{Imported, LineOutcome};
use maru::domain::{Actor, Command, Outcome, Timestamp};
use maru::engine::retention;
use serde_json::{Value, json};

const DAY_MS: i64 = 24 * 3600 * 1000;

async fn told(app: &TestApp, room: &str, days_ago: i64, id: &str, reply_to: Option<&str>) {
    let engine = &app.services().engine;
    let line = Imported {
        external_id: id.to_owned(),
        room: room.to_owned(),
        user: "kim".to_owned(),
        sent_at: Timestamp(engine.now().0 - days_ago * DAY_MS),
        text: format!("{id} 이야기"),
        reply_to: reply_to.map(str::to_owned),
        ..Imported::default()
    };
    let done = engine
        .submit(Actor::System, Command::Import(Box::new(line)))
        .await;
    assert!(
        matches!(&done, Ok(Outcome::Lines(lines)) if lines[..] == [LineOutcome::Created]),
        "{done:?}"
    );
}

async fn texts(app: &TestApp, by: &Person, room: u64) -> Vec<String> {
    let page = app
        .get(&format!("/rooms/{room}/messages"))
        .by(by)
        .send()
        .await
        .json;
    let messages = page["messages"].as_array().expect("messages").clone();
    messages
        .iter()
        .map(|message| message["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

async fn found(app: &TestApp, by: &Person, word: &str) -> u64 {
    let path = format!("/search?q={word}");
    let answer = app.get(&path).by(by).send().await;
    answer.json["total"].as_u64().expect("a total")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_older_than_the_room_keeps_goes_and_the_rest_stays() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "old", "public").await;
    told(&app, "old", 40, "ancient", None).await;
    told(&app, "old", 39, "root", None).await;
    told(&app, "old", 38, "quiet", None).await;
    told(&app, "old", 37, "dead", Some("quiet")).await;
    told(&app, "old", 2, "answer", Some("root")).await;
    app.say(&kim, room, "new").await;
    let unread = async |who: &Person| -> Value {
        let answer = app.get(&format!("/rooms/{room}")).by(who).send().await;
        answer.json["me"]["unread"].clone()
    };
    app.post(&format!("/rooms/{room}/join"), json!({}))
        .by(&admin)
        .send()
        .await;
    app.say(&kim, room, "newer").await;
    assert_eq!(unread(&admin).await, 1);
    let path = format!("/rooms/{room}");
    // Nothing goes by itself.
    let engine = app.services().engine.clone();
    let removed = retention::expire(&engine, None).await.expect("done");
    assert_eq!(removed, retention::Removed::default());
    // Counted first.
    let dry = app
        .get(&format!("{path}/retention?days=30"))
        .by(&kim)
        .send()
        .await;
    assert_eq!(dry.status, 200, "{}", dry.text());
    assert_eq!(
        (&dry.json["messages"], &dry.json["days"]),
        (&json!(3), &json!(30))
    );
    let set = app
        .patch(&path, json!({ "retention_days": 30 }))
        .by(&kim)
        .send()
        .await;
    assert_eq!(set.json["retention_days"], 30, "{}", set.text());
    let all = app.get("/admin/retention").by(&admin).send().await;
    assert_eq!(all.json["messages"], 3);
    let mut socket = app.socket(&kim).await;
    let removed = retention::expire(&engine, None).await.expect("done");
    assert_eq!((removed.messages, removed.rooms), (3, 1));
    socket.expect("history.changed").await;
    let left = texts(&app, &kim, room).await;
    assert_eq!(left, ["root 이야기", "answer 이야기", "new", "newer"]);
    assert_eq!(unread(&admin).await, 1);
    assert_eq!(found(&app, &kim, "ancient").await, 0);
    assert_eq!(found(&app, &kim, "answer").await, 1);
    let removed = retention::expire(&engine, None).await.expect("done");
    assert_eq!(removed.messages, 0, "what is gone is gone");
    // By the server's rule, where the room has none.
    let reset = app
        .patch(&path, json!({ "retention_days": null }))
        .by(&kim)
        .send()
        .await;
    assert!(
        reset.json.get("retention_days").is_none(),
        "{}",
        reset.text()
    );
    let removed = retention::expire(&engine, Some(1)).await.expect("done");
    assert_eq!(removed.messages, 2);
    assert_eq!(texts(&app, &kim, room).await, ["new", "newer"]);
}

#[tokio::test]
async fn only_who_manages_a_room_says_how_long() {
    let app = TestApp::start().await;
    let (kim, lee) = (app.person("kim").await, app.person("lee").await);
    let room = app.room(&kim, "마루", "public").await;
    let closed = app.room(&kim, "안방", "private").await;
    let days = json!({ "retention_days": 7 });
    let path = format!("/rooms/{room}");
    assert_eq!(
        app.patch(&path, days.clone()).by(&lee).send().await.status,
        403
    );
    assert_eq!(
        app.patch(&path, days.clone()).by(&kim).send().await.status,
        200
    );
    for bad in [json!(0), json!(-1), json!(99_999_999), json!("7")] {
        let change = json!({ "retention_days": bad });
        let status = app.patch(&path, change).by(&kim).send().await.status;
        assert!((400..500).contains(&status), "{bad}: {status}");
    }
    let hidden = format!("/rooms/{closed}/retention");
    assert_eq!(app.get(&hidden).by(&lee).send().await.status, 404);
    assert_eq!(
        app.get("/admin/retention").by(&lee).send().await.status,
        403
    );
}

/// The text is gone from the state, and the log and the journal let go of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_removed_leaves_the_files() {
    let mut app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "마루", "public").await;
    let id = app.say(&kim, room, "지워질문장지워질문장").await;
    app.delete(&format!("/messages/{id}")).by(&kim).send().await;
    let engine = app.services().engine.clone();
    app.say(&kim, room, "남을 글").await;
    engine.forget_removed();
    let needle = "지워질문장지워질문장".as_bytes();
    let holds = |folder: &str| {
        let listed = std::fs::read_dir(app.path().join(folder)).expect("listed");
        listed.filter_map(Result::ok).any(|file| {
            // What is removed meanwhile holds nothing.
            let bytes = std::fs::read(file.path()).unwrap_or_default();
            bytes.windows(needle.len()).any(|window| window == needle)
        })
    };
    while holds("log") || holds("events") {
        tokio::task::yield_now().await;
    }
    drop(engine);
    std::fs::write(app.path().join("compact"), b"").expect("written");
    app.restart().await;
    let state = std::fs::read(app.path().join("state.redb")).expect("read");
    assert!(!state.windows(needle.len()).any(|window| window == needle));
    assert_eq!(
        texts(&app, &kim, room).await.last().map(String::as_str),
        Some("남을 글")
    );
}

//! Rooms that are put away: read and searched, in no list that does not ask for them.

use super::searching::encoded;
use crate::kit::{Person, TestApp};
use serde_json::{Value, json};

async fn archive(app: &TestApp, by: &Person, room: u64, archived: bool) -> Value {
    let path = format!("/rooms/{room}");
    let answer = app
        .patch(&path, json!({ "archived": archived }))
        .by(by)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json
}

async fn names(app: &TestApp, by: &Person, path: &str) -> Vec<String> {
    let answer = app.get(path).by(by).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    let rooms = match answer.json.get("rooms") {
        Some(rooms) => rooms.clone(),
        None => answer.json,
    };
    let rooms = rooms.as_array().expect("rooms").iter();
    rooms
        .map(|room| room["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn an_archived_room_is_in_no_list_that_does_not_ask_for_it() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    for (name, kind) in [
        ("옛 마루", "public"),
        ("옛 안방", "private"),
        ("마루", "public"),
    ] {
        let room = app.room(&kim, name, kind).await;
        app.add(&kim, room, &lee).await;
        app.say(&lee, room, "두루미 이야기").await;
        if name != "마루" {
            let shown = archive(&app, &kim, room, true).await;
            assert_eq!(shown["archived"], true);
            assert!(shown["archived_at"].is_string(), "{shown}");
        }
    }
    let old = ["옛 마루", "옛 안방"];
    for by in [&kim, &lee] {
        assert_eq!(names(&app, by, "/rooms").await, ["마루"]);
        assert_eq!(names(&app, by, "/rooms?archived=true").await, old);
        assert_eq!(names(&app, by, "/bootstrap").await, ["마루"]);
        let directory = "/rooms/directory";
        assert_eq!(names(&app, by, directory).await, ["마루"]);
        assert_eq!(
            names(&app, by, &format!("/rooms/directory?q={}", encoded("옛"))).await,
            [""; 0]
        );
        let asked = format!("/rooms/directory?archived=true&q={}", encoded("옛"));
        assert_eq!(names(&app, by, &asked).await, ["옛 마루"]);
    }
    assert_eq!(names(&app, &admin, "/admin/rooms").await, ["마루"]);
    assert_eq!(
        names(&app, &admin, "/admin/rooms?archived=true").await,
        ["옛 마루"]
    );
    let suggested = names(&app, &lee, &format!("/search/suggest?q={}", encoded("옛"))).await;
    assert_eq!(suggested, [""; 0]);
    let found = app
        .get(&format!("/search?q={}", encoded("두루미")))
        .by(&lee)
        .send()
        .await;
    assert_eq!(found.json["total"], 3, "{}", found.text());
    // Names stay taken.
    let again = json!({ "name": "옛 마루" });
    let taken = app.post("/rooms", again).by(&lee).send().await;
    assert_eq!(taken.code(), "name_taken");
}

#[tokio::test]
async fn what_waits_for_an_archived_room_is_told_so_and_comes_back_with_it() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "마루", "public").await;
    let path = format!("/rooms/{room}");
    let hook = app
        .post(&format!("{path}/hooks"), json!({ "name": "CI" }))
        .by(&kim)
        .send()
        .await;
    let hook = format!("/hooks/{}", hook.json["secret"].as_str().expect("a secret"));
    let later = json!({ "text": "나중에", "send_at": "2099-01-01T00:00:00Z" });
    let later = app.post(&format!("{path}/scheduled"), later).by(&kim);
    // Further ahead than a year.
    assert_eq!(later.send().await.status, 400);
    let soon = app.services().engine.now().plus_ms(3_600_000).to_string();
    let later = json!({ "text": "나중에", "send_at": soon });
    let later = app.post(&format!("{path}/scheduled"), later).by(&kim);
    let later = later.send().await;
    assert_eq!(later.status, 201, "{}", later.text());
    let send = format!("/scheduled/{}/send", later.json["id"]);
    let mut socket = app.socket(&kim).await;
    archive(&app, &admin, room, true).await;
    let told = socket.expect("room.updated").await;
    assert_eq!(told["room"]["archived"], true, "{told}");
    let refused = app.post(&send, json!({})).by(&kim).send().await;
    assert_eq!(refused.code(), "room_archived");
    let posted = app.post(&hook, json!({ "text": "x" })).send().await;
    assert_eq!(
        (posted.status, posted.text().as_str()),
        (410, "channel_is_archived")
    );
    let shipped = app
        .raw("POST", &format!("/{}/_doc", encoded("마루")))
        .by(&kim);
    let shipped = shipped.json(&json!({ "message": "x" })).send().await;
    assert_eq!(shipped.status, 403, "{}", shipped.text());
    assert_eq!(shipped.json["error"]["type"], "cluster_block_exception");
    // A draft is its writer's own.
    let draft = json!({ "room_id": room, "text": "쓰다 만" });
    let kept = app.put("/me/drafts").json(&draft).by(&kim).send().await;
    assert_eq!(kept.status, 204, "{}", kept.text());
    // Together with other changes: it comes back first, and is put away last.
    let both = json!({ "archived": false, "name": "새 마루" });
    let back = app.patch(&path, both).by(&kim).send().await;
    assert_eq!(back.json["name"], "새 마루", "{}", back.text());
    assert!(back.json.get("archived").is_none());
    assert_eq!(app.post(&send, json!({})).by(&kim).send().await.status, 200);
    let posted = app.post(&hook, json!({ "text": "x" })).send().await;
    assert_eq!(posted.status, 200);
    let both = json!({ "archived": true, "topic": "끝" });
    let away = app.patch(&path, both).by(&kim).send().await;
    assert_eq!(
        (&away.json["topic"], &away.json["archived"]),
        (&json!("끝"), &json!(true))
    );
    let log = app.get("/admin/audit?action=room.").by(&admin).send().await;
    let log = log.json["entries"].as_array().expect("entries").clone();
    let acts: Vec<&str> = log
        .iter()
        .filter_map(|line| line["action"].as_str())
        .filter(|action| action.contains("archived"))
        .collect();
    assert_eq!(acts, ["room.archived", "room.unarchived", "room.archived"]);
    // A conversation cannot be put away for the other.
    let lee = app.person("lee").await;
    let direct = app
        .post("/direct", json!({ "user_ids": [lee.id] }))
        .by(&kim);
    let direct = direct.send().await.json["id"].clone();
    let change = app
        .patch(&format!("/rooms/{direct}"), json!({ "archived": true }))
        .by(&kim);
    assert_eq!(change.send().await.code(), "forbidden");
}

//! Histories of other programs over HTTP: read first, loaded when the administrator says so.

use super::files::send;
use crate::kit::{Answer, Person, TestApp};
use serde_json::{Value, json};

const TABLE: &str = "room,user,sent_at,text\n\
    옛방,철수,2024-05-01T09:00:00Z,안녕하세요\n\
    옛방,영희,2024-05-01T09:01:00Z,반가워요\n\
    옛방,철수,언젠가,시간이 없는 글\n";

async fn begin(app: &TestApp, admin: &Person, name: &str, text: &[u8], more: Value) -> Answer {
    let file = send(app, admin, name, text).await;
    let mut body = json!({ "file_id": file.json["id"] });
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    app.post("/admin/imports", body).by(admin).send().await
}

/// As it is when nothing moves any more.
async fn settled(app: &TestApp, admin: &Person, id: &Value) -> Value {
    loop {
        let path = format!("/admin/imports/{id}");
        let answer = app.get(&path).by(admin).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        if answer.json["state"] != "reading" && answer.json["state"] != "loading" {
            return answer.json;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_table_is_looked_into_and_then_loaded() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let begun = begin(
        &app,
        &admin,
        "history.csv",
        TABLE.as_bytes(),
        json!({"format": "csv"}),
    )
    .await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    let id = &begun.json["id"];
    let read = settled(&app, &admin, id).await;
    assert_eq!(read["state"], "ready", "{read}");
    assert_eq!(read["counts"]["messages"], 2);
    assert_eq!(read["counts"]["rooms"], 1);
    assert_eq!(read["lost"][0]["count"], 1, "{read}");
    // Nothing is here yet, and a second one waits.
    let directory = app.get("/rooms/directory").by(&admin).send().await;
    assert_eq!(directory.json["rooms"], json!([]));
    let second = begin(
        &app,
        &admin,
        "x.csv",
        TABLE.as_bytes(),
        json!({"format": "csv"}),
    )
    .await;
    assert_eq!(second.code(), "conflict");

    let run = format!("/admin/imports/{id}/run");
    let running = app.post(&run, json!({})).by(&admin).send().await;
    assert_eq!(running.status, 200, "{}", running.text());
    let done = settled(&app, &admin, id).await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(done["loaded"]["created"], 2);
    let again = app.post(&run, json!({})).by(&admin).send().await;
    assert_eq!(again.code(), "conflict");
    let directory = app.get("/rooms/directory").by(&admin).send().await;
    let room = &directory.json["rooms"][0];
    assert_eq!(room["name"], "옛방");
    let path = format!("/rooms/{}/messages", room["id"]);
    let page = app.get(&path).by(&admin).send().await;
    assert_eq!(page.json["messages"][1]["text"], "반가워요");
    let audit = app
        .get("/admin/audit?action=history.")
        .by(&admin)
        .send()
        .await;
    let entry = &audit.json["entries"][0];
    assert_eq!(entry["action"], "history.imported");
    assert_eq!(entry["details"]["file"], "history.csv");
    assert_eq!(entry["details"]["messages"], "2");
    // The same file again is the same messages.
    let begun = begin(
        &app,
        &admin,
        "history.csv",
        TABLE.as_bytes(),
        json!({"format": "csv"}),
    )
    .await;
    let id = &begun.json["id"];
    settled(&app, &admin, id).await;
    let run = format!("/admin/imports/{id}/run");
    app.post(&run, json!({})).by(&admin).send().await;
    let done = settled(&app, &admin, id).await;
    assert_eq!(
        (&done["loaded"]["created"], &done["loaded"]["repeated"]),
        (&json!(0), &json!(2))
    );
    let list = app.get("/admin/imports").by(&admin).send().await;
    assert_eq!(list.json["imports"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn own_lines_with_bad_ones_need_a_word() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    app.room(&admin, "닫힌 방", "private").await;
    let line = |id: &str, room: &str| {
        format!(
            r#"{{"id":"{id}","room":"{room}","user":"kim","sent_at":"2024-01-01T00:00:00Z","text":"t"}}"#
        )
    };
    let lines = [
        line("1", "열린 방"),
        "broken".to_owned(),
        line("2", "닫힌 방"),
    ];
    let lines = lines.join("\n");
    let begun = begin(
        &app,
        &admin,
        "a.jsonl",
        lines.as_bytes(),
        json!({"format": "jsonl"}),
    )
    .await;
    let id = &begun.json["id"];
    let read = settled(&app, &admin, id).await;
    assert_eq!(read["state"], "ready", "{read}");
    assert_eq!(read["counts"]["bad"], 2);
    assert_eq!(read["bad_lines"][0]["number"], 2);
    assert_eq!(
        read["bad_lines"][1]["reason"],
        "its room 닫힌 방 is private here"
    );
    let run = format!("/admin/imports/{id}/run");
    let refused = app.post(&run, json!({})).by(&admin).send().await;
    assert_eq!(refused.code(), "invalid");
    let body = json!({"skip_bad_lines": true});
    app.post(&run, body).by(&admin).send().await;
    let done = settled(&app, &admin, id).await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(
        (&done["loaded"]["created"], &done["loaded"]["skipped"]),
        (&json!(1), &json!(2))
    );
}

#[tokio::test]
async fn what_is_no_history_is_said_so_and_leaves_nothing() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let person = app.person("person").await;
    let begun = begin(
        &app,
        &admin,
        "x.zip",
        b"PK\x03\x04no",
        json!({"format": "slack"}),
    )
    .await;
    let failed = settled(&app, &admin, &begun.json["id"]).await;
    assert_eq!(failed["state"], "failed");
    assert!(
        failed["problem"]
            .as_str()
            .is_some_and(|text| text.ends_with('.'))
    );
    // Its file is gone: it was uploaded for this.
    let format = begin(&app, &admin, "x", b"x", json!({"format": "irc"})).await;
    assert_eq!(format.code(), "invalid");
    let missing = json!({"file_id": 1, "format": "csv"});
    let missing = app.post("/admin/imports", missing).by(&admin).send().await;
    assert_eq!(missing.status, 404);
    let not_an_admin = json!({"file_id": 1, "format": "csv"});
    let refused = app
        .post("/admin/imports", not_an_admin)
        .by(&person)
        .send()
        .await;
    assert_eq!(refused.status, 403);
    // One that waits can be given up, and then another begins.
    let begun = begin(
        &app,
        &admin,
        "h.csv",
        TABLE.as_bytes(),
        json!({"format": "csv"}),
    )
    .await;
    let id = &begun.json["id"];
    settled(&app, &admin, id).await;
    let path = format!("/admin/imports/{id}");
    assert_eq!(app.delete(&path).by(&admin).send().await.status, 204);
    let given_up = settled(&app, &admin, id).await;
    assert_eq!(given_up["state"], "cancelled");
    let next = begin(
        &app,
        &admin,
        "h.csv",
        TABLE.as_bytes(),
        json!({"format": "csv"}),
    )
    .await;
    assert_eq!(next.status, 201, "{}", next.text());
}

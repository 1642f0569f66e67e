//! Who did what, from where: kept, shown to administrators alone, a page at a time.

use crate::kit::{PASSWORD, TestApp};
use maru::domain::{Actor, Command, Manage, Outcome, Timestamp};
use serde_json::{Value, json};

async fn log(app: &TestApp, admin: &crate::kit::Person, query: &str) -> Vec<Value> {
    let answer = app
        .get(&format!("/admin/audit{query}"))
        .by(admin)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json["entries"].as_array().expect("entries").clone()
}

#[tokio::test]
async fn acts_are_kept_with_who_and_from_where() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let kim = app.person("kim").await;
    let role = json!({ "role": "admin" });
    let path = format!("/users/{}", kim.id);
    let changed = app
        .patch(&path, role)
        .by(&admin)
        .header("user-agent", "a browser");
    assert_eq!(changed.send().await.status, 200);
    let lines = log(&app, &admin, "?action=user.role_changed").await;
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(line["actor"], json!({ "id": admin.id, "username": "root" }));
    assert_eq!(
        line["target"],
        json!({ "type": "user", "id": kim.id, "name": "kim" })
    );
    assert_eq!(line["details"], json!({ "role": "admin" }));
    assert_eq!(line["origin"]["address"], "127.0.0.1");
    assert_eq!(line["origin"]["user_agent"], "a browser");
    // Sign-ins, good and bad; of a name that is none nothing is kept.
    let started = log(
        &app,
        &admin,
        &format!("?actor_id={}&action=session.", kim.id),
    )
    .await;
    assert_eq!(started[0]["action"], "session.started");
    for name in ["kim", "my password"] {
        let wrong = json!({ "username": name, "password": "not the password" });
        assert_eq!(app.post("/login", wrong).send().await.status, 401);
    }
    let refused = log(&app, &admin, "?action=session.refused").await;
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["target"]["name"], "kim");
    let all = app
        .get("/admin/audit?limit=200")
        .by(&admin)
        .send()
        .await
        .text();
    for secret in ["my password", "not the password", PASSWORD] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_others_did_to_messages_is_kept_without_the_text() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "마루", "public").await;
    for (author, by) in [(&kim, &kim), (&kim, &admin)] {
        let id = app.say(author, room, "비밀 이야기").await;
        assert_eq!(
            app.delete(&format!("/messages/{id}"))
                .by(by)
                .send()
                .await
                .status,
            204
        );
    }
    let lines = log(&app, &admin, "?action=message.deleted").await;
    assert_eq!(lines.len(), 1, "one's own is nobody's business");
    assert_eq!(lines[0]["details"]["author"], "kim");
    assert!(!lines[0].to_string().contains("비밀"));
}

#[tokio::test]
async fn pages_follow_each_other_and_only_administrators_read_them() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let kim = app.person("kim").await;
    for n in 0..7 {
        app.room(&kim, &format!("room {n}"), "public").await;
    }
    let (mut cursor, mut names) = (String::new(), Vec::new());
    loop {
        let path = format!("/admin/audit?action=room.created&limit=3{cursor}");
        let page = app.get(&path).by(&admin).send().await.json;
        let entries = page["entries"].as_array().expect("entries");
        assert!(entries.len() <= 3);
        names.extend(entries.iter().map(|entry| entry["target"]["name"].clone()));
        match page["cursor"].as_u64() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let expected: Vec<Value> = (0..7).rev().map(|n| json!(format!("room {n}"))).collect();
    assert_eq!(names, expected);
    assert_eq!(app.get("/admin/audit").by(&kim).send().await.status, 403);
    assert_eq!(app.get("/admin/audit").send().await.status, 401);
    assert_eq!(
        app.get("/admin/audit?limit=201")
            .by(&admin)
            .send()
            .await
            .status,
        400
    );
    // Old lines go.
    let engine = &app.services().engine;
    let before = Timestamp(engine.now().0 + 1);
    let command = Command::Manage(Manage::PruneAudit { before });
    let done = engine.submit(Actor::System, command).await.expect("done");
    assert_eq!(done, Outcome::Part { more: false });
    assert!(log(&app, &admin, "").await.is_empty());
}

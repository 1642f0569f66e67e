//! Everything leaves one server and is in another as it was.

use super::lived_in::{done, lived_in};
use crate::http::files::{PNG, send};
use crate::kit::{Person, TestApp};
use maru::domain::{Actor, Command};
use maru::ops::export::asked::Asked;
use maru::ops::import::{feed, load};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Cursor;

async fn exported(app: &TestApp, asked: Asked) -> String {
    let engine = app.services().engine.clone();
    let store = app.services().files.store().clone();
    let leave = move || {
        let (mut leaving, _) = asked.open(&engine, store).expect("opens");
        let mut out = Vec::new();
        while let Some(piece) = leaving.next_piece().expect("leaves") {
            out.extend(piece);
        }
        String::from_utf8(out).expect("text")
    };
    tokio::task::spawn_blocking(leave).await.expect("ends")
}

fn all() -> Asked {
    Asked {
        all: true,
        ..Asked::default()
    }
}

async fn loaded(app: &TestApp, lines: String) -> maru::ops::request::Loaded {
    let store = app.services().files.store().clone();
    let batches = feed(Cursor::new(lines), false, store);
    load(&app.services().engine, batches, false)
        .await
        .expect("loads")
}

/// Ids of files are given anew by each server; the order in which they leave is the same.
fn without_ids(lines: &str) -> Vec<String> {
    let mut text = lines.to_owned();
    let mut known = BTreeMap::new();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        if line["type"] == "file" {
            let n = known.len();
            known
                .entry(line["id"].as_str().expect("an id").to_owned())
                .or_insert(n);
        }
    }
    for (id, n) in known {
        text = text.replace(&format!("\"{id}\""), &format!("\"F{n}\""));
    }
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// What people see, without what has to differ.
fn seen(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let keep = |name: &str| {
                !matches!(name, "avatar" | "external_id" | "cursor") && name != "expires_at"
            };
            let fields = fields.iter().filter(|(name, _)| keep(name));
            fields
                .map(|(name, value)| (name.clone(), seen(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.iter().map(seen).collect(),
        // Ids are larger than any count here.
        Value::Number(n) if n.as_u64().is_some_and(|n| n > 2_000_000) => json!("id"),
        Value::Number(n) if n.as_u64().is_some_and(|n| n > 4_000) => json!("id"),
        other => other.clone(),
    }
}

async fn view(app: &TestApp, person: &Person) -> Vec<(String, Value)> {
    let mut views = Vec::new();
    let mut paths: Vec<String> = [
        "/rooms",
        "/saved",
        "/threads",
        "/mentions",
        "/me/settings",
        "/me/drafts",
        "/scheduled",
        "/me",
    ]
    .map(str::to_owned)
    .to_vec();
    let rooms = done(app.get("/rooms").by(person)).await;
    for room in rooms["rooms"]
        .as_array()
        .or(rooms.as_array())
        .expect("rooms")
    {
        paths.push(format!("/rooms/{}/messages?limit=100", room["id"]));
        paths.push(format!("/rooms/{}/pins", room["id"]));
        paths.push(format!("/rooms/{}/members", room["id"]));
    }
    for (n, path) in paths.iter().enumerate() {
        let answer = done(app.get(path).by(person)).await;
        views.push((
            format!("{n} {}", path.split('?').next().unwrap_or(path)),
            seen(&answer),
        ));
    }
    // Names of paths have ids in them.
    views
        .iter_mut()
        .for_each(|(name, _)| name.retain(|c| !c.is_ascii_digit()));
    views
}

async fn signed_in(app: &TestApp, name: &str) -> Person {
    let account = app.services().engine.read().expect("reads");
    let user = account
        .account_by_name(name)
        .expect("reads")
        .expect("is there")
        .user;
    let password = app
        .services()
        .new_password(crate::kit::PASSWORD, name)
        .await;
    let command = Command::SetPassword {
        user: user.id,
        password_hash: password.expect("good"),
        keep: None,
    };
    app.services()
        .engine
        .submit(Actor::System, command)
        .await
        .expect("set");
    app.sign_in(user.id.0, name).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_again_on_the_other_side() {
    let here = TestApp::start().await;
    let there = TestApp::start().await;
    let people = lived_in(&here).await;
    let me = done(here.get("/me").by(&people[0].1)).await;
    assert_eq!(
        me["status"],
        json!({"text": "밥"}),
        "a status without emoji"
    );
    let lines = exported(&here, all()).await;
    let came = loaded(&there, lines.clone()).await;
    assert_eq!(
        (came.skipped, came.differing, came.unplaced),
        (0, 0, 0),
        "{came:?}"
    );
    let back = exported(&there, all()).await;
    for (one, other) in without_ids(&lines).iter().zip(&without_ids(&back)) {
        assert_eq!(one, other);
    }
    assert_eq!(lines.lines().count(), back.lines().count());
    for (name, person) in &people {
        let other = signed_in(&there, name).await;
        let (one, other) = (view(&here, person).await, view(&there, &other).await);
        for (one, other) in one.iter().zip(&other) {
            assert_eq!(one, other, "as {name} sees it");
        }
    }
    // Again: nothing changes, on either side.
    let again = loaded(&there, lines.clone()).await;
    assert_eq!((again.created, again.differing), (0, 0), "{again:?}");
    assert_eq!(
        without_ids(&exported(&there, all()).await),
        without_ids(&back)
    );
    let home = loaded(&here, lines.clone()).await;
    assert_eq!((home.created, home.differing), (0, 0), "{home:?}");
    assert_eq!(
        without_ids(&exported(&here, all()).await),
        without_ids(&lines)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_room_and_one_person_leave_alone() {
    let app = TestApp::start().await;
    lived_in(&app).await;
    let room = Asked {
        room: Some("den".into()),
        ..Asked::default()
    };
    let den = exported(&app, room).await;
    assert!(
        den.contains("비밀 @kim") && den.contains(r#""name":"큰.bin""#),
        "{den}"
    );
    assert!(!den.contains("마루") && !den.contains("둘만"), "{den}");
    let there = TestApp::start().await;
    assert_eq!(loaded(&there, den).await.created, 4);
    let person = Asked {
        user: Some("max".into()),
        ..Asked::default()
    };
    let max = exported(&app, person).await;
    assert!(max.contains("쓰다 만") && max.contains("둘만"), "{max}");
    assert!(!max.contains("비밀") && !max.contains("안녕"), "{max}");
    for asked in [("no such", None), ("", Some("nobody"))] {
        let asked = Asked {
            room: asked.1.is_none().then(|| asked.0.into()),
            user: asked.1.map(str::to_owned),
            ..Asked::default()
        };
        let store = app.services().files.store().clone();
        assert!(asked.open(&app.services().engine, store).is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_as_a_page_has_no_scripts_and_its_pictures() {
    use maru::ops::export::html::Language;
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "<b>방</b>", "private").await;
    app.say(&kim, room, "**굵게**는 <script>alert(1)</script>")
        .await;
    let file = send(&app, &kim, "<i>.png", PNG).await.json["id"].clone();
    crate::http::files::post(&app, &kim, room, "그림", &file).await;
    let text = send(&app, &kim, "a.html", b"<script>").await.json["id"].clone();
    crate::http::files::post(&app, &kim, room, "", &text).await;
    let asked = Asked {
        room: Some(room.to_string()),
        page: Some(Language::Ko),
        utc_offset_minutes: 540,
        ..Asked::default()
    };
    let page = exported(&app, asked).await;
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(
        !page.contains("<script") && !page.contains("<b>방") && !page.contains("<i>.png"),
        "{page}"
    );
    assert!(page.contains("<strong>굵게</strong>는"), "{page}");
    assert!(page.contains("src=\"data:image/png;base64,"), "{page}");
    assert!(
        page.contains("data:application/octet-stream;base64,PHNjcmlwdD4="),
        "{page}"
    );
    assert!(
        page.contains("default-src 'none'") && page.contains("lang=\"ko\""),
        "{page}"
    );
}

//! Everything leaves one server and is in another as it was.

use crate::http::files::{PNG, send};
use crate::kit::{Person, TestApp};
use maru::domain::program::SlashCommand;
use maru::domain::{Actor, Command, ProgramCommand, UserId};
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

async fn done(request: crate::kit::Request) -> Value {
    let answer = request.send().await;
    assert!(answer.status < 300, "{} {}", answer.status, answer.text());
    answer.json
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

/// People, rooms and everything that they can do to them.
async fn lived_in(app: &TestApp) -> Vec<(&'static str, Person)> {
    let kim = app.admin("kim").await;
    let lee = app.person("이영희").await;
    let max = app.person("max").await;
    let hall = app.room(&kim, "마루", "public").await;
    let den = app.room(&lee, "den", "private").await;
    for person in [&lee, &max] {
        app.add(&kim, hall, person).await;
    }
    app.add(&lee, den, &kim).await;
    done(
        app.patch(
            &format!("/rooms/{hall}"),
            json!({"topic": "모두", "retention_days": 3650}),
        )
        .by(&kim),
    )
    .await;
    let direct = done(app.post("/direct", json!({"user_ids": [max.id]})).by(&lee)).await;
    let direct = direct["id"].as_u64().expect("an id");
    let say = |who: Person, room: u64, body: Value| async move {
        let said = done(app.post(&format!("/rooms/{room}/messages"), body).by(&who)).await;
        said["id"].as_u64().expect("an id")
    };
    let root = say(
        kim.clone(),
        hall,
        json!({"text": "안녕 @이영희", "client_id": "c-1"}),
    )
    .await;
    let gone = say(lee.clone(), hall, json!({"text": "gone"})).await;
    say(max.clone(), hall, json!({"text": "@room 모두 봐요"})).await;
    let first = say(
        lee.clone(),
        hall,
        json!({"text": "답글 @max", "reply_to": root}),
    )
    .await;
    let second = say(
        max.clone(),
        hall,
        json!({"text": "둘", "reply_to": root, "also_in_room": true}),
    )
    .await;
    say(
        lee.clone(),
        hall,
        json!({"text": "gone too", "reply_to": gone}),
    )
    .await;
    say(lee.clone(), den, json!({"text": "비밀 @kim"})).await;
    let whisper = say(max.clone(), direct, json!({"text": "둘만"})).await;
    say(max.clone(), direct, json!({"text": "또"})).await;
    done(
        app.patch(
            &format!("/messages/{first}"),
            json!({"text": "고친 답글 @max"}),
        )
        .by(&lee),
    )
    .await;
    done(app.delete(&format!("/messages/{gone}")).by(&lee)).await;
    for (who, emoji) in [(&max, "👍"), (&kim, "👍"), (&kim, "🎉")] {
        done(
            app.put(&format!("/messages/{root}/reactions/{emoji}"))
                .by(who),
        )
        .await;
    }
    done(app.put(&format!("/messages/{root}/pin")).by(&max)).await;
    done(app.put(&format!("/messages/{first}/save")).by(&kim)).await;
    done(app.delete(&format!("/messages/{root}/follow")).by(&kim)).await;
    done(
        app.post(
            &format!("/messages/{root}/thread/read"),
            json!({"message_id": second}),
        )
        .by(&lee),
    )
    .await;
    done(
        app.post(
            &format!("/rooms/{hall}/read"),
            json!({"message_id": second}),
        )
        .by(&lee),
    )
    .await;
    done(
        app.post(
            &format!("/rooms/{direct}/read"),
            json!({"message_id": whisper}),
        )
        .by(&lee),
    )
    .await;
    done(
        app.post(
            &format!("/rooms/{hall}/unread"),
            json!({"message_id": gone}),
        )
        .by(&lee),
    )
    .await;
    let level = app
        .put(&format!("/rooms/{hall}/notifications"))
        .json(&json!({"level": "mentions"}));
    done(level.by(&max)).await;
    done(
        app.patch(
            "/me/settings",
            json!({"theme": "dark", "rooms": {"favourites": [den, hall]}}),
        )
        .by(&kim),
    )
    .await;
    done(app.put("/me/status").json(&json!({"text": "밥"})).by(&kim)).await;
    done(
        app.put("/me/avatar")
            .by(&lee)
            .bytes("image/png", PNG.to_vec()),
    )
    .await;
    done(
        app.put("/me/drafts")
            .json(&json!({"room_id": hall, "text": "쓰다 만"}))
            .by(&max),
    )
    .await;
    done(
        app.put("/me/drafts")
            .json(&json!({"room_id": hall, "thread_id": root, "text": "답도"}))
            .by(&max),
    )
    .await;
    let later =
        json!({"text": "나중에 @max", "send_at": "2027-10-01T00:00:00Z", "mentions": [max.id]});
    done(app.post(&format!("/rooms/{den}/scheduled"), later).by(&lee)).await;
    // The same picture twice, and a file of several parts.
    let long: Vec<u8> = (0..1_300_000u32).map(|n| (n % 251) as u8).collect();
    for (name, content) in [("하나.png", PNG), ("둘.png", PNG), ("큰.bin", &long)] {
        let file = send(app, &lee, name, content).await.json["id"].clone();
        say(lee.clone(), den, json!({"text": name, "file_ids": [file]})).await;
    }
    let bot = done(
        app.post(
            "/bots",
            json!({"username": "deploy", "scopes": ["read"]}),
        )
        .by(&kim),
    )
    .await;
    let bot_id = bot["user"]["id"].as_u64().expect("an id");
    let command = SlashCommand {
        name: "deploy".into(),
        bot_id: UserId(bot_id),
        description: "배포".into(),
        usage: "<branch>".into(),
    };
    let command = Command::Program(ProgramCommand::SetSlashCommand(command));
    let engine = &app.services().engine;
    engine.submit(Actor::System, command).await.expect("set");
    let word = json!({"words": [{"word": "갈무리", "pos": "noun", "synonyms": ["저장"]}]});
    done(app.post("/admin/words", word).by(&kim)).await;
    vec![("kim", kim), ("이영희", lee), ("max", max)]
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
    app.say(&kim, room, "<script>alert(1)</script> **굵게**는")
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

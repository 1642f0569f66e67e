//! A server on which people have done everything that leaves something behind.

use crate::http::files::{PNG, send};
use crate::kit::{Person, TestApp};
use maru::domain::program::SlashCommand;
use maru::domain::{Actor, Command, ProgramCommand, UserId};
use serde_json::{Value, json};

pub async fn done(request: crate::kit::Request) -> Value {
    let answer = request.send().await;
    assert!(answer.status < 300, "{} {}", answer.status, answer.text());
    answer.json
}

/// People, rooms and everything that they can do to them.
pub async fn lived_in(app: &TestApp) -> Vec<(&'static str, Person)> {
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
    let old = app.room(&lee, "옛방", "public").await;
    app.say(&lee, old, "지난 이야기").await;
    done(
        app.patch(&format!("/rooms/{old}"), json!({"archived": true}))
            .by(&lee),
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
    let held = send(app, &lee, "나중.png", PNG).await.json["id"].clone();
    let later = json!({"text": "", "send_at": "2027-10-02T00:00:00Z", "file_ids": [held]});
    done(app.post(&format!("/rooms/{den}/scheduled"), later).by(&lee)).await;
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
        app.post("/bots", json!({"username": "deploy", "scopes": ["read"]}))
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

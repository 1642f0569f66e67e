//! The chat over Socket.IO: order, resuming, answers.

use crate::kit::{Socket, TestApp};
use serde_json::{Value, json};

#[tokio::test]
async fn acknowledgements_come_in_the_order_of_the_messages() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let mut socket = app.socket(&kim).await;
    let bodies: Vec<Value> = (0..400)
        .map(|number| json!({ "room_id": room, "text": format!("{number}") }))
        .collect();
    let (asked, answered) = socket.emit_at_once("message.send", &bodies).await;
    assert_eq!(answered, asked);
}

#[tokio::test]
async fn answers_are_those_of_http() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "room", "public").await;
    let hidden = app.room(&kim, "hidden", "private").await;
    let mut socket = app.socket(&kim).await;

    let sent = socket
        .ask(
            "message.send",
            json!({ "room_id": room, "text": "hi", "client_id": "c" }),
        )
        .await;
    assert_eq!(
        (&sent["ok"], &sent["created"]),
        (&json!(true), &json!(true)),
        "{sent}"
    );
    let again = socket
        .ask(
            "message.send",
            json!({ "room_id": room, "text": "hi", "client_id": "c" }),
        )
        .await;
    assert_eq!(
        (&again["created"], &again["message"]),
        (&json!(false), &sent["message"])
    );
    let read = socket
        .ask(
            "read",
            json!({ "room_id": room, "message_id": sent["message"]["id"] }),
        )
        .await;
    assert_eq!(
        (&read["ok"], &read["last_read_id"]),
        (&json!(true), &sent["message"]["id"])
    );
    assert_eq!(
        socket.ask("typing", json!({ "room_id": room })).await,
        json!({ "ok": true })
    );

    let mut other = app.socket(&lee).await;
    for (event, body, code) in [
        (
            "message.send",
            json!({ "room_id": room, "text": "x" }),
            "not_a_member",
        ),
        (
            "message.send",
            json!({ "room_id": hidden, "text": "x" }),
            "not_found",
        ),
        (
            "message.send",
            json!({ "room_id": room, "text": "" }),
            "bad_length",
        ),
        ("message.send", json!({ "room_id": room }), "bad_request"),
        (
            "message.send",
            json!({ "room_id": room, "text": "x", "as": "kim" }),
            "bad_request",
        ),
        (
            "message.send",
            json!({ "room_id": room, "text": "x", "file_ids": [1] }),
            "not_a_member",
        ),
        ("message.send", json!(null), "bad_request"),
        ("message.send", json!("text"), "bad_request"),
        (
            "read",
            json!({ "room_id": hidden, "message_id": 1 }),
            "not_found",
        ),
        ("typing", json!({ "room_id": room }), "not_a_member"),
        ("typing", json!({ "room_id": hidden }), "not_found"),
        ("room.delete", json!({ "room_id": room }), "not_found"),
    ] {
        let answer = other.ask(event, body.clone()).await;
        assert_eq!(answer["ok"], false, "{event} {body}: {answer}");
        assert_eq!(answer["error"]["code"], code, "{event} {body}: {answer}");
        assert!(answer["error"]["details"].is_object());
    }
}

#[tokio::test]
async fn what_is_sent_together_keeps_its_order() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let mut socket = app.socket(&kim).await;
    let mut asked = Vec::new();
    for n in 0..200 {
        let body = json!({ "room_id": room, "text": n.to_string() });
        asked.push(socket.emit("message.send", body).await);
    }
    let mut seqs = Vec::new();
    for (n, ack) in asked.into_iter().enumerate() {
        let answer = socket.answer(ack).await;
        assert_eq!(answer["message"]["text"], n.to_string());
    }
    for n in 0..200 {
        let event = socket.find("message.created").await;
        assert_eq!(event["message"]["text"], n.to_string());
        assert_eq!(event["message_id"], event["message"]["id"]);
        seqs.push(event["seq"].as_u64().expect("a position"));
    }
    assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
}

/// `ready`, with the position of an event that was heard after it: what was done just before the
/// connection may still be on its way then.
async fn settled(socket: &mut Socket, room: u64) -> Value {
    let mut ready = socket.expect("ready").await;
    let body = json!({ "room_id": room, "text": "here" });
    socket.ask("message.send", body).await;
    ready["seq"] = socket.find("message.created").await["seq"].clone();
    ready
}

async fn resumed(app: &TestApp, token: &str, epoch: &Value, since: u64) -> Socket {
    app.connect(json!({ "token": token, "epoch": epoch, "since": since }))
        .await
}

#[tokio::test]
async fn who_comes_back_hears_everything_once() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "room", "public").await;
    let hidden = app.room(&kim, "hidden", "private").await;
    app.add(&kim, room, &lee).await;
    let mut socket = app.connect(json!({ "token": lee.token })).await;
    let ready = settled(&mut socket, room).await;
    assert_eq!(ready["user"]["username"], "lee");
    let (epoch, since) = (
        ready["epoch"].clone(),
        ready["seq"].as_u64().expect("a position"),
    );
    assert!(epoch.as_u64().is_some_and(|epoch| epoch < 1 << 53));
    drop(socket);

    for n in 0..50 {
        app.say(&kim, room, &format!("a{n}")).await;
        app.say(&kim, hidden, "not for lee").await;
    }
    for live in ["first", "second"] {
        let mut socket = resumed(&app, &lee.token, &epoch, since).await;
        assert_eq!(socket.expect("ready").await["epoch"], epoch);
        for n in 0..50 {
            let event = socket.expect("message.created").await;
            assert_eq!(event["message"]["text"], format!("a{n}"));
        }
        if live == "second" {
            // What was live then is part of the past now.
            let event = socket.expect("message.created").await;
            assert_eq!(event["message"]["text"], "first");
        }
        app.say(&kim, room, live).await;
        let event = socket.expect("message.created").await;
        assert_eq!(event["message"]["text"], live);
    }
}

#[tokio::test]
async fn the_past_is_read_again_after_a_restart() {
    let mut app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let mut socket = app.connect(json!({ "token": kim.token })).await;
    let ready = settled(&mut socket, room).await;
    let since = ready["seq"].as_u64().expect("a position");
    drop(socket);
    for n in 0..300 {
        app.say(&kim, room, &format!("a{n}")).await;
    }
    app.restart().await;
    let mut socket = resumed(&app, &kim.token, &ready["epoch"], since).await;
    socket.expect("ready").await;
    let mut last = since;
    for n in 0..300 {
        let event = socket.expect("message.created").await;
        assert_eq!(event["message"]["text"], format!("a{n}"));
        let seq = event["seq"].as_u64().expect("a position");
        assert!(seq > last);
        last = seq;
    }
}

#[tokio::test]
async fn a_position_of_another_history_starts_over() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let mut socket = app.connect(json!({ "token": kim.token })).await;
    let epoch = socket.expect("ready").await["epoch"].clone();
    for (epoch, since) in [(json!(1), 0), (epoch, 1_000_000)] {
        let mut socket = resumed(&app, &kim.token, &epoch, since).await;
        let resync = socket.expect("resync").await;
        let ready = socket.expect("ready").await;
        assert_eq!(
            (&resync["epoch"], &resync["seq"]),
            (&ready["epoch"], &ready["seq"])
        );
        app.say(&kim, room, "live").await;
        socket.expect("message.created").await;
    }
    let wrong = app
        .connect(json!({ "token": kim.token, "since": "x" }))
        .await;
    assert_eq!(wrong.refusal().as_deref(), Some("bad_request"));
}

/// Somebody reads the past while others go on talking: nothing twice, nothing lost.
#[tokio::test]
async fn catching_up_under_load_has_no_gap() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let mut first = app.connect(json!({ "token": kim.token })).await;
    let ready = settled(&mut first, room).await;
    let since = ready["seq"].as_u64().expect("a position");
    let mut talking = app.socket(&kim).await;
    let total = 600;
    let talk = async {
        for n in 0..total {
            talking
                .emit(
                    "message.send",
                    json!({ "room_id": room, "text": n.to_string() }),
                )
                .await;
        }
    };
    let listen = async {
        for _ in 0..5 {
            let mut socket = resumed(&app, &kim.token, &ready["epoch"], since).await;
            socket.expect("ready").await;
            for n in 0..100 {
                let event = socket.expect("message.created").await;
                assert_eq!(event["message"]["text"], n.to_string());
            }
        }
    };
    tokio::join!(talk, listen);
    for n in 0..total {
        assert_eq!(
            first.expect("message.created").await["message"]["text"],
            n.to_string()
        );
    }
}

#[tokio::test]
async fn figures_are_for_administrators() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let kim = app.person("kim").await;
    let refused = Socket::connect(app.address, "/admin", &json!({ "token": kim.token })).await;
    assert_eq!(refused.refusal().as_deref(), Some("forbidden"));
    let mut socket = Socket::connect(app.address, "/admin", &json!({ "token": admin.token })).await;
    let stats = socket.expect("stats").await;
    assert!(
        stats["memory_bytes"]
            .as_u64()
            .is_some_and(|bytes| bytes > 1 << 20),
        "{stats}"
    );
    assert!(stats["seq"].as_u64().is_some_and(|seq| seq >= 2), "{stats}");
    assert_eq!(stats["trouble"], Value::Null);
}

#[tokio::test]
async fn presence_is_told_and_asked_for() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let mut socket = app.socket(&kim).await;
    let other = app.socket(&lee).await;
    let answer = socket.ask("presence", json!(null)).await;
    let online = answer["online"].as_array().expect("a list");
    assert!(
        online.contains(&json!(lee.id)) && online.contains(&json!(kim.id)),
        "{answer}"
    );
    drop(other);
}

#[tokio::test]
async fn a_stopping_server_lets_sockets_come_back() {
    let mut app = TestApp::start().await;
    let kim = app.person("kim").await;
    let mut socket = app.socket(&kim).await;
    app.stop().await;
    let events = socket.rest().await;
    assert!(
        events.iter().all(|(name, _)| name != "session.revoked"),
        "{events:?}"
    );
}

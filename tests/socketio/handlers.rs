//! The handler API: order, overlap, rooms, leaving, questions.
use super::kit::{config, start};
use maru::socketio::{AckError, Audience, Config, Frame, SendError};
use std::time::Duration;

#[tokio::test]
async fn events_begin_in_order_and_overlap() {
    let server = start(config()).await;
    let mut ws = server.connect().await;
    server.see("connected /").await;
    for turns in [50, 0, 20] {
        ws.say(&format!(r#"42{turns}["later",{turns}]"#)).await;
    }
    for turns in [50, 0, 20] {
        assert_eq!(server.saw().await, format!("begun {turns}"));
    }
    let mut answers = vec![ws.text().await, ws.text().await, ws.text().await];
    answers.sort();
    assert_eq!(answers, ["430[0]", "4320[20]", "4350[50]"]);
}

#[tokio::test]
async fn many_in_flight_are_all_answered() {
    let server = start(Config {
        max_in_flight: 4,
        ..config()
    })
    .await;
    let mut ws = server.connect().await;
    for id in 0..200 {
        ws.say(&format!(r#"42{id}["later",{}]"#, id % 7)).await;
    }
    let mut answers = std::collections::BTreeSet::new();
    for _ in 0..200 {
        answers.insert(ws.text().await);
    }
    assert_eq!(answers.len(), 200);
}

#[tokio::test]
async fn the_server_asks_and_the_client_answers() {
    let server = start(config()).await;
    let mut ws = server.connect().await;
    ws.say(r#"421["ask"]"#).await;
    assert_eq!(ws.text().await, r#"420["question",1]"#);
    ws.say(r#"430["yes",2]"#).await;
    assert_eq!(ws.text().await, r#"431["yes",2]"#);
    // An answer nobody waits for is nothing.
    ws.say("430[1]").await;
    ws.say("43999[1]").await;
    let socket = server.sockets.lock()[0].clone();
    let late = socket.emit_with_ack("question", &2, Duration::from_millis(10));
    assert_eq!(late.await.err(), Some(AckError::Timeout));
    let never = socket.emit_with_ack("question", &3, Duration::from_secs(60));
    drop(ws);
    assert_eq!(never.await.err(), Some(AckError::Closed));
    assert_eq!(socket.emit("gone", &1), Err(SendError::Closed));
}

#[tokio::test]
async fn rooms_reach_each_member_once() {
    let server = start(config()).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(server.connect().await);
        server.see("connected /").await;
    }
    let sockets = server.sockets.lock().clone();
    sockets[0].join("a");
    sockets[0].join("b");
    sockets[1].join("b");
    let namespace = server.server.namespace("/").unwrap();
    let send = |audience: Audience<'_>, what: &str| {
        namespace.send(audience, &Frame::event("/", "e", what).unwrap())
    };
    let rooms = &["a", "b", "nobody"][..];
    assert_eq!(
        send(
            Audience {
                rooms,
                ..Audience::default()
            },
            "both"
        ),
        2
    );
    assert_eq!(
        send(
            Audience {
                except_rooms: &["a"],
                ..Audience::default()
            },
            "not a"
        ),
        2
    );
    let except = Some(sockets[2].id());
    assert_eq!(
        send(
            Audience {
                except,
                ..Audience::default()
            },
            "not 2"
        ),
        2
    );
    sockets[0].leave("a");
    assert_eq!(
        send(
            Audience {
                rooms: &["a"],
                ..Audience::default()
            },
            "empty"
        ),
        0
    );
    assert_eq!(send(Audience::default(), "end"), 3);
    let wanted: [&[&str]; 3] = [
        &["both", "not 2", "end"],
        &["both", "not a", "not 2", "end"],
        &["not a", "end"],
    ];
    for (client, wanted) in clients.iter_mut().zip(wanted) {
        for what in wanted {
            assert_eq!(client.text().await, format!(r#"42["e","{what}"]"#));
        }
    }
    drop(clients);
    for _ in 0..3 {
        server.see("disconnect / transport").await;
    }
    assert!(namespace.is_empty());
    sockets[1].join("b");
    assert!(sockets[1].rooms().is_empty());
}

#[tokio::test]
async fn the_server_puts_a_socket_out() {
    let server = start(config()).await;
    let mut ws = server.connect().await;
    ws.say(r#"42["leave-me"]"#).await;
    assert_eq!(ws.text().await, "41");
    server.see("disconnect / server").await;
    ws.say("40").await;
    assert!(ws.text().await.starts_with("40{"));
    assert_eq!(ws.text().await, r#"42["auth",{}]"#);
    ws.say(r#"42["close-me"]"#).await;
    assert_eq!(ws.text().await, "41");
    assert_eq!(ws.closed().await, Some(1000));
    server.see("disconnect / server").await;
}

#[tokio::test]
async fn a_polling_client_hears_that_it_is_put_out() {
    let server = start(config()).await;
    let (session, _) = server.poll("/socket.io/").await;
    server.post(&session, "40").await;
    server.get(&session).await;
    server.post(&session, r#"42["close-me"]"#).await;
    assert_eq!(server.get(&session).await, (200, "41".into()));
    assert_eq!(server.get(&session).await, (200, "1".into()));
    assert_eq!(server.get(&session).await.0, 400);
}

#[tokio::test]
async fn shutdown_lets_official_clients_come_back() {
    let server = start(config()).await;
    let mut ws = server.connect().await;
    server.see("connected /").await;
    assert_eq!(server.server.shutdown(Duration::from_secs(10)).await, 0);
    // Not `41`, after which a client would stay away.
    assert_eq!(ws.closed().await, Some(1012));
    server.see("disconnect / shutdown").await;
}

#[tokio::test]
async fn the_handshake_is_remembered_in_part() {
    let server = start(config()).await;
    let mut ws = server
        .websocket("/socket.io/?EIO=4&transport=websocket&room=%ED%99%80")
        .await
        .unwrap();
    ws.text().await;
    ws.say("40").await;
    server.see("connected /").await;
    let socket = server.sockets.lock()[0].clone();
    let handshake = socket.handshake();
    assert!(handshake.remote().ip().is_loopback());
    assert!(handshake.query().ends_with("room=%ED%99%80"));
    assert_eq!(handshake.header("cookie"), None);
    assert_eq!(handshake.cookie("session"), None);
    assert!(socket.is_open());
    assert_eq!(socket.data::<u8>(), None);
}

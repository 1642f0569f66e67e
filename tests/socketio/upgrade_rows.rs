//! Engine.IO: from polling to WebSocket.
use super::kit::{Running, Ws, config, start, within};
use maru::socketio::Config;
use std::time::Duration;
use tokio::io::AsyncReadExt;

async fn begin(server: &Running) -> (String, Ws) {
    let (session, _) = server.poll("/engine.io/").await;
    let ws = server
        .websocket(&session.replace("polling", "websocket"))
        .await
        .unwrap();
    (session, ws)
}

#[tokio::test]
async fn the_next_poll_is_sent_away_and_the_session_moves() {
    let server = start(config()).await;
    let (session, mut ws) = begin(&server).await;
    ws.say("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    assert_eq!(server.get(&session).await, (200, "6".into()));
    ws.say("5").await;
    ws.say("4hello").await;
    assert_eq!(ws.text().await, "4hello");
    assert_eq!(server.engine.len(), 1);
}

#[tokio::test]
async fn the_pending_poll_is_sent_away() {
    let server = start(config()).await;
    let (session, _) = server.poll("/engine.io/").await;
    let mut poll = server.send("GET", &session, b"").await;
    assert_eq!(server.post(&session, "6").await.0, 200);
    let mut ws = server
        .websocket(&session.replace("polling", "websocket"))
        .await
        .unwrap();
    ws.say("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    let mut answer = String::new();
    within(poll.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.ends_with("\r\n\r\n6"), "{answer}");
}

#[tokio::test]
async fn messages_of_the_switch_are_kept() {
    let server = start(config()).await;
    let (session, mut ws) = begin(&server).await;
    assert_eq!(server.post(&session, "4one").await.0, 200);
    ws.say("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    assert_eq!(server.get(&session).await, (200, "4one".into()));
    assert_eq!(server.post(&session, "4two").await.0, 200);
    ws.say("5").await;
    assert_eq!(ws.text().await, "4two");
}

#[tokio::test]
async fn after_it_polling_is_refused() {
    let server = start(config()).await;
    for _ in 0..20 {
        let (session, mut ws) = begin(&server).await;
        ws.say("2probe").await;
        ws.say("5").await;
        assert_eq!(server.get(&session).await.0, 400);
        assert_eq!(server.post(&session, "4x").await.0, 400);
        assert_eq!(ws.text().await, "3probe");
        ws.say("4still here").await;
        assert_eq!(ws.text().await, "4still here");
    }
}

#[tokio::test]
async fn a_second_websocket_is_closed_and_the_first_lives_on() {
    let server = start(config()).await;
    let (session, mut ws) = begin(&server).await;
    let target = session.replace("polling", "websocket");
    let mut second = server.websocket(&target).await.expect("a handshake");
    assert_eq!(second.closed().await, None, "without a word");
    ws.say("2probe").await;
    ws.say("5").await;
    assert_eq!(ws.text().await, "3probe");
    let mut third = server.websocket(&target).await.expect("a handshake");
    assert_eq!(third.closed().await, None);
    ws.say("4first").await;
    assert_eq!(ws.text().await, "4first");
}

#[tokio::test]
async fn a_failed_probe_leaves_the_polling_alone() {
    let server = start(config()).await;
    let (session, mut ws) = begin(&server).await;
    ws.say("4not a probe").await;
    assert_eq!(ws.closed().await, None);
    assert_eq!(server.post(&session, "4on").await.0, 200);
    assert_eq!(server.get(&session).await, (200, "4on".into()));
    // Another try is allowed as soon as the first is over.
    let target = session.replace("polling", "websocket");
    let mut again = loop {
        if let Ok(ws) = server.websocket(&target).await {
            break ws;
        }
    };
    again.say("2probe").await;
    assert_eq!(again.text().await, "3probe");
}

#[tokio::test]
async fn a_probe_without_an_end_is_closed() {
    let server = start(Config {
        upgrade_timeout: Duration::from_millis(50),
        ..config()
    })
    .await;
    let (session, mut ws) = begin(&server).await;
    ws.say("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    assert_eq!(ws.closed().await, None);
    assert_eq!(server.post(&session, "4on").await.0, 200);
    assert_eq!(server.get(&session).await, (200, "4on".into()));
}

#[tokio::test]
async fn a_websocket_for_a_foreign_or_websocket_session_is_refused() {
    let server = start(config()).await;
    let forged = "/engine.io/?EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAA";
    assert_eq!(server.websocket(forged).await.err(), Some(400));
    let mut ws = server
        .websocket("/engine.io/?EIO=4&transport=websocket")
        .await
        .unwrap();
    let open: serde_json::Value = serde_json::from_str(&ws.text().await[1..]).unwrap();
    let sid = open["sid"].as_str().unwrap();
    let target = |transport| format!("/engine.io/?EIO=4&transport={transport}&sid={sid}");
    let mut second = server
        .websocket(&target("websocket"))
        .await
        .expect("begins");
    assert_eq!(second.closed().await, None);
    let polling = server.websocket(&target("polling")).await;
    assert_eq!(polling.err(), Some(400));
    for transport in ["websocket", "polling"] {
        assert_eq!(server.get(&target(transport)).await.0, 400, "{transport}");
    }
    ws.say("4mine").await;
    assert_eq!(ws.text().await, "4mine");
}

#[tokio::test]
async fn closing_by_polling_ends_a_probe() {
    let server = start(config()).await;
    let (session, mut ws) = begin(&server).await;
    ws.say("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    assert_eq!(server.post(&session, "1").await.0, 200);
    assert_eq!(ws.closed().await, None);
}

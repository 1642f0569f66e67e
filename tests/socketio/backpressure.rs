//! Readers that do not read.
use super::kit::{Running, config, start, within};
use futures_util::{SinkExt, StreamExt};
use maru::socketio::{Audience, Config, Frame, Reason};

#[tokio::test]
async fn a_reader_that_does_not_read_is_closed_and_the_others_do_not_notice() {
    let server = start(Config {
        max_queued_bytes: 100_000,
        ..config()
    })
    .await;
    let lazy = server.connect().await;
    server.see("connected /").await;
    let mut keen = server.connect().await;
    server.see("connected /").await;
    let namespace = server.server.namespace("/").unwrap();
    let frame = Frame::event("/", "e", &"x".repeat(1000)).unwrap();
    let mut sent = 0;
    while namespace.send(Audience::default(), &frame) == 2 {
        sent += 1;
        assert_eq!(keen.text().await, frame.text());
        assert!(sent < 100_000, "the kernel took a hundred megabytes");
    }
    assert_eq!(keen.text().await, frame.text());
    server.see("disconnect / slow_consumer").await;
    let closed = server.server.metrics().read().closed;
    assert!(closed.contains(&(Reason::SlowConsumer, 1)), "{closed:?}");
    drop(lazy);
}

#[tokio::test]
async fn a_slow_reader_learns_why() {
    let config = Config {
        max_queued_bytes: 50_000,
        ..config()
    };
    let server = start(config).await;
    let mut lazy = server.connect().await;
    server.see("connected /").await;
    let socket = server.sockets.lock()[0].clone();
    let frame = Frame::event("/", "e", &"x".repeat(10_000)).unwrap();
    while socket.send_frame(&frame).is_ok() {
        tokio::task::yield_now().await;
    }
    // It reads again, before it is given up.
    while lazy.next().await.is_some() {}
    server.see("disconnect / slow_consumer").await;
    assert!(!socket.is_open());
}

#[tokio::test]
async fn a_long_history_waits_for_its_reader() {
    let server = start(Config {
        max_queued_bytes: 50_000,
        ..config()
    })
    .await;
    let mut ws = server.connect().await;
    server.see("connected /").await;
    let socket = server.sockets.lock()[0].clone();
    let sending = tokio::spawn(async move {
        for at in 0..2000 {
            let frame = Frame::event("/", "e", &format!("{at}{}", "x".repeat(2000))).unwrap();
            socket.drained(20_000).await.unwrap();
            socket.send_frame(&frame).unwrap();
        }
    });
    for at in 0..2000 {
        assert!(
            ws.text().await.starts_with(&format!(r#"42["e","{at}x"#)),
            "{at}"
        );
    }
    within(sending).await.unwrap();
}

#[tokio::test]
async fn volatile_frames_give_way() {
    let server = start(config()).await;
    let mut ws = server.connect().await;
    server.see("connected /").await;
    let socket = server.sockets.lock()[0].clone();
    let big = Frame::event("/", "big", &"x".repeat(900_000)).unwrap();
    let small = Frame::event("/", "small", &1).unwrap();
    assert!(socket.send_frame(&big).is_ok());
    assert!(!socket.send_volatile(&small));
    assert_eq!(ws.text().await, big.text());
    assert!(socket.send_volatile(&small));
    assert_eq!(ws.text().await, small.text());
}

/// What its socket is owed, by polls one after the other, until so many packets came.
async fn polled(server: &Running, session: &str, packets: usize) -> Vec<String> {
    let mut got = Vec::new();
    while got.len() < packets {
        let (status, body) = server.get(session).await;
        assert_eq!(status, 200, "after {} packets: {body}", got.len());
        got.extend(body.split('\x1e').map(str::to_owned));
    }
    got
}

fn questions(numbers: std::ops::Range<usize>) -> String {
    let text = "x".repeat(2000);
    let ask = |n| format!(r#"42{n}["message-with-ack","{text}"]"#);
    numbers.map(ask).collect::<Vec<_>>().join("\x1e")
}

/// It is answered as fast as it reads the answers.
#[tokio::test]
async fn who_sends_more_than_it_reads_waits_with_sending() {
    let server = start(Config {
        max_queued_bytes: 60_000,
        ..config()
    })
    .await;
    let (session, _) = server.poll("/socket.io/").await;
    assert_eq!(server.post(&session, "40").await.0, 200);
    polled(&server, &session, 2).await;
    let body = questions(0..100);
    let (posted, got) = tokio::join!(server.post(&session, &body), polled(&server, &session, 100));
    assert_eq!(posted, (200, "ok".into()));
    for (n, answer) in got.iter().enumerate() {
        assert!(answer.starts_with(&format!("43{n}[")), "{n}: {answer}");
    }
}

#[tokio::test]
async fn who_sends_more_by_websocket_waits_too() {
    let server = start(Config {
        max_queued_bytes: 60_000,
        ..config()
    })
    .await;
    let mut ws = server.connect().await;
    let text = "x".repeat(2000);
    for n in 0..1000 {
        ws.0.feed(format!(r#"42{n}["message-with-ack","{text}"]"#).into())
            .await
            .unwrap();
    }
    let (mut sink, mut stream) = ws.0.split();
    let (flushed, ()) = tokio::join!(sink.flush(), async {
        for n in 0..1000 {
            let answer = within(stream.next()).await.unwrap().unwrap();
            let answer = answer.to_text().unwrap();
            assert!(answer.starts_with(&format!("43{n}[")), "{n}: {answer}");
        }
    });
    flushed.unwrap();
}

/// A client that switches waits for its post, and does not poll until it is answered.
#[tokio::test]
async fn who_switches_to_its_websocket_is_not_held_back() {
    let server = start(Config {
        max_queued_bytes: 60_000,
        ..config()
    })
    .await;
    let (session, _) = server.poll("/socket.io/").await;
    assert_eq!(server.post(&session, "40").await.0, 200);
    polled(&server, &session, 2).await;
    let target = session.replace("polling", "websocket");
    let mut ws = server.websocket(&target).await.unwrap();
    let body = questions(0..20);
    let posting = server.post(&session, &body);
    let switching = async {
        ws.say("2probe").await;
        assert_eq!(ws.text().await, "3probe");
    };
    let (posted, ()) = within(async { tokio::join!(posting, switching) }).await;
    assert_eq!(posted, (200, "ok".into()));
    ws.say("5").await;
    for n in 0..20 {
        assert!(ws.text().await.starts_with(&format!("43{n}[")), "{n}");
    }
}

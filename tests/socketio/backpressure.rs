//! Readers that do not read.
use super::kit::{config, start, within};
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

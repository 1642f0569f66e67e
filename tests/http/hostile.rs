//! Connections that mean no good are closed, and others do not notice.

use crate::kit::TestApp;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What the server says before it closes the line, and when.
async fn until_closed(stream: &mut TcpStream) -> (String, Duration) {
    let began = Instant::now();
    let mut said = Vec::new();
    // A reset is an end like any other.
    let _ = stream.read_to_end(&mut said).await;
    (String::from_utf8_lossy(&said).into_owned(), began.elapsed())
}

#[tokio::test]
async fn slow_requests_are_closed_and_others_served() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let mut slow = Vec::new();
    for n in 0..200 {
        let mut stream = TcpStream::connect(app.address).await.expect("connects");
        let start: &[u8] = match n % 4 {
            0 => b"",
            1 => b"GET /healthz HT",
            2 => b"GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow: ",
            _ => b"POST /api/v1/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{",
        };
        stream.write_all(start).await.expect("sends");
        slow.push(tokio::spawn(async move { until_closed(&mut stream).await }));
    }
    let answer = app.get("/me").by(&kim).send().await;
    assert_eq!(answer.status, 200);
    for slow in slow {
        let (said, after) = slow.await.expect("ends");
        assert!(after < Duration::from_secs(11), "{after:?}: {said}");
    }
}

#[tokio::test]
async fn heads_are_bounded() {
    let app = TestApp::start().await;
    let long = "a".repeat(100_000);
    let mut many = String::new();
    for n in 0..200 {
        many += &format!("x-{n}: 1\r\n");
    }
    for head in [
        format!("GET /{long} HTTP/1.1\r\nhost: a\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nhost: a\r\nx: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nhost: a\r\n{many}\r\n"),
        "nonsense\r\n\r\n".to_owned(),
    ] {
        let mut stream = TcpStream::connect(app.address).await.expect("connects");
        // The server may close before all of it was sent.
        let _ = stream.write_all(head.as_bytes()).await;
        let (said, _) = until_closed(&mut stream).await;
        let status = said.split(' ').nth(1).unwrap_or("400");
        assert!(status.starts_with('4'), "{said}");
    }
    assert_eq!(app.raw("GET", "/healthz").send().await.status, 200);
}

#[tokio::test]
async fn a_server_that_stops_finishes_what_is_under_way() {
    let mut app = TestApp::start().await;
    let kim = app.person("kim").await;
    let stream = app.get("/events").by(&kim).open().await;
    let idle = TcpStream::connect(app.address).await.expect("connects");
    let began = Instant::now();
    app.stop().await;
    assert!(
        began.elapsed() < Duration::from_secs(9),
        "{:?}",
        began.elapsed()
    );
    for mut stream in [stream, idle] {
        until_closed(&mut stream).await;
    }
}

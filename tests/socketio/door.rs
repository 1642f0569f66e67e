//! Who is let in: the hook before a session, CORS, what is remembered of a handshake.
use super::kit::{Running, config, start, within};
use maru::socketio::{Config, Cors};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const OPEN: &str = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: x\r\n";

async fn answer(server: &Running, head: &str) -> String {
    let mut answer = String::new();
    let mut stream = server.send_raw(head, b"").await;
    within(stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

#[tokio::test]
async fn the_hook_comes_before_any_session() {
    let server = start(config()).await;
    let refused = answer(&server, &format!("{OPEN}x-forbidden: 1\r\n")).await;
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    assert!(
        refused.ends_with(r#"{"code":4,"message":"not from there"}"#),
        "{refused}"
    );
    let websocket = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nx-forbidden: 1\r\n";
    assert!(answer(&server, websocket).await.starts_with("HTTP/1.1 403"));
    assert_eq!(server.server.connections(), 0);
    assert_eq!(server.server.metrics().read().opened, 0);
}

#[tokio::test]
async fn foreign_pages_are_answered_as_configured() {
    let origin = "origin: https://chat.example\r\n";
    let preflight = format!(
        "OPTIONS /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: x\r\n{origin}\
         access-control-request-headers: authorization\r\n"
    );
    let listed = Cors::Origins(vec!["https://chat.example".into()]);
    for (cors, wanted, credentials) in [
        (Cors::SameOrigin, None, false),
        (
            Cors::Origins(vec!["https://other.example".into()]),
            None,
            false,
        ),
        (
            listed,
            Some("access-control-allow-origin: https://chat.example\r\n"),
            true,
        ),
        (Cors::Any, Some("access-control-allow-origin: *\r\n"), false),
    ] {
        let server = start(Config {
            cors: cors.clone(),
            ..config()
        })
        .await;
        for head in [format!("{OPEN}{origin}"), preflight.clone()] {
            let answer = answer(&server, &head).await;
            match wanted {
                Some(wanted) => assert!(answer.contains(wanted), "{cors:?} {answer}"),
                None => assert!(!answer.contains("access-control-"), "{cors:?} {answer}"),
            }
            let allowed = answer.contains("access-control-allow-credentials: true\r\n");
            assert_eq!(allowed, credentials, "{cors:?} {answer}");
            if head.starts_with("OPTIONS") {
                assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
                assert_eq!(
                    answer.contains("access-control-allow-headers: authorization\r\n"),
                    wanted.is_some()
                );
            }
        }
        // Only the preflight made no session.
        assert_eq!(server.server.connections(), 1);
    }
}

#[tokio::test]
async fn kept_headers_and_cookies_are_found() {
    let server = start(config()).await;
    let opened = answer(
        &server,
        &format!("{OPEN}cookie: a=1; session=x=y; b\r\nauthorization: Bearer t\r\nx-other: 2\r\n"),
    )
    .await;
    let (_, body) = opened.split_once("\r\n\r\n0").unwrap();
    let open: serde_json::Value = serde_json::from_str(body).unwrap();
    let target = format!(
        "/socket.io/?EIO=4&transport=polling&sid={}",
        open["sid"].as_str().unwrap()
    );
    assert_eq!(server.post(&target, "40").await.0, 200);
    server.see("connected /").await;
    let socket = server.sockets.lock()[0].clone();
    let handshake = socket.handshake();
    assert_eq!(handshake.cookie("session"), Some("x=y"));
    assert_eq!(handshake.cookie("a"), Some("1"));
    assert_eq!(handshake.cookie("b"), None);
    assert_eq!(handshake.header("authorization"), Some("Bearer t"));
    assert_eq!(handshake.header("x-other"), None);
}

#[tokio::test]
async fn a_handshake_that_is_no_websocket_is_refused() {
    let server = start(config()).await;
    let upgrade =
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n";
    let key = "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    for rest in [
        "",
        key,
        "sec-websocket-version: 13\r\n",
        &format!("{key}sec-websocket-version: 8\r\n"),
    ] {
        assert!(
            answer(&server, &format!("{upgrade}{rest}"))
                .await
                .starts_with("HTTP/1.1 400"),
            "{rest}"
        );
    }
    assert_eq!(server.server.connections(), 0);
}

#[tokio::test]
async fn a_post_that_stops_halfway_ends_its_session() {
    let server = start(super::kit::brisk()).await;
    let (session, _) = server.poll("/engine.io/").await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!("POST {session} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n4half");
    stream.write_all(head.as_bytes()).await.unwrap();
    drop(stream);
    server.see("closed transport").await;
    assert_eq!(server.get(&session).await.0, 400);
}

//! What has hurt other servers of this protocol.
use super::kit::{config, start, within};
use maru::socketio::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn attachments_are_limited_in_number() {
    let server = start(config()).await;
    for bad in [
        r#"4599999-["message",{"_placeholder":true,"num":0}]"#,
        r#"4511-["message"]"#,
        r#"4518446744073709551616-["message"]"#,
        r#"45-["message"]"#,
        r#"45["message"]"#,
    ] {
        let mut ws = server.connect().await;
        ws.say(bad).await;
        assert_eq!(ws.closed().await, Some(1002), "{bad}");
    }
}

#[tokio::test]
async fn attachments_come_in_their_place_or_not_at_all() {
    let server = start(config()).await;
    let mut ws = server.connect().await;
    ws.say_binary(&[1]).await;
    assert_eq!(ws.closed().await, Some(1002));
    let mut ws = server.connect().await;
    ws.say(r#"451-["message",{"_placeholder":true,"num":0}]"#)
        .await;
    ws.say(r#"42["message",1]"#).await;
    assert_eq!(ws.closed().await, Some(1002));
    for num in ["1", "-1", r#""splice""#, "1e99"] {
        let mut ws = server.connect().await;
        ws.say(&format!(
            r#"451-["message",{{"_placeholder":true,"num":{num}}}]"#
        ))
        .await;
        ws.say_binary(&[1]).await;
        assert_eq!(ws.closed().await, Some(1002), "{num}");
    }
}

#[tokio::test]
async fn multibyte_and_truncated_packets_close_and_nothing_else() {
    let server = start(config()).await;
    let mut bystander = server.connect().await;
    for bad in [
        "4한",
        "42한[\"a\"]",
        "42/한글",
        "42[\"한",
        "4\u{10ffff}",
        "42/\u{0},[\"a\"",
        "40{\"a\":",
    ] {
        let mut ws = server.connect().await;
        ws.say(bad).await;
        assert_eq!(ws.closed().await, Some(1002), "{bad}");
    }
    bystander.say(r#"42["message"]"#).await;
    assert_eq!(bystander.text().await, r#"42["message-back"]"#);
}

#[tokio::test]
async fn deep_json_is_carried_or_refused_but_never_dangerous() {
    let server = start(config()).await;
    let mut ws = server.connect().await;
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    ws.say(&format!(r#"42["message",{deep}]"#)).await;
    assert_eq!(ws.text().await, format!(r#"42["message-back",{deep}]"#));
    ws.say(&format!(r#"451-["message",{deep}]"#)).await;
    ws.say_binary(&[1]).await;
    assert_eq!(ws.closed().await, Some(1002));
}

#[tokio::test]
async fn huge_messages_are_refused_before_they_are_held() {
    let server = start(Config {
        max_payload_bytes: 1000,
        ..config()
    })
    .await;
    let mut ws = server.connect().await;
    ws.say(&format!("42[\"message\",\"{}\"]", "a".repeat(2000)))
        .await;
    assert_eq!(ws.closed().await, Some(1009));
    server.see("disconnect / too_big").await;

    // A header that announces a petabyte is enough.
    let mut stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let head = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
        .write_all(&[0x81, 0xff, 0, 4, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])
        .await
        .unwrap();
    let mut answer = Vec::new();
    within(stream.read_to_end(&mut answer)).await.unwrap();
    assert!(
        answer.ends_with(b"\x88\x09\x03\xf1too_big"),
        "{}",
        String::from_utf8_lossy(&answer)
    );

    let (session, _) = server.poll("/socket.io/").await;
    assert_eq!(
        server
            .post(&session, &format!("4{}", "a".repeat(2000)))
            .await
            .0,
        413
    );
    assert_eq!(server.get(&session).await.0, 400);

    // So is one of a post, of which nothing else comes.
    let (session, _) = server.poll("/socket.io/").await;
    let mut stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let head =
        format!("POST {session} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000000\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn two_connects_close_the_connection_and_the_server_lives() {
    let server = start(config()).await;
    for connects in ["40", "40/custom"] {
        let mut ws = server.open("/socket.io/").await;
        ws.say(connects).await;
        ws.say(connects).await;
        // What was still on its way may be lost.
        while ws.next().await.is_some() {}
        server
            .see(&format!(
                "disconnect {} protocol",
                if connects == "40" { "/" } else { "/custom" }
            ))
            .await;
    }
    server.connect().await;
}

#[tokio::test]
async fn sessions_never_claimed_are_bounded() {
    let server = start(Config {
        max_sessions: 3,
        ..config()
    })
    .await;
    for _ in 0..3 {
        server.poll("/socket.io/").await;
    }
    assert_eq!(
        server.get("/socket.io/?EIO=4&transport=polling").await.0,
        503
    );
    assert_eq!(
        server
            .websocket("/socket.io/?EIO=4&transport=websocket")
            .await
            .err(),
        Some(503)
    );
}

#[tokio::test]
async fn a_websocket_that_hangs_up_during_the_handshake_leaves_nothing() {
    let server = start(config()).await;
    for _ in 0..10 {
        drop(
            server
                .websocket("/socket.io/?EIO=4&transport=websocket")
                .await
                .unwrap(),
        );
    }
    let figures = || server.server.metrics().read();
    while figures().closed.iter().map(|(_, count)| count).sum::<u64>() < 10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.server.connections(), 0);
}

#[tokio::test]
async fn namespaces_of_one_connection_are_bounded() {
    let server = start(Config {
        max_namespaces: 1,
        ..config()
    })
    .await;
    let mut ws = server.connect().await;
    ws.say("40/custom").await;
    assert_eq!(ws.closed().await, Some(1002));
}

#[tokio::test]
async fn a_panic_in_a_handler_ends_one_connection() {
    let server = start(config()).await;
    let mut bystander = server.connect().await;
    let mut ws = server.connect().await;
    ws.say(r#"42["panic"]"#).await;
    assert_eq!(ws.closed().await, None);
    server.see("disconnect / server").await;
    bystander.say(r#"42["message",1]"#).await;
    assert_eq!(bystander.text().await, r#"42["message-back",1]"#);
    assert_eq!(server.server.connections(), 1);
}

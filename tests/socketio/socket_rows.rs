//! Socket.IO: connect, disconnect, events, acknowledgements.
use super::kit::{brisk, config, start};

const S: &str = "/socket.io/";

#[tokio::test]
async fn namespaces_are_joined_with_and_without_a_payload() {
    let server = start(config()).await;
    for (connect, head, auth) in [
        ("40", "40", r#"42["auth",{}]"#),
        (
            r#"40{"token":"123"}"#,
            "40",
            r#"42["auth",{"token":"123"}]"#,
        ),
        ("40/custom", "40/custom,", r#"42/custom,["auth",{}]"#),
        (
            r#"40/custom,{"token":"abc"}"#,
            "40/custom,",
            r#"42/custom,["auth",{"token":"abc"}]"#,
        ),
        ("40/slow,", "40/slow,", r#"42/slow,["auth",{}]"#),
    ] {
        let mut ws = server.open(S).await;
        ws.say(connect).await;
        let answer = ws.text().await;
        let answer: serde_json::Value =
            serde_json::from_str(answer.strip_prefix(head).unwrap()).unwrap();
        assert_eq!(
            answer.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["sid"]
        );
        assert_eq!(ws.text().await, auth);
    }
}

#[tokio::test]
async fn a_namespace_that_is_not_there_or_refuses_says_so() {
    let server = start(config()).await;
    let mut ws = server.open(S).await;
    ws.say("40/random").await;
    assert_eq!(
        ws.text().await,
        r#"44/random,{"message":"Invalid namespace"}"#
    );
    ws.say("40/closed,").await;
    assert_eq!(
        ws.text().await,
        r#"44/closed,{"data":{"code":"unauthorized"},"message":"not you"}"#
    );
    ws.say("40").await;
    assert!(ws.text().await.starts_with("40{"));
}

#[tokio::test]
async fn what_comes_first_must_be_a_connect() {
    let server = start(config()).await;
    for first in [
        "4abc",
        "42{}",
        "42[\"message\"]",
        "41",
        "43[1]",
        "4",
        "4451-[\"x\"]",
    ] {
        let mut ws = server.open(S).await;
        ws.say(first).await;
        assert_eq!(ws.closed().await, Some(1002), "{first}");
    }
    let mut ws = server.open(S).await;
    ws.say_binary(&[1]).await;
    assert_eq!(ws.closed().await, Some(1002));
}

#[tokio::test]
async fn who_joins_nothing_in_time_is_closed() {
    let server = start(brisk()).await;
    let mut ws = server.open(S).await;
    assert_eq!(ws.closed().await, Some(1000));
    let (session, _) = server.poll(S).await;
    while server.server.connections() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.get(&session).await.0, 400);
}

#[tokio::test]
async fn what_breaks_the_protocol_later_closes() {
    let server = start(config()).await;
    for bad in [
        "4abc",
        "42{}",
        "42abc[\"message-with-ack\",1]",
        "42[]",
        "42[\"connect\"]",
        "40",
        "44{}",
    ] {
        let mut ws = server.connect().await;
        ws.say(bad).await;
        assert_eq!(ws.closed().await, Some(1002), "{bad}");
        server.see("disconnect / protocol").await;
    }
}

#[tokio::test]
async fn leaving_a_namespace_keeps_the_connection() {
    let server = start(config()).await;
    let mut ws = server.connect().await;
    ws.say("40/custom").await;
    assert!(ws.text().await.starts_with("40/custom,{"));
    assert_eq!(ws.text().await, r#"42/custom,["auth",{}]"#);
    ws.say("41/custom").await;
    ws.say(r#"42/custom,["message","too late"]"#).await;
    ws.say(r#"42["message","to the main one"]"#).await;
    assert_eq!(ws.text().await, r#"42["message-back","to the main one"]"#);
    server.see("disconnect /custom client").await;
    ws.say("41").await;
    server.see("disconnect / client").await;
    ws.say("40").await;
    assert!(ws.text().await.starts_with("40{"));
}

#[tokio::test]
async fn events_and_acknowledgements() {
    let server = start(config()).await;
    let mut ws = server.connect().await;
    ws.say(r#"42["message",1,"2",{"3":[true]}]"#).await;
    assert_eq!(ws.text().await, r#"42["message-back",1,"2",{"3":[true]}]"#);
    ws.say(r#"42456["message-with-ack",1,"둘",{"3":[false]}]"#)
        .await;
    assert_eq!(ws.text().await, r#"43456[1,"둘",{"3":[false]}]"#);
}

#[tokio::test]
async fn binary_events_and_acknowledgements() {
    let server = start(config()).await;
    let mut ws = server.connect().await;
    let args = r#"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#;
    ws.say(&format!(r#"452-["message",{args}]"#)).await;
    ws.say_binary(&[1, 2, 3]).await;
    ws.say_binary(&[4, 5, 6]).await;
    assert_eq!(ws.text().await, format!(r#"452-["message-back",{args}]"#));
    assert_eq!(ws.binary().await, [1, 2, 3]);
    assert_eq!(ws.binary().await, [4, 5, 6]);
    ws.say(&format!(r#"452-789["message-with-ack",{args}]"#))
        .await;
    ws.say_binary(&[1, 2, 3]).await;
    ws.say_binary(&[4, 5, 6]).await;
    assert_eq!(ws.text().await, format!("462-789[{args}]"));
    assert_eq!(ws.binary().await, [1, 2, 3]);
    assert_eq!(ws.binary().await, [4, 5, 6]);
}

#[tokio::test]
async fn socket_io_by_polling() {
    let server = start(config()).await;
    let (session, _) = server.poll(S).await;
    assert_eq!(server.post(&session, "40").await.0, 200);
    let (_, body) = server.get(&session).await;
    assert!(
        body.starts_with("40{\"sid\":\"") && body.ends_with("\x1e42[\"auth\",{}]"),
        "{body}"
    );
    let event = "451-[\"message\",{\"_placeholder\":true,\"num\":0}]\x1ebAQID";
    assert_eq!(server.post(&session, event).await.0, 200);
    let (_, body) = server.get(&session).await;
    assert_eq!(
        body,
        "451-[\"message-back\",{\"_placeholder\":true,\"num\":0}]\x1ebAQID"
    );
}

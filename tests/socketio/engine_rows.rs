//! Engine.IO: handshake, polling, heartbeat, close.
use super::kit::{brisk, config, start, within};
use maru::socketio::Config;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;

const E: &str = "/engine.io/";

fn keys(open: &serde_json::Value) -> Vec<&str> {
    let mut keys: Vec<_> = open
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn handshakes_have_exactly_their_keys() {
    let server = start(config()).await;
    let wanted = [
        "maxPayload",
        "pingInterval",
        "pingTimeout",
        "sid",
        "upgrades",
    ];
    let (_, open) = server.poll(E).await;
    assert_eq!(keys(&open), wanted);
    assert_eq!(open["upgrades"], serde_json::json!(["websocket"]));
    assert_eq!(open["pingInterval"], 25_000);
    assert_eq!(open["pingTimeout"], 20_000);
    assert_eq!(open["maxPayload"], 1_000_000);

    let mut ws = server
        .websocket("/engine.io/?EIO=4&transport=websocket")
        .await
        .unwrap();
    let open: serde_json::Value =
        serde_json::from_str(ws.text().await.strip_prefix('0').unwrap()).unwrap();
    assert_eq!(keys(&open), wanted);
    assert_eq!(open["upgrades"], serde_json::json!([]));
}

#[tokio::test]
async fn bad_handshakes_are_named() {
    let server = start(config()).await;
    for (method, query, code, message) in [
        (
            "GET",
            "transport=polling",
            5,
            "Unsupported protocol version",
        ),
        (
            "GET",
            "EIO=abc&transport=polling",
            5,
            "Unsupported protocol version",
        ),
        (
            "GET",
            "EIO=3&transport=polling",
            5,
            "Unsupported protocol version",
        ),
        ("GET", "EIO=4", 0, "Transport unknown"),
        ("GET", "EIO=4&transport=abc", 0, "Transport unknown"),
        ("GET", "EIO=4&transport=constructor", 0, "Transport unknown"),
        ("GET", "", 0, "Transport unknown"),
        ("POST", "EIO=4&transport=polling", 2, "Bad handshake method"),
        ("PUT", "EIO=4&transport=polling", 2, "Bad handshake method"),
        ("GET", "EIO=4&transport=websocket", 3, "Bad request"),
        (
            "GET",
            "EIO=4&transport=polling&sid=abc",
            1,
            "Session ID unknown",
        ),
        (
            "GET",
            "EIO=4&transport=polling&sid=aaaaaaaaaaaaaaaaaaaa",
            1,
            "Session ID unknown",
        ),
        (
            "GET",
            "EIO=4&transport=polling&sid=__proto__",
            1,
            "Session ID unknown",
        ),
    ] {
        let (status, body) = server.request(method, &format!("{E}?{query}"), b"").await;
        assert_eq!(status, 400, "{method} {query}");
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            body,
            serde_json::json!({ "code": code, "message": message }),
            "{method} {query}"
        );
    }
    for query in [
        "transport=websocket",
        "EIO=abc&transport=websocket",
        "EIO=4",
        "EIO=4&transport=abc",
    ] {
        assert_eq!(
            server.websocket(&format!("{E}?{query}")).await.err(),
            Some(400),
            "{query}"
        );
    }
}

#[tokio::test]
async fn only_the_exact_path_is_served() {
    let server = start(config()).await;
    for path in [
        "/socket.io/extra",
        "/socket.iox/",
        "/x/socket.io/",
        "/SOCKET.IO/",
        "/socket.io//",
        "/",
    ] {
        assert_eq!(
            server
                .get(&format!("{path}?EIO=4&transport=polling"))
                .await
                .0,
            404,
            "{path}"
        );
    }
    assert_eq!(
        server.get("/socket.io?EIO=4&transport=polling").await.0,
        200
    );
}

#[tokio::test]
async fn packets_travel_by_polling() {
    let server = start(config()).await;
    let (session, _) = server.poll(E).await;
    for body in ["4hello", "4test1\x1e4test2\x1e4test3", "4안녕\x1ebAQIDBA=="] {
        assert_eq!(server.post(&session, body).await, (200, "ok".into()));
        assert_eq!(server.get(&session).await, (200, body.into()));
    }
}

#[tokio::test]
async fn a_long_queue_comes_in_portions() {
    let server = start(config()).await;
    let (session, _) = server.poll(E).await;
    let packets: Vec<String> = (0..40).map(|n| format!("4{n}")).collect();
    assert_eq!(server.post(&session, &packets.join("\x1e")).await.0, 200);
    for portion in packets.chunks(16) {
        assert_eq!(server.get(&session).await, (200, portion.join("\x1e")));
    }
}

#[tokio::test]
async fn clients_that_take_any_number_get_all_in_one_answer() {
    let server = start(config()).await;
    let mut open = server
        .send_raw(
            "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: x\r\nuser-agent: node-XMLHttpRequest\r\n",
            b"",
        )
        .await;
    let mut answer = String::new();
    open.read_to_string(&mut answer).await.unwrap();
    let sid = answer.split('"').nth(3).expect("a sid");
    let session = format!("{E}?EIO=4&transport=polling&sid={sid}");
    let packets: Vec<String> = (0..40).map(|n| format!("4{n}")).collect();
    assert_eq!(server.post(&session, &packets.join("\x1e")).await.0, 200);
    assert_eq!(server.get(&session).await, (200, packets.join("\x1e")));
}

#[tokio::test]
async fn a_poll_waits_for_its_message() {
    let server = start(config()).await;
    let (session, _) = server.poll(E).await;
    let (polled, posted) = within(async {
        tokio::join!(server.get(&session), async {
            tokio::task::yield_now().await;
            server.post(&session, "4late").await
        })
    })
    .await;
    assert_eq!(posted, (200, "ok".into()));
    assert_eq!(polled, (200, "4late".into()));
}

#[tokio::test]
async fn packets_travel_by_websocket() {
    let server = start(config()).await;
    let mut ws = server.open(E).await;
    ws.say("4hello").await;
    assert_eq!(ws.text().await, "4hello");
    ws.say_binary(&[1, 2, 3, 4]).await;
    assert_eq!(ws.binary().await, [1, 2, 3, 4]);
    let long = format!("4{}", "가".repeat(300_000));
    ws.say(&long).await;
    assert_eq!(ws.text().await, long);
}

#[tokio::test]
async fn a_bad_packet_closes_the_session() {
    let server = start(config()).await;
    for bad in ["abc", "4ok\x1e", "4ok\x1ebnot base64", "0{}", ""] {
        let (session, _) = server.poll(E).await;
        assert_eq!(server.post(&session, bad).await.0, 400, "{bad}");
        server.see("closed protocol").await;
        assert_eq!(server.get(&session).await.0, 400, "{bad}");
    }
    for bad in ["abc", "", "0", "한"] {
        let mut ws = server.open(E).await;
        ws.say(bad).await;
        assert_eq!(ws.closed().await, Some(1002), "{bad}");
    }
}

#[tokio::test]
async fn two_polls_at_once_close_the_session() {
    let server = start(config()).await;
    let (session, _) = server.poll(E).await;
    let mut first = server.send("GET", &session, b"").await;
    // The second must find the first waiting: it is answered at once, whichever comes to be second.
    let second = server.send("GET", &session, b"").await;
    let (mut one, mut two) = (String::new(), String::new());
    let mut second = second;
    within(first.read_to_string(&mut one)).await.unwrap();
    within(second.read_to_string(&mut two)).await.unwrap();
    let mut answers = [&one[9..12], &two[9..12]];
    answers.sort_unstable();
    assert_eq!(answers, ["200", "400"]);
    let closed = if one.starts_with("HTTP/1.1 200") {
        one
    } else {
        two
    };
    assert!(closed.ends_with("\r\n\r\n1"), "{closed}");
    assert_eq!(server.get(&session).await.0, 400);
}

#[tokio::test]
async fn an_aborted_poll_closes_the_session_at_once() {
    let server = start(config()).await;
    let (session, _) = server.poll(E).await;
    let poll = server.send("GET", &session, b"").await;
    // A second one proves that the first has begun; it must not be the one that closes.
    while server.engine.metrics().read().opened == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.post(&session, "6").await.0, 200);
    drop(poll);
    // Long before the next ping could have told.
    server.see("closed transport").await;
    assert_eq!(server.get(&session).await.0, 400);
}

#[tokio::test]
async fn pings_come_after_the_interval_and_not_before() {
    let server = start(brisk()).await;
    let begun = Instant::now();
    let mut ws = server.open(E).await;
    for beat in 1..=3 {
        assert_eq!(ws.text().await, "2");
        assert!(begun.elapsed() >= beat * brisk().ping_interval);
        ws.say("3").await;
    }
    let (session, _) = server.poll(E).await;
    for _ in 0..3 {
        assert_eq!(server.get(&session).await, (200, "2".into()));
        assert_eq!(server.post(&session, "3").await, (200, "ok".into()));
    }
}

#[tokio::test]
async fn who_does_not_answer_a_ping_is_closed() {
    let server = start(brisk()).await;
    let mut ws = server.open(E).await;
    assert_eq!(ws.closed().await, Some(1000));
    server.see("closed ping_timeout").await;
    let (session, _) = server.poll(E).await;
    server.see("closed ping_timeout").await;
    assert_eq!(server.get(&session).await.0, 400);
}

#[tokio::test]
async fn a_client_closes() {
    let server = start(config()).await;
    let (session, _) = server.poll(E).await;
    let mut poll = server.send("GET", &session, b"").await;
    assert_eq!(server.post(&session, "6").await, (200, "ok".into()));
    assert_eq!(server.post(&session, "1").await, (200, "ok".into()));
    let mut answer = String::new();
    within(poll.read_to_string(&mut answer)).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n6"),
        "{answer}"
    );
    assert_eq!(server.get(&session).await.0, 400);

    let mut ws = server.open(E).await;
    ws.say("1").await;
    assert_eq!(ws.closed().await, Some(1000));
    assert_eq!(server.engine.len(), 0);
}

#[tokio::test]
async fn a_poll_that_the_close_has_overtaken_is_answered() {
    let server = start(config()).await;
    let (session, _) = server.poll(E).await;
    assert_eq!(server.post(&session, "1").await, (200, "ok".into()));
    // Or it comes too late for that, on a machine that is busy.
    let late = server.get(&session).await;
    assert!(late == (200, "6".into()) || late.0 == 400, "{late:?}");
    assert_eq!(server.get(&session).await.0, 400);
    while !server.engine.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_close_handshake_is_answered() {
    let server = start(config()).await;
    let mut ws = server.open(E).await;
    ws.0.close(None).await.unwrap();
    ws.closed().await;
    server.see("closed transport").await;
}

#[tokio::test]
async fn shutdown_sends_everybody_away() {
    let server = start(config()).await;
    let mut ws = server.open(E).await;
    let (session, _) = server.poll(E).await;
    let mut poll = server.send("GET", &session, b"").await;
    assert_eq!(server.post(&session, "6").await, (200, "ok".into()));
    let left = within(server.engine.shutdown(Duration::from_secs(10))).await;
    assert_eq!(left, 0);
    assert_eq!(ws.closed().await, Some(1012));
    let mut answer = String::new();
    within(poll.read_to_string(&mut answer)).await.unwrap();
    // An error, after which every client comes back; the Python one does not after a `1`.
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("Session ID unknown"), "{answer}");
    assert_eq!(
        server.get("/engine.io/?EIO=4&transport=polling").await.0,
        503
    );
}

#[test]
fn shutdown_returns_when_the_goodbyes_are_written() {
    const MESSAGES: usize = 20;
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    };
    let (servers, clients) = (runtime(), runtime());
    let roomy = Config {
        max_queued_bytes: 64_000_000,
        close_timeout: Duration::from_secs(20),
        ..config()
    };
    let server = servers.block_on(start(roomy));
    let mut ws = clients.block_on(server.connect());
    // More than the kernel takes, so that it is still under way when the shutdown begins.
    let socket = server.sockets.lock()[0].clone();
    for _ in 0..MESSAGES {
        socket.emit("history", &"x".repeat(900_000)).unwrap();
    }
    let reading = clients.spawn(async move {
        for _ in 0..MESSAGES {
            assert!(ws.text().await.len() > 900_000);
        }
        assert_eq!(ws.closed().await, Some(1012));
    });
    assert_eq!(
        servers.block_on(server.server.shutdown(Duration::from_secs(20))),
        0
    );
    drop(servers);
    clients.block_on(reading).unwrap();
}

//! Server-sent events: the past, then the present, until the session ends.

use crate::kit::{Person, TestApp};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};

struct Stream(Lines<BufReader<TcpStream>>);

impl Stream {
    async fn open(app: &TestApp, person: &Person, query: &str, last: Option<u64>) -> Stream {
        let last = last.map(|last| last.to_string());
        Stream::behind(app, person, query, last.as_deref()).await
    }

    async fn behind(app: &TestApp, person: &Person, query: &str, last: Option<&str>) -> Stream {
        app.settled().await;
        let mut request = app.get(&format!("/events{query}")).by(person);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let mut lines = BufReader::new(request.open().await).lines();
        let status = lines.next_line().await.expect("reads").expect("a status");
        assert!(status.contains(" 200 "), "{status}");
        let mut stream = Stream(lines);
        while stream.line().await.is_some_and(|line| !line.is_empty()) {}
        stream
    }

    async fn line(&mut self) -> Option<String> {
        timeout(Duration::from_secs(20), self.0.next_line())
            .await
            .expect("a line in time")
            .ok()?
    }

    /// The next event: its position, name and body. Chunk sizes are passed over.
    async fn event(&mut self) -> Option<(Option<u64>, String, serde_json::Value)> {
        let (mut id, mut name) = (None, String::new());
        loop {
            let line = self.line().await?;
            if let Some(text) = line.strip_prefix("id: ") {
                id = text.parse().ok();
            } else if let Some(text) = line.strip_prefix("event: ") {
                name = text.to_owned();
            } else if let Some(text) = line.strip_prefix("data: ") {
                return Some((id, name, serde_json::from_str(text).expect("JSON")));
            }
        }
    }

    async fn expect(&mut self, name: &str) -> (Option<u64>, serde_json::Value) {
        loop {
            let (id, found, body) = self.event().await.expect("an event");
            if found != "presence" {
                assert_eq!(found, name, "{body}");
                return (id, body);
            }
        }
    }
}

#[tokio::test]
async fn a_position_is_known_from_the_first_byte() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let mut stream = Stream::open(&app, &kim, "", None).await;
    let (id, ready) = stream.expect("ready").await;
    assert_eq!(id, ready["seq"].as_u64());
    drop(stream);
    app.say(&kim, room, "one").await;
    app.say(&kim, room, "two").await;
    // A stream that is cut right behind `ready` has told nothing of what was missed.
    let mut cut = Stream::open(&app, &kim, "", id).await;
    let (at, _) = cut.expect("ready").await;
    assert_eq!(at, id);
    drop(cut);
    let mut back = Stream::open(&app, &kim, "", at).await;
    back.expect("ready").await;
    for text in ["one", "two"] {
        let (_, body) = back.expect("message.created").await;
        assert_eq!(body["message"]["text"], text);
    }
}

#[tokio::test]
async fn a_position_that_nobody_gave_starts_over() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    app.say(&kim, room, "one").await;
    for id in ["abc", "-1", "99999999999999999999", "1-5", "한글", "1e3"] {
        let mut stream = Stream::behind(&app, &kim, "", Some(id)).await;
        stream.expect("resync").await;
        let (at, ready) = stream.expect("ready").await;
        assert_eq!(at, ready["seq"].as_u64(), "{id}");
    }
    // Nothing was brought.
    let mut stream = Stream::behind(&app, &kim, "", Some("")).await;
    stream.expect("ready").await;
}

#[tokio::test]
async fn events_come_in_order_and_go_on_where_they_stopped() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "room", "public").await;
    let hidden = app.room(&kim, "hidden", "private").await;
    app.add(&kim, room, &lee).await;
    let mut stream = Stream::open(&app, &lee, "", None).await;
    let (_, ready) = stream.expect("ready").await;
    let since = ready["seq"].as_u64().expect("a position");
    app.say(&kim, hidden, "not for lee").await;
    app.say(&kim, room, "one").await;
    let (first, body) = stream.expect("message.created").await;
    assert_eq!(body["message"]["text"], "one");
    assert_eq!(first, body["seq"].as_u64());
    drop(stream);

    app.say(&kim, room, "two").await;
    let mut back = Stream::open(&app, &lee, "", first).await;
    back.expect("ready").await;
    assert_eq!(
        back.expect("message.created").await.1["message"]["text"],
        "two"
    );
    let mut all = Stream::open(&app, &lee, &format!("?since={since}"), None).await;
    all.expect("ready").await;
    for text in ["one", "two"] {
        assert_eq!(
            all.expect("message.created").await.1["message"]["text"],
            text
        );
    }
    let mut lost = Stream::open(&app, &lee, "?since=1&epoch=5", None).await;
    lost.expect("resync").await;
    lost.expect("ready").await;

    let wrong = app.get("/events?since=x").by(&lee).send().await;
    assert_eq!(wrong.status, 400);
    assert_eq!(app.get("/events").send().await.status, 401);
    // The end of the session is the end of its streams.
    assert_eq!(app.delete("/sessions").by(&lee).send().await.status, 204);
    for mut stream in [back, all, lost] {
        assert!(stream.event().await.is_none());
    }
}

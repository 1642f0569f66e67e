//! Consumers: a durable position, shared rooms, resets.

use crate::kit::{Person, TestApp};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};

struct Stream(Lines<BufReader<TcpStream>>);

impl Stream {
    async fn open(app: &TestApp, of: &Person, name: &str) -> Stream {
        app.settled().await;
        let path = format!("/events?consumer={name}");
        let mut stream = Stream(BufReader::new(app.get(&path).by(of).open().await).lines());
        let (ready, _) = stream.next().await;
        assert_eq!(ready, "ready");
        stream
    }

    /// The next event's name and body; signals are passed over.
    async fn next(&mut self) -> (String, Value) {
        let mut name = String::new();
        loop {
            let line = timeout(Duration::from_secs(20), self.0.next_line());
            let line = line.await.expect("in time").expect("reads").expect("open");
            if let Some(text) = line.strip_prefix("event: ") {
                name = text.to_owned();
            } else if let Some(text) = line.strip_prefix("data: ") {
                return (name, serde_json::from_str(text).expect("JSON"));
            }
        }
    }

    async fn message(&mut self) -> (u64, String) {
        loop {
            let (name, body) = self.next().await;
            if name == "message.created" {
                let text = body["message"]["text"].as_str().unwrap_or("").to_owned();
                return (body["seq"].as_u64().expect("a position"), text);
            }
        }
    }
}

async fn commit(app: &TestApp, of: &Person, body: Value) -> (u16, Value) {
    let answer = app.post("/consumers/job/commit", body).by(of).send().await;
    (answer.status, answer.json)
}

#[tokio::test]
async fn a_consumer_goes_on_where_it_committed_also_after_a_restart() {
    let mut app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "private").await;
    let mut stream = Stream::open(&app, &kim, "job").await;
    app.say(&kim, room, "one").await;
    app.say(&kim, room, "two").await;
    app.say(&kim, room, "three").await;
    let (first, text) = stream.message().await;
    assert_eq!(text, "one");
    assert_eq!(stream.message().await.1, "two");
    let (status, shown) = commit(&app, &kim, json!({"seq": first})).await;
    assert_eq!((status, &shown["seq"]), (200, &json!(first)), "{shown}");
    drop(stream);
    app.restart().await;
    let mut stream = Stream::open(&app, &kim, "job").await;
    assert_eq!(stream.message().await.1, "two", "at least once");
    let (last, text) = stream.message().await;
    assert_eq!(text, "three");
    assert_eq!(commit(&app, &kim, json!({"seq": last})).await.0, 200);
    let (status, back) = commit(&app, &kim, json!({"seq": first})).await;
    assert_eq!((status, &back["error"]["code"]), (409, &json!("conflict")));
    assert_eq!(
        commit(&app, &kim, json!({"seq": last + 1_000_000})).await.0,
        400
    );
    assert_eq!(commit(&app, &kim, json!({})).await.0, 400);
    let shown = app.get("/consumers/job/commit").by(&kim).send().await;
    assert_eq!(shown.json["seq"], last);
    // Back to the first, on purpose.
    assert_eq!(
        commit(&app, &kim, json!({"seq": first, "reset": true}))
            .await
            .0,
        200
    );
    assert_eq!(stream.message().await.1, "two");
    let (status, _) = commit(&app, &kim, json!({"time": "2020-01-01T00:00:00Z"})).await;
    assert_eq!(status, 200);
    // What was under way when the position was set may come first.
    while stream.message().await.1 != "one" {}
    let lee = app.person("lee").await;
    assert_eq!(
        app.get("/consumers/job/commit")
            .by(&lee)
            .send()
            .await
            .status,
        404
    );
    let list = app.get("/consumers").by(&kim).send().await;
    assert_eq!(list.json[0]["name"], "job");
    assert_eq!(
        app.delete("/consumers/job").by(&kim).send().await.status,
        204
    );
    let bad = app.get("/events?consumer=a%20b").by(&kim).send().await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn streams_of_one_name_share_the_rooms_and_take_over() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let mut rooms = Vec::new();
    for n in 0..12 {
        rooms.push(app.room(&kim, &format!("room {n}"), "private").await);
    }
    let mut one = Stream::open(&app, &kim, "job").await;
    let mut two = Stream::open(&app, &kim, "job").await;
    while one.next().await.0 != "rebalance" {}
    for (n, room) in rooms.iter().enumerate() {
        app.say(&kim, *room, &format!("m{n}")).await;
    }
    let end = app.room(&kim, "end", "public").await;
    let _ = end;
    let mut texts = Vec::new();
    let (mut of_one, mut of_two) = (0, 0);
    while texts.len() < rooms.len() {
        let text = tokio::select! {
            (_, text) = one.message() => { of_one += 1; text }
            (_, text) = two.message() => { of_two += 1; text }
        };
        assert!(!texts.contains(&text), "{text} came twice");
        texts.push(text);
    }
    assert!(of_one > 0 && of_two > 0, "{of_one} and {of_two}");
    // What the lost one had not committed comes to the other.
    drop(two);
    while one.next().await.0 != "rebalance" {}
    for _ in 0..of_two {
        one.message().await;
    }
}

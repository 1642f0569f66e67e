//! The disk takes nothing more for a while: everything that needs no write goes on, and afterwards
//! everything, in the same process.

use super::{PASSWORD, Server, call};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tempfile::TempDir;

impl Server {
    /// No file may grow beyond this.
    fn limit_files(&self, bytes: Option<u64>) {
        let pid = Pid::from_child(&self.child);
        let limit = Rlimit {
            current: bytes,
            maximum: None,
        };
        prlimit(Some(pid), Resource::Fsize, limit).expect("is set");
    }
}

#[tokio::test]
async fn a_disk_that_takes_nothing_stops_writes_and_nothing_else() {
    let dir = TempDir::new().expect("a directory");
    let server = Server::start(dir.path());
    let (token, room) = server.settle().await;
    let messages = format!("/rooms/{room}/messages");
    let say = |text: &str| json!({ "text": text, "client_id": text });
    let ask = async |token: &str, method: &str, path: &str, body: Value| {
        call(
            server.address,
            token,
            method,
            path,
            (!body.is_null()).then_some(&body),
        )
        .await
        .expect("answers")
    };
    let (status, _) = ask(&token, "POST", &messages, say("앞")).await;
    assert_eq!(status, 201);

    server.limit_files(Some(1));
    let (status, answer) = ask(&token, "POST", &messages, say("한가운데")).await;
    assert_eq!(status, 503, "{answer}");
    assert_eq!(answer["error"]["code"], "read_only", "{answer}");
    let (status, page) = ask(&token, "GET", &messages, Value::Null).await;
    assert_eq!(
        (status, page["messages"][0]["text"].as_str()),
        (200, Some("앞"))
    );
    // What the index had no time for is missing, and that is said.
    let (status, found) = ask(&token, "GET", "/search?q=%EC%95%9E", Value::Null).await;
    assert_eq!(status, 200, "{found}");
    assert!(found["total"] == 1 || found["partial"] == true, "{found}");

    // Somebody who comes now gets in, and what they may not do is said.
    let account = json!({ "username": "kim", "password": PASSWORD });
    let (status, signed) = ask("none", "POST", "/login", account).await;
    assert_eq!(status, 200, "{signed}");
    let guest = signed["token"].as_str().expect("a token");
    assert_eq!(ask(guest, "GET", "/me", Value::Null).await.0, 200);
    let (status, answer) = ask(guest, "POST", &messages, say("손님")).await;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (503, Some("read_only"))
    );

    server.limit_files(None);
    let deadline = Instant::now() + Duration::from_secs(60);
    let again = loop {
        let (status, answer) = ask(&token, "POST", &messages, say("한가운데")).await;
        if status == 201 {
            break answer;
        }
        assert_eq!(status, 503, "{answer}");
        assert!(Instant::now() < deadline, "writes are never taken again");
    };
    let (_, page) = ask(&token, "GET", &messages, Value::Null).await;
    let texts: Vec<&str> = page["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .filter_map(|message| message["text"].as_str())
        .collect();
    assert_eq!(texts, ["앞", "한가운데"]);
    for question in ["%EC%95%9E", "%ED%95%9C%EA%B0%80%EC%9A%B4%EB%8D%B0"] {
        loop {
            let path = format!("/search?q={question}");
            let (_, found) = ask(&token, "GET", &path, Value::Null).await;
            if found["total"] == 1 {
                break;
            }
            assert!(
                Instant::now() < deadline,
                "search never comes back: {found}"
            );
        }
    }
    server.kill();

    let server = Server::start(dir.path());
    let (_, page) = call(server.address, &token, "GET", &messages, None)
        .await
        .expect("answers");
    assert_eq!(page["messages"][1]["id"], again["id"]);
    server.kill();
}

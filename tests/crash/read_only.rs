//! The disk takes nothing more for a while: everything that needs no write goes on, and afterwards
//! everything, in the same process.

use super::{PASSWORD, Server, call};
use crate::http::matrix::{body_of, closed, name, path};
use crate::kit::Request;
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

/// Every route by an administrator while nothing can be written: reads answer, what would write is
/// refused as such or before, nothing breaks and nothing was done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_route_breaks_or_writes_while_nothing_can_be_written() {
    let dir = TempDir::new().expect("a directory");
    let server = Server::start(dir.path());
    let (token, room) = server.settle().await;
    let bearer = format!("Bearer {token}");
    let asked = |method: &str, path: &str| {
        Request::new(server.address, method, path).header("authorization", &bearer)
    };
    let messages = format!("/rooms/{room}/messages");
    let said = json!({ "text": "앞" });
    let said = call(server.address, &token, "POST", &messages, Some(&said)).await;
    let message = said.expect("answers").1["id"].as_u64().expect("an id");
    let seen = async || {
        let mut seen = Vec::new();
        for path in ["/api/v1/users", "/api/v1/rooms", "/api/v1/me/settings"] {
            seen.push(asked("GET", path).send().await.text());
        }
        let path = format!("/api/v1{messages}");
        seen.push(asked("GET", &path).send().await.text());
        seen
    };
    let before = seen().await;
    server.limit_files(Some(1));
    // The first one notices.
    let noticed = json!({ "text": "x" });
    let noticed = call(server.address, &token, "POST", &messages, Some(&noticed)).await;
    assert_eq!(noticed.expect("answers").0, 503);
    let (mut refused, mut wrong) = (0, Vec::new());
    for route in closed() {
        // It never ends; and the session is still needed.
        if ["/api/v1/events", "/api/v1/logout", "/api/v1/sessions"].contains(&route.path) {
            continue;
        }
        let id = match route.path.split('/').nth(3) {
            Some("rooms") => room,
            Some("messages") => message,
            _ => 1,
        };
        let is_read = matches!(route.method.as_str(), "GET" | "HEAD");
        let request = asked(route.method.as_str(), &path(&route, id));
        let answer = if is_read {
            request.send().await
        } else {
            request.json(&body_of(&route)).send().await
        };
        let is_refused = answer.status == 503 && answer.code() == "read_only";
        refused += usize::from(is_refused);
        let is_well = match answer.status {
            503 => is_refused && !is_read,
            status => status < 500,
        };
        if !is_well {
            let text: String = answer.text().chars().take(200).collect();
            wrong.push(format!("{}: {} {text}", name(&route), answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused > 20, "{refused}");
    server.limit_files(None);
    assert_eq!(seen().await, before, "nothing was done");
    server.kill();
}

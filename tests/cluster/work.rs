//! What one node alone does, and what all nodes have: deliveries, files, pictures, what is erased.

use super::kit::{Node, Place, Redis, until};
use crate::http::files::PNG;
use crate::kit::{Receiver, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

async fn upload(node: &Node, token: &str, path: &str, method: &str, bytes: &[u8]) -> Value {
    let mut body =
        b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"
            .to_vec();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    let sent = Request::new(node.address, method, &format!("/api/v1{path}"))
        .header("authorization", &format!("Bearer {token}"))
        .bytes("multipart/form-data; boundary=edge", body);
    let sent = sent.send().await;
    assert!(matches!(sent.status, 200 | 201), "{sent:?}");
    sent.json
}

/// Which of the nodes does what one alone does.
async fn worker<'a>(redis: &Redis, nodes: &'a [Node]) -> &'a Node {
    let mut found = None;
    until("somebody works", async || {
        let id = redis.cli(&["GET", "maru:work"]);
        found = nodes.iter().position(|node| {
            let record = std::fs::read_to_string(node.dir.join("cluster.json")).expect("there");
            !id.is_empty() && record.contains(&id)
        });
        found.is_some()
    })
    .await;
    &nodes[found.expect("somebody")]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_delivers_and_another_goes_on_when_it_dies() {
    let (redis, place) = (Redis::start(), Place::new());
    let more = ["--outbound-allow", "127.0.0.1"];
    let mut nodes = ["a", "b", "c"]
        .map(|name| Node::start_with(name, &redis.url(), &place.of(name), "127.0.0.1:0", &more));
    let token = nodes[0].sign_up("kim").await;
    let room = nodes[1].room(&token, "마루").await;
    let receiver = Receiver::start(200).await;
    let hook = json!({ "url": receiver.url, "events": ["message.created"] });
    let (status, made) = nodes[2].call(&token, "POST", "/webhooks", Some(hook)).await;
    assert_eq!(status, 201, "{made}");
    for n in 0..9 {
        nodes[n % 3]
            .post_until_taken(&token, room, &format!("{n}"))
            .await;
    }
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    while times.len() < 9 {
        let came = receiver.next().await;
        *times.entry(came.headers["webhook-id"].clone()).or_default() += 1;
    }
    assert!(receiver.is_empty().await);
    assert!(times.values().all(|times| *times == 1), "{times:?}");

    let first = worker(&redis, &nodes).await.name;
    let dead = nodes
        .iter()
        .position(|node| node.name == first)
        .expect("it is one");
    nodes[dead].kill();
    let living: Vec<&Node> = nodes.iter().filter(|node| node.name != first).collect();
    for n in 0..6 {
        living[n % 2]
            .post_until_taken(&token, room, &format!("after {n}"))
            .await;
    }
    while times.len() < 15 {
        let came = receiver.next().await;
        *times.entry(came.headers["webhook-id"].clone()).or_default() += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_and_pictures_are_on_every_node() {
    let (redis, place) = (Redis::start(), Place::new());
    let [mut a, b] = ["a", "b"].map(|name| Node::start(name, &redis.url(), &place.of(name)));
    until("they know each other", async || {
        let status = a.status();
        let nodes = status["nodes"].as_array().expect("nodes").clone();
        nodes.iter().any(|node| node["signals"] == "both")
    })
    .await;
    let token = a.sign_up("kim").await;
    let room = a.room(&token, "마루").await;
    let bytes = PNG;
    let file = upload(&a, &token, "/files", "POST", bytes).await;
    let body = json!({ "text": "", "file_ids": [file["id"]] });
    let path = format!("/rooms/{room}/messages");
    let (status, posted) = a.call(&token, "POST", &path, Some(body)).await;
    assert_eq!(status, 201, "{posted}");
    let user = upload(&a, &token, "/me/avatar", "PUT", bytes).await;
    let seq = posted["id"].as_u64().expect("an id");
    until("b has it", async || {
        let (_, page) = b.call(&token, "GET", &path, None).await;
        page["messages"][0]["id"] == seq
    })
    .await;
    // Acknowledged, so it is on the second node, whatever becomes of the first.
    a.kill();
    let get = async |node: &Node, path: String| {
        let got = Request::new(node.address, "GET", &format!("/api/v1{path}"));
        let bearer = format!("Bearer {token}");
        got.header("authorization", &bearer).send().await
    };
    let got = get(&b, format!("/files/{}", file["id"])).await;
    assert_eq!((got.status, &got.body[..]), (200, bytes));
    if file["thumbnail"].is_object() {
        let small = get(&b, format!("/files/{}/thumbnail", file["id"])).await;
        assert_eq!(small.status, 200);
    }
    let avatar = get(&b, format!("/users/{}/avatar", user["id"])).await;
    assert_eq!(avatar.status, 200, "{avatar:?}");

    // A node that comes later has it when it is asked for, and its keys are the others'.
    let c = Node::start("c", &redis.url(), &place.of("c"));
    let got = get(&c, format!("/files/{}", file["id"])).await;
    assert_eq!((got.status, &got.body[..]), (200, bytes));
    let keys = ["b", "c"]
        .map(|name| std::fs::read(place.of(name).join("keys/vapid-p256.pem")).expect("a key"));
    assert_eq!(keys[0], keys[1], "push services know one server");
}

fn holds(dir: &Path, text: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            holds(&path, text)
        } else {
            std::fs::read(&path).is_ok_and(|bytes| {
                bytes
                    .windows(text.len())
                    .any(|some| some == text.as_bytes())
            })
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_leaves_the_stream_and_every_log() {
    let (redis, place) = (Redis::start(), Place::new());
    let [a, b] = ["a", "b"].map(|name| Node::start(name, &redis.url(), &place.of(name)));
    let (kim, lee) = (a.sign_up("kim").await, a.sign_up("lee").await);
    let room = a.room(&kim, "마루").await;
    let text = "아무도 모르는 비밀 한 마디";
    a.post_until_taken(&kim, room, text).await;
    let path = format!("/rooms/{room}/join");
    b.call(&lee, "POST", &path, None).await;
    b.post_until_taken(&lee, room, "stays").await;
    assert!(
        redis
            .cli(&["--raw", "XRANGE", "maru:log", "-", "+"])
            .contains(text)
    );
    let erased = Command::new(env!("CARGO_BIN_EXE_maru"))
        .args(["user", "erase", "kim", "--messages", "--data-dir"])
        .arg(&a.dir)
        .output()
        .expect("it runs");
    assert!(
        erased.status.success(),
        "{}",
        String::from_utf8_lossy(&erased.stderr)
    );
    // Nothing goes from the stream in the first twenty seconds.
    let in_time = Duration::from_secs(55);
    let began = std::time::Instant::now();
    while redis
        .cli(&["--raw", "XRANGE", "maru:log", "-", "+"])
        .contains(text)
        || holds(redis.dir.path(), text)
        || [&a, &b]
            .iter()
            .any(|node| holds(&node.dir.join("log"), text))
    {
        assert!(began.elapsed() < in_time, "it is still there");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for node in [&a, &b] {
        // The place of what was erased is left, empty.
        let texts = node.texts(&lee, room).await;
        let told = texts.iter().filter(|text| !text.is_empty());
        assert_eq!(told.collect::<Vec<_>>()[0], "stays", "{texts:?}");
        node.post_until_taken(&lee, room, node.name).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_replica_of_all_goes_on_when_its_node_dies() {
    let (redis, place) = (Redis::start(), Place::new());
    let second = place.of("second");
    let url = format!("file://{}", second.display());
    std::fs::create_dir_all(&second).expect("made");
    let more = ["--replicate", url.as_str()];
    let mut nodes = ["a", "b"]
        .map(|name| Node::start_with(name, &redis.url(), &place.of(name), "127.0.0.1:0", &more));
    let token = nodes[0].sign_up("kim").await;
    let room = nodes[0].room(&token, "마루").await;
    for n in 0..10 {
        nodes[n % 2]
            .post_until_taken(&token, room, &format!("one {n}"))
            .await;
    }
    let first = worker(&redis, &nodes).await.name;
    let dead = nodes
        .iter()
        .position(|node| node.name == first)
        .expect("it is one");
    nodes[dead].kill();
    let living = &nodes[1 - dead];
    for n in 0..10 {
        living
            .post_until_taken(&token, room, &format!("two {n}"))
            .await;
    }
    let (mut tries, back) = (0, place.of("back"));
    until("everything is in the second place", async || {
        tries += 1;
        let _gone = std::fs::remove_dir_all(&back);
        let maru = |args: &[&str]| {
            let done = Command::new(env!("CARGO_BIN_EXE_maru"))
                .args(args)
                .arg("--data-dir")
                .arg(&back)
                .output();
            done.expect("it runs")
        };
        if !maru(&["restore", &url]).status.success() {
            return false;
        }
        let lines = String::from_utf8_lossy(&maru(&["export", "--all"]).stdout).into_owned();
        ["one", "two"]
            .iter()
            .all(|half| (0..10).all(|n| lines.contains(&format!("\"{half} {n}\""))))
    })
    .await;
}

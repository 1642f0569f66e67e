//! Three nodes, one Maru.

use super::kit::{Node, PASSWORD, Place, Redis, until};
use crate::kit::Request;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_answers_every_node_knows() {
    let (redis, place) = (Redis::start(), Place::new());
    let [a, b, c] = place.three(&redis);
    // Signed up on one, at work on another, read on the third.
    let token = a.sign_up("kim").await;
    let room = b.room(&token, "마루").await;
    let (status, first) = c.post(&token, room, "one").await;
    assert_eq!(status, 201, "{first}");
    // The same again, elsewhere, is the same message.
    let (status, again) = a.post(&token, room, "one").await;
    assert_eq!((status, &again["id"]), (200, &first["id"]));
    let (status, _) = b.post(&token, room, "two").await;
    assert_eq!(status, 201);
    let wanted = ["one".to_owned(), "two".to_owned()];
    for node in [&a, &b, &c] {
        node.reads(&token, room, &wanted).await;
    }

    // Signed out on one, out on all.
    let login = json!({ "username": "kim", "password": PASSWORD });
    let (status, session) = b.call("none", "POST", "/login", Some(login)).await;
    assert_eq!(status, 200, "{session}");
    let second = session["token"].as_str().expect("a token").to_owned();
    for node in [&a, &b, &c] {
        assert_eq!(node.call(&second, "GET", "/me", None).await.0, 200);
    }
    assert_eq!(a.call(&second, "POST", "/logout", None).await.0, 204);
    for node in [&b, &c] {
        until("signed out everywhere", async || {
            node.call(&second, "GET", "/me", None).await.0 == 401
        })
        .await;
    }
    for node in [&a, &b, &c] {
        assert_eq!(node.call(&token, "GET", "/me", None).await.0, 200);
    }

    // All stand at one place with one hash, and hear each other.
    until("one place", async || {
        let status = a.status();
        let nodes = status["nodes"].as_array().expect("nodes").clone();
        let alike = |key: &str| nodes.iter().all(|node| node[key] == nodes[0][key]);
        let heard = nodes
            .iter()
            .all(|node| node["is_asked"] == true || node["signals"] == "both");
        nodes.len() == 3 && alike("seq") && alike("hash") && heard
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_killed_is_back_with_everything() {
    let (redis, place) = (Redis::start(), Place::new());
    let [a, mut b, c] = place.three(&redis);
    let token = a.sign_up("kim").await;
    let room = a.room(&token, "마루").await;
    b.post_until_taken(&token, room, "before").await;
    b.kill();
    let mut wanted = vec!["before".to_owned()];
    for n in 0..20 {
        let text = format!("without {n}");
        c.post_until_taken(&token, room, &text).await;
        wanted.push(text);
    }
    b.start_again();
    b.post_until_taken(&token, room, "back").await;
    wanted.push("back".to_owned());
    for node in [&a, &b, &c] {
        node.reads(&token, room, &wanted).await;
    }
}

/// Whoever sends the position back sees what the answer knew, on any node and at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_sees_its_own_writes_wherever_it_asks() {
    let (redis, place) = (Redis::start(), Place::new());
    let nodes = place.three(&redis);
    let token = nodes[0].sign_up("kim").await;
    let room = nodes[0].room(&token, "마루").await;
    let bearer = format!("Bearer {token}");
    let path = format!("/api/v1/rooms/{room}/messages");
    let mut seen = String::new();
    for n in 0..30 {
        let text = format!("글 {n}");
        let said = Request::new(nodes[n % 3].address, "POST", &path)
            .header("authorization", &bearer)
            .header("x-maru-seq", &seen)
            .json(&json!({ "text": text }));
        let said = said.send().await;
        assert_eq!(said.status, 201, "{said:?}");
        let position = said
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("x-maru-seq"));
        seen.clone_from(&position.expect("a position").1);
        let read = Request::new(nodes[(n + 1) % 3].address, "GET", &path)
            .header("authorization", &bearer)
            .header("x-maru-seq", &seen);
        let read = read.send().await;
        let newest = read.json["messages"].as_array().and_then(|all| all.last());
        assert_eq!(newest.expect("a message")["text"], text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_on_one_node_ends_its_sockets_on_others() {
    let (redis, place) = (Redis::start(), Place::new());
    let [a, b] = ["a", "b"].map(|name| Node::start(name, &redis.url(), &place.of(name)));
    let token = a.sign_up("kim").await;
    let auth = json!({ "token": token });
    let mut socket = crate::kit::Socket::connect(b.address, "/", &auth).await;
    socket.find("ready").await;
    assert_eq!(a.call(&token, "POST", "/logout", None).await.0, 204);
    let began = Instant::now();
    socket.find("session.revoked").await;
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
}

/// Asked on one node, heard by the bot on another, answered over a third.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slash_command_finds_its_bot_on_any_node() {
    let (redis, place) = (Redis::start(), Place::new());
    let [a, b, c] = place.three(&redis);
    let token = a.sign_up("kim").await;
    let room = a.room(&token, "마루").await;
    let scopes = ["events:read", "messages:write", "hooks:write", "users:read"];
    let bot = json!({ "username": "deploy", "scopes": scopes });
    let (status, bot) = a.call(&token, "POST", "/bots", Some(bot)).await;
    assert_eq!(status, 201, "{bot}");
    let secret = bot["token"].as_str().expect("a token").to_owned();
    let bot_id = bot["user"]["id"].as_u64().expect("an id");
    let member = json!({ "user_id": bot_id });
    let members = format!("/rooms/{room}/members");
    let (status, added) = a.call(&token, "POST", &members, Some(member)).await;
    assert_eq!(status, 201, "{added}");
    let about = json!({ "bot_id": bot_id, "description": "배포" });
    let (status, set) = a.call(&token, "PUT", "/commands/deploy", Some(about)).await;
    assert_eq!(status, 204, "{set}");
    until("the bot is known everywhere", async || {
        let known = async |node: &Node| node.call(&secret, "GET", "/me", None).await.0 == 200;
        known(&b).await && known(&c).await
    })
    .await;
    let auth = json!({ "token": secret });
    let mut socket = crate::kit::Socket::connect(b.address, "/", &auth).await;
    socket.find("ready").await;
    let auth = json!({ "token": token });
    let mut caller = crate::kit::Socket::connect(c.address, "/", &auth).await;
    caller.find("ready").await;
    let path = format!("/rooms/{room}/commands");
    let ask = async || {
        let line = json!({ "text": "/deploy main" });
        a.call(&token, "POST", &path, Some(line)).await
    };
    // Until the first node has heard that the bot is on the second. Then it is asked, and says nothing.
    until("the bot is seen", async || {
        let (_, answer) = ask().await;
        answer["error"]["code"] == "timeout"
    })
    .await;
    socket.find("command.invoked").await;
    let answering = async {
        let asked = socket.find("command.invoked").await;
        let id = asked["invocation_id"].clone();
        let first = json!({ "invocation_id": id, "text": "곧", "deferred": true });
        let taken = b.call(&secret, "POST", "/commands/answer", Some(first));
        let (status, taken) = taken.await;
        assert_eq!(status, 204, "{taken}");
        id
    };
    let ((status, answer), id) = tokio::join!(ask(), answering);
    assert_eq!((status, &answer["text"]), (200, &json!("곧")), "{answer}");
    assert_eq!(answer["deferred"], true);
    // Nobody else's answer is taken.
    let stolen = json!({ "invocation_id": id, "text": "x" });
    let (status, stolen) = b
        .call(&token, "POST", "/commands/answer", Some(stolen))
        .await;
    assert_eq!(status, 404, "{stolen}");
    // The rest comes over the third node, to a caller who listens there.
    let last = json!({ "invocation_id": id, "text": "끝났다" });
    let (status, taken) = c
        .call(&secret, "POST", "/commands/answer", Some(last.clone()))
        .await;
    assert_eq!(status, 204, "{taken}");
    let told = caller.find("command.answered").await;
    assert_eq!(told["text"], "끝났다", "{told}");
    let (status, again) = c
        .call(&secret, "POST", "/commands/answer", Some(last))
        .await;
    assert_eq!(status, 404, "{again}");
}

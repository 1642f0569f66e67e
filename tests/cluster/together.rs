//! Three nodes, one Maru.

use super::kit::{PASSWORD, Place, Redis, until};
use serde_json::json;

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

//! From one to many and back.

use super::kit::{Node, Place, Redis, refused};
use std::process::Command;

fn maru(arguments: &[&str], dir: &std::path::Path) -> (bool, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_maru"))
        .args(arguments)
        .arg("--data-dir")
        .arg(dir)
        .output()
        .expect("it runs");
    let text = [done.stdout, done.stderr].concat();
    (
        done.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_comes_in_by_init_and_others_take_it_as_a_snapshot() {
    let (redis, place) = (Redis::start(), Place::new());
    let alone = crate::crash::Server::start(&place.of("a"));
    let (token, room) = alone.settle().await;
    for n in 0..30 {
        let posted = crate::crash::post(alone.address, &token, room, &format!("old {n}")).await;
        assert!(posted.is_some());
    }
    let (well, said) = maru(
        &["cluster", "init", "--redis-url", &redis.url()],
        &place.of("a"),
    );
    assert!(well, "{said}");
    // It goes on serving, and what comes meanwhile is not lost.
    let posted = crate::crash::post(alone.address, &token, room, "between").await;
    assert!(posted.is_some());
    alone.kill();

    let a = Node::start("a", &redis.url(), &place.of("a"));
    let b = Node::start("b", &redis.url(), &place.of("b"));
    b.post_until_taken(&token, room, "new").await;
    let texts = b.texts(&token, room).await;
    assert_eq!(texts.len(), 32);
    assert_eq!(texts[31], "new");
    // Who shows no position may ask the other node a moment before it has followed.
    a.reads(&token, room, &texts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_belong_together_is_refused_with_advice() {
    let (redis, place) = (Redis::start(), Place::new());
    let alone = crate::crash::Server::start(&place.of("old"));
    let (old_token, old_room) = alone.settle().await;
    alone.kill();
    let why = refused("old", &redis.url(), &place.of("old"));
    assert!(why.contains("cluster init"), "{why}");

    let mut a = Node::start("a", &redis.url(), &place.of("a"));
    let token = a.sign_up("lee").await;
    let room = a.room(&token, "방").await;
    a.post_until_taken(&token, room, "one").await;
    let why = refused("old", &redis.url(), &place.of("old"));
    assert!(why.contains("holds a cluster already"), "{why}");
    let why = refused("a", &redis.url(), &place.of("other"));
    assert!(why.contains("--node-name"), "{why}");

    // Commands beside a stopped node would order by themselves.
    a.kill();
    let (well, said) = maru(&["invite", "create"], &place.of("a"));
    assert!(!well && said.contains("of a cluster"), "{said}");

    // Alone again, without the Redis.
    std::fs::write(place.of("a").join("used"), b"").expect("writes");
    let alone = crate::crash::Server::start(&place.of("a"));
    let posted = crate::crash::post(alone.address, &token, room, "two").await;
    assert!(posted.is_some());
    alone.kill();
    let alone = crate::crash::Server::start(&place.of("old"));
    let posted = crate::crash::post(alone.address, &old_token, old_room, "here").await;
    assert!(posted.is_some());
    alone.kill();
}

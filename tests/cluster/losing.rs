//! A Redis that is away, stopped, rolled back, emptied or written to by others.

use super::kit::{Node, Place, Redis, refused, until};
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// The first refusals may still be those of what was under way; all are `read_only`.
async fn refuses_within_two_seconds(node: &Node, token: &str, room: u64, what: &str) {
    let began = Instant::now();
    let (status, answer) = node.post(token, room, what).await;
    let took = began.elapsed();
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (503, Some("read_only")),
        "{answer}"
    );
    assert!(took < Duration::from_secs(2), "{what}: {took:?}");
    // Reading goes on.
    node.texts(token, room).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_becomes_of_the_redis_nothing_acknowledged_is_lost_or_twice() {
    let (mut redis, place) = (Redis::start(), Place::new());
    let nodes = place.three(&redis);
    let token = nodes[0].sign_up("kim").await;
    let room = nodes[0].room(&token, "마루").await;
    let mut wanted = Vec::new();
    let mut said = async |text: &str| {
        for node in &nodes {
            let text = format!("{text} {}", node.name);
            node.post_until_taken(&token, room, &text).await;
            wanted.push(text);
        }
        for node in &nodes {
            // What was answered with "not known" may have been done.
            until(&format!("{text} on {}", node.name), async || {
                let texts = node.texts(&token, room).await;
                let ours = texts.into_iter().filter(|text| !text.starts_with("away"));
                ours.collect::<Vec<_>>() == wanted
            })
            .await;
        }
    };
    said("before").await;

    redis.kill();
    for (n, node) in nodes.iter().enumerate() {
        refuses_within_two_seconds(node, &token, room, &format!("away {n}")).await;
    }
    redis.start_again();
    said("killed").await;

    redis.signal(Signal::STOP);
    for (n, node) in nodes.iter().enumerate() {
        refuses_within_two_seconds(node, &token, room, &format!("away stopped {n}")).await;
    }
    redis.signal(Signal::CONT);
    said("stopped").await;

    // Out of memory: reads go on, and it passes.
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    refuses_within_two_seconds(&nodes[1], &token, room, "away full").await;
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    said("full").await;

    // Emptied: the nodes put back what they have.
    redis.kill();
    redis.empty();
    redis.start_again();
    said("emptied").await;

    // Emptied while it runs.
    redis.cli(&["FLUSHALL"]);
    said("flushed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_tail_is_put_back_and_what_others_wrote_is_not_followed() {
    let (mut redis, place) = (Redis::start(), Place::new());
    let [a, b, c] = place.three(&redis);
    let token = a.sign_up("kim").await;
    let room = a.room(&token, "마루").await;
    a.post_until_taken(&token, room, "one").await;
    redis.cli(&["BGREWRITEAOF"]);
    // A copy of what it has now is what it will have after a crash.
    let kept = place.of("kept");
    let files = redis.dir.path().join("appendonlydir");
    until("rewritten", async || {
        redis
            .cli(&["INFO", "persistence"])
            .contains("aof_rewrite_in_progress:0")
    })
    .await;
    copy(&files, &kept);
    b.post_until_taken(&token, room, "two").await;
    c.post_until_taken(&token, room, "three").await;
    redis.kill();
    std::fs::remove_dir_all(&files).expect("is removed");
    copy(&kept, &files);
    redis.start_again();
    a.post_until_taken(&token, room, "four").await;
    let wanted = ["one", "two", "three", "four"].map(str::to_owned);
    for node in [&a, &b, &c] {
        node.reads(&token, room, &wanted).await;
    }

    // Something else writes into the stream: nothing is taken any more, and it is said.
    redis.cli(&["XADD", "maru:log", "*", "x", "y"]);
    until("noticed", async || {
        let trouble = a.status()["trouble"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        trouble.contains("something else than Maru") && trouble.contains("cluster repair")
    })
    .await;
    let (status, answer) = b.post(&token, room, "five").await;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (503, Some("read_only"))
    );
    for node in [&a, &b, &c] {
        node.reads(&token, room, &wanted).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_entry_and_a_policy_that_evicts_are_named_at_once() {
    let (redis, place) = (Redis::start(), Place::new());
    let a = Node::start("a", &redis.url(), &place.of("a"));
    let token = a.sign_up("kim").await;
    let room = a.room(&token, "마루").await;
    let says = async |words: [&str; 2]| {
        until(words[0], async || {
            let status = a.status();
            let trouble = status["trouble"].as_str().unwrap_or_default();
            words.iter().all(|word| trouble.contains(word))
        })
        .await;
        let (status, answer) = a.post(&token, room, "away").await;
        assert_eq!(
            (status, answer["error"]["code"].as_str()),
            (503, Some("read_only"))
        );
    };
    a.post_until_taken(&token, room, "one").await;
    redis.cli(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    says(["allkeys-lru", "noeviction"]).await;
    redis.cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    a.post_until_taken(&token, room, "two").await;
    let last = "local e = redis.call('xrevrange', 'maru:log', '+', '-', 'COUNT', 1) \
                return redis.call('xdel', 'maru:log', e[1][1])";
    redis.cli(&["EVAL", last, "0"]);
    says(["was deleted from the stream", "cluster repair"]).await;
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("is made");
    for file in std::fs::read_dir(from).expect("is listed") {
        let file = file.expect("is listed");
        std::fs::copy(file.path(), to.join(file.file_name())).expect("is copied");
    }
}

#[test]
fn a_redis_that_would_lose_the_log_is_refused_by_name() {
    let (redis, place) = (Redis::start(), Place::new());
    redis.cli(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let why = refused("a", &redis.url(), &place.of("a"));
    assert!(why.contains("allkeys-lru"), "{why}");
    redis.cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    redis.cli(&["SET", "maru:log", "x"]);
    let why = refused("a", &redis.url(), &place.of("a"));
    assert!(why.contains("maru:log"), "{why}");
}

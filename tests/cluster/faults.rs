//! Fifty faults in a row while six people talk over three nodes. By hand: `make cluster-faults`.
//!
//! A journal outside keeps what was acknowledged. Afterwards: nothing of it is missing, nothing is
//! there twice, all nodes have one order and one hash.

use super::kit::{Node, Place, Redis, until};
use super::proxy::Proxy;
use rustix::process::Signal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

const FAULTS: usize = 50;
const PEOPLE: usize = 6;
/// From the end of a fault until every node takes writes again.
const HEALS_WITHIN: Duration = Duration::from_secs(5);

/// Text to message id.
type Journal = Arc<Mutex<BTreeMap<String, u64>>>;

/// Small and repeatable: `MARU_FAULTS_SEED` chooses another run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

async fn pause(dice: &mut Dice, up_to_ms: u64) {
    tokio::time::sleep(Duration::from_millis(dice.roll(up_to_ms))).await;
}

async fn fault(
    dice: &mut Dice,
    redis: &mut Redis,
    nodes: &mut [Node],
    lines: &[Proxy],
) -> &'static str {
    let one = dice.roll(nodes.len() as u64) as usize;
    let line = &lines[one];
    match dice.roll(11) {
        0 => {
            redis.kill();
            pause(dice, 1_000).await;
            redis.start_again();
            "the Redis was killed"
        }
        1 => {
            redis.kill();
            redis.empty();
            pause(dice, 1_000).await;
            redis.start_again();
            "the Redis was killed and emptied"
        }
        2 => {
            redis.signal(Signal::STOP);
            pause(dice, 4_000).await;
            redis.signal(Signal::CONT);
            "the Redis was stopped"
        }
        3 => {
            redis.cli(&["FLUSHALL"]);
            "the Redis was flushed"
        }
        4 => {
            redis.kill();
            nodes[one].kill();
            redis.empty();
            redis.start_again();
            nodes[one].start_again();
            "a node and the Redis were killed, and the Redis emptied"
        }
        5 => {
            redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
            pause(dice, 2_000).await;
            redis.cli(&["CONFIG", "SET", "maxmemory", "0"]);
            "the Redis was full"
        }
        6 => {
            line.cut(true);
            pause(dice, 3_000).await;
            line.cut(false);
            "a node was cut off from the Redis"
        }
        7 => {
            line.lose(true);
            pause(dice, 4_000).await;
            line.lose(false);
            "what a node and the Redis said to each other was lost"
        }
        8 => {
            line.delay(Duration::from_millis(50 + dice.roll(250)));
            pause(dice, 4_000).await;
            line.delay(Duration::ZERO);
            "a node was far from the Redis"
        }
        9 => {
            lines.iter().for_each(|line| line.hold(true));
            pause(dice, 4_000).await;
            lines.iter().for_each(|line| line.hold(false));
            "the Redis was in a hole"
        }
        _ => {
            nodes[one].kill();
            pause(dice, 1_000).await;
            nodes[one].start_again();
            "a node was killed"
        }
    }
}

async fn all_of(node: &Node, token: &str, room: u64) -> Vec<(u64, String)> {
    let mut all: Vec<(u64, String)> = Vec::new();
    loop {
        let after = all.last().map_or(0, |(id, _)| *id);
        let path = format!("/rooms/{room}/messages?limit=100&after={after}");
        let (status, page) = node.call(token, "GET", &path, None).await;
        assert_eq!(status, 200, "{page}");
        let messages = page["messages"].as_array().expect("a page");
        let texts = messages.iter().map(|message: &Value| {
            let text = message["text"].as_str().expect("a text").to_owned();
            (message["id"].as_u64().expect("an id"), text)
        });
        all.extend(texts);
        if page["more_after"] != true {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes long: make cluster-faults"]
async fn fifty_faults_in_a_row_lose_nothing() {
    let seed = std::env::var("MARU_FAULTS_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let mut dice = Dice(seed);
    let (mut redis, place) = (Redis::start(), Place::new());
    let mut lines = Vec::new();
    let mut nodes = Vec::new();
    for name in ["a", "b", "c"] {
        let line = Proxy::to(redis.port).await;
        nodes.push(Node::start(name, &line.url(), &place.of(name)));
        lines.push(line);
    }
    let token = nodes[0].sign_up("kim").await;
    let room = nodes[0].room(&token, "마루").await;
    let addresses = [0, 1, 2].map(|n: usize| nodes[n].address);
    let journal = Journal::default();
    let ended = Arc::new(AtomicBool::new(false));
    let people: Vec<_> = (0..PEOPLE)
        .map(|person| {
            let (token, journal, ended) = (token.clone(), journal.clone(), ended.clone());
            tokio::spawn(async move {
                let mut turn = person;
                for n in 0.. {
                    let text = format!("{person}-{n}");
                    loop {
                        if ended.load(Ordering::Acquire) {
                            return;
                        }
                        turn += 1;
                        let address = addresses[turn % addresses.len()];
                        if let Some(id) = crate::crash::post(address, &token, room, &text).await {
                            journal.lock().await.insert(text, id);
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            })
        })
        .collect();
    for number in 0..FAULTS {
        pause(&mut dice, 1_000).await;
        let what = fault(&mut dice, &mut redis, &mut nodes, &lines).await;
        let began = Instant::now();
        for node in &nodes {
            let text = format!("after {number} on {}", node.name);
            let id = node.post_until_taken(&token, room, &text).await;
            // As the crash tests write it.
            journal.lock().await.insert(text, id);
        }
        let took = began.elapsed();
        println!("{number}: {what}; healed in {took:?}");
        assert!(
            took < HEALS_WITHIN,
            "{what}: {took:?} until writes were taken"
        );
    }
    ended.store(true, Ordering::Release);
    for person in people {
        person.await.expect("no panic");
    }
    let journal = journal.lock().await;
    until("one order everywhere", async || {
        let first = all_of(&nodes[0], &token, room).await;
        all_of(&nodes[1], &token, room).await == first
            && all_of(&nodes[2], &token, room).await == first
    })
    .await;
    let ids: Vec<u64> = all_of(&nodes[0], &token, room)
        .await
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    let lost: Vec<_> = journal.iter().filter(|(_, id)| !ids.contains(id)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let texts = all_of(&nodes[0], &token, room).await;
    let unlike: std::collections::BTreeSet<_> = texts.iter().map(|(_, text)| text).collect();
    assert_eq!(unlike.len(), texts.len(), "something is there twice");
    until("one hash everywhere", async || {
        let status = nodes[0].status();
        let told = status["nodes"].as_array().expect("nodes").clone();
        told.iter().all(|node| node["hash"] == told[0]["hash"])
    })
    .await;
    println!("{} acknowledged, none lost, none twice", journal.len());
}

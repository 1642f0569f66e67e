//! How far one Redis carries, by hand: `make cluster-growth` measures what it costs and simulates.

use super::kit::Redis;
use bytes::Bytes;
use maru::cluster::{Address, stream};
use maru::domain::Seq;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const TEXT_BYTES: usize = 220;

/// Processor time of a Redis, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Costs {
    /// Of a call that appends, and of each entry in it.
    call_us: f64,
    entry_us: f64,
    /// Of a call that a node reads by, and of each entry in it.
    read_call_us: f64,
    read_us: f64,
}

fn used_us(redis: &Redis) -> f64 {
    let info = redis.cli(&["INFO", "cpu"]);
    let value = |name: &str| -> f64 {
        let found = info.lines().find_map(|line| line.strip_prefix(name));
        found
            .and_then(|text| text.trim().parse().ok())
            .expect("a number")
    };
    (value("used_cpu_user:") + value("used_cpu_sys:")) * 1e6
}

/// Processor time for each entry, with so many nodes that follow; and how many entries a second.
fn measured(batch: usize, followers: usize, entries: usize) -> (f64, f64) {
    let redis = Redis::start();
    let address = Address::parse(&redis.url()).expect("an address");
    let mut link = address.connect().expect("connects");
    assert!(stream::begin(&mut link, "c", 7, Seq(0), &[]).expect("begins"));
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..followers)
        .map(|_| {
            let (address, stop) = (address.clone(), Arc::clone(&stop));
            std::thread::spawn(move || {
                let mut link = address.connect().expect("connects");
                link.wait_for(Duration::from_secs(5)).expect("set");
                let mut at = Seq(0);
                while at.0 < entries as u64 && !stop.load(Ordering::Acquire) {
                    let wait = Duration::from_millis(400);
                    let found = stream::read(&mut link, at, 1_000, wait).expect("reads");
                    at = found.last().map_or(at, |entry| entry.seq);
                }
            })
        })
        .collect();
    let payload = Bytes::from(vec![b'x'; TEXT_BYTES]);
    let digest = stream::digest(&payload);
    let batch: Vec<Bytes> = vec![payload; batch];
    let (before, began) = (used_us(&redis), Instant::now());
    let mut last = None;
    while last.is_none_or(|Seq(last)| last < entries as u64) {
        let own = last.map(|seq| (seq, digest.as_str()));
        match stream::append(&mut link, 7, own, &batch).expect("appends") {
            stream::Appended::Done(seq) => last = Some(seq),
            other => panic!("{other:?}"),
        }
    }
    for reader in readers {
        reader.join().expect("reads all");
    }
    let took = began.elapsed().as_secs_f64();
    (
        (used_us(&redis) - before) / entries as f64,
        entries as f64 / took,
    )
}

/// Events of one second and a half: nodes collect what comes and send it in one call, the Redis does
/// one call after another. Returns how long an entry waits in the median and at the 99th percentile,
/// in milliseconds, and how busy the Redis is.
fn simulated(posts_per_s: f64, nodes: usize, costs: Costs) -> (f64, f64, f64) {
    const SECONDS: f64 = 1.5;
    const LARGEST: usize = 256;
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        ((seed >> 11) as f64 / (1_u64 << 53) as f64).max(1e-12)
    };
    let mut arrivals: Vec<Vec<f64>> = Vec::new();
    for _ in 0..nodes {
        let (mut at, mut all) = (0.0, Vec::new());
        while at < SECONDS * 1e6 {
            at += -random().ln() / (posts_per_s / nodes as f64) * 1e6;
            all.push(at);
        }
        arrivals.push(all);
    }
    let (mut next, mut sent_at) = (vec![0; nodes], vec![0.0_f64; nodes]);
    let (mut free_at, mut busy, mut waits) = (0.0_f64, 0.0, Vec::new());
    loop {
        // The node whose call comes first: it has something, and its last call was answered.
        let ready = (0..nodes).filter_map(|node| {
            let first = *arrivals[node].get(next[node])?;
            Some((first.max(sent_at[node]), node))
        });
        let Some((ready, node)) = ready.min_by(|one, other| one.0.total_cmp(&other.0)) else {
            break;
        };
        let begins = ready.max(free_at);
        let waiting = arrivals[node][next[node]..].iter();
        let batch = waiting
            .take_while(|at| **at <= begins)
            .count()
            .clamp(1, LARGEST);
        let appended = costs.call_us + batch as f64 * costs.entry_us;
        let read = costs.read_call_us + batch as f64 * costs.read_us;
        // In the worst case every call wakes every node.
        let work = appended + nodes as f64 * read;
        (free_at, busy) = (begins + work, busy + work);
        sent_at[node] = free_at;
        let served = next[node]..next[node] + batch;
        waits.extend(arrivals[node][served].iter().map(|at| free_at - at));
        next[node] += batch;
    }
    waits.sort_by(f64::total_cmp);
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize] / 1e3;
    (at(0.5), at(0.99), busy / free_at)
}

#[test]
#[ignore = "by hand: measures"]
fn what_one_redis_carries() {
    let one = measured(1, 0, 20_000);
    println!(
        "appended one by one: {:.1} us an entry, {:.0}/s",
        one.0, one.1
    );
    let many = measured(64, 0, 128_000);
    println!("appended by 64: {:.2} us an entry, {:.0}/s", many.0, many.1);
    // What one that follows adds, with calls of 64 entries and of one.
    let (mut by_64, mut by_one) = (0.0, 0.0);
    for followers in [1, 2, 4, 8] {
        let with = measured(64, followers, 128_000);
        by_64 = (with.0 - many.0) / followers as f64;
        let with_one = measured(1, followers, 10_000);
        by_one = (with_one.0 - one.0) / followers as f64;
        println!(
            "with {followers} that follow: {:.2} us an entry, {by_64:.2} for each of them, {:.0}/s; one by one {by_one:.1}",
            with.0, with.1
        );
    }
    // Two equations each: a call of one entry, and a call of 64.
    let entry_us = (many.0 * 64.0 - one.0) / 63.0;
    let read_us = ((by_64 * 64.0 - by_one) / 63.0).max(0.0);
    let costs = Costs {
        call_us: one.0 - entry_us,
        entry_us,
        read_call_us: by_one - read_us,
        read_us,
    };
    println!("{costs:?}");
    println!("nodes  posts/s   p50 ms   p99 ms   Redis busy");
    for nodes in [2, 3, 5, 10, 20, 50] {
        for posts_per_s in [1e3, 5e3, 1e4, 2e4, 4e4, 6e4, 8e4, 12e4, 16e4] {
            let (p50, p99, busy) = simulated(posts_per_s, nodes, costs);
            println!(
                "{nodes:>5} {posts_per_s:>8.0} {p50:>8.2} {p99:>8.2} {:>9.0}%",
                busy * 100.0
            );
            if busy > 0.98 {
                break;
            }
        }
    }
}

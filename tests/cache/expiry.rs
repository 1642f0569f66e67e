//! Keys end when they should, whatever happens to clocks, and freeing them disturbs nobody.

use super::{DAY_MS, NOW_MS, clock, open};
use bytes::Bytes;
use maru::cache::{Embedded, Options, SetOptions, Ttl};
use std::time::{Duration, Instant};

#[test]
fn a_clock_jump_neither_ends_nor_prolongs() {
    let (clock, hand) = clock();
    let cache = Embedded::open(Options {
        clock,
        ..Options::default()
    })
    .expect("open");
    let deadline_ms = NOW_MS + DAY_MS;
    cache
        .set(
            b"k",
            Bytes::from_static(b"v"),
            SetOptions::until(deadline_ms),
        )
        .expect("set");
    for jump_ms in [2 * DAY_MS as i64, -4 * DAY_MS as i64] {
        hand.jump_ms(jump_ms);
        let left = Ttl::Left {
            left_ms: DAY_MS,
            at_unix_ms: deadline_ms,
        };
        assert_eq!(cache.ttl(b"k"), left);
        assert!(cache.get(b"k").expect("get").is_some());
    }
    hand.advance_ms(DAY_MS - 1);
    assert!(cache.get(b"k").expect("get").is_some());
    hand.advance_ms(1);
    assert_eq!(cache.get(b"k"), Ok(None));
    assert_eq!(cache.ttl(b"k"), Ttl::Missing);
    assert_eq!(cache.exists(&[b"k"]), 0);
    assert_eq!(cache.scan(0, b"*", 10).keys.len(), 0);
}

#[test]
fn keys_that_ended_while_we_were_away_are_not_loaded() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, hand) = clock();
    let cache = open(dir.path(), &clock);
    for (key, until_ms) in [(b"a", 1000), (b"b", 2000), (b"c", 3000)] {
        cache
            .set(key, Bytes::new(), SetOptions::until(NOW_MS + until_ms))
            .expect("set");
    }
    drop(cache);
    hand.advance_ms(2000);
    let cache = open(dir.path(), &clock);
    assert_eq!(
        (cache.load_report().keys, cache.load_report().expired),
        (1, 2)
    );
    assert_eq!(
        cache.ttl(b"c"),
        Ttl::Left {
            left_ms: 1000,
            at_unix_ms: NOW_MS + 3000
        }
    );
}

#[test]
fn many_keys_ending_at_once_stall_nobody() {
    const KEYS: u64 = 100_000;
    let (clock, hand) = clock();
    let cache = Embedded::open(Options {
        clock,
        ..Options::default()
    })
    .expect("open");
    for number in 0..KEYS {
        let options = SetOptions::until(NOW_MS + 1000);
        cache
            .set(&number.to_be_bytes(), Bytes::from_static(b"v"), options)
            .expect("set");
    }
    cache
        .set(b"stays", Bytes::from_static(b"v"), SetOptions::default())
        .expect("set");
    hand.advance_ms(1000);
    let mut worst = Duration::ZERO;
    std::thread::scope(|scope| {
        let sweep = scope.spawn(|| cache.expire());
        let mut asked = 0u64;
        while !sweep.is_finished() || asked < 1000 {
            asked += 1;
            let started = Instant::now();
            assert_eq!(cache.get(&(asked % KEYS).to_be_bytes()), Ok(None));
            assert!(cache.get(b"stays").expect("get").is_some());
            worst = worst.max(started.elapsed());
        }
        // The others were removed when they were asked for.
        assert!(sweep.join().expect("sweep") as u64 <= KEYS);
    });
    println!("the longest wait while {KEYS} keys ended: {worst:?}");
    assert!(worst < Duration::from_millis(500), "{worst:?}");
    assert_eq!(cache.db(0).len(), 1);
    assert_eq!(cache.stats().expired, KEYS);
}

#[test]
fn with_the_machines_clock_keys_are_freed_by_themselves() {
    let cache = Embedded::in_memory();
    let soon_ms = cache.clock().unix_ms() + 5;
    cache
        .set(b"k", Bytes::new(), SetOptions::until(soon_ms))
        .expect("set");
    super::until("freeing the key", || cache.db(0).is_empty());
    assert_eq!(cache.used_bytes(), 0);
}

//! What goes when memory is short, and what never does.

use super::{NOW_MS, clock};
use maru::cache::{CacheError, Embedded, Options, Policy, SetOptions};

const KEYS: u32 = 2000;
const LIMIT_BYTES: u64 = 100_000;

fn with(policy: Policy) -> (Embedded, std::sync::Arc<maru::cache::ManualClock>) {
    let (clock, hand) = clock();
    let cache = Embedded::open(Options {
        clock,
        policy,
        ..Options::default()
    });
    (cache.expect("open"), hand)
}

fn name(number: u32) -> Vec<u8> {
    format!("key:{number}").into_bytes()
}

/// Half of the keys with a deadline, the later the higher their number; all used once a second.
fn fill(cache: &Embedded, hand: &maru::cache::ManualClock) {
    for number in 0..KEYS {
        let options = match number % 2 {
            0 => SetOptions::default(),
            _ => SetOptions::until(NOW_MS + 100_000_000 + u64::from(number) * 1000),
        };
        cache.set(&name(number), "value", options).expect("set");
        hand.advance_ms(1000);
    }
    cache
        .set(b"maru:session:1", "s", SetOptions::default())
        .expect("set");
    cache.set_max_bytes(Some(LIMIT_BYTES));
}

fn left(cache: &Embedded, wanted: impl Fn(u32) -> bool) -> usize {
    let there = |number: &u32| cache.exists(&[&name(*number)]) == 1;
    (0..KEYS)
        .filter(|number| wanted(*number))
        .filter(there)
        .count()
}

#[test]
fn the_policy_says_what_goes() {
    for policy in [
        Policy::AllKeysLru,
        Policy::VolatileLru,
        Policy::AllKeysLfu,
        Policy::VolatileLfu,
        Policy::AllKeysRandom,
        Policy::VolatileRandom,
        Policy::VolatileTtl,
    ] {
        let (cache, hand) = with(policy);
        fill(&cache, &hand);
        assert!(cache.used_bytes() > LIMIT_BYTES);
        assert_eq!(cache.make_room(), Ok(()), "{policy:?}");
        assert!(cache.used_bytes() <= LIMIT_BYTES, "{policy:?}");
        assert_eq!(cache.exists(&[b"maru:session:1"]), 1, "{policy:?}");
        let evicted = cache.stats().evicted as usize;
        assert_eq!(
            left(&cache, |_| true) + evicted,
            KEYS as usize,
            "{policy:?}"
        );
        let immortal = left(&cache, |number| number % 2 == 0);
        match policy {
            Policy::VolatileLru
            | Policy::VolatileLfu
            | Policy::VolatileRandom
            | Policy::VolatileTtl => {
                assert_eq!(
                    immortal,
                    KEYS as usize / 2,
                    "{policy:?} spares what has no deadline"
                );
            }
            _ => assert!(immortal < KEYS as usize / 2, "{policy:?}"),
        }
        let (older, newer) = (
            left(&cache, |number| number % 2 == 1 && number < KEYS / 2),
            left(&cache, |number| number % 2 == 1 && number >= KEYS / 2),
        );
        if matches!(
            policy,
            Policy::AllKeysLru | Policy::VolatileLru | Policy::VolatileTtl
        ) {
            // Chance picks who is compared: about 150 against 500, evenly without an order.
            assert!(
                older * 2 < newer,
                "{policy:?}: {older} old ones, {newer} new ones"
            );
        }
    }
}

#[test]
fn what_is_used_often_stays() {
    let (cache, hand) = with(Policy::AllKeysLfu);
    for number in 0..KEYS {
        cache
            .set(&name(number), "value", SetOptions::default())
            .expect("set");
    }
    for _ in 0..200 {
        for number in 0..50 {
            cache.get(&name(number)).expect("get");
        }
    }
    hand.advance_ms(1000);
    cache.set_max_bytes(Some(LIMIT_BYTES));
    assert_eq!(cache.make_room(), Ok(()));
    let often = left(&cache, |number| number < 50);
    assert!(often >= 45, "{often} of 50");
}

#[test]
fn when_nothing_may_go_writes_fail() {
    for policy in [Policy::NoEviction, Policy::VolatileLru] {
        let (cache, _hand) = with(policy);
        for number in 0..KEYS {
            cache
                .set(&name(number), "value", SetOptions::default())
                .expect("set");
        }
        cache.set_max_bytes(Some(LIMIT_BYTES));
        let refused = cache.set(b"more", "value", SetOptions::default());
        assert!(
            matches!(refused, Err(CacheError::Full { .. })),
            "{policy:?}"
        );
        let own = cache.set(b"maru:session:2", "s", SetOptions::default());
        assert!(own.is_ok(), "the appliance goes on");
        cache.set_max_bytes(None);
        assert!(cache.set(b"more", "value", SetOptions::default()).is_ok());
    }
}

#[test]
fn policies_have_redis_names() {
    for name in [
        "noeviction",
        "allkeys-lru",
        "volatile-lru",
        "allkeys-lfu",
        "volatile-lfu",
        "allkeys-random",
        "volatile-random",
        "volatile-ttl",
    ] {
        assert_eq!(Policy::parse(name).map(Policy::name), Some(name));
    }
    assert_eq!(Policy::parse("lru"), None);
}

#[test]
fn what_is_not_used_is_forgotten_as_the_settings_say() {
    let (cache, hand) = with(Policy::AllKeysLfu);
    let frequency = |cache: &Embedded| {
        let found = cache.db(0).on(b"k", |txn| txn.frequency(b"k"));
        found.expect("read").expect("is there")
    };
    // Each use counts, so that no luck is needed.
    for (decay_minutes, left) in [(1, 5), (2, 10), (0, 15)] {
        cache.del(&[b"k"]).expect("del");
        cache.set(b"k", "v", SetOptions::default()).expect("set");
        cache.set_counting(0, decay_minutes);
        (0..10).for_each(|_| drop(cache.get(b"k")));
        assert_eq!(frequency(&cache), 15);
        hand.advance_ms(10 * 60_000);
        assert_eq!(frequency(&cache), left, "{decay_minutes}");
    }
}

#[test]
fn the_more_are_looked_at_the_older_are_those_that_go() {
    let [some, many] = [1, 200].map(|samples| {
        let (cache, hand) = with(Policy::AllKeysLru);
        cache.set_samples(samples);
        fill(&cache, &hand);
        assert_eq!(cache.make_room(), Ok(()));
        let kept = left(&cache, |_| true) as u32;
        left(&cache, |number| number < KEYS - kept)
    });
    assert!(many < some, "of the older ones {many} stay, and {some}");
}

//! What every cache promises: one suite, run against each implementation.

use bytes::Bytes;
use maru::cache::{
    Cache, CacheError, Clock, Condition, Creation, Embedded, Fsync, Lifetime, Options, ScanPage,
    SetOptions, SetOutcome, Ttl,
};
use std::collections::BTreeSet;

/// Runs the whole suite. The cache may hold other keys; this uses only those under `prefix`.
/// `now_ms` is the cache's own idea of the time. Only a cache of this process names each key once.
pub async fn check(cache: &dyn Cache, prefix: &str, now_ms: u64, is_here: bool) {
    let key = |name: &str| format!("{prefix}{name}").into_bytes();
    strings(cache, key("s").as_slice(), now_ms).await;
    deadlines(cache, key("d").as_slice(), now_ms).await;
    counters(cache, key("c").as_slice(), now_ms).await;
    many_keys(cache, prefix, is_here).await;
    channels(cache, prefix).await;
}

fn text(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

async fn strings(cache: &dyn Cache, key: &[u8], now_ms: u64) {
    assert_eq!(cache.get(key).await, Ok(None));
    let plain = SetOptions::default();
    let stored = |previous: Option<Bytes>| {
        Ok(SetOutcome {
            stored: true,
            previous,
        })
    };
    let refused = |previous: Option<Bytes>| {
        Ok(SetOutcome {
            stored: false,
            previous,
        })
    };

    assert_eq!(cache.set(key, text("one"), plain).await, stored(None));
    assert_eq!(cache.get(key).await, Ok(Some(text("one"))));
    let absent = SetOptions {
        condition: Condition::IfAbsent,
        previous: true,
        ..plain
    };
    assert_eq!(
        cache.set(key, text("two"), absent).await,
        refused(Some(text("one")))
    );
    assert_eq!(cache.get(key).await, Ok(Some(text("one"))));
    let present = SetOptions {
        condition: Condition::IfPresent,
        previous: true,
        ..SetOptions::until(now_ms + 600_000)
    };
    assert_eq!(
        cache.set(key, text("two"), present).await,
        stored(Some(text("one")))
    );

    let keep = SetOptions {
        lifetime: Lifetime::Keep,
        ..plain
    };
    assert_eq!(cache.set(key, text("three"), keep).await, stored(None));
    assert!(
        matches!(cache.ttl(key).await, Ok(Ttl::Left { at_unix_ms, .. }) if at_unix_ms == now_ms + 600_000)
    );
    assert_eq!(cache.set(key, text("four"), plain).await, stored(None));
    assert_eq!(cache.ttl(key).await, Ok(Ttl::Forever));

    assert_eq!(cache.del(&[key]).await, Ok(1));
    assert_eq!(cache.set(key, text("x"), present).await, refused(None));
    assert_eq!(cache.get(key).await, Ok(None));
    assert_eq!(cache.set(key, Bytes::new(), absent).await, stored(None));
    assert_eq!(
        cache.get(key).await,
        Ok(Some(Bytes::new())),
        "empty is not missing"
    );
    let binary = Bytes::from((0..=255).collect::<Vec<u8>>());
    assert_eq!(cache.set(key, binary.clone(), plain).await, stored(None));
    assert_eq!(cache.get(key).await, Ok(Some(binary)));
    assert_eq!(cache.del(&[key]).await, Ok(1));
}

async fn deadlines(cache: &dyn Cache, key: &[u8], now_ms: u64) {
    let at_ms = now_ms + 3_600_000;
    assert_eq!(cache.ttl(key).await, Ok(Ttl::Missing));
    assert_eq!(cache.expire_at(key, at_ms).await, Ok(false));
    assert_eq!(cache.persist(key).await, Ok(false));

    cache
        .set(key, text("v"), SetOptions::default())
        .await
        .expect("set");
    assert_eq!(cache.persist(key).await, Ok(false), "it had none");
    assert_eq!(cache.expire_at(key, at_ms).await, Ok(true));
    match cache.ttl(key).await {
        Ok(Ttl::Left {
            left_ms,
            at_unix_ms,
        }) => {
            assert_eq!(at_unix_ms, at_ms, "told as it was set");
            assert!((3_590_000..=3_600_000).contains(&left_ms), "{left_ms}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(cache.persist(key).await, Ok(true));
    assert_eq!(cache.ttl(key).await, Ok(Ttl::Forever));

    assert_eq!(
        cache.expire_at(key, now_ms - 1).await,
        Ok(true),
        "a past deadline removes"
    );
    assert_eq!(cache.exists(&[key]).await, Ok(0));
    let past = cache
        .set(key, text("v"), SetOptions::until(now_ms - 1))
        .await;
    assert!(past.is_ok_and(|outcome| outcome.stored));
    assert_eq!(cache.get(key).await, Ok(None));
}

async fn counters(cache: &dyn Cache, key: &[u8], now_ms: u64) {
    let creation = Creation {
        expires_at_ms: Some(now_ms + 60_000),
        volatile: false,
    };
    assert_eq!(cache.incr_by(key, 5, creation).await, Ok(5));
    let later = Creation {
        expires_at_ms: Some(now_ms + 90_000),
        volatile: false,
    };
    assert_eq!(cache.incr_by(key, -7, later).await, Ok(-2));
    assert!(
        matches!(cache.ttl(key).await, Ok(Ttl::Left { at_unix_ms, .. }) if at_unix_ms == now_ms + 60_000),
        "only creation sets the deadline"
    );
    assert_eq!(cache.get(key).await, Ok(Some(text("-2"))));

    let plain = SetOptions::default();
    cache
        .set(key, text("9223372036854775807"), plain)
        .await
        .expect("set");
    assert_eq!(
        cache.incr_by(key, 1, creation).await,
        Err(CacheError::Overflow)
    );
    assert_eq!(
        cache.get(key).await,
        Ok(Some(text("9223372036854775807"))),
        "unchanged"
    );
    cache.set(key, text("1.5"), plain).await.expect("set");
    assert_eq!(
        cache.incr_by(key, 1, creation).await,
        Err(CacheError::NotAnInteger)
    );
    assert_eq!(cache.del(&[key]).await, Ok(1));
}

async fn many_keys(cache: &dyn Cache, prefix: &str, is_here: bool) {
    let names: BTreeSet<Vec<u8>> = (0..700)
        .map(|n| format!("{prefix}many:{n}").into_bytes())
        .collect();
    for name in &names {
        cache
            .set(name, text("v"), SetOptions::default())
            .await
            .expect("set");
    }
    for count in [1, 10, 100_000] {
        let pattern = [&maru::cache::glob::escape(prefix.as_bytes())[..], b"many:*"].concat();
        let mut found = Vec::new();
        let mut cursor = 0;
        loop {
            let ScanPage { cursor: next, keys } =
                cache.scan(cursor, &pattern, count).await.expect("scan");
            found.extend(keys.into_iter().map(|key| key.to_vec()));
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
        if is_here {
            assert_eq!(found.len(), names.len(), "none twice, {count} at a time");
        }
        assert_eq!(BTreeSet::from_iter(found), names);
    }
    let keys: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    assert_eq!(
        cache.exists(&[keys[0], keys[0], b"\0nobody"]).await,
        Ok(2),
        "twice counts twice"
    );
    assert_eq!(
        cache.del(&[keys[0], keys[0]]).await,
        Ok(1),
        "but is removed once"
    );
    assert_eq!(cache.del(&keys).await, Ok(699));
    assert_eq!(cache.exists(&keys).await, Ok(0));
}

async fn channels(cache: &dyn Cache, prefix: &str) {
    let name = |name: &str| format!("{prefix}{name}").into_bytes();
    let (news, sport) = (name("news"), name("sport"));
    assert_eq!(cache.publish(&news, text("nobody hears")).await, Ok(0));
    let mut plain = cache.subscribe(&[&news, &sport]).await.expect("subscribe");
    let mut globs = cache
        .psubscribe(&[&name("n?ws"), &name("*s")])
        .await
        .expect("psubscribe");
    assert_eq!(cache.publish(&news, text("one")).await, Ok(3));
    assert_eq!(cache.publish(&sport, text("two")).await, Ok(1));
    for (channel, payload) in [(&news, "one"), (&sport, "two")] {
        let message = plain.next().await.expect("open");
        assert_eq!(
            (&message.channel[..], &message.payload[..]),
            (&channel[..], payload.as_bytes())
        );
    }
    let mut patterns = BTreeSet::new();
    for _ in 0..2 {
        let message = globs.next().await.expect("open");
        assert_eq!(
            (&message.channel[..], &message.payload[..]),
            (&news[..], &b"one"[..])
        );
        patterns.insert(message.subscribed.to_vec());
    }
    assert_eq!(patterns, BTreeSet::from([name("n?ws"), name("*s")]));
    drop(globs);
    assert_eq!(cache.publish(&news, text("three")).await, Ok(1));
}

#[tokio::test]
async fn in_memory() {
    let cache = Embedded::in_memory();
    check(&cache, "contract:", cache.clock().unix_ms(), true).await;
}

#[tokio::test]
async fn on_disk_with_every_policy() {
    for fsync in [Fsync::Always, Fsync::EverySec, Fsync::No] {
        let dir = tempfile::tempdir().expect("a directory");
        let options = Options {
            path: Some(dir.path().join("cache")),
            fsync,
            clock: Clock::system(),
            ..Options::default()
        };
        let cache = Embedded::open(options).expect("open");
        check(&cache, "contract:", cache.clock().unix_ms(), true).await;
    }
}

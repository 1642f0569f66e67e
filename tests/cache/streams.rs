//! Streams and their groups: what they answer, and that they survive.

use super::{NOW_MS, clock, crash_image, open, rewrite_and_wait};
use maru::cache::{CacheError, Embedded, Keep, NewId, StreamId, Trim};

fn id(ms: u64, seq: u64) -> StreamId {
    StreamId { ms, seq }
}

fn ids(cache: &Embedded) -> Vec<String> {
    let read = cache.db(0).on(b"s", |txn| {
        let stream = txn.stream(b"s").expect("a stream").expect("there");
        let all = stream.range(StreamId::MIN, StreamId::MAX);
        all.map(|(id, _)| id.to_string()).collect()
    });
    read.expect("durable")
}

#[test]
fn ids_only_rise() {
    let (clock, hand) = clock();
    let cache = Embedded::open(maru::cache::Options {
        clock,
        ..Default::default()
    })
    .expect("open");
    let add = |wanted| {
        cache
            .db(0)
            .on(b"s", |txn| txn.xadd(b"s", wanted, &[b"f", b"v"]))
            .expect("durable")
    };
    assert_eq!(add(NewId::Exactly(StreamId::MIN)), Err(CacheError::ZeroId));
    assert_eq!(add(NewId::Next(0)), Ok(id(0, 1)));
    assert_eq!(add(NewId::Next(0)), Ok(id(0, 2)));
    assert_eq!(add(NewId::Exactly(id(0, 2))), Err(CacheError::OldId));
    assert_eq!(add(NewId::Now), Ok(id(NOW_MS, 0)));
    assert_eq!(add(NewId::Now), Ok(id(NOW_MS, 1)));
    hand.jump_ms(-5000);
    assert_eq!(
        add(NewId::Now),
        Ok(id(NOW_MS, 2)),
        "also when the clock is set back"
    );
    assert_eq!(add(NewId::Next(5)), Err(CacheError::OldId));
    assert_eq!(add(NewId::Exactly(StreamId::MAX)), Ok(StreamId::MAX));
    assert_eq!(add(NewId::Now), Err(CacheError::LastId));
}

#[test]
fn trimming_is_exact_or_by_the_hundred() {
    let cache = Embedded::in_memory();
    let trim = |keep, roughly, limit| {
        let trim = Trim {
            keep,
            roughly,
            limit,
        };
        cache
            .db(0)
            .on(b"s", |txn| txn.xtrim(b"s", trim))
            .expect("durable")
    };
    assert_eq!(trim(Keep::Newest(0), false, 0), Ok(0));
    for seq in 1..=350 {
        let added = cache.db(0).on(b"s", |txn| {
            txn.xadd(b"s", NewId::Exactly(id(1, seq)), &[b"f", b"v"])
        });
        added.expect("durable").expect("added");
    }
    assert_eq!(trim(Keep::Newest(10), true, 100), Ok(100));
    assert_eq!(trim(Keep::Newest(10), true, 0), Ok(200));
    assert_eq!(trim(Keep::Newest(10), true, 0), Ok(0));
    assert_eq!(trim(Keep::From(id(1, 349)), false, 0), Ok(48));
    assert_eq!(ids(&cache), ["1-349", "1-350"]);
}

#[test]
fn groups_survive() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _hand) = clock();
    let cache = open(dir.path(), &clock);
    let done = cache.db(0).on(b"s", |txn| {
        for seq in 1..=4 {
            txn.xadd(b"s", NewId::Next(7), &[b"f", &[b'0' + seq; 300]])?;
        }
        txn.put_group(b"s", b"g", id(7, 1), Some(2))?;
        txn.put_group(b"s", b"empty", StreamId::MIN, None)?;
        assert!(txn.put_consumer(b"s", b"g", b"alice", 5)?);
        assert!(!txn.put_consumer(b"s", b"g", b"alice", 6)?);
        txn.put_pending(b"s", b"g", b"alice", id(7, 0), 8, 1)?;
        txn.put_pending(b"s", b"g", b"alice", id(7, 1), 9, 1)?;
        txn.put_pending(b"s", b"g", b"bob", id(7, 1), 10, 2)?;
        assert!(txn.remove_pending(b"s", b"g", id(7, 0))?);
        assert!(!txn.remove_pending(b"s", b"g", id(7, 0))?);
        assert_eq!(txn.xdel(b"s", &[id(7, 2), id(9, 9)])?, 1);
        Ok::<(), CacheError>(())
    });
    done.expect("durable").expect("done");
    let check = |cache: &Embedded| {
        assert_eq!(ids(cache), ["7-0", "7-1", "7-3"]);
        let done = cache.db(0).on(b"s", |txn| {
            let stream = txn.stream(b"s").expect("a stream").expect("there");
            assert_eq!((stream.added(), stream.last_id()), (4, id(7, 3)));
            assert_eq!(stream.max_deleted_id(), id(7, 2));
            let items: Vec<_> = stream.get(id(7, 3)).expect("there").items().collect();
            assert_eq!(items, [&b"f"[..], &[b'4'; 300]]);
            let group = stream.group(b"g").expect("there");
            assert_eq!((group.last_id(), group.read()), (id(7, 1), Some(2)));
            assert_eq!(stream.group(b"empty").expect("there").read(), None);
            let held: Vec<_> = group
                .pending()
                .iter()
                .map(|(id, p)| (*id, p.delivered_ms, p.count))
                .collect();
            assert_eq!(held, [(id(7, 1), 10, 2)]);
            assert!(group.consumers()[&b"alice"[..]].pending().is_empty());
            assert_eq!(group.consumers()[&b"alice"[..]].seen_ms, 6);
            assert_eq!(group.consumers()[&b"bob"[..]].pending().len(), 1);
        });
        done.expect("durable");
    };
    check(&cache);
    let image = tempfile::tempdir().expect("a directory");
    crash_image(dir.path(), image.path());
    check(&open(image.path(), &clock));
    rewrite_and_wait(&cache);
    drop(cache);
    check(&open(dir.path(), &clock));
}

#[test]
fn a_stream_without_entries_is_a_key() {
    let cache = Embedded::in_memory();
    let done = cache.db(0).on(b"s", |txn| {
        let first = txn
            .xadd(b"s", NewId::Next(1), &[b"f", b"v"])
            .expect("added");
        assert_eq!(txn.xdel(b"s", &[first]), Ok(1));
        assert_eq!(txn.exists(&[b"s"]), 1);
        assert_eq!(txn.xadd(b"s", NewId::Next(1), &[b"f", b"v"]), Ok(id(1, 1)));
    });
    done.expect("durable");
}

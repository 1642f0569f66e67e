//! Watching keys, and being told what happens to them.

use super::{NOW_MS, clock};
use bytes::Bytes;
use maru::cache::{Creation, Embedded, End, Happenings, Options, Selector, SetOptions};

fn cache() -> (Embedded, std::sync::Arc<maru::cache::ManualClock>) {
    let (clock, hand) = clock();
    let cache = Embedded::open(Options {
        clock,
        ..Options::default()
    });
    (cache.expect("open"), hand)
}

#[test]
fn a_watch_breaks_when_its_key_changes() {
    let (cache, hand) = cache();
    let forever = SetOptions::default();
    let set = |key: &[u8]| {
        cache.set(key, "v", forever).expect("set");
    };
    set(b"k");
    type Change<'a> = (&'a str, Box<dyn Fn() + 'a>);
    let changes: Vec<Change<'_>> = vec![
        ("set", Box::new(|| set(b"k"))),
        ("del", Box::new(|| assert_eq!(cache.del(&[b"k"]), Ok(1)))),
        (
            "made",
            Box::new(|| assert_eq!(cache.incr_by(b"k", 1, Creation::default()), Ok(1))),
        ),
        (
            "deadline",
            Box::new(|| assert_eq!(cache.expire_at(b"k", NOW_MS + 1000), Ok(true))),
        ),
        ("end", Box::new(|| hand.advance_ms(1000))),
        (
            "push",
            Box::new(|| {
                let pushed = cache
                    .db(0)
                    .on(b"k", |txn| txn.push(b"k", End::Back, &[b"e"]));
                assert_eq!(pushed, Ok(Ok(1)));
            }),
        ),
        (
            "rename",
            Box::new(|| {
                let renamed = cache
                    .db(0)
                    .on_everything(|txn| txn.rename(b"k", b"other", false));
                assert_eq!(renamed, Ok(Some(true)));
            }),
        ),
        ("set again", Box::new(|| set(b"k"))),
        (
            "swap",
            Box::new(|| {
                cache
                    .db(0)
                    .on_everything(|txn| txn.swap_db(0, 5))
                    .expect("durable")
            }),
        ),
        (
            "swap back",
            Box::new(|| {
                cache
                    .db(0)
                    .on_everything(|txn| txn.swap_db(5, 0))
                    .expect("durable")
            }),
        ),
        ("flush", Box::new(|| cache.db(0).flush().expect("flushed"))),
    ];
    for (name, change) in changes {
        let mut watch = cache.watch();
        watch.add(0, b"k");
        let mut elsewhere = cache.watch();
        elsewhere.add(1, b"k");
        elsewhere.add(0, b"another");
        assert!(watch.is_intact(), "{name}");
        change();
        assert!(!watch.is_intact(), "{name}");
        assert!(elsewhere.is_intact(), "{name}");
        watch.clear();
        assert!(watch.is_intact() && watch.is_empty(), "{name}");
    }
}

#[test]
fn what_had_ended_before_it_was_watched_is_no_change() {
    let (cache, hand) = cache();
    cache
        .set(b"k", "v", SetOptions::until(NOW_MS + 10))
        .expect("set");
    hand.advance_ms(10);
    let mut watch = cache.watch();
    watch.add(0, b"k");
    cache.expire();
    assert!(watch.is_intact());
    cache.get(b"k").expect("get");
    assert!(watch.is_intact(), "reading changes nothing");
}

fn heard(listener: &mut maru::cache::Subscription) -> Vec<(String, String)> {
    let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).expect("text");
    let mut all = Vec::new();
    while let Some(message) = listener.try_next().expect("open") {
        all.push((text(&message.channel), text(&message.payload)));
    }
    all
}

#[test]
fn happenings_are_told_to_those_who_asked() {
    let (cache, hand) = cache();
    let mut listener = cache.listen(Selector::Pattern, &[b"__key*__:*"]);
    let happen = || {
        let done = cache.db(3).on_everything(|txn| {
            txn.set(b"k", "v", SetOptions::until(NOW_MS + 10))
                .expect("set");
            txn.hset(b"h", &[(b"f", b"v")]).expect("hset");
            txn.hdel(b"h", &[b"f"]).expect("hdel");
        });
        done.expect("durable");
    };
    happen();
    assert_eq!(heard(&mut listener), [], "off by default");
    cache.tell(Happenings::parse(b"Eghx").expect("known"));
    happen();
    hand.advance_ms(10);
    cache.expire();
    let expected = [
        ("__keyevent@3__:expire", "k"),
        ("__keyevent@3__:hset", "h"),
        ("__keyevent@3__:hdel", "h"),
        ("__keyevent@3__:del", "h"),
        ("__keyevent@3__:expired", "k"),
    ];
    let expected: Vec<_> = expected.map(|(c, p)| (c.to_owned(), p.to_owned())).into();
    assert_eq!(heard(&mut listener), expected);
    cache.tell(Happenings::parse(b"K$").expect("known"));
    cache.set(b"k", "v", SetOptions::default()).expect("set");
    assert_eq!(
        heard(&mut listener),
        [("__keyspace@0__:k".to_owned(), "set".to_owned())]
    );
}

#[test]
fn what_has_ended_is_no_change_where_databases_are_swapped() {
    let (cache, hand) = cache();
    let swap = |cache: &Embedded| {
        let swapped = cache.db(0).on_everything(|txn| txn.swap_db(0, 1));
        swapped.expect("swapped");
    };
    cache
        .set(b"k", "v", SetOptions::until(NOW_MS + 10))
        .expect("set");
    hand.advance_ms(20);
    let mut watch = cache.watch();
    watch.add(1, b"k");
    swap(&cache);
    assert!(watch.is_intact(), "nothing for nothing");
    cache.set(b"k", "v", SetOptions::default()).expect("set");
    swap(&cache);
    assert!(!watch.is_intact());
}

#[test]
fn what_has_ended_stays_while_it_is_held() {
    let (cache, hand) = cache();
    cache
        .set(b"k", "v", SetOptions::until(NOW_MS + 10))
        .expect("set");
    hand.advance_ms(20);
    cache.hold_ended(true);
    assert_eq!(cache.get(b"k"), Ok(None));
    assert_eq!((cache.stats().expired, cache.db(0).len()), (0, 1));
    cache.hold_ended(false);
    assert_eq!(cache.get(b"k"), Ok(None));
    assert_eq!((cache.stats().expired, cache.db(0).len()), (1, 0));
}

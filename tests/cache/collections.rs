//! Hashes, sets, lists and sorted sets: what commands answer, and that they survive.

use super::{NOW_MS, clock, crash_image, open, rewrite_and_wait};
use bytes::Bytes;
use maru::cache::{
    Between, CacheError, Condition, Creation, Embedded, End, Kind, RankedOptions, RankedOutcome,
    SetOptions, Ttl, Txn,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::ops::Bound;

/// Runs commands on everything as one step.
fn run<T>(cache: &Embedded, commands: impl FnOnce(&mut Txn<'_>) -> T) -> T {
    cache.db(0).on_everything(commands).expect("durable")
}

fn texts(values: &[Bytes]) -> Vec<&str> {
    values
        .iter()
        .map(|value| std::str::from_utf8(value).expect("text"))
        .collect()
}

fn sorted(values: impl IntoIterator<Item = Bytes>) -> Vec<String> {
    let texts: BTreeSet<String> = values
        .into_iter()
        .map(|value| String::from_utf8(value.to_vec()).expect("text"))
        .collect();
    texts.into_iter().collect()
}

fn members(set: &maru::cache::Set) -> Vec<String> {
    sorted(set.iter().map(Bytes::copy_from_slice))
}

#[test]
fn hashes() {
    let cache = Embedded::in_memory();
    run(&cache, |txn| {
        assert_eq!(
            txn.hset(b"h", &[(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]),
            Ok(2)
        );
        assert_eq!(txn.hget(b"h", b"a"), Ok(Some(Bytes::from_static(b"3"))));
        assert_eq!(txn.hget(b"h", b"c"), Ok(None));
        assert_eq!(txn.hsetnx(b"h", b"a", b"9"), Ok(false));
        assert_eq!(txn.hsetnx(b"h", b"c", b"x"), Ok(true));
        assert_eq!(txn.hincrby(b"h", b"a", -5), Ok(-2));
        assert_eq!(
            txn.hincrby(b"h", b"c", 1),
            Err(CacheError::HashNotAnInteger)
        );
        assert_eq!(txn.hincrbyfloat(b"h", b"f", b"10.5"), Ok("10.5".into()));
        assert_eq!(txn.hincrbyfloat(b"h", b"f", b"0.5"), Ok("11".into()));
        assert_eq!(
            txn.hincrbyfloat(b"h", b"c", b"1.0"),
            Err(CacheError::HashNotAFloat)
        );
        assert_eq!(txn.hlen(b"h"), Ok(4));
        assert_eq!(txn.hdel(b"h", &[b"a", b"a", b"nobody"]), Ok(1));
        assert_eq!(txn.hdel(b"h", &[b"b", b"c", b"f"]), Ok(3));
        assert_eq!(txn.kind(b"h"), None, "an empty hash is no key");
    });
    assert_eq!(cache.used_bytes(), 0);
}

#[test]
fn sets() {
    let cache = Embedded::in_memory();
    run(&cache, |txn| {
        assert_eq!(txn.sadd(b"a", &[b"1", b"2", b"3", b"1"]), Ok(3));
        assert_eq!(txn.sadd(b"b", &[b"3", b"4"]), Ok(2));
        assert_eq!(txn.sismember(b"a", b"2"), Ok(true));
        assert_eq!(members(&txn.sinter(&[b"a", b"b"]).expect("sets")), ["3"]);
        assert_eq!(
            members(&txn.sunion(&[b"a", b"b", b"none"]).expect("sets")),
            ["1", "2", "3", "4"]
        );
        assert_eq!(
            members(&txn.sdiff(&[b"a", b"b"]).expect("sets")),
            ["1", "2"]
        );
        assert!(txn.sinter(&[b"a", b"none"]).expect("sets").is_empty());
        assert_eq!(txn.smove(b"a", b"b", b"1"), Ok(true));
        assert_eq!(txn.smove(b"a", b"b", b"1"), Ok(false));
        assert_eq!((txn.scard(b"a"), txn.scard(b"b")), (Ok(2), Ok(3)));
        let some = txn.srandmember(b"b", 2).expect("a set");
        assert_eq!(sorted(some).len(), 2, "different ones");
        assert_eq!(sorted(txn.spop(b"b", 100).expect("a set")), ["1", "3", "4"]);
        assert_eq!(txn.kind(b"b"), None);
        assert_eq!(txn.srem(b"a", &[b"2", b"9"]), Ok(1));
        let union = txn.sunion(&[b"a"]).expect("sets");
        assert_eq!(txn.store_members(b"c", &union, "sunionstore"), Ok(1));
        assert_eq!(
            txn.store_members(b"c", &Default::default(), "sunionstore"),
            Ok(0)
        );
        assert_eq!(txn.exists(&[b"c"]), 0);
    });
}

#[test]
fn lists() {
    let cache = Embedded::in_memory();
    run(&cache, |txn| {
        assert_eq!(txn.push(b"l", End::Back, &[b"b", b"c"]), Ok(2));
        assert_eq!(txn.push(b"l", End::Front, &[b"a", b"z"]), Ok(4));
        assert_eq!(
            texts(&txn.lrange(b"l", 0, -1).expect("a list")),
            ["z", "a", "b", "c"]
        );
        assert_eq!(
            texts(&txn.lrange(b"l", -2, 100).expect("a list")),
            ["b", "c"]
        );
        assert_eq!(txn.lindex(b"l", -1), Ok(Some(Bytes::from_static(b"c"))));
        assert_eq!(txn.lset(b"l", 0, b"A"), Ok(Some(true)));
        assert_eq!(txn.lset(b"l", 9, b"A"), Ok(Some(false)));
        assert_eq!(txn.lset(b"none", 0, b"A"), Ok(None));
        assert_eq!(txn.linsert(b"l", true, b"b", b"x"), Ok(Some(Some(5))));
        assert_eq!(txn.linsert(b"l", false, b"b", b"x"), Ok(Some(Some(6))));
        assert_eq!(txn.linsert(b"l", false, b"?", b"x"), Ok(Some(None)));
        assert_eq!(
            texts(&txn.lrange(b"l", 0, -1).expect("a list")),
            ["A", "a", "x", "b", "x", "c"]
        );
        assert_eq!(txn.lpos(b"l", b"x", false, 0, 0, 0), Ok(vec![2, 4]));
        assert_eq!(txn.lpos(b"l", b"x", true, 0, 1, 0), Ok(vec![4]));
        assert_eq!(txn.lpos(b"l", b"x", true, 0, 0, 3), Ok(vec![4]));
        assert_eq!(txn.lrem(b"l", -1, b"x"), Ok(1));
        assert_eq!(
            texts(&txn.lrange(b"l", 0, -1).expect("a list")),
            ["A", "a", "x", "b", "c"]
        );
        assert_eq!(txn.ltrim(b"l", 1, -2), Ok(()));
        assert_eq!(
            texts(&txn.lrange(b"l", 0, -1).expect("a list")),
            ["a", "x", "b"]
        );
        assert_eq!(
            txn.lmove(b"l", End::Front, b"l", End::Back),
            Ok(Some(Bytes::from_static(b"a")))
        );
        assert_eq!(
            txn.lmove(b"l", End::Back, b"m", End::Back),
            Ok(Some(Bytes::from_static(b"a")))
        );
        assert_eq!(txn.lmove(b"none", End::Back, b"m", End::Back), Ok(None));
        assert_eq!(
            texts(
                &txn.pop(b"l", End::Back, 5)
                    .expect("a list")
                    .expect("elements")
            ),
            ["b", "x"]
        );
        assert_eq!(txn.pop(b"l", End::Back, 1), Ok(None));
        assert_eq!(txn.llen(b"m"), Ok(1));
        assert_eq!(txn.ltrim(b"m", 5, 9), Ok(()));
        assert_eq!(txn.kind(b"m"), None);
    });
}

#[test]
fn sorted_sets() {
    let cache = Embedded::in_memory();
    let plain = RankedOptions::default();
    run(&cache, |txn| {
        for (member, score) in [("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 3.0), ("e", 5.0)] {
            assert_eq!(
                txn.zadd(b"z", member.as_bytes(), score, plain),
                Ok(RankedOutcome::Added(score))
            );
        }
        assert_eq!(
            txn.zadd(b"z", b"a", 1.0, plain),
            Ok(RankedOutcome::Same(1.0))
        );
        assert_eq!(
            txn.zadd(b"z", b"a", 0.5, plain),
            Ok(RankedOutcome::Changed(0.5))
        );
        let rise = RankedOptions {
            only_rise: true,
            ..plain
        };
        let fall = RankedOptions {
            only_fall: true,
            ..plain
        };
        let new = RankedOptions {
            condition: Condition::IfAbsent,
            ..plain
        };
        let known = RankedOptions {
            condition: Condition::IfPresent,
            add: true,
            ..plain
        };
        assert_eq!(txn.zadd(b"z", b"a", 0.1, rise), Ok(RankedOutcome::Kept));
        assert_eq!(txn.zadd(b"z", b"a", 9.0, fall), Ok(RankedOutcome::Kept));
        assert_eq!(txn.zadd(b"z", b"a", 9.0, new), Ok(RankedOutcome::Kept));
        assert_eq!(txn.zadd(b"z", b"?", 9.0, known), Ok(RankedOutcome::Kept));
        assert_eq!(
            txn.zadd(b"z", b"a", 0.5, known),
            Ok(RankedOutcome::Changed(1.0))
        );
        assert_eq!(
            txn.zadd(b"i", b"m", f64::INFINITY, plain),
            Ok(RankedOutcome::Added(f64::INFINITY))
        );
        assert_eq!(
            txn.zadd(b"i", b"m", f64::NEG_INFINITY, known),
            Err(CacheError::NotAScore)
        );

        assert_eq!(txn.zrank(b"z", b"d", false), Ok(Some(3)));
        assert_eq!(txn.zrank(b"z", b"d", true), Ok(Some(1)));
        assert_eq!(txn.zrank(b"z", b"?", true), Ok(None));
        let three = Between::Scores(Bound::Excluded(1.0), Bound::Included(3.0));
        assert_eq!(txn.zcount(b"z", three), Ok(3));
        let names = |pairs: Result<Vec<(Bytes, f64)>, CacheError>| -> String {
            let pairs = pairs.expect("a sorted set");
            pairs.iter().map(|(name, _)| char::from(name[0])).collect()
        };
        let all = Between::Ranks(0, -1);
        assert_eq!(names(txn.zrange(b"z", all, false, 0, 99)), "abcde");
        assert_eq!(names(txn.zrange(b"z", all, true, 1, 2)), "dc");
        assert_eq!(
            names(txn.zrange(b"z", Between::Ranks(0, 1), true, 0, 99)),
            "ed"
        );
        assert_eq!(
            names(txn.zrange(b"z", Between::Ranks(-2, -1), true, 0, 99)),
            "ba"
        );
        assert_eq!(names(txn.zrange(b"z", three, false, 0, 99)), "bcd");
        assert_eq!(names(txn.zrange(b"z", three, true, 0, 2)), "dc");
        let backward = Between::Scores(Bound::Included(4.0), Bound::Included(2.0));
        assert_eq!(names(txn.zrange(b"z", backward, false, 0, 99)), "");

        for name in ["x1", "x2", "x3"] {
            txn.zadd(b"n", name.as_bytes(), 0.0, plain).expect("zadd");
        }
        let from_2 = Between::Names(Bound::Included(b"x2"), Bound::Unbounded);
        assert_eq!(txn.zcount(b"n", from_2), Ok(2));
        assert_eq!(txn.zremrange(b"n", from_2), Ok(2));
        assert_eq!(names(txn.zpop(b"z", true, 2)), "ed");
        assert_eq!(names(txn.zpop(b"z", false, 1)), "a");
        assert_eq!(txn.zrem(b"z", &[b"b", b"c", b"c"]), Ok(2));
        assert_eq!(txn.kind(b"z"), None);
    });
}

#[test]
fn strings_and_names() {
    let (clock, _) = clock();
    let cache = Embedded::open(maru::cache::Options {
        clock,
        ..Default::default()
    })
    .expect("open");
    run(&cache, |txn| {
        let until = SetOptions::until(NOW_MS + 1000);
        txn.set(b"s", Bytes::from_static(b"Hello"), until)
            .expect("set");
        assert_eq!(txn.append(b"s", b" World"), Ok(11));
        assert_eq!(
            txn.get_range(b"s", -5, -1),
            Ok(Bytes::from_static(b"World"))
        );
        assert_eq!(txn.set_range(b"s", 6, b"Maru!"), Ok(11));
        assert_eq!(txn.get(b"s"), Ok(Some(Bytes::from_static(b"Hello Maru!"))));
        assert_eq!(txn.set_range(b"gap", 2, b"x"), Ok(3));
        assert_eq!(txn.get(b"gap"), Ok(Some(Bytes::from_static(b"\0\0x"))));
        assert!(matches!(
            txn.set_range(b"gap", usize::MAX, b"x"),
            Err(CacheError::TooLarge { .. })
        ));
        assert_eq!(txn.incr_by_float(b"f", b"3.0e3"), Ok("3000".into()));
        assert_eq!(txn.incr_by_float(b"f", b"-0.25"), Ok("2999.75".into()));
        assert!(
            matches!(txn.ttl(b"s"), Ttl::Left { left_ms: 1000, .. }),
            "deadlines stay"
        );

        assert!(txn.copy(b"s", 0, b"t", false));
        assert!(!txn.copy(b"s", 0, b"t", false));
        assert_eq!(txn.rename(b"s", b"t", true), Some(false));
        assert_eq!(txn.rename(b"s", b"u", false), Some(true));
        assert_eq!(txn.rename(b"s", b"u", false), None);
        assert!(
            matches!(txn.ttl(b"u"), Ttl::Left { left_ms: 1000, .. }),
            "and move along"
        );
        assert_eq!(txn.rename(b"u", b"u", false), Some(true));
        assert_eq!(txn.exists(&[b"s", b"t", b"u"]), 2);
    });
}

#[test]
fn kinds_do_not_mix_and_a_refusal_changes_nothing() {
    let cache = Embedded::in_memory();
    run(&cache, |txn| {
        txn.set(b"s", Bytes::from_static(b"v"), SetOptions::default())
            .expect("set");
        txn.hset(b"h", &[(b"f", b"v")]).expect("hset");
        txn.sadd(b"S", &[b"m"]).expect("sadd");
        txn.push(b"l", End::Back, &[b"v"]).expect("push");
        txn.zadd(b"z", b"m", 1.0, RankedOptions::default())
            .expect("zadd");
    });
    let before = dump(&cache);
    let wrong = || CacheError::WrongType;
    for key in [&b"s"[..], b"h", b"S", b"l", b"z"] {
        run(&cache, |txn| {
            if key != b"s" {
                assert_eq!(txn.get(key), Err(wrong()));
                assert_eq!(txn.incr_by(key, 1, Creation::default()), Err(wrong()));
                assert_eq!(txn.append(key, b"x"), Err(wrong()));
            }
            if key != b"h" {
                assert_eq!(txn.hset(key, &[(b"f", b"w")]), Err(wrong()));
                assert_eq!(txn.hdel(key, &[b"f"]), Err(wrong()));
            }
            if key != b"S" {
                assert_eq!(txn.sadd(key, &[b"n"]), Err(wrong()));
                assert_eq!(txn.smove(b"S", key, b"m"), Err(wrong()));
            }
            if key != b"l" {
                assert_eq!(txn.push(key, End::Front, &[b"w"]), Err(wrong()));
                assert_eq!(txn.lmove(b"l", End::Front, key, End::Front), Err(wrong()));
            }
            if key != b"z" {
                assert_eq!(
                    txn.zadd(key, b"n", 1.0, RankedOptions::default()),
                    Err(wrong())
                );
                assert_eq!(txn.zrem(key, &[b"m"]), Err(wrong()));
            }
        });
    }
    assert_eq!(dump(&cache), before);
    let kinds = [
        (&b"s"[..], Kind::String),
        (b"h", Kind::Hash),
        (b"S", Kind::Set),
        (b"l", Kind::List),
        (b"z", Kind::Ranked),
    ];
    for (key, kind) in kinds {
        assert_eq!(run(&cache, |txn| txn.kind(key)), Some(kind));
    }
}

/// Everything, as text.
fn dump(cache: &Embedded) -> Vec<String> {
    let mut keys = cache.scan(0, b"*", usize::MAX).keys;
    keys.sort();
    keys.iter()
        .map(|key| {
            run(cache, |txn| {
                let value = match txn.kind(key) {
                    None => "gone".into(),
                    Some(Kind::String) => format!("{:?}", txn.get(key)),
                    Some(Kind::Hash) => {
                        let pairs = txn.hash(key).expect("a hash").expect("there");
                        let pairs: BTreeSet<_> = pairs.iter().collect();
                        format!("{pairs:?}")
                    }
                    Some(Kind::Set) => {
                        let members = txn.members(key).expect("a set").expect("there");
                        format!("{:?}", members.iter().collect::<BTreeSet<_>>())
                    }
                    Some(Kind::List) => format!("{:?}", txn.lrange(key, 0, -1)),
                    Some(Kind::Stream) => format!("{:?}", txn.stream(key)),
                    Some(Kind::Ranked) => {
                        format!(
                            "{:?}",
                            txn.zrange(key, Between::Ranks(0, -1), false, 0, usize::MAX)
                        )
                    }
                };
                format!("{key:?} {:?} {:?} {value}", txn.kind(key), txn.ttl(key))
            })
        })
        .collect()
}

#[derive(Clone, Debug)]
enum Step {
    Command {
        which: u8,
        key: u8,
        other: u8,
        text: u8,
        number: i8,
    },
    Rewrite,
    Reopen,
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        40 => (0..19u8, 0..4u8, 0..4u8, 0..5u8, any::<i8>())
            .prop_map(|(which, key, other, text, number)| Step::Command { which, key, other, text, number }),
        1 => Just(Step::Rewrite),
        1 => Just(Step::Reopen),
        1 => Just(Step::Crash),
    ]
}

/// Right or refused: here only what survives matters.
fn command(txn: &mut Txn<'_>, which: u8, key: u8, other: u8, text: u8, number: i8) {
    let (key, other) = ([b'k', key], [b'k', other]);
    let text = [b't', text];
    let index = i64::from(number % 4);
    let score = f64::from(number) / 2.0;
    let plain = RankedOptions::default();
    match which {
        0 => drop(txn.hset(&key, &[(&text, &[number as u8])])),
        1 => drop(txn.hdel(&key, &[&text])),
        2 => drop(txn.hincrby(&key, &text, index)),
        3 => drop(txn.sadd(&key, &[&text, &other])),
        4 => drop(txn.srem(&key, &[&text])),
        5 => drop(txn.smove(&key, &other, &text)),
        6 => drop(txn.push(&key, End::Front, &[&text, &other])),
        7 => drop(txn.push(&key, End::Back, &[&text])),
        8 => drop(txn.pop(&key, if number > 0 { End::Front } else { End::Back }, 2)),
        9 => drop(txn.lset(&key, index, &other)),
        10 => drop(txn.linsert(&key, number > 0, &text, &other)),
        11 => drop(txn.lrem(&key, index, &text)),
        12 => drop(txn.ltrim(&key, index, -2)),
        13 => drop(txn.zadd(&key, &text, score, plain)),
        14 => drop(txn.zpop(&key, number > 0, 1)),
        15 => drop(txn.rename(&key, &other, number > 0)),
        16 => {
            let db = txn.db();
            txn.copy(&key, db, &other, number > 0);
        }
        17 => drop(txn.expire_at(&key, NOW_MS + 1000 + u64::from(number.unsigned_abs()))),
        _ => drop(txn.del(&[&key])),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn collections_survive_whole(steps in prop::collection::vec(step(), 1..150)) {
        let dir = tempfile::tempdir().expect("a directory");
        let (clock, _) = clock();
        let mut path = dir.path().join("0");
        let mut cache = open(&path, &clock);
        for (number, step) in steps.iter().enumerate() {
            match *step {
                Step::Command { which, key, other, text, number } => {
                    run(&cache, |txn| command(txn, which, key, other, text, number));
                    continue;
                }
                Step::Rewrite => {
                    rewrite_and_wait(&cache);
                    continue;
                }
                Step::Reopen | Step::Crash => {}
            }
            let before = (dump(&cache), cache.used_bytes());
            if matches!(step, Step::Crash) {
                let image = dir.path().join((number + 1).to_string());
                crash_image(&path, &image);
                path = image;
            }
            cache.close();
            cache = open(&path, &clock);
            prop_assert_eq!(cache.load_report().cuts.len(), 0);
            prop_assert_eq!((dump(&cache), cache.used_bytes()), before);
        }
        let before = dump(&cache);
        cache.close();
        let cache = open(&path, &clock);
        prop_assert_eq!(dump(&cache), before);
        cache.db(0).flush().expect("flush");
        prop_assert_eq!(cache.used_bytes(), 0);
    }
}

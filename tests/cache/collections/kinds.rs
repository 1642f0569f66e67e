//! Commands for another kind of value are refused and change nothing.

use super::{dump, run};
use bytes::Bytes;
use maru::cache::{CacheError, Creation, Embedded, End, RankedOptions, SetOptions, ValueType};

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
        (&b"s"[..], ValueType::String),
        (b"h", ValueType::Hash),
        (b"S", ValueType::Set),
        (b"l", ValueType::List),
        (b"z", ValueType::Ranked),
    ];
    for (key, kind) in kinds {
        assert_eq!(run(&cache, |txn| txn.kind(key)), Some(kind));
    }
}

//! Sorted sets.

use super::run;
use bytes::Bytes;
use maru::cache::{Between, CacheError, Condition, Embedded, RankedOptions, RankedOutcome};
use std::ops::Bound;

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

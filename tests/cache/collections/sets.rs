//! Sets.

use super::{members, run, sorted};
use maru::cache::Embedded;

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

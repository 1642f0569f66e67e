//! Lists.

use super::{run, texts};
use bytes::Bytes;
use maru::cache::{Embedded, End};

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

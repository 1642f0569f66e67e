//! Hashes.

use super::run;
use bytes::Bytes;
use maru::cache::{CacheError, Embedded};

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

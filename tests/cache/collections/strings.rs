//! Strings, and names of keys.

use super::super::{NOW_MS, clock};
use super::run;
use bytes::Bytes;
use maru::cache::{CacheError, Embedded, SetOptions, Ttl};

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

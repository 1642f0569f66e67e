//! Bytes that earlier versions wrote still open.

use super::{clock, crash_image, open};
use maru::cache::{Embedded, Ttl};
use std::path::Path;

/// A base and a tail, in which every kind of entry of that time occurs.
#[test]
fn format_1() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cache/fixtures/format-1");
    let dir = tempfile::tempdir().expect("a directory");
    crash_image(&fixture, dir.path());
    let (clock, _hand) = clock();
    let cache = open(dir.path(), &clock);
    assert_eq!(cache.load_report().cuts, []);
    check(&cache, "base");
    check(&cache, "tail");
    assert!(cache.db(7).is_empty());
    assert_eq!(cache.load_report().keys, 2 * 2 * 10);
    // What this version writes is the same again.
    super::rewrite_and_wait(&cache);
    drop(cache);
    let cache = open(dir.path(), &clock);
    check(&cache, "base");
    check(&cache, "tail");
}

fn check(cache: &Embedded, part: &str) {
    for db in [0u8, 3] {
        let name = |key: &str| format!("{part}:{key}").into_bytes();
        let done = cache.db(db).on_everything(|txn| {
            let text = |found: Option<bytes::Bytes>| {
                found.map(|bytes| String::from_utf8(bytes.to_vec()).expect("text"))
            };
            for (key, expected) in [
                ("text", Some(format!("text of {part}"))),
                ("empty", Some(String::new())),
                ("long", Some("x".repeat(1000))),
                ("mortal", Some("m".into())),
                ("persisted", Some("p".into())),
                ("number", Some("-42".into())),
                ("gone", None),
            ] {
                assert_eq!(
                    text(txn.get(&name(key)).expect("a string")),
                    expected,
                    "{key}"
                );
            }
            for key in ["mortal", "hash"] {
                let ttl = txn.ttl(&name(key));
                assert!(
                    matches!(
                        ttl,
                        Ttl::Left {
                            at_unix_ms: 4_000_000_000_000,
                            ..
                        }
                    ),
                    "{key}: {ttl:?}"
                );
            }
            assert_eq!(txn.ttl(&name("persisted")), Ttl::Forever);
            let hash = txn.hash(&name("hash")).expect("a hash").expect("there");
            assert_eq!(
                (hash.len(), hash.get(b"a"), hash.get(b"c")),
                (2, Some(&b"1"[..]), Some(&b"3"[..]))
            );
            let set = txn.members(&name("set")).expect("a set").expect("there");
            assert!(set.len() == 2 && set.contains(b"x") && set.contains(b"z"));
            let list = txn.list(&name("list")).expect("a list").expect("there");
            let elements: Vec<_> = list.iter().collect();
            assert_eq!(elements, [&b"one"[..], b"2.5", b"3"]);
            let ranked = txn.ranked(&name("ranked")).expect("one").expect("there");
            let pairs: Vec<_> = ranked.range(0..ranked.len()).collect();
            assert_eq!(
                pairs,
                [(&b"b"[..], -2.0), (b"a", 1.5), (b"c", f64::INFINITY)]
            );
        });
        done.expect("durable");
    }
}

//! Bounds, and what happens at them.

use bytes::Bytes;
use maru::cache::{CacheError, Creation, Embedded, Options, SetOptions};

#[test]
fn a_full_cache_refuses_to_grow_and_goes_on() {
    let options = Options {
        max_bytes: Some(10_000),
        ..Options::default()
    };
    let cache = Embedded::open(options).expect("open");
    let forever = SetOptions::default();
    let mut stored = 0u32;
    let refusal = loop {
        match cache.set(&stored.to_be_bytes(), Bytes::from(vec![7; 100]), forever) {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(refusal, CacheError::Full { used_bytes, max_bytes: 10_000 } if used_bytes > 10_000)
    );
    assert!(stored > 20, "{stored}");
    assert!(matches!(
        cache.incr_by(b"n", 1, Creation::default()),
        Err(CacheError::Full { .. })
    ));
    let own = cache.set(b"maru:session:1", "s", forever);
    assert!(own.is_ok(), "the appliance itself goes on");
    for number in 0..10u32 {
        assert_eq!(cache.del(&[&number.to_be_bytes()]), Ok(1));
    }
    assert_eq!(cache.incr_by(b"n", 1, Creation::default()), Ok(1));
    assert_eq!(cache.incr_by(b"n", 1, Creation::default()), Ok(2));
}

#[test]
fn transactions_are_seen_whole() {
    let cache = Embedded::in_memory();
    let pair: [&[u8]; 2] = [b"left", b"right"];
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 1..=2000 {
                cache
                    .db(0)
                    .on_all_of(&pair, |txn| {
                        for key in pair {
                            txn.set(key, Bytes::from(format!("{number}")), SetOptions::default())
                                .expect("set");
                        }
                    })
                    .expect("transaction");
            }
        });
        while !writer.is_finished() {
            let (left, right) = cache
                .db(0)
                .on_everything(|txn| (txn.get(pair[0]), txn.get(pair[1])))
                .expect("transaction");
            assert_eq!(left, right);
        }
    });
}

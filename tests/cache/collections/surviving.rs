//! Whatever was done to collections survives crashes, restarts and rewrites.

use super::super::{NOW_MS, clock, crash_image, open, rewrite_and_wait};
use super::{dump, run};
use maru::cache::{End, RankedOptions, Txn};
use proptest::prelude::*;

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

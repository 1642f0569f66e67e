//! Random commands against a simple model, with restarts, crashes, rewrites and moving clocks.

use super::{clock, content, crash_image, open, rewrite_and_wait};
use bytes::Bytes;
use maru::cache::{
    CacheError, Clock, Condition, Creation, Embedded, Lifetime, ManualClock, SetOptions,
    SetOutcome, Ttl,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Set {
        key: u8,
        value: i64,
        condition: Condition,
        lifetime: Life,
        volatile: bool,
    },
    Del(u8, u8),
    Incr(u8, i64, Option<i64>),
    Expire(u8, i64),
    Persist(u8),
    Flush,
    Advance(u64),
    Jump(i64),
    Free,
    Rewrite,
    Reopen,
    Crash,
}

#[derive(Clone, Copy, Debug)]
enum Life {
    Forever,
    Keep,
    In(i64),
}

fn steps() -> impl Strategy<Value = Vec<(u8, Step)>> {
    let key = 0..6u8;
    let soon = -5..100i64;
    let life = prop_oneof![
        3 => Just(Life::Forever),
        1 => Just(Life::Keep),
        3 => soon.clone().prop_map(Life::In),
    ];
    let condition = prop_oneof![
        4 => Just(Condition::Any),
        1 => Just(Condition::IfAbsent),
        1 => Just(Condition::IfPresent),
    ];
    let step = prop_oneof![
        8 => (key.clone(), any::<i64>(), condition, life, prop::bool::weighted(0.2)).prop_map(
            |(key, value, condition, lifetime, volatile)| Step::Set { key, value, condition, lifetime, volatile }
        ),
        3 => (key.clone(), key.clone()).prop_map(|(a, b)| Step::Del(a, b)),
        4 => (key.clone(), any::<i64>(), prop::option::of(soon.clone())).prop_map(|(k, by, at)| Step::Incr(k, by, at)),
        3 => (key.clone(), soon).prop_map(|(k, at)| Step::Expire(k, at)),
        2 => key.prop_map(Step::Persist),
        1 => Just(Step::Flush),
        4 => (0..60u64).prop_map(Step::Advance),
        1 => (-200_000_000..200_000_000i64).prop_map(Step::Jump),
        1 => Just(Step::Free),
        1 => Just(Step::Rewrite),
        2 => Just(Step::Reopen),
        2 => Just(Step::Crash),
    ];
    prop::collection::vec((prop_oneof![Just(0u8), Just(7)], step), 1..60)
}

#[derive(Clone, Debug)]
struct Held {
    value: String,
    /// As it was told, and by the clock that does not jump.
    deadline: Option<(u64, u64)>,
    volatile: bool,
}

#[derive(Default)]
struct Model(BTreeMap<(u8, u8), Held>);

impl Model {
    fn drop_dead(&mut self, clock: &Clock) {
        let now_ms = clock.monotonic_ms();
        self.0
            .retain(|_, held| held.deadline.is_none_or(|(_, at_ms)| now_ms < at_ms));
    }

    fn restart(&mut self, clock: &Clock) {
        self.drop_dead(clock);
        self.0.retain(|_, held| !held.volatile);
        for held in self.0.values_mut() {
            held.deadline = held.deadline.map(|(unix_ms, _)| deadline(clock, unix_ms));
        }
        self.drop_dead(clock);
    }
}

fn deadline(clock: &Clock, unix_ms: u64) -> (u64, u64) {
    (
        unix_ms,
        clock.monotonic_ms() + unix_ms.saturating_sub(clock.unix_ms()),
    )
}

fn name(key: u8) -> Vec<u8> {
    format!("key{key}").into_bytes()
}

fn apply(
    cache: &Embedded,
    model: &mut Model,
    clock: &Clock,
    hand: &ManualClock,
    db: u8,
    step: &Step,
) {
    model.drop_dead(clock);
    let at = |offset_ms: i64| clock.unix_ms().saturating_add_signed(offset_ms * 1000);
    match *step {
        Step::Set {
            key,
            value,
            condition,
            lifetime,
            volatile,
        } => {
            let before = model.0.get(&(db, key)).cloned();
            let options = SetOptions {
                lifetime: match lifetime {
                    Life::Forever => Lifetime::Forever,
                    Life::Keep => Lifetime::Keep,
                    Life::In(offset_s) => Lifetime::Until(at(offset_s)),
                },
                condition,
                previous: true,
                volatile,
            };
            let value = value.to_string();
            let outcome = cache
                .db(db)
                .set(&name(key), Bytes::from(value.clone()), options)
                .expect("set");
            let stored = match condition {
                Condition::Any => true,
                Condition::IfAbsent => before.is_none(),
                Condition::IfPresent => before.is_some(),
            };
            let previous = before.as_ref().map(|held| Bytes::from(held.value.clone()));
            assert_eq!(outcome, SetOutcome { stored, previous });
            if stored {
                let deadline = match lifetime {
                    Life::Forever => None,
                    Life::Keep => before.and_then(|held| held.deadline),
                    Life::In(offset_s) => Some(deadline(clock, at(offset_s))),
                };
                model.0.insert(
                    (db, key),
                    Held {
                        value,
                        deadline,
                        volatile,
                    },
                );
            }
        }
        Step::Del(a, b) => {
            let expected = [a, b]
                .iter()
                .filter(|key| model.0.remove(&(db, **key)).is_some())
                .count();
            assert_eq!(cache.db(db).del(&[&name(a), &name(b)]), Ok(expected as u64));
        }
        Step::Incr(key, by, offset_s) => {
            let expires_at_ms = offset_s.map(at);
            let creation = Creation {
                expires_at_ms,
                volatile: false,
            };
            let found = cache.db(db).incr_by(&name(key), by, creation);
            let held = model.0.entry((db, key)).or_insert_with(|| Held {
                value: "0".into(),
                deadline: expires_at_ms.map(|at_ms| deadline(clock, at_ms)),
                volatile: false,
            });
            let number: i64 = held.value.parse().expect("only numbers are set");
            match number.checked_add(by) {
                Some(sum) => {
                    held.value = sum.to_string();
                    assert_eq!(found, Ok(sum));
                }
                None => assert_eq!(found, Err(CacheError::Overflow)),
            }
        }
        Step::Expire(key, offset_s) => {
            let at_ms = at(offset_s);
            let found = cache.db(db).expire_at(&name(key), at_ms).expect("expire");
            assert_eq!(found, model.0.contains_key(&(db, key)));
            if let Some(held) = model.0.get_mut(&(db, key)) {
                held.deadline = Some(deadline(clock, at_ms));
            }
        }
        Step::Persist(key) => {
            let had = model
                .0
                .get_mut(&(db, key))
                .and_then(|held| held.deadline.take())
                .is_some();
            assert_eq!(cache.db(db).persist(&name(key)), Ok(had));
        }
        Step::Flush => {
            cache.db(db).flush().expect("flush");
            model.0.retain(|(other, _), _| *other != db);
        }
        Step::Advance(by_s) => hand.advance_ms(by_s * 1000),
        Step::Jump(by_ms) => hand.jump_ms(by_ms),
        Step::Free => {
            cache.expire();
        }
        Step::Rewrite => rewrite_and_wait(cache),
        Step::Reopen | Step::Crash => unreachable!("handled by the caller"),
    }
}

/// Freeing is not waited for by anybody; a write after it is.
fn sync(cache: &Embedded) {
    cache
        .db(15)
        .incr_by(b"sync", 1, Creation::default())
        .expect("incr");
}

fn compare(cache: &Embedded, model: &mut Model, clock: &Clock) {
    model.drop_dead(clock);
    for db in [0, 7] {
        let expected: BTreeMap<Bytes, Bytes> = model
            .0
            .iter()
            .filter(|((other, _), _)| *other == db)
            .map(|((_, key), held)| (Bytes::from(name(*key)), Bytes::from(held.value.clone())))
            .collect();
        assert_eq!(content(cache, db), expected);
        for key in 0..6 {
            let expected = match model.0.get(&(db, key)).map(|held| held.deadline) {
                None => Ttl::Missing,
                Some(None) => Ttl::Forever,
                Some(Some((at_unix_ms, at_ms))) => Ttl::Left {
                    left_ms: at_ms - clock.monotonic_ms(),
                    at_unix_ms,
                },
            };
            assert_eq!(cache.db(db).ttl(&name(key)), expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn behaves_as_the_model(steps in steps()) {
        let dir = tempfile::tempdir().expect("a directory");
        let (clock, hand) = clock();
        let mut generation = 0;
        let mut path = dir.path().join("0");
        let mut cache = open(&path, &clock);
        let mut model = Model::default();
        for (db, step) in &steps {
            match step {
                Step::Reopen => {
                    cache.close();
                    cache = open(&path, &clock);
                    assert_eq!(cache.load_report().cuts, []);
                    model.restart(&clock);
                }
                Step::Crash => {
                    // What ended but was not freed yet may come back if clocks are set back then.
                    cache.expire();
                    sync(&cache);
                    generation += 1;
                    let image = dir.path().join(generation.to_string());
                    crash_image(&path, &image);
                    cache.close();
                    path = image;
                    cache = open(&path, &clock);
                    assert_eq!(cache.load_report().cuts, [], "whatever was answered had been synced");
                    model.restart(&clock);
                }
                other => apply(&cache, &mut model, &clock, &hand, *db, other),
            }
            compare(&cache, &mut model, &clock);
        }
        let keys = model.0.len() as u64;
        cache.expire();
        assert_eq!(cache.db(0).len() + cache.db(7).len(), keys);
        cache.db(15).flush().expect("flush");
        cache.db(0).flush().expect("flush");
        cache.db(7).flush().expect("flush");
        assert_eq!(cache.used_bytes(), 0, "what was counted is given back");
    }
}

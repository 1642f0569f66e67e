//! Hashes, sets, lists and sorted sets: what commands answer, and that they survive.
mod hashes;
mod kinds;
mod lists;
mod sets;
mod sorted_sets;
mod strings;
mod surviving;

use bytes::Bytes;
use maru::cache::{Between, Embedded, Txn, ValueType};
use std::collections::BTreeSet;

/// Runs commands on everything as one step.
fn run<T>(cache: &Embedded, commands: impl FnOnce(&mut Txn<'_>) -> T) -> T {
    cache.db(0).on_everything(commands).expect("durable")
}

fn texts(values: &[Bytes]) -> Vec<&str> {
    values
        .iter()
        .map(|value| std::str::from_utf8(value).expect("text"))
        .collect()
}

fn sorted(values: impl IntoIterator<Item = Bytes>) -> Vec<String> {
    let texts: BTreeSet<String> = values
        .into_iter()
        .map(|value| String::from_utf8(value.to_vec()).expect("text"))
        .collect();
    texts.into_iter().collect()
}

fn members(set: &maru::cache::Set) -> Vec<String> {
    sorted(set.iter().map(Bytes::copy_from_slice))
}

/// Everything, as text.
fn dump(cache: &Embedded) -> Vec<String> {
    let mut keys = cache.scan(0, b"*", usize::MAX).keys;
    keys.sort();
    keys.iter()
        .map(|key| {
            run(cache, |txn| {
                let value = match txn.kind(key) {
                    None => "gone".into(),
                    Some(ValueType::String) => format!("{:?}", txn.get(key)),
                    Some(ValueType::Hash) => {
                        let pairs = txn.hash(key).expect("a hash").expect("there");
                        let pairs: BTreeSet<_> = pairs.iter().collect();
                        format!("{pairs:?}")
                    }
                    Some(ValueType::Set) => {
                        let members = txn.members(key).expect("a set").expect("there");
                        format!("{:?}", members.iter().collect::<BTreeSet<_>>())
                    }
                    Some(ValueType::List) => format!("{:?}", txn.lrange(key, 0, -1)),
                    Some(ValueType::Stream) => format!("{:?}", txn.stream(key)),
                    Some(ValueType::Ranked) => {
                        format!(
                            "{:?}",
                            txn.zrange(key, Between::Ranks(0, -1), false, 0, usize::MAX)
                        )
                    }
                };
                format!("{key:?} {:?} {:?} {value}", txn.kind(key), txn.ttl(key))
            })
        })
        .collect()
}

//! What DEBUG DIGEST answers: the same for the same keys and values, whatever their order; as Redis
//! computes it.

use super::super::super::acl::hex;
use super::super::super::failure::Failure;
use super::super::super::number::float_text;
use maru_cache::{DATABASES, Hash, List, Ranked, Set, StreamId, Ttl, Txn, ValueType};
use sha1::{Digest as _, Sha1};

/// Bytes that others are mixed into, or laid over where order does not matter.
#[derive(Default)]
struct Digest([u8; 20]);

impl Digest {
    fn lay_over(&mut self, bytes: &[u8]) {
        let hash = Sha1::digest(bytes);
        self.0
            .iter_mut()
            .zip(hash)
            .for_each(|(mine, its)| *mine ^= its);
    }

    fn mix(&mut self, bytes: &[u8]) {
        self.lay_over(bytes);
        self.0 = Sha1::digest(self.0).into();
    }

    fn of(parts: &[&[u8]]) -> Digest {
        let mut digest = Digest::default();
        parts.iter().for_each(|part| digest.mix(part));
        digest
    }
}

/// Of all keys of all databases; the transaction must be on everything.
pub fn of_everything(txn: &mut Txn<'_>) -> Result<String, Failure> {
    let db_before = txn.db();
    let mut all = Digest::default();
    for db in 0..DATABASES {
        txn.select(db);
        let keys = txn.keys(b"*");
        if keys.is_empty() {
            continue;
        }
        all.mix(&u32::from(db).to_be_bytes());
        for key in keys {
            let mut digest = Digest::of(&[&key]);
            add_value(txn, &key, &mut digest)?;
            all.lay_over(&digest.0);
        }
    }
    txn.select(db_before);
    Ok(hex(&all.0))
}

/// Of one key's value; zeros without one.
pub fn of_key(txn: &mut Txn<'_>, key: &[u8]) -> Result<String, Failure> {
    let mut digest = Digest::default();
    add_value(txn, key, &mut digest)?;
    Ok(hex(&digest.0))
}

fn add_value(txn: &mut Txn<'_>, key: &[u8], digest: &mut Digest) -> Result<(), Failure> {
    let Some(kind) = txn.kind(key) else {
        return Ok(());
    };
    let number: u32 = match kind {
        ValueType::String => 0,
        ValueType::List => 1,
        ValueType::Set => 2,
        ValueType::Ranked => 3,
        ValueType::Hash => 4,
        ValueType::Stream => 6,
    };
    digest.mix(&number.to_be_bytes());
    match kind {
        ValueType::String => digest.mix(txn.text(key)?.unwrap_or_default()),
        ValueType::List => {
            let list = txn.list(key)?;
            list.into_iter()
                .flat_map(List::iter)
                .for_each(|element| digest.mix(element));
        }
        ValueType::Set => {
            let set = txn.members(key)?;
            set.into_iter()
                .flat_map(Set::iter)
                .for_each(|member| digest.lay_over(member));
        }
        ValueType::Hash => {
            let hash = txn.hash(key)?;
            for (field, value) in hash.into_iter().flat_map(Hash::iter) {
                digest.lay_over(&Digest::of(&[field, value]).0);
            }
        }
        ValueType::Ranked => {
            let ranked = txn.ranked(key)?;
            for (member, score) in ranked.into_iter().flat_map(Ranked::members) {
                let score = float_text(score);
                digest.lay_over(&Digest::of(&[member, score.as_bytes()]).0);
            }
        }
        ValueType::Stream => {
            let stream = txn.stream(key)?;
            let entries = stream
                .into_iter()
                .flat_map(|stream| stream.range(StreamId::MIN, StreamId::MAX));
            for (id, fields) in entries {
                digest.mix(format!("{}.{}", id.ms, id.seq).as_bytes());
                fields.items().for_each(|item| digest.mix(item));
            }
        }
    }
    if matches!(txn.ttl(key), Ttl::Left { .. }) {
        digest.lay_over(b"!!expire!!");
    }
    Ok(())
}

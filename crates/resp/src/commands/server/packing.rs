//! Settings that say up to where collections count as small.

use super::super::super::call::Call;
use super::super::super::settings::memory;
use maru_cache::Packing;

/// Where a setting is kept.
type At = fn(&mut Packing) -> &mut usize;

const SETTINGS: &[(&str, At)] = &[
    ("hash-max-listpack-entries", |packing| {
        &mut packing.hash_fields
    }),
    ("hash-max-listpack-value", |packing| {
        &mut packing.hash_item_bytes
    }),
    ("set-max-intset-entries", |packing| &mut packing.set_numbers),
    ("stream-node-max-bytes", |packing| &mut packing.node_bytes),
    ("stream-node-max-entries", |packing| {
        &mut packing.node_entries
    }),
    ("zset-max-listpack-entries", |packing| {
        &mut packing.ranked_members
    }),
    ("zset-max-listpack-value", |packing| {
        &mut packing.ranked_member_bytes
    }),
];

fn find(name: &str) -> Option<At> {
    let found = SETTINGS.iter().find(|(known, _)| *known == name);
    found.map(|(_, at)| *at)
}

pub fn is_one(name: &str) -> bool {
    find(name).is_some()
}

/// Sets one whose value has been looked at.
pub fn set(call: &Call<'_>, name: &str, value: &[u8]) {
    let number = memory(&String::from_utf8_lossy(value));
    if let (Some(at), Some(number)) = (find(name), number) {
        let mut packing = call.cache.packing();
        *at(&mut packing) = usize::try_from(number).unwrap_or(usize::MAX);
        call.cache.set_packing(packing);
    }
}

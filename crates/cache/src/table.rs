//! One database's keys in one shard.

use super::clock::Deadline;
use super::slot::Slot;
use hashbrown::{HashTable, hash_table};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Keyed anew in each process, so that nobody foresees which keys collide.
static HASHER: LazyLock<ahash::RandomState> = LazyLock::new(ahash::RandomState::new);

/// Where a key lies in its table.
pub(super) fn hash_of(key: &[u8]) -> u64 {
    HASHER.hash_one(key)
}

#[derive(Default)]
pub(super) struct Table {
    slots: HashTable<Slot>,
    /// Each key with a deadline, by the monotonic millisecond and its hash.
    deadlines: BTreeSet<(u64, u64)>,
}

impl Table {
    pub fn get(&self, hash: u64, key: &[u8]) -> Option<&Slot> {
        self.slots.find(hash, |slot| slot.key() == key)
    }

    /// To be changed in all but its deadline.
    pub fn get_mut(&mut self, hash: u64, key: &[u8]) -> Option<&mut Slot> {
        self.slots.find_mut(hash, |slot| slot.key() == key)
    }

    /// Puts a key in place of whatever was there.
    pub fn put(&mut self, hash: u64, slot: Slot) -> Option<Slot> {
        let deadline = slot.deadline();
        let found = self.slots.entry(
            hash,
            |other| other.key() == slot.key(),
            |other| hash_of(other.key()),
        );
        let before = match found {
            hash_table::Entry::Occupied(mut place) => {
                Some(std::mem::replace(place.get_mut(), slot))
            }
            hash_table::Entry::Vacant(place) => {
                place.insert(slot);
                None
            }
        };
        let earlier = before.as_ref().and_then(Slot::deadline);
        self.move_deadline(hash, earlier, deadline);
        before
    }

    pub fn remove(&mut self, hash: u64, key: &[u8]) -> Option<Slot> {
        let found = self.slots.find_entry(hash, |slot| slot.key() == key).ok()?;
        let (slot, _) = found.remove();
        self.move_deadline(hash, slot.deadline(), None);
        Some(slot)
    }

    pub fn move_deadline(&mut self, hash: u64, from: Option<Deadline>, to: Option<Deadline>) {
        let (from, to) = (from.map(|d| d.monotonic_ms), to.map(|d| d.monotonic_ms));
        if from == to {
            return;
        }
        if let Some(from) = from {
            self.deadlines.remove(&(from, hash));
        }
        if let Some(to) = to {
            self.deadlines.insert((to, hash));
        }
    }

    /// Takes out one key whose deadline has passed. `Err` when there is none; `Ok(None)` for a
    /// deadline without a key: two keys shared their hash and their millisecond.
    pub fn expire_one(&mut self, now_ms: u64) -> Result<Option<Slot>, ()> {
        let &(at_ms, hash) = self.deadlines.first().ok_or(())?;
        if at_ms > now_ms {
            return Err(());
        }
        self.deadlines.pop_first();
        let found = self
            .slots
            .find_entry(hash, |slot| is_it(slot, at_ms, hash))
            .ok();
        Ok(found.map(|place| place.remove().0))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter()
    }

    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn mortal(&self) -> usize {
        self.deadlines.len()
    }

    /// Up to `count` keys at a place that `random` says.
    pub fn sample(&self, random: u64, count: usize) -> impl Iterator<Item = &Slot> {
        let buckets = self.slots.num_buckets();
        let start = if self.slots.is_empty() {
            0
        } else {
            random as usize % buckets
        };
        let all = if self.slots.is_empty() { 0 } else { buckets };
        (0..all)
            .filter_map(move |step| self.slots.get_bucket((start + step) % buckets))
            .take(count)
    }

    /// Up to `count` keys with a deadline: those that end first, or from a place `random` says.
    pub fn sample_mortal(&self, random: Option<u64>, count: usize) -> impl Iterator<Item = &Slot> {
        let from = match (random, self.deadlines.first(), self.deadlines.last()) {
            (Some(random), Some((first, _)), Some((last, _))) => {
                first + random % (last - first + 1)
            }
            _ => 0,
        };
        let after = self.deadlines.range((from, 0)..);
        let before = self.deadlines.range(..(from, 0)).rev();
        after
            .chain(before)
            .filter_map(|&(at_ms, hash)| self.slots.find(hash, |slot| is_it(slot, at_ms, hash)))
            .take(count)
    }

    /// Gives back room that an emptied table no longer needs.
    pub fn shrink(&mut self) {
        if self.slots.num_buckets() > 64 && self.slots.len() * 8 < self.slots.num_buckets() {
            self.slots
                .shrink_to(self.slots.len() * 2, |slot| hash_of(slot.key()));
        }
    }
}

/// Whether a deadline is this key's. The table itself compares only a part of the hash.
fn is_it(slot: &Slot, at_ms: u64, hash: u64) -> bool {
    slot.deadline().is_some_and(|d| d.monotonic_ms == at_ms) && hash_of(slot.key()) == hash
}

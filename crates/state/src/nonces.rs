//! The client ids of the latest posts, so that a repeat gets the first outcome.
//!
//! In memory a map; in the state a row for each batch, written in the batch's own transaction, so
//! that whatever position the file is found at, its client ids are those of that position. A key is
//! 128 bits of a SHA-256 over author and client id.

use super::Result;
use super::tables::{Tables, WriteTables};
use maru_domain::{MessageId, UserId, limits};
use redb::ReadableTable;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, VecDeque};

const ENTRY: usize = 24;

type Key = [u8; 16];

pub fn key(author: UserId, client_id: &str) -> Key {
    let mut hash = Sha256::new();
    hash.update(author.0.to_le_bytes());
    hash.update(client_id.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// Bounded by [`limits::NONCES`]: the oldest are forgotten.
#[derive(Default)]
pub struct Nonces {
    known: HashMap<Key, MessageId, ahash::RandomState>,
    order: VecDeque<Key>,
    /// How many were ever forgotten: the position of `order`'s first.
    start: u64,
    /// Positions from here on are not in the table yet.
    unsaved: u64,
}

impl Nonces {
    pub fn get(&self, key: &Key) -> Option<MessageId> {
        self.known.get(key).copied()
    }

    pub fn insert(&mut self, key: Key, message: MessageId) {
        if self.known.insert(key, message).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > limits::NONCES
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
            self.start += 1;
        }
    }

    fn end(&self) -> u64 {
        self.start + self.order.len() as u64
    }

    /// Writes what came since the last time, as one row under its first position.
    pub fn save(&mut self, tables: &mut WriteTables<'_>) -> Result<()> {
        let first = self.unsaved.max(self.start);
        let fresh = self.order.range((first - self.start) as usize..);
        let mut row = Vec::with_capacity(fresh.len() * ENTRY);
        for key in fresh {
            row.extend_from_slice(key);
            row.extend_from_slice(&self.known[key].0.to_le_bytes());
        }
        if !row.is_empty() {
            tables.nonces.insert(first, row.as_slice())?;
        }
        self.unsaved = self.end();
        Ok(())
    }

    /// Removes the rows that are wholly forgotten. The last row before `start` may reach into it.
    pub fn sweep(&self, tables: &mut WriteTables<'_>) -> Result<()> {
        let reaching = tables
            .nonces
            .range(..=self.start)?
            .next_back()
            .transpose()?;
        if let Some(first_kept) = reaching.map(|(key, _)| key.value()) {
            tables.nonces.retain_in(..first_kept, |_, _| false)?;
        }
        Ok(())
    }

    pub fn load(tables: &impl Tables) -> Result<Nonces> {
        let mut nonces = Nonces::default();
        for row in tables.nonces().iter()? {
            let (first, entries) = row?;
            if nonces.order.is_empty() {
                nonces.start = first.value();
            }
            for entry in entries.value().chunks_exact(ENTRY) {
                let (mut key, mut id) = ([0; 16], [0; 8]);
                key.copy_from_slice(&entry[..16]);
                id.copy_from_slice(&entry[16..]);
                nonces.insert(key, MessageId(u64::from_le_bytes(id)));
            }
        }
        nonces.unsaved = nonces.end();
        Ok(nonces)
    }

    /// All that is known, in a fixed order; for comparing two states.
    pub fn dump(&self) -> BTreeMap<Key, MessageId> {
        self.order
            .iter()
            .map(|key| (*key, self.known[key]))
            .collect()
    }
}

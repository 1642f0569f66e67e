//! The client ids of the latest posts, so that a repeat gets the first outcome.
//!
//! In memory a map; in the state a ring of chunks, of which a checkpoint writes only the changed
//! ones. A key is 128 bits of a SHA-256 over author and client id.

use super::Result;
use super::tables::{Tables, WriteTables};
use crate::domain::{MessageId, UserId, limits};
use redb::ReadableTable;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, VecDeque};

const CHUNK: usize = 1_024;
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
    /// Number of entries ever forgotten; position of `order`'s first.
    start: u64,
    /// Positions from here on are not in the table yet.
    unsaved: u64,
}

impl Nonces {
    pub fn get(&self, key: &Key) -> Option<MessageId> {
        self.known.get(key).copied()
    }

    pub fn insert(&mut self, key: Key, message: MessageId) {
        if self.known.insert(key, message).is_none() {
            self.order.push_back(key);
        }
        // Whole chunks go, so that the table and the memory forget the same.
        if self.order.len() >= limits::NONCES + CHUNK {
            for key in self.order.drain(..CHUNK) {
                self.known.remove(&key);
            }
            self.start += CHUNK as u64;
        }
    }

    fn end(&self) -> u64 {
        self.start + self.order.len() as u64
    }

    /// Writes what came since the last save; returns nothing to undo, as the transaction may fail.
    pub fn save(&self, tables: &mut WriteTables<'_>) -> Result<()> {
        let first = self.unsaved.max(self.start) / CHUNK as u64;
        for chunk in first..self.end().div_ceil(CHUNK as u64) {
            let from = (chunk * CHUNK as u64 - self.start) as usize;
            let to = (from + CHUNK).min(self.order.len());
            let mut bytes = Vec::with_capacity((to - from) * ENTRY);
            for key in self.order.range(from..to) {
                bytes.extend_from_slice(key);
                bytes.extend_from_slice(&self.known[key].0.to_le_bytes());
            }
            tables.nonces.insert(chunk, bytes.as_slice())?;
        }
        let oldest = self.start / CHUNK as u64;
        tables.nonces.retain_in(..oldest, |_, _| false)?;
        Ok(())
    }

    /// To be called when the transaction of [`Nonces::save`] is durable.
    pub fn saved(&mut self) {
        self.unsaved = self.end();
    }

    pub fn load(tables: &impl Tables) -> Result<Nonces> {
        let mut nonces = Nonces::default();
        let mut first = None;
        for row in tables.nonces().iter()? {
            let (chunk, bytes) = row?;
            first.get_or_insert(chunk.value() * CHUNK as u64);
            for entry in bytes.value().chunks_exact(ENTRY) {
                let (mut key, mut id) = ([0; 16], [0; 8]);
                key.copy_from_slice(&entry[..16]);
                id.copy_from_slice(&entry[16..]);
                if nonces
                    .known
                    .insert(key, MessageId(u64::from_le_bytes(id)))
                    .is_none()
                {
                    nonces.order.push_back(key);
                }
            }
        }
        nonces.start = first.unwrap_or(0);
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

//! Texts of libraries of functions, which survive as keys do. What is in them, the door knows.

use super::effect::Effect;
use super::shard::Shard;
use super::{Embedded, Txn};
use bytes::Bytes;

/// They are kept beside the keys of one shard, so that a snapshot has them as of one moment.
pub(super) const LIBRARY_SHARD: usize = 0;

impl Shard {
    pub fn put_library(&mut self, name: &[u8], code: Option<&[u8]>) {
        match code {
            Some(code) => {
                let code = Bytes::copy_from_slice(code);
                self.libraries.insert(name.into(), code);
            }
            None => {
                self.libraries.remove(name);
            }
        }
    }
}

impl Embedded {
    /// All libraries: names and texts.
    pub fn libraries(&self) -> Vec<(Bytes, Bytes)> {
        let shard = self.space.shards[LIBRARY_SHARD].lock();
        let libraries = shard.libraries.iter();
        libraries
            .map(|(name, code)| (Bytes::copy_from_slice(name), code.clone()))
            .collect()
    }
}

impl Txn<'_> {
    /// Keeps a library in place of one of the same name, or forgets it. The transaction must be on
    /// everything.
    pub fn put_library(&mut self, name: &[u8], code: Option<&[u8]>) {
        if let Some(shard) = self.guards().nth(LIBRARY_SHARD) {
            shard.put_library(name, code);
        }
        self.record(&Effect::Library { name, code });
    }
}

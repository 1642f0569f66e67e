//! Contents that come from another node, which knows their names.

use crate::Result;
use crate::store::{Incoming, Store, hash};
use std::io;

impl Store {
    /// Keeps a content that another node has kept already, if it is the one that it is to be.
    pub fn adopt(&self, incoming: &Incoming, wanted: &str) -> Result<()> {
        let (hash, _) = hash(incoming.path())?;
        if hash != wanted {
            return Err(io::Error::from(io::ErrorKind::InvalidData).into());
        }
        self.settle(incoming.path(), &hash)
    }
}

//! Where letters reach somebody.

use crate::table::records;
use maru_domain::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmailRecord {
    /// As it was typed.
    pub address: String,
    pub at: Timestamp,
}

impl EmailRecord {
    pub fn key(&self) -> String {
        email_key(&self.address)
    }
}

/// Under which an address is found.
pub fn email_key(address: &str) -> String {
    address.trim().to_lowercase()
}

records!(EmailRecord);

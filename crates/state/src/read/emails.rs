//! Where letters reach people.

use super::Reader;
use crate::Result;
use crate::records::{EmailRecord, email_key};
use crate::table::Readable;
use maru_domain::UserId;

impl Reader {
    pub fn email(&self, user: UserId) -> Result<Option<EmailRecord>> {
        self.tables.emails.get(user.0)
    }

    /// Everybody with this address, the first few.
    pub fn users_by_email(&self, address: &str, most: usize) -> Result<Vec<UserId>> {
        let key = email_key(address);
        let rows = self
            .tables
            .email_owners
            .range((key.as_str(), 0)..=(key.as_str(), u64::MAX))?;
        rows.take(most).map(|row| Ok(UserId(row?.0.1))).collect()
    }
}

//! Addresses of mail that people have shown to be theirs.

use super::{Stop, Work};
use crate::records::EmailRecord;
use crate::table::Readable;
use maru_domain::{Outcome, UserId};

impl Work<'_, '_> {
    /// The door has seen the link that went there.
    pub(super) fn set_email(
        &mut self,
        user: UserId,
        address: Option<&str>,
    ) -> Result<Outcome, Stop> {
        self.need_self_or_admin(user)?;
        self.user_record(user)?;
        self.drop_email(user)?;
        if let Some(address) = address {
            let record = EmailRecord {
                address: address.to_owned(),
                at: self.at,
            };
            self.tables.emails.put(user.0, &record)?;
            let key = record.key();
            self.tables.email_owners.put((key.as_str(), user.0), &())?;
        }
        Ok(Outcome::Done)
    }

    pub(super) fn drop_email(&mut self, user: UserId) -> Result<(), Stop> {
        if let Some(old) = self.tables.emails.get(user.0)? {
            self.tables.emails.remove(user.0)?;
            let key = old.key();
            self.tables.email_owners.remove((key.as_str(), user.0))?;
        }
        Ok(())
    }
}

//! Links by which somebody sets a new password, once, without the old one.

use super::{Stop, Work};
use crate::records::ResetRecord;
use crate::table::Readable;
use maru_domain::{Actor, Code, Outcome, Refusal, Timestamp, UserId};

impl Work<'_, '_> {
    /// Made by an administrator. An earlier link of the same person counts no more.
    pub(super) fn create_reset(
        &mut self,
        user: UserId,
        digest: &str,
        expires_at: Timestamp,
    ) -> Result<Outcome, Stop> {
        self.need_admin()?;
        self.user_record(user)?;
        let mut gone = Vec::new();
        for row in self.tables.resets.rows()? {
            let (digest, record) = row?;
            if record.user == user || record.expires_at <= self.at {
                gone.push(digest);
            }
        }
        for digest in gone {
            self.tables.resets.remove(digest.as_str())?;
        }
        let record = ResetRecord { user, expires_at };
        self.tables.resets.put(digest, &record)?;
        Ok(Outcome::Done)
    }

    /// Sets the password and ends every session.
    pub(super) fn use_reset(&mut self, digest: &str, hash: &str) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let found = self.tables.resets.get(digest)?;
        let record = found.filter(|record| record.expires_at > self.at);
        let record = record.ok_or_else(|| {
            Refusal::new(
                Code::BadInvite,
                "This link is not valid any more; ask an administrator for a new one.",
            )
        })?;
        self.tables.resets.remove(digest)?;
        let outcome = self.set_password(record.user, hash, None)?;
        let noting = self.reset_noting(record.user)?;
        self.noted(noting, &Outcome::Done)?;
        debug_assert!(
            self.actor == Actor::System,
            "doors act for who has the link"
        );
        Ok(outcome)
    }
}

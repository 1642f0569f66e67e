//! Invitations.

use super::{Stop, Work};
use crate::read::{Lookup, require};
use crate::records::InviteRecord;
use crate::table::Readable;
use maru_domain::{Code, InviteId, Outcome, Refusal, Role, Timestamp, UserId};

impl Work<'_, '_> {
    pub(super) fn create_invite(
        &mut self,
        digest: &str,
        role: Role,
        expires_at: Timestamp,
        uses: u32,
        is_setup: bool,
    ) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let id = InviteId(self.new_id());
        let record = InviteRecord {
            digest: digest.to_owned(),
            role,
            created_at: self.at,
            expires_at,
            uses_left: uses,
            is_setup,
        };
        self.tables.invite_digests.put(digest, &id.0)?;
        self.tables.invites.put(id.0, &record)?;
        self.tables.invite_ends.put((expires_at.0, id.0), &())?;
        Ok(Outcome::Invite(record.view(id)))
    }

    pub(super) fn revoke_invite(&mut self, id: InviteId) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let record = require(self.tables.invite_record(id)?, "invitation")?;
        self.drop_invite(id, &record)?;
        Ok(Outcome::Done)
    }

    fn drop_invite(&mut self, id: InviteId, record: &InviteRecord) -> Result<(), Stop> {
        self.tables.invites.remove(id.0)?;
        self.tables.invite_digests.remove(record.digest.as_str())?;
        self.tables
            .invite_ends
            .remove((record.expires_at.0, id.0))?;
        Ok(())
    }

    /// Takes one use; the role that it gives.
    pub(super) fn use_invite(&mut self, digest: &str) -> Result<Role, Stop> {
        let bad = || {
            Refusal::new(
                Code::BadInvite,
                "This invitation is not valid any more; ask for a new one.",
            )
        };
        let (id, mut record) = self.tables.invite_by_digest(digest)?.ok_or_else(bad)?;
        if record.expires_at <= self.at || record.uses_left == 0 {
            return Err(bad().into());
        }
        // A setup link that was left in a service's log makes no second administrator.
        if record.is_setup && self.tables.admin_besides(UserId(0))? {
            return Err(bad().into());
        }
        record.uses_left -= 1;
        if record.uses_left == 0 {
            self.drop_invite(id, &record)?;
        } else {
            self.tables.invites.put(id.0, &record)?;
        }
        Ok(record.role)
    }

    /// Forgets invitations that are over, at most `max`; how many.
    pub(super) fn sweep_invites(&mut self, max: usize) -> Result<usize, Stop> {
        let over = self.tables.invite_ends.range(..=(self.at.0, u64::MAX))?;
        let over = over.take(max).map(|row| Ok(row?.0));
        let over = over.collect::<crate::Result<Vec<_>>>()?;
        for &(at, id) in &over {
            self.tables.invite_ends.remove((at, id))?;
            if let Some(record) = self.tables.invite_record(InviteId(id))? {
                self.drop_invite(InviteId(id), &record)?;
            }
        }
        Ok(over.len())
    }
}

//! Invitations.

use super::{Done, Stop, Work};
use crate::read::{Lookup, require};
use crate::records::{InviteRecord, decode, encode};
use maru_domain::{Code, InviteId, Outcome, Refusal, Role, Timestamp};
use redb::ReadableTable;

impl Work<'_, '_> {
    pub(super) fn create_invite(
        &mut self,
        digest: &str,
        role: Role,
        expires_at: Timestamp,
        uses: u32,
    ) -> Result<Done, Stop> {
        self.need_admin()?;
        let id = InviteId(self.seq.id());
        let record = InviteRecord {
            digest: digest.to_owned(),
            role,
            created_at: self.at,
            expires_at,
            uses_left: uses,
        };
        self.tables.invite_digests.insert(digest, id.0)?;
        self.tables
            .invites
            .insert(id.0, encode(&record).as_slice())?;
        Ok(Done::quietly(Outcome::Invite(record.view(id))))
    }

    pub(super) fn revoke_invite(&mut self, id: InviteId) -> Result<Done, Stop> {
        self.need_admin()?;
        let record = require(self.tables.invite_record(id)?, "invitation")?;
        self.tables.invites.remove(id.0)?;
        self.tables.invite_digests.remove(record.digest.as_str())?;
        Ok(Done::quietly(Outcome::Done))
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
        record.uses_left -= 1;
        self.tables
            .invites
            .insert(id.0, encode(&record).as_slice())?;
        Ok(record.role)
    }

    pub(super) fn sweep_invites(&mut self) -> Result<(), Stop> {
        let mut over = Vec::new();
        for row in self.tables.invites.iter()? {
            let (id, bytes) = row?;
            let record: InviteRecord = decode(bytes.value())?;
            if record.expires_at <= self.at || record.uses_left == 0 {
                over.push((id.value(), record.digest));
            }
        }
        for (id, digest) in over {
            self.tables.invites.remove(id)?;
            self.tables.invite_digests.remove(digest.as_str())?;
        }
        Ok(())
    }
}

//! The audit log, newest first.

use super::{Lookup, Reader};
use crate::Result;
use crate::records::AuditRecord;
use crate::table::Readable;
use maru_domain::audit::{AuditActor, AuditEntry};
use maru_domain::{Timestamp, UserId};

/// Lines that one page looks at; a page of a narrow filter may be short, and goes on.
const LOOKED_AT: usize = 20_000;

/// Which lines; all of what is given must fit.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    pub actor: Option<UserId>,
    /// An action, or the beginning of several, such as `user.`.
    pub action: Option<String>,
    pub target_id: Option<u64>,
    pub after: Option<Timestamp>,
    pub before: Option<Timestamp>,
}

impl AuditFilter {
    fn takes(&self, record: &AuditRecord) -> bool {
        let action = self.action.as_deref();
        self.actor.is_none_or(|actor| record.actor == Some(actor))
            && action.is_none_or(|action| {
                record.action == action
                    || (action.ends_with('.') && record.action.starts_with(action))
            })
            && self.target_id.is_none_or(|id| record.target.id == id)
            && self.after.is_none_or(|after| record.at >= after)
            && self.before.is_none_or(|before| record.at < before)
    }
}

impl Reader {
    /// Lines before this one, and where the next page goes on.
    pub fn audit(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<AuditEntry>, Option<u64>)> {
        let mut entries = Vec::new();
        let rows = self.tables.audit.range(..before.unwrap_or(u64::MAX))?;
        for (passed, row) in rows.rev().enumerate() {
            let (id, record) = row?;
            if filter.after.is_some_and(|after| record.at < after) {
                return Ok((entries, None));
            }
            if entries.len() == limit || passed == LOOKED_AT {
                return Ok((entries, Some(id + 1)));
            }
            if filter.takes(&record) {
                entries.push(self.audit_entry(id, record)?);
            }
        }
        Ok((entries, None))
    }

    fn audit_entry(&self, id: u64, record: AuditRecord) -> Result<AuditEntry> {
        let actor = match record.actor {
            None => None,
            Some(id) => {
                let user = self.tables.user_record(id)?;
                let username = user.map(|user| user.username).unwrap_or_default();
                Some(AuditActor { id, username })
            }
        };
        let has_target = !record.target.kind.is_empty();
        Ok(AuditEntry {
            id,
            at: record.at,
            actor,
            action: record.action,
            target: has_target.then_some(record.target),
            details: record.details,
            origin: record.origin,
        })
    }

    /// Whose password this link sets, if it still counts.
    pub fn reset(&self, digest: &str, now: Timestamp) -> Result<Option<UserId>> {
        let found = self.tables.resets.get(digest)?;
        let valid = found.filter(|record| record.expires_at > now);
        Ok(valid.map(|record| record.user))
    }
}

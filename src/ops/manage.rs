//! What the command line asks about what is kept and what goes.

use super::admin::{AdminCommands, broke_down};
use super::request::{ExpiringRoom, Reply};
use crate::auth::random;
use crate::domain::audit::{Act, Target};
use crate::domain::{Actor, Command, Manage, Outcome, Refusal, Timestamp, UserId};
use crate::engine::retention;
use crate::state::AuditFilter;
use std::collections::BTreeMap;

const DAY_MS: i64 = 24 * 3600 * 1000;
/// A link for a new password works for so long.
const RESET_MS: i64 = DAY_MS;
/// People who moved in are told at leisure.
const CLAIM_MS: i64 = 14 * DAY_MS;
/// Lines of the audit log in one answer.
const LINES: usize = 10_000;

impl AdminCommands {
    pub(super) async fn audit(
        &self,
        user: Option<String>,
        action: Option<String>,
        after: Option<Timestamp>,
        limit: usize,
    ) -> Result<Reply, Refusal> {
        let actor = user.map(|name| self.user_named(&name)).transpose()?;
        let filter = AuditFilter {
            actor,
            action,
            after,
            ..AuditFilter::default()
        };
        let (engine, limit) = (self.engine.clone(), limit.min(LINES));
        let read = tokio::task::spawn_blocking(move || -> Result<_, Refusal> {
            let (reader, mut entries, mut cursor) = (engine.read()?, Vec::new(), None);
            loop {
                let (page, next) = reader.audit(&filter, cursor, limit - entries.len())?;
                entries.extend(page);
                if next.is_none() || entries.len() >= limit {
                    return Ok(entries);
                }
                cursor = next;
            }
        });
        let entries = read.await.map_err(|_| broke_down())??;
        Ok(Reply::Audit { entries })
    }

    pub(super) async fn erase_user(
        &self,
        username: &str,
        messages: bool,
    ) -> Result<Reply, Refusal> {
        let user = self.user_named(username)?;
        let command = Command::Manage(Manage::EraseUser { user, messages });
        self.engine.submit(Actor::System, command).await?;
        let erased = if messages {
            retention::erase_messages(&self.engine, user).await?
        } else {
            0
        };
        Ok(Reply::Erased { messages: erased })
    }

    pub(super) async fn reset_link(&self, username: &str) -> Result<Reply, Refusal> {
        let user = self.user_named(username)?;
        let link = self.password_link(user, RESET_MS).await?;
        Ok(Reply::Link { link })
    }

    /// A link for everybody who has no password yet, as people of an imported history have none.
    pub(super) async fn claim_links(&self) -> Result<Reply, Refusal> {
        let read = self.engine.read()?;
        // Who signs in through a provider needs none.
        let elsewhere = read.users_of_providers()?;
        let mut without = Vec::new();
        for user in read
            .users()?
            .into_iter()
            .filter(|user| !user.disabled && !user.bot)
        {
            let account = read.account(user.id)?;
            let has_none = account.is_some_and(|account| account.password_hash.is_none());
            if has_none && !elsewhere.contains(&user.id) {
                without.push(user);
            }
        }
        drop(read);
        let mut links = Vec::with_capacity(without.len());
        for user in without {
            let link = self.password_link(user.id, CLAIM_MS).await?;
            links.push((user.username, link));
        }
        Ok(Reply::Links { links })
    }

    async fn password_link(&self, user: UserId, lasts_ms: i64) -> Result<String, Refusal> {
        let token = random::token().map_err(|_| broke_down())?;
        let command = Command::Manage(Manage::CreateReset {
            user,
            digest: random::digest_text(&token),
            expires_at: self.engine.now().plus_ms(lasts_ms),
        });
        match self.engine.submit(Actor::System, command).await? {
            Outcome::Done => Ok(format!("{}/reset?token={token}", self.base_url)),
            _ => Err(broke_down()),
        }
    }

    pub(super) async fn retention(
        &self,
        dry_run: bool,
        days: Option<u32>,
    ) -> Result<Reply, Refusal> {
        if !dry_run {
            let removed = retention::expire(&self.engine, days).await?;
            return Ok(Reply::Removed { removed });
        }
        let engine = self.engine.clone();
        let counted = tokio::task::spawn_blocking(move || -> Result<_, Refusal> {
            let (reader, now) = (engine.read()?, engine.now());
            let mut rooms = Vec::new();
            for room in reader.kept()? {
                let Some(days) = room.days.or(days) else {
                    continue;
                };
                let before = now.plus_ms(-i64::from(days) * DAY_MS);
                let found = reader.expiring(room.room, before)?;
                if found.messages + found.files > 0 {
                    rooms.push(ExpiringRoom {
                        id: room.room,
                        name: room.name,
                        days,
                        messages: found.messages,
                        files: found.files,
                        file_bytes: found.file_bytes,
                    });
                }
            }
            Ok(rooms)
        });
        let rooms = counted.await.map_err(|_| broke_down())??;
        Ok(Reply::Expiring { rooms })
    }

    /// Something that only reads, and that administrators want to know of.
    pub async fn note(&self, action: &str, details: &[(&str, String)]) {
        let details = details.iter();
        let details: BTreeMap<String, String> = details
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let act = Act {
            action: action.to_owned(),
            target: Target {
                kind: "server".to_owned(),
                ..Target::default()
            },
            details,
        };
        let command = Command::Manage(Manage::Note(act));
        if let Err(refusal) = self.engine.submit(Actor::System, command).await {
            tracing::warn!(%refusal, action, "this is missing in the audit log");
        }
    }
}

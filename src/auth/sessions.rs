//! A token counts only while its session lives in the cache.

use super::tokens::{TokenError, Tokens, Verified};
use crate::cache::{CacheError, Handle, SetOptions};
use crate::domain::{SessionId, UserId};
use bytes::Bytes;
use std::collections::HashMap;

const PREFIX: &str = "maru:session:";
const PAGE: usize = 1000;

/// Who makes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub user_id: UserId,
    /// The session the token belongs to.
    pub session_id: SessionId,
    /// When the session ends by itself, in unix milliseconds.
    pub expires_at_ms: u64,
}

/// A session as state has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The token's name; only its bearer and state know it.
    pub jti: String,
    /// Whose.
    pub user_id: UserId,
    /// Which.
    pub session_id: SessionId,
    /// When it ends by itself, in unix milliseconds.
    pub expires_at_ms: u64,
}

/// What [`Sessions::reconcile`] changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Were missing or wrong in the cache.
    pub added: usize,
    /// Were in the cache only.
    pub removed: usize,
    /// Were right.
    pub kept: usize,
}

/// The sessions of one cache, and the tokens that stand for them.
#[derive(Clone)]
pub struct Sessions {
    tokens: Tokens,
    cache: Handle,
}

impl Sessions {
    /// Sessions in a cache.
    pub fn new(tokens: Tokens, cache: Handle) -> Sessions {
        Sessions { tokens, cache }
    }

    /// The tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// From now on the session's token counts.
    pub async fn remember(&self, session: &Live) -> Result<(), CacheError> {
        self.cache
            .set(
                key(&session.jti).as_bytes(),
                Bytes::from(value(session.user_id, session.session_id)),
                SetOptions::until(session.expires_at_ms),
            )
            .await?;
        Ok(())
    }

    /// From now on the session's token does not count. Safe to repeat.
    pub async fn forget(&self, jti: &str) -> Result<(), CacheError> {
        self.cache.del(&[key(jti).as_bytes()]).await?;
        Ok(())
    }

    /// Whose token this is. With the cache in this process, this never waits.
    pub async fn lookup(&self, token: &str) -> Result<Caller, TokenError> {
        let verified = self.tokens.verify(token)?;
        let Verified {
            user_id,
            session_id,
            jti,
            expires_at_ms,
        } = verified;
        let held = self.cache.get(key(&jti).as_bytes()).await;
        match held.map_err(TokenError::Cache)? {
            None => Err(TokenError::Revoked),
            Some(held) if held == value(user_id, session_id) => Ok(Caller {
                user_id,
                session_id,
                expires_at_ms,
            }),
            Some(_) => Err(TokenError::Mismatched),
        }
    }

    /// Brings the cache in line with state: to be called at the start, when state has caught up with
    /// the log, and when a cache elsewhere comes back. What is not among `live` is removed, so a
    /// crash never brings an ended session back; what is missing is added, so an emptied cache signs
    /// nobody out.
    pub async fn reconcile(
        &self,
        live: impl IntoIterator<Item = Live>,
    ) -> Result<Reconciled, CacheError> {
        // A remote scan may name a key twice, so what was found stays in the map.
        let mut wanted: HashMap<String, (Live, bool)> = live
            .into_iter()
            .map(|session| (key(&session.jti), (session, false)))
            .collect();
        let mut outcome = Reconciled::default();
        let pattern = format!("{PREFIX}*");
        let mut cursor = 0;
        loop {
            let page = self.cache.scan(cursor, pattern.as_bytes(), PAGE).await?;
            for found in page.keys {
                let name = std::str::from_utf8(&found).unwrap_or_default();
                let Some((session, seen)) = wanted.get_mut(name) else {
                    outcome.removed += self.cache.del(&[&found]).await? as usize;
                    continue;
                };
                let right = value(session.user_id, session.session_id);
                if self
                    .cache
                    .get(&found)
                    .await?
                    .is_some_and(|held| held == right)
                {
                    // The deadline may not be what state says, if the file is an older one.
                    self.cache.expire_at(&found, session.expires_at_ms).await?;
                    outcome.kept += usize::from(!*seen);
                    *seen = true;
                }
            }
            cursor = page.cursor;
            if cursor == 0 {
                break;
            }
        }
        for (session, _) in wanted.values().filter(|(_, seen)| !seen) {
            self.remember(session).await?;
            outcome.added += 1;
        }
        Ok(outcome)
    }
}

fn key(jti: &str) -> String {
    format!("{PREFIX}{jti}")
}

fn value(user_id: UserId, session_id: SessionId) -> String {
    format!("{user_id}:{session_id}")
}

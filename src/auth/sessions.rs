//! A token counts only while its session lives. The cache holds every living session under a key
//! of its own, for all who share it; what this process knows of the state guards those keys.

pub use super::roster::Live;

use super::roster::Roster;
use super::tokens::{TokenError, Tokens, Verified};
use crate::cache::{CacheError, Handle, SetOptions};
use crate::domain::{SessionId, UserId};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

const PREFIX: &str = "maru:session:";
/// A token that is not older may be of a session that this node has not heard of yet.
const FRESH: Duration = Duration::from_secs(10);

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
    roster: Arc<Roster>,
}

impl Sessions {
    /// Sessions in a cache.
    pub fn new(tokens: Tokens, cache: Handle) -> Sessions {
        let roster = Arc::new(Roster::new(tokens.clock().clone()));
        Sessions {
            tokens,
            cache,
            roster,
        }
    }

    /// The tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// From now on the session's token counts.
    pub async fn remember(&self, session: &Live) -> Result<(), CacheError> {
        self.roster.add(session);
        self.keep(session, session.expires_at_ms).await
    }

    async fn keep(&self, session: &Live, until_unix_ms: u64) -> Result<(), CacheError> {
        self.cache
            .set(
                key(&session.jti).as_bytes(),
                Bytes::from(value(session.user_id, session.session_id)),
                SetOptions::until(until_unix_ms),
            )
            .await?;
        Ok(())
    }

    /// From now on the session's token does not count. Safe to repeat.
    pub async fn forget(&self, jti: &str) -> Result<(), CacheError> {
        self.roster.remove(jti);
        self.cache.del(&[key(jti).as_bytes()]).await?;
        Ok(())
    }

    /// From now on none of the user's tokens counts but that of `keep`; also those that were given
    /// out while nothing could be written, of which the state knows nothing.
    pub async fn forget_user(
        &self,
        user: UserId,
        keep: Option<SessionId>,
    ) -> Result<(), CacheError> {
        let mut done = Ok(());
        for session in self.roster.of(user) {
            if Some(session.session_id) != keep {
                // One key that cannot be removed keeps no other alive.
                done = done.and(self.forget(&session.jti).await);
            }
        }
        done
    }

    /// Whose token this is. With the cache in this process, this never waits.
    ///
    /// A living session whose key others removed, overwrote or flushed is put back, so nobody is
    /// signed out by that; a key that others bring back does not bring its session back.
    pub async fn lookup(&self, token: &str) -> Result<Caller, TokenError> {
        let Verified {
            user_id,
            session_id,
            jti,
            expires_at_ms,
        } = self.tokens.verify(token)?;
        let right = value(user_id, session_id);
        let caller = Caller {
            user_id,
            session_id,
            expires_at_ms,
        };
        if self.cache.is_shared() {
            return self.found_among_nodes(caller, &jti, &right).await;
        }
        let held = self.held(key(&jti).as_bytes()).await;
        let held = held.map_err(TokenError::Cache)?;
        match (self.roster.find(&jti), held) {
            (Some(known), _) if known != (user_id, session_id) => Err(TokenError::Mismatched),
            (Some(_), Some(held)) if held == right => Ok(caller),
            (Some(_), _) => match self.put_back(&jti).await {
                Ok(true) => Ok(caller),
                Ok(false) => Err(TokenError::Revoked),
                Err(error) => Err(TokenError::Cache(error)),
            },
            (None, _) => Err(TokenError::Revoked),
        }
    }

    /// Among several nodes the state decides, which every node has: also while the common cache is
    /// away. A session that began elsewhere a moment ago is waited for.
    async fn found_among_nodes(
        &self,
        caller: Caller,
        jti: &str,
        right: &str,
    ) -> Result<Caller, TokenError> {
        let now_ms = self.tokens.clock().unix_ms();
        let issued_ms = caller
            .expires_at_ms
            .saturating_sub(super::tokens::LIFETIME.as_millis() as u64);
        let is_fresh = issued_ms + FRESH.as_millis() as u64 > now_ms;
        let waits = if is_fresh { 200 } else { 0 };
        for turn in 0..=waits {
            match self.roster.find(jti) {
                Some(known) if known == (caller.user_id, caller.session_id) => return Ok(caller),
                Some(_) => return Err(TokenError::Mismatched),
                None if self.roster.has_ended(jti) => return Err(TokenError::Revoked),
                None if turn == waits => {}
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
        let held = self.held(key(jti).as_bytes()).await;
        match held.map_err(TokenError::Cache)? {
            // This node is far behind the others.
            Some(held) if held == right && is_fresh => Err(TokenError::Cache(
                CacheError::Unavailable("this node does not know the session yet".to_owned()),
            )),
            _ => Err(TokenError::Revoked),
        }
    }

    /// As [`Sessions::remember`], of what this node knows only; [`Sessions::share`] tells the cache.
    pub fn note(&self, session: &Live) {
        self.roster.add(session);
    }

    /// Tells the common cache of a session.
    pub async fn share(&self, session: &Live) -> Result<(), CacheError> {
        self.keep(session, session.expires_at_ms).await
    }

    /// As [`Sessions::forget`], of what this node knows only; [`Sessions::unshare`] tells the cache.
    pub fn end(&self, jti: &str) {
        self.roster.remove(jti);
    }

    /// As [`Sessions::forget_user`], of what this node knows only. Returns who ended.
    pub fn end_user(&self, user: UserId, keep: Option<SessionId>) -> Vec<String> {
        let mut ended = Vec::new();
        for session in self.roster.of(user) {
            if Some(session.session_id) != keep {
                self.roster.remove(&session.jti);
                ended.push(session.jti);
            }
        }
        ended
    }

    /// Tells the common cache that a session has ended.
    pub async fn unshare(&self, jti: &str) -> Result<(), CacheError> {
        self.cache.del(&[key(jti).as_bytes()]).await.map(drop)
    }

    /// Exactly these live, as far as this node knows; for nodes with a common cache.
    pub fn adopt(&self, live: &[Live]) {
        self.roster.replace(live.iter());
    }

    /// Whether the cache is common to several nodes.
    pub fn are_shared(&self) -> bool {
        self.cache.is_shared()
    }

    /// What a key holds; nothing of ours if others made something else of it.
    async fn held(&self, key: &[u8]) -> Result<Option<Bytes>, CacheError> {
        match self.cache.get(key).await {
            Err(CacheError::WrongType) => Ok(Some(Bytes::new())),
            held => held,
        }
    }

    /// Whether the session is still alive, and its key with it.
    async fn put_back(&self, jti: &str) -> Result<bool, CacheError> {
        let Some((session, until_ms)) = self.roster.whole(jti) else {
            return Ok(false);
        };
        self.keep(&session, until_ms).await?;
        if self.roster.find(jti).is_none() {
            // It ended meanwhile; its key may have been removed before it was put back.
            self.cache.del(&[key(jti).as_bytes()]).await?;
            return Ok(false);
        }
        tracing::debug!(session = %session.session_id, "put a session's key back into the cache");
        Ok(true)
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
        self.roster
            .replace(wanted.values().map(|(session, _)| session));
        let mut outcome = Reconciled::default();
        let pattern = format!("{PREFIX}*");
        for found in self.cache.keys(pattern.as_bytes()).await? {
            let name = std::str::from_utf8(&found).unwrap_or_default();
            let Some((session, seen)) = wanted.get_mut(name) else {
                outcome.removed += self.cache.del(&[&found]).await? as usize;
                continue;
            };
            let right = value(session.user_id, session.session_id);
            if self.held(&found).await?.is_some_and(|held| held == right) {
                // The deadline may not be what state says, if the file is an older one.
                self.cache.expire_at(&found, session.expires_at_ms).await?;
                outcome.kept += usize::from(!*seen);
                *seen = true;
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

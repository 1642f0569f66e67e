//! Sessions: begun and ended here, looked up in the cache.

use super::users::tell_user;
use super::{Stop, Work};
use crate::nonces;
use crate::read::{Lookup, require};
use crate::records::SessionRecord;
use crate::table::Readable;
use maru_domain::command::{NewSession, fingerprint};
use maru_domain::{Code, Effect, Outcome, Refusal, Session, SessionId, UserId, limits};

impl Work<'_, '_> {
    pub(super) fn start_session(
        &mut self,
        user: UserId,
        session: &NewSession,
    ) -> Result<Outcome, Stop> {
        self.need_self_or_admin(user)?;
        let record = self.user_record(user)?;
        // A password that was changed while it was verified counts no more.
        let verified = session.verified.as_deref();
        let is_current = verified.is_none_or(|verified| {
            let hash = record.password_hash.as_deref();
            hash.is_some_and(|hash| fingerprint(hash) == verified)
        });
        if record.disabled || !is_current {
            return Err(
                Refusal::new(Code::BadCredentials, "The user name or password is wrong.").into(),
            );
        }
        self.prove(user, session.proof.as_ref())?;
        let (session, ended) = self.add_session(user, session)?;
        Ok(Outcome::Session {
            user: record.view(user),
            session,
            ended,
        })
    }

    /// Beyond the limit the oldest sessions end; they are told.
    pub(super) fn add_session(
        &mut self,
        user: UserId,
        new: &NewSession,
    ) -> Result<(SessionId, Vec<Session>), Stop> {
        let held = self.tables.session_ids(user)?;
        let over = (held.len() + 1).saturating_sub(limits::SESSIONS_PER_USER);
        let mut ended = Vec::new();
        for session in held.into_iter().take(over) {
            let record = self.tables.session_record(session)?;
            ended.extend(record.map(|record| record.view(session, None)));
            self.drop_session(user, session)?;
        }
        let id = SessionId(self.seq.id());
        let record = SessionRecord {
            user,
            jti: new.jti.clone(),
            created_at: self.at,
            expires_at: new.expires_at,
            user_agent: new.user_agent.clone(),
            address: new.address.clone(),
        };
        self.tables.sessions.put(id.0, &record)?;
        self.tables.user_sessions.put((user.0, id.0), &())?;
        self.tables
            .session_ends
            .put((record.expires_at.0, id.0), &())?;
        self.effects.push(Effect::SessionStarted {
            user,
            session: id,
            jti: record.jti,
            expires_at: record.expires_at,
        });
        Ok((id, ended))
    }

    pub(super) fn end_session(
        &mut self,
        user: UserId,
        session: SessionId,
    ) -> Result<Outcome, Stop> {
        self.need_self_or_admin(user)?;
        let record = require(self.tables.session_record(session)?, "session")?;
        if record.user != user {
            return Err(Refusal::not_found("session").into());
        }
        self.drop_session(user, session)?;
        Ok(Outcome::Ended(1))
    }

    pub(super) fn end_sessions(
        &mut self,
        user: UserId,
        keep: Option<SessionId>,
    ) -> Result<Outcome, Stop> {
        self.need_self_or_admin(user)?;
        Ok(Outcome::Ended(self.drop_sessions(user, keep)?))
    }

    pub(super) fn drop_sessions(
        &mut self,
        user: UserId,
        keep: Option<SessionId>,
    ) -> Result<u64, Stop> {
        let mut ended = 0;
        for session in self.tables.session_ids(user)? {
            if Some(session) != keep {
                self.drop_session(user, session)?;
                ended += 1;
            }
        }
        // Also those that were begun while nothing could be written.
        self.effects.push(Effect::SessionsEnded { user, keep });
        Ok(ended)
    }

    fn drop_session(&mut self, user: UserId, session: SessionId) -> Result<(), Stop> {
        if let Some(record) = self.tables.session_record(session)? {
            self.tables.sessions.remove(session.0)?;
            self.tables.user_sessions.remove((user.0, session.0))?;
            self.tables
                .session_ends
                .remove((record.expires_at.0, session.0))?;
            self.effects.push(Effect::SessionEnded {
                user,
                session,
                jti: record.jti,
            });
        }
        Ok(())
    }

    /// Forgets what time has ended, some of it at a time.
    pub(super) fn sweep(&mut self) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let sessions = self.sweep_sessions(limits::SWEEP)?;
        let invites = self.sweep_invites(limits::SWEEP)?;
        let statuses = self.sweep_statuses(limits::SWEEP)?;
        let files = self.sweep_files(limits::SWEEP)?;
        let tokens = self.sweep_tokens(limits::SWEEP)?;
        let nonces = nonces::forget(self.tables, self.at, limits::SWEEP)?;
        let most = sessions.max(invites).max(statuses).max(files).max(tokens);
        let more = nonces || most == limits::SWEEP;
        Ok(Outcome::Part { more })
    }

    fn sweep_sessions(&mut self, max: usize) -> Result<usize, Stop> {
        let over = self.tables.session_ends.range(..=(self.at.0, u64::MAX))?;
        let over = over.take(max).map(|row| Ok(row?.0));
        let over = over.collect::<crate::Result<Vec<_>>>()?;
        for &(at, id) in &over {
            self.tables.session_ends.remove((at, id))?;
            if let Some(record) = self.tables.session_record(SessionId(id))? {
                self.drop_session(record.user, SessionId(id))?;
            }
        }
        Ok(over.len())
    }

    fn sweep_statuses(&mut self, max: usize) -> Result<usize, Stop> {
        let over = self.tables.status_ends.range(..=(self.at.0, u64::MAX))?;
        let over = over.take(max).map(|row| Ok(row?.0));
        let over = over.collect::<crate::Result<Vec<_>>>()?;
        for &(at, id) in &over {
            self.tables.status_ends.remove((at, id))?;
            let id = UserId(id);
            if let Some(mut record) = self.tables.user_record(id)? {
                record.status = None;
                self.save_user(id, &record)?;
                tell_user(self, record.view(id));
            }
        }
        Ok(over.len())
    }
}

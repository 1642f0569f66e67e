//! Sessions: begun and ended here, looked up in the cache.

use super::{Done, Stop, Work};
use crate::read::{Lookup, require};
use crate::records::{SessionRecord, encode};
use maru_domain::command::NewSession;
use maru_domain::{Code, Effect, Outcome, Refusal, SessionId, UserId, limits};
use redb::ReadableTable;

impl Work<'_, '_> {
    pub(super) fn start_session(
        &mut self,
        user: UserId,
        session: &NewSession,
    ) -> Result<Done, Stop> {
        self.need_self_or_admin(user)?;
        let record = self.user_record(user)?;
        if record.disabled {
            return Err(
                Refusal::new(Code::BadCredentials, "The user name or password is wrong.").into(),
            );
        }
        let session = self.add_session(user, session)?;
        Ok(Done::quietly(Outcome::Session {
            user: record.view(user),
            session,
        }))
    }

    /// Beyond the limit the oldest session ends.
    pub(super) fn add_session(
        &mut self,
        user: UserId,
        new: &NewSession,
    ) -> Result<SessionId, Stop> {
        let held = self.tables.session_ids(user)?;
        let over = (held.len() + 1).saturating_sub(limits::SESSIONS_PER_USER);
        for session in held.into_iter().take(over) {
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
        self.tables
            .sessions
            .insert(id.0, encode(&record).as_slice())?;
        self.tables.user_sessions.insert((user.0, id.0), ())?;
        self.effects.push(Effect::SessionStarted {
            user,
            session: id,
            jti: record.jti,
            expires_at: record.expires_at,
        });
        Ok(id)
    }

    pub(super) fn end_session(&mut self, user: UserId, session: SessionId) -> Result<Done, Stop> {
        self.need_self_or_admin(user)?;
        let record = require(self.tables.session_record(session)?, "session")?;
        if record.user != user {
            return Err(Refusal::not_found("session").into());
        }
        self.drop_session(user, session)?;
        Ok(Done::quietly(Outcome::Ended(1)))
    }

    pub(super) fn end_sessions(
        &mut self,
        user: UserId,
        keep: Option<SessionId>,
    ) -> Result<Done, Stop> {
        self.need_self_or_admin(user)?;
        Ok(Done::quietly(Outcome::Ended(
            self.drop_sessions(user, keep)?,
        )))
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
        Ok(ended)
    }

    fn drop_session(&mut self, user: UserId, session: SessionId) -> Result<(), Stop> {
        if let Some(record) = self.tables.session_record(session)? {
            self.tables.sessions.remove(session.0)?;
            self.tables.user_sessions.remove((user.0, session.0))?;
            self.effects.push(Effect::SessionEnded {
                user,
                session,
                jti: record.jti,
            });
        }
        Ok(())
    }

    /// Forgets what time has ended.
    pub(super) fn sweep(&mut self) -> Result<Done, Stop> {
        self.need_admin()?;
        let mut over = Vec::new();
        for row in self.tables.sessions.iter()? {
            let (id, bytes) = row?;
            let record: SessionRecord = crate::records::decode(bytes.value())?;
            if record.expires_at <= self.at {
                over.push((record.user, SessionId(id.value())));
            }
        }
        for (user, session) in &over {
            self.drop_session(*user, *session)?;
        }
        self.sweep_invites()?;
        Ok(Done::quietly(Outcome::Ended(over.len() as u64)))
    }
}

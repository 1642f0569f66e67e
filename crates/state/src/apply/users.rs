//! Accounts.

use super::{Stop, Work};
use crate::read::Lookup;
use crate::records::UserRecord;
use crate::table::Readable;
use crate::tables::PEOPLE_CHANGED;
use maru_domain::command::{NewSession, fingerprint};
use maru_domain::event::Body;
use maru_domain::{Audience, Code, Outcome, Refusal, Role, SessionId, User, UserId, names};

/// The parts of a new account.
pub(super) struct NewUser<'a> {
    pub username: &'a str,
    pub display_name: Option<&'a str>,
    pub role: Role,
    pub password_hash: Option<&'a str>,
    pub invite: Option<&'a str>,
    pub session: Option<&'a NewSession>,
}

impl Work<'_, '_> {
    pub(super) fn create_user(&mut self, new: NewUser<'_>) -> Result<Outcome, Stop> {
        if new.invite.is_none() {
            self.need_admin()?;
        }
        if self.user_name_is_taken(new.username)? {
            return Err(Refusal {
                field: Some("username".into()),
                ..Refusal::new(Code::NameTaken, "This user name is taken; choose another.")
            }
            .into());
        }
        let role = match new.invite {
            Some(digest) => self.use_invite(digest)?,
            None => new.role,
        };
        let id = UserId(self.new_id());
        let record = UserRecord {
            username: new.username.to_owned(),
            display_name: new.display_name.unwrap_or(new.username).to_owned(),
            role,
            created_at: self.at,
            disabled: false,
            password_hash: new.password_hash.map(str::to_owned),
            status: None,
            avatar: None,
            bot_of: None,
        };
        self.name_user(id, new.username)?;
        self.save_user(id, &record)?;
        let user = record.view(id);
        let outcome = match new.session {
            Some(session) => {
                let (session, ended) = self.add_session(id, session)?;
                Outcome::Session {
                    user: user.clone(),
                    session,
                    ended,
                }
            }
            None => Outcome::User(user.clone()),
        };
        tell_user(self, user);
        self.join_default_rooms(id)?;
        Ok(outcome)
    }

    fn user_name_is_taken(&self, name: &str) -> Result<bool, Stop> {
        if self.rules.names_alike_are_taken {
            return Ok(self.tables.user_named(name)?.is_some());
        }
        Ok(self.tables.usernames.has(names::key(name).as_str())?)
    }

    /// Makes the account known under its name.
    pub(super) fn name_user(&mut self, id: UserId, name: &str) -> Result<(), Stop> {
        let (key, alike) = (names::key(name), names::likeness(name));
        self.tables.usernames.put(key.as_str(), &id.0)?;
        // Of two that older rules let look alike the first has the row.
        if !self.tables.usernames_alike.has(alike.as_str())? {
            self.tables.usernames_alike.put(alike.as_str(), &id.0)?;
        }
        Ok(())
    }

    pub(super) fn save_user(&mut self, id: UserId, record: &UserRecord) -> Result<(), Stop> {
        let old = self.tables.user_record(id)?;
        let before = old.as_ref().and_then(UserRecord::other_name);
        let now = record.other_name();
        if before != now {
            if let Some(name) = before {
                self.tables.display_names.remove((name.as_str(), id.0))?;
            }
            if let Some(name) = now {
                self.tables.display_names.put((name.as_str(), id.0), &())?;
            }
        }
        if record.is_acting_admin() {
            self.tables.admins.put(id.0, &())?;
        } else {
            self.tables.admins.remove(id.0)?;
        }
        let is_found_otherwise = old.is_none_or(|old| {
            old.username != record.username
                || old.display_name != record.display_name
                || old.disabled != record.disabled
        });
        if is_found_otherwise {
            self.tables.meta.put(PEOPLE_CHANGED, &self.seq.0)?;
        }
        self.tables.users.put(id.0, record)?;
        Ok(())
    }

    pub(super) fn set_password(
        &mut self,
        id: UserId,
        hash: &str,
        keep: Option<SessionId>,
    ) -> Result<Outcome, Stop> {
        self.need_self_or_admin(id)?;
        let mut record = self.user_record(id)?;
        record.password_hash = Some(hash.to_owned());
        self.save_user(id, &record)?;
        let ended = self.drop_sessions(id, keep)?;
        Ok(Outcome::Ended(ended))
    }

    /// Sessions go on: it is the same password.
    pub(super) fn renew_password_hash(
        &mut self,
        id: UserId,
        verified: &str,
        hash: &str,
    ) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let mut record = self.user_record(id)?;
        let stored = record.password_hash.as_deref();
        if stored.is_some_and(|stored| fingerprint(stored) == verified) {
            record.password_hash = Some(hash.to_owned());
            self.save_user(id, &record)?;
        }
        Ok(Outcome::Done)
    }

    pub(super) fn set_display_name(&mut self, id: UserId, name: &str) -> Result<Outcome, Stop> {
        self.need_self_or_admin(id)?;
        let mut record = self.user_record(id)?;
        record.display_name = name.to_owned();
        self.save_user(id, &record)?;
        let user = record.view(id);
        tell_user(self, user.clone());
        Ok(Outcome::User(user))
    }

    pub(super) fn set_role(&mut self, id: UserId, role: Role) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let mut record = self.user_record(id)?;
        if role != Role::Admin {
            self.need_another_admin(id, &record)?;
        }
        record.role = role;
        self.save_user(id, &record)?;
        let user = record.view(id);
        tell_user(self, user.clone());
        Ok(Outcome::User(user))
    }

    pub(super) fn set_disabled(&mut self, id: UserId, disabled: bool) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let mut record = self.user_record(id)?;
        if disabled {
            self.need_another_admin(id, &record)?;
        }
        record.disabled = disabled;
        self.save_user(id, &record)?;
        if disabled {
            self.drop_sessions(id, None)?;
        }
        let user = record.view(id);
        tell_user(self, user.clone());
        Ok(Outcome::User(user))
    }

    /// Somebody has to be able to let people in.
    pub(super) fn need_another_admin(&self, id: UserId, record: &UserRecord) -> Result<(), Stop> {
        if record.is_acting_admin() && !self.tables.admin_besides(id)? {
            return Err(Refusal::new(
                Code::LastOne,
                "This is the last administrator; make somebody else one first.",
            )
            .into());
        }
        Ok(())
    }
}

pub(super) fn tell_user(work: &mut Work<'_, '_>, user: User) {
    let body = Body::UserUpdated {
        user_id: user.id,
        user: Box::new(user),
    };
    work.tell(Audience::Everyone, body);
}

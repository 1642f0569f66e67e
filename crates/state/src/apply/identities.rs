//! Who signs in through a provider: by its issuer and subject, which never mean another person.

use super::users::NewUser;
use super::{Stop, Work};
use crate::read::Lookup;
use crate::records::IdentityRecord;
use crate::table::Readable;
use maru_domain::command::NewSession;
use maru_domain::{Code, Outcome, Refusal, Role, UserId};

/// Of one person, as a provider knows them.
pub(super) struct ByProvider<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
    pub username: &'a str,
    pub display_name: Option<&'a str>,
    pub may_create: bool,
    /// Where a group of the provider decides it.
    pub role: Option<Role>,
    pub session: &'a NewSession,
}

fn key(issuer: &str, subject: &str) -> String {
    format!("{issuer}\n{subject}")
}

impl Work<'_, '_> {
    pub(super) fn sign_in_by(&mut self, by: &ByProvider<'_>) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let key = key(by.issuer, by.subject);
        let user = match self.tables.identities.get(key.as_str())? {
            Some(known) => known.user,
            None if by.may_create => {
                let user = self.create_by(by)?;
                let record = IdentityRecord { user, at: self.at };
                self.tables.identities.put(key.as_str(), &record)?;
                user
            }
            None => {
                let text = "Nobody here is known by this sign-in; ask an administrator for an account, sign in to it and link the two.";
                return Err(Refusal::new(Code::SignupClosed, text).into());
            }
        };
        let record = self.user_record(user)?;
        if record.disabled {
            let text = "This account is disabled; ask an administrator.";
            return Err(Refusal::new(Code::BadCredentials, text).into());
        }
        if let Some(role) = by.role.filter(|role| *role != record.role) {
            let is_last = record.role == Role::Admin && !self.tables.admin_besides(user)?;
            if !is_last {
                self.set_role(user, role)?;
            }
        }
        let (session, ended) = self.add_session(user, by.session)?;
        Ok(Outcome::Session {
            user: self.user_record(user)?.view(user),
            session,
            ended,
        })
    }

    fn create_by(&mut self, by: &ByProvider<'_>) -> Result<UserId, Stop> {
        let made = self.create_user(NewUser {
            username: by.username,
            display_name: by.display_name,
            role: by.role.unwrap_or_default(),
            password_hash: None,
            invite: None,
            session: None,
        })?;
        match made {
            Outcome::User(user) => Ok(user.id),
            _ => Err(Refusal::new(Code::Internal, "No account was made.").into()),
        }
    }

    /// From now on this identity signs in to this account.
    pub(super) fn link_identity(
        &mut self,
        user: UserId,
        issuer: &str,
        subject: &str,
    ) -> Result<Outcome, Stop> {
        self.need_self_or_admin(user)?;
        self.user_record(user)?;
        let key = key(issuer, subject);
        match self.tables.identities.get(key.as_str())? {
            Some(known) if known.user == user => {}
            Some(_) => {
                let text = "Another account is linked to this sign-in already.";
                return Err(Refusal::new(Code::Conflict, text).into());
            }
            None => {
                let record = IdentityRecord { user, at: self.at };
                self.tables.identities.put(key.as_str(), &record)?;
            }
        }
        Ok(Outcome::Done)
    }
}

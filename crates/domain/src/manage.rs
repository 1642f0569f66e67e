//! Commands of the people who run the server, and what of all commands the audit log keeps.

use super::audit::{Act, Origin};
use super::command::{Command, NewSession};
use super::factor::FactorCommand;
use super::file::NewFile;
use super::{MessageId, Refusal, Role, RoomId, Timestamp, UserId, limits, names};
use serde::{Deserialize, Serialize};

/// As with [`Command`]: variants and fields are only ever added at the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Manage {
    /// Something for the audit log alone.
    Note(Act),
    /// Lines of the audit log before this time go, some at a time.
    PruneAudit { before: Timestamp },
    /// How many days the room keeps messages; none: as the server does.
    SetRetention { room: RoomId, days: Option<u32> },
    /// Removes a part of what was said in the room before this time; goes on behind `after`.
    Expire {
        room: RoomId,
        before: Timestamp,
        after: Option<(i64, u64)>,
    },
    /// Empties the account.
    EraseUser {
        user: UserId,
        /// Whether what they wrote goes, too, by [`Manage::EraseMessages`].
        messages: bool,
    },
    /// Deletes a part of what somebody wrote; goes on behind `after`.
    EraseMessages {
        user: UserId,
        after: Option<(RoomId, MessageId)>,
    },
    /// A link by which somebody sets a new password, once.
    CreateReset {
        user: UserId,
        digest: String,
        expires_at: Timestamp,
    },
    /// Whoever has the link sets the password.
    UseReset {
        digest: String,
        password_hash: String,
    },
    /// Somebody whom a provider of OpenID Connect knows; the first time, an account is made.
    SignInBy {
        issuer: String,
        subject: String,
        /// Of a new account.
        username: String,
        display_name: Option<String>,
        may_create: bool,
        /// Where a group of the provider decides it.
        role: Option<Role>,
        session: NewSession,
    },
    /// From now on this identity signs in to this account.
    LinkIdentity {
        user: UserId,
        issuer: String,
        subject: String,
    },
    /// What the workspace is called; empty: as the server was started.
    NameWorkspace { name: String },
    /// The picture that stands for the workspace; none takes it away.
    PictureWorkspace { picture: Option<NewFile> },
    /// What people sign in with besides their passwords.
    Factor(FactorCommand),
    /// Where letters reach somebody, who has shown that it is theirs; none: nowhere.
    SetEmail {
        user: UserId,
        address: Option<String>,
    },
    /// Whether the room is read-only and out of the lists.
    SetArchived { room: RoomId, archived: bool },
    /// Whether everybody who comes to the workspace is in the room from the beginning.
    SetDefault { room: RoomId, on: bool },
}

impl Manage {
    pub(super) fn checked(self) -> Result<Manage, Refusal> {
        match self {
            Manage::SetRetention {
                days: Some(days), ..
            } if !(1..=limits::RETENTION_DAYS).contains(&days) => Err(Refusal::invalid(
                "retention_days",
                format!(
                    "A room keeps messages for 1 to {} days, or, with null, as long as the server does.",
                    limits::RETENTION_DAYS
                ),
            )),
            Manage::SignInBy {
                issuer,
                subject,
                username,
                display_name,
                may_create,
                role,
                session,
            } => Ok(Manage::SignInBy {
                issuer,
                subject,
                username: names::username(username)?,
                // What cannot be a name here is left out.
                display_name: display_name.and_then(|name| names::display_name(name).ok()),
                may_create,
                role,
                session,
            }),
            Manage::NameWorkspace { name } if !name.trim().is_empty() => {
                let name = names::display_name(name)?;
                Ok(Manage::NameWorkspace { name })
            }
            Manage::NameWorkspace { .. } => Ok(Manage::NameWorkspace {
                name: String::new(),
            }),
            Manage::PictureWorkspace { picture } => Ok(Manage::PictureWorkspace {
                picture: picture.map(NewFile::checked_picture).transpose()?,
            }),
            Manage::Factor(factor) => Ok(Manage::Factor(factor.checked()?)),
            manage => Ok(manage),
        }
    }
}

impl Command {
    /// Whether the audit log keeps it, with where it was asked.
    pub fn is_audited(&self) -> bool {
        matches!(
            self,
            Command::CreateUser { .. }
                | Command::SetPassword { .. }
                | Command::SetRole { .. }
                | Command::SetDisabled { .. }
                | Command::StartSession { .. }
                | Command::EndSession { .. }
                | Command::EndSessions { .. }
                | Command::CreateInvite { .. }
                | Command::RevokeInvite { .. }
                | Command::CreateRoom { .. }
                | Command::UpdateRoom { .. }
                | Command::DeleteRoom { .. }
                | Command::AddMember { .. }
                | Command::RemoveMember { .. }
                | Command::Delete { .. }
                | Command::Program(_)
                | Command::Manage(_)
        )
    }

    /// The same, with where it was asked, if the audit log keeps it.
    pub fn asked_from(self, from: Origin) -> Command {
        if self.is_audited() {
            Command::Asked {
                from,
                command: Box::new(self),
            }
        } else {
            self
        }
    }

    /// What is done, wherever it was asked.
    pub fn itself(&self) -> &Command {
        match self {
            Command::Asked { command, .. } => command.itself(),
            command => command,
        }
    }

    /// A door says once where something was asked.
    pub(super) fn checked_once(self) -> Result<Box<Command>, Refusal> {
        if matches!(self, Command::Asked { .. }) {
            return Err(Refusal::invalid("command", "It is asked from two places."));
        }
        Ok(Box::new(self.checked()?))
    }
}

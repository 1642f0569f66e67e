//! What of a command goes into the audit log. The list is exhaustive, so that each new command is
//! decided here.

use super::{Stop, Work};
use crate::read::Lookup;
use crate::records::AuditRecord;
use crate::table::Readable;
use maru_domain::audit::{Act, Origin, Target};
use maru_domain::factor::Proof;
use maru_domain::{Actor, Command, Manage, MessageId, Outcome, RoomId, Timestamp, UserId, limits};
use std::collections::BTreeMap;

/// An act that is noted if the command is done.
pub(super) struct Noting {
    action: &'static str,
    target: Target,
    details: BTreeMap<String, String>,
    /// Whose act it is, where the door acts for somebody.
    actor: Option<UserId>,
}

impl Noting {
    pub(super) fn new(action: &'static str, target: Target) -> Noting {
        Noting {
            action,
            target,
            details: BTreeMap::new(),
            actor: None,
        }
    }

    pub(super) fn with(mut self, name: &str, value: impl std::fmt::Display) -> Noting {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }

    /// Which second factor was shown, if one was.
    fn with_factor(self, proof: Option<&Proof>) -> Noting {
        match proof {
            None => self,
            Some(Proof::Totp { .. }) => self.with("factor", "totp"),
            Some(Proof::Recovery { .. }) => self.with("factor", "recovery code"),
            Some(Proof::Passkey { .. }) => self.with("factor", "passkey"),
        }
    }

    fn by(mut self, user: UserId) -> Noting {
        self.actor = Some(user);
        self
    }
}

fn role_name(role: impl serde::Serialize) -> String {
    match serde_json::to_value(role) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

pub(super) fn target(kind: &str, id: u64, name: &str) -> Target {
    Target {
        kind: kind.to_owned(),
        id,
        name: name.to_owned(),
    }
}

impl Work<'_, '_> {
    /// What is to be noted; looked up before the command changes it.
    pub(super) fn noting(&self, command: &Command) -> Result<Option<Noting>, Stop> {
        Ok(match command {
            Command::CreateUser { username, role, .. } => {
                let noting = Noting::new("user.created", target("user", 0, username));
                Some(noting.with("role", role_name(role)))
            }
            Command::SetPassword { user, .. } => {
                Some(Noting::new("user.password_changed", self.the_user(*user)?))
            }
            Command::SetRole { user, role } => Some(
                Noting::new("user.role_changed", self.the_user(*user)?)
                    .with("role", role_name(role)),
            ),
            Command::SetDisabled { user, disabled } => {
                let action = if *disabled {
                    "user.disabled"
                } else {
                    "user.enabled"
                };
                Some(Noting::new(action, self.the_user(*user)?))
            }
            Command::StartSession { user, session } => Some(
                Noting::new("session.started", self.the_user(*user)?)
                    .by(*user)
                    .with("address", &session.address)
                    .with_factor(session.proof.as_ref()),
            ),
            Command::EndSession { user, session } => Some(
                Noting::new("session.ended", self.the_user(*user)?).with("session_id", session),
            ),
            Command::EndSessions { user, .. } => {
                Some(Noting::new("sessions.ended", self.the_user(*user)?))
            }
            Command::CreateInvite {
                role,
                uses,
                expires_at,
                is_setup,
                ..
            } => Some(
                Noting::new("invite.created", target("invite", 0, ""))
                    .with("role", role_name(role))
                    .with("uses", uses)
                    .with("expires_at", expires_at)
                    .with("setup", is_setup),
            ),
            Command::RevokeInvite { invite } => Some(Noting::new(
                "invite.revoked",
                target("invite", invite.0, ""),
            )),
            Command::CreateRoom { name, kind, .. } => Some(
                Noting::new("room.created", target("room", 0, name)).with("kind", role_name(kind)),
            ),
            Command::UpdateRoom { room, name, .. } => {
                let noting = Noting::new("room.changed", self.the_room(*room)?);
                Some(match name {
                    Some(name) => noting.with("name", name),
                    None => noting,
                })
            }
            Command::DeleteRoom { room } => {
                Some(Noting::new("room.deleted", self.the_room(*room)?))
            }
            Command::Manage(Manage::SetRetention { room, days }) => Some(
                Noting::new("room.retention_changed", self.the_room(*room)?).with(
                    "days",
                    days.map_or("none".to_owned(), |days| days.to_string()),
                ),
            ),
            Command::Manage(Manage::SetArchived { room, archived }) => {
                let action = if *archived {
                    "room.archived"
                } else {
                    "room.unarchived"
                };
                Some(Noting::new(action, self.the_room(*room)?))
            }
            Command::Manage(Manage::SetDefault { room, on }) => Some(
                Noting::new("room.changed", self.the_room(*room)?).with("default", on),
            ),
            Command::AddMember { room, user, .. } if self.actor != Actor::User(*user) => {
                let user = self.the_user(*user)?;
                Some(
                    Noting::new("member.added", self.the_room(*room)?)
                        .with("user", &user.name)
                        .with("user_id", user.id),
                )
            }
            Command::RemoveMember { room, user } if self.actor != Actor::User(*user) => {
                let user = self.the_user(*user)?;
                Some(
                    Noting::new("member.removed", self.the_room(*room)?)
                        .with("user", &user.name)
                        .with("user_id", user.id),
                )
            }
            Command::Delete { message } => self.deletion(*message)?,
            Command::Manage(Manage::EraseUser { user, messages, .. }) => Some(
                Noting::new("user.erased", target("user", user.0, "")).with("messages", messages),
            ),
            Command::Manage(Manage::CreateReset { user, .. }) => {
                Some(Noting::new("user.reset_created", self.the_user(*user)?))
            }
            Command::Program(command) => self.noting_program(command)?,
            Command::TeachWords(lesson) => {
                let first = lesson.words.first().map_or("", |word| &word.word);
                let noting = Noting::new("words.taught", target("word", 0, first));
                Some(noting.with("words", lesson.words.len()))
            }
            Command::ForgetWords(words) => {
                let first = words.first().map_or(0, |word| word.0);
                let noting = Noting::new("words.forgotten", target("word", first, ""));
                Some(noting.with("words", words.len()))
            }
            Command::Manage(Manage::SignInBy {
                issuer, username, ..
            }) => Some(
                Noting::new("session.started", target("user", 0, username)).with("issuer", issuer),
            ),
            Command::Manage(Manage::LinkIdentity { user, issuer, .. }) => Some(
                Noting::new("user.linked", self.the_user(*user)?)
                    .by(*user)
                    .with("issuer", issuer),
            ),
            Command::Manage(Manage::NameWorkspace { name }) => Some(
                Noting::new("server.changed", target("server", 0, "")).with("name", name),
            ),
            Command::Manage(Manage::PictureWorkspace { picture }) => Some(
                Noting::new("server.changed", target("server", 0, ""))
                    .with("picture", picture.is_some()),
            ),
            Command::Manage(Manage::SetEmail { user, address }) => {
                let action = match address {
                    Some(_) => "user.email_set",
                    None => "user.email_removed",
                };
                Some(Noting::new(action, self.the_user(*user)?))
            }
            Command::Manage(Manage::Factor(command)) => self.noting_factor(command)?,
            Command::Asked { .. }
            | Command::Manage(Manage::Note(_))
            | Command::Manage(Manage::UseReset { .. })
            | Command::Manage(Manage::Expire { .. })
            | Command::Manage(Manage::EraseMessages { .. })
            | Command::Manage(Manage::PruneAudit { .. })
            | Command::SetDisplayName { .. }
            | Command::OpenDirect { .. }
            | Command::Join { .. }
            | Command::Leave { .. }
            | Command::AddMember { .. }
            | Command::RemoveMember { .. }
            | Command::Post { .. }
            | Command::Edit { .. }
            | Command::React { .. }
            | Command::Pin { .. }
            | Command::Read { .. }
            | Command::Import(_)
            | Command::Sweep
            // The same password.
            | Command::RenewPasswordHash { .. }
            | Command::MarkUnread { .. }
            | Command::Follow { .. }
            | Command::ReadThread { .. }
            | Command::Save { .. }
            | Command::SetNotifications { .. }
            | Command::ChangeSettings { .. }
            | Command::Push(_)
            | Command::Preview(_)
            | Command::SetStatus { .. }
            | Command::ImportLines(_)
            | Command::AnnounceHistory
            | Command::Purge
            | Command::AddFile(_)
            | Command::DropFile { .. }
            | Command::SetAvatar { .. }
            | Command::KeepDraft { .. }
            | Command::Schedule { .. }
            | Command::ChangeScheduled { .. }
            | Command::Unschedule { .. }
            | Command::SendScheduled { .. } => None,
        })
    }

    /// Somebody else's message; what stood in it is not kept.
    fn deletion(&self, id: MessageId) -> Result<Option<Noting>, Stop> {
        let Some(found) = self.tables.located(id)? else {
            return Ok(None);
        };
        if self.actor == Actor::User(found.record.author) || found.record.deleted {
            return Ok(None);
        }
        let (author, room) = (
            self.the_user(found.record.author)?,
            self.the_room(found.place.room)?,
        );
        Ok(Some(
            Noting::new("message.deleted", target("message", id.0, ""))
                .with("author", author.name)
                .with("room", room.name)
                .with("room_id", room.id),
        ))
    }

    /// Somebody used the link that an administrator gave them.
    pub(super) fn reset_noting(&self, user: UserId) -> Result<Noting, Stop> {
        Ok(Noting::new("user.password_reset", self.the_user(user)?).by(user))
    }

    pub(super) fn the_user(&self, id: UserId) -> Result<Target, Stop> {
        let name = self.tables.user_record(id)?.map(|user| user.username);
        Ok(target("user", id.0, name.as_deref().unwrap_or_default()))
    }

    pub(super) fn the_room(&self, id: RoomId) -> Result<Target, Stop> {
        let name = self.tables.room_record(id)?.map(|room| room.name);
        Ok(target("room", id.0, name.as_deref().unwrap_or_default()))
    }

    /// The command was done.
    pub(super) fn noted(&mut self, noting: Noting, outcome: &Outcome) -> Result<(), Stop> {
        let Noting {
            action,
            mut target,
            mut details,
            actor,
        } = noting;
        match outcome {
            Outcome::User(user) | Outcome::Session { user, .. } => {
                target.id = user.id.0;
                target.name.clone_from(&user.username);
            }
            Outcome::Invite(invite) => target.id = invite.id.0,
            Outcome::Room { room, .. } => target.id = room.id.0,
            _ => {}
        }
        if let Outcome::Session { session, .. } = outcome {
            details.insert("session_id".to_owned(), session.to_string());
        }
        let actor = actor.or(match self.actor {
            Actor::User(user) => Some(user),
            // Who signs up is nobody yet.
            Actor::System
                if matches!(action, "user.created" | "session.started")
                    && self.origin.is_some() =>
            {
                Some(UserId(target.id))
            }
            Actor::System => None,
        });
        self.write_down(actor, action.to_owned(), target, details)
    }

    /// An act that changes nothing by itself.
    pub(super) fn note(&mut self, act: &Act) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let Act {
            action,
            target,
            details,
        } = act.clone();
        let actor = match self.actor {
            Actor::User(user) => Some(user),
            Actor::System => None,
        };
        self.write_down(actor, action, target, details)?;
        Ok(Outcome::Done)
    }

    fn write_down(
        &mut self,
        actor: Option<UserId>,
        action: String,
        target: Target,
        details: BTreeMap<String, String>,
    ) -> Result<(), Stop> {
        let record = AuditRecord {
            at: self.at,
            actor,
            action,
            target,
            details,
            origin: self.origin.clone(),
        };
        self.tables.audit.put(self.seq.id(), &record)?;
        Ok(())
    }

    /// Lines that are older go, some at a time.
    pub(super) fn prune_audit(&mut self, before: Timestamp) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let mut old = Vec::new();
        for row in self.tables.audit.rows()?.take(limits::SWEEP) {
            let (id, record) = row?;
            if record.at >= before {
                break;
            }
            old.push(id);
        }
        for id in &old {
            self.tables.audit.remove(*id)?;
        }
        Ok(Outcome::Part {
            more: old.len() == limits::SWEEP,
        })
    }

    /// Does a command that says from where it was asked.
    pub(super) fn asked(&mut self, from: &Origin, command: &Command) -> Result<Outcome, Stop> {
        self.origin = Some(from.clone());
        self.do_and_note(command)
    }

    pub(super) fn do_and_note(&mut self, command: &Command) -> Result<Outcome, Stop> {
        let noting = self.noting(command)?;
        let outcome = self.run(command)?;
        if let Some(noting) = noting {
            self.noted(noting, &outcome)?;
        }
        Ok(outcome)
    }
}

//! From a command to what it changes: one file per noun.
//!
//! Every function first checks and then writes, so a refused command leaves nothing behind although
//! it shares its transaction with others.

mod access;
mod direct;
mod import;
mod invites;
mod members;
mod mentions;
mod messages;
mod reactions;
mod rooms;
mod sessions;
mod users;

use super::nonces::Nonces;
use super::records::UserRecord;
use super::tables::WriteTables;
use super::{Result, StateError};
use maru_domain::event::Body;
use maru_domain::{
    Actor, Audience, Command, Draft, Effect, Event, Outcome, Refusal, Seq, Timestamp,
};

/// What became of one entry.
#[derive(Debug)]
pub struct Applied {
    pub seq: Seq,
    pub outcome: Result<Outcome, Refusal>,
    pub event: Option<Event>,
    pub effects: Vec<Effect>,
}

/// Why a command stops: the rules refuse it, or the storage is broken.
#[derive(Debug)]
pub(super) enum Stop {
    Refused(Refusal),
    Broken(StateError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

impl<E: Into<StateError>> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop::Broken(error.into())
    }
}

/// A command that was done: what it gives back and what others hear.
pub(super) struct Done {
    outcome: Outcome,
    event: Option<(Audience, Body)>,
}

impl Done {
    fn quietly(outcome: Outcome) -> Done {
        Done {
            outcome,
            event: None,
        }
    }

    fn telling(outcome: Outcome, audience: Audience, body: Body) -> Done {
        Done {
            outcome,
            event: Some((audience, body)),
        }
    }
}

/// All that applying one entry may look at and change.
pub(super) struct Work<'a, 'txn> {
    pub tables: &'a mut WriteTables<'txn>,
    pub nonces: &'a mut Nonces,
    pub seq: Seq,
    pub at: Timestamp,
    pub actor: Actor,
    /// The acting person as before the command.
    pub actor_record: Option<UserRecord>,
    pub effects: Vec<Effect>,
}

/// Applies one entry. An error means that the whole transaction must be given up.
pub fn apply(
    tables: &mut WriteTables<'_>,
    nonces: &mut Nonces,
    seq: Seq,
    draft: &Draft,
) -> Result<Applied> {
    let mut work = Work {
        tables,
        nonces,
        seq,
        at: draft.at,
        actor: draft.actor,
        actor_record: None,
        effects: Vec::new(),
    };
    let done = work
        .actor_is_enabled()
        .and_then(|()| work.run(&draft.command));
    let effects = work.effects;
    match done {
        Ok(Done { outcome, event }) => Ok(Applied {
            seq,
            outcome: Ok(outcome),
            event: event.map(|(audience, body)| Event {
                seq,
                audience,
                body,
            }),
            effects,
        }),
        Err(Stop::Refused(refusal)) => {
            debug_assert!(effects.is_empty(), "a refused command has no effects");
            Ok(Applied {
                seq,
                outcome: Err(refusal),
                event: None,
                effects: Vec::new(),
            })
        }
        Err(Stop::Broken(error)) => Err(error),
    }
}

impl Work<'_, '_> {
    fn run(&mut self, command: &Command) -> Result<Done, Stop> {
        match command {
            Command::CreateUser {
                username,
                display_name,
                role,
                password_hash,
                invite,
                session,
            } => self.create_user(users::NewUser {
                username,
                display_name: display_name.as_deref(),
                role: *role,
                password_hash: password_hash.as_deref(),
                invite: invite.as_deref(),
                session: session.as_ref(),
            }),
            Command::SetPassword {
                user,
                password_hash,
                keep,
            } => self.set_password(*user, password_hash, *keep),
            Command::SetDisplayName { user, display_name } => {
                self.set_display_name(*user, display_name)
            }
            Command::SetRole { user, role } => self.set_role(*user, *role),
            Command::SetDisabled { user, disabled } => self.set_disabled(*user, *disabled),
            Command::StartSession { user, session } => self.start_session(*user, session),
            Command::EndSession { user, session } => self.end_session(*user, *session),
            Command::EndSessions { user, keep } => self.end_sessions(*user, *keep),
            Command::CreateInvite {
                digest,
                role,
                expires_at,
                uses,
            } => self.create_invite(digest, *role, *expires_at, *uses),
            Command::RevokeInvite { invite } => self.revoke_invite(*invite),
            Command::CreateRoom { name, topic, kind } => self.create_room(name, topic, *kind),
            Command::OpenDirect { users } => self.open_direct(users),
            Command::UpdateRoom { room, name, topic } => {
                self.update_room(*room, name.as_deref(), topic.as_deref())
            }
            Command::DeleteRoom { room } => self.delete_room(*room),
            Command::Join { room } => self.join(*room),
            Command::Leave { room } => self.leave(*room),
            Command::AddMember { room, user, role } => self.add_member(*room, *user, *role),
            Command::RemoveMember { room, user } => self.remove_member(*room, *user),
            Command::Post {
                room,
                text,
                client_id,
                reply_to,
                mentions,
            } => {
                let new = messages::NewMessage {
                    text,
                    client_id: client_id.as_deref(),
                    reply_to: *reply_to,
                    chosen: mentions,
                };
                self.post(*room, new)
            }
            Command::Edit {
                message,
                text,
                mentions,
            } => self.edit(*message, text, mentions),
            Command::Delete { message } => self.delete(*message),
            Command::React { message, emoji, on } => self.react(*message, emoji, *on),
            Command::Pin { message, on } => self.pin(*message, *on),
            Command::Read { room, message } => self.read(*room, *message),
            Command::Import(line) => self.import(line),
            Command::Sweep => self.sweep(),
        }
    }
}

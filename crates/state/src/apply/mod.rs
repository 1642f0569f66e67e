//! From a command to what it changes: one file per noun.
//!
//! Every function first checks and then writes, so a refused command leaves nothing behind although
//! it shares its transaction with others.

mod access;
mod audit;
mod avatars;
mod direct;
mod emails;
mod erase;
mod expire;
mod factors;
mod files;
mod history;
mod history_rooms;
mod hooks;
mod identities;
mod invites;
mod marks;
mod members;
mod mentions;
mod messages;
mod owned;
mod previews;
mod programs;
mod programs_audit;
mod purge;
mod pushes;
mod reactions;
mod reads;
mod resets;
mod rooms;
mod sessions;
mod threads;
mod unsent;
mod users;
mod words;
pub(crate) mod workspace;

pub(crate) use factors::SECOND_FACTOR;
pub(crate) use files::FILES_BYTES;

use super::records::UserRecord;
use super::rules::Rules;
use super::tables::WriteTables;
use super::{Result, StateError};
use maru_domain::audit::Origin;
use maru_domain::event::Body;
use maru_domain::{
    Actor, Audience, Code, Command, Effect, Entry, Event, Manage, MessageId, Outcome, Refusal,
    RoomId, Seq, Timestamp, UserId,
};

use std::collections::BTreeMap;

/// What became of one entry.
#[derive(Debug)]
pub struct Applied {
    pub seq: Seq,
    pub outcome: Result<Outcome, Refusal>,
    /// In their order.
    pub events: Vec<Event>,
    pub effects: Vec<Effect>,
}

impl Applied {
    fn refused(seq: Seq, refusal: Refusal) -> Applied {
        Applied {
            seq,
            outcome: Err(refusal),
            events: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// A command that needs a record which is damaged.
    pub(super) fn unreadable(seq: Seq) -> Applied {
        let text = "Something that this needs is damaged on the server; its log says what.";
        Applied::refused(seq, Refusal::new(Code::Internal, text))
    }
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

/// All that applying one entry may look at and change.
pub(super) struct Work<'a, 'txn> {
    pub tables: &'a mut WriteTables<'txn>,
    pub rules: &'static Rules,
    pub seq: Seq,
    pub at: Timestamp,
    pub actor: Actor,
    /// From where it was asked, if the door said so.
    pub origin: Option<Origin>,
    /// The acting person as before the command.
    pub actor_record: Option<UserRecord>,
    /// The first id that was not given to anything yet.
    pub next_id: u64,
    /// What lines of history have to tell of rooms at their end.
    joins: BTreeMap<RoomId, history::Joins>,
    /// Messages that the next event stands for.
    changed: Vec<MessageId>,
    pub events: Vec<Event>,
    pub effects: Vec<Effect>,
}

/// Applies one entry by its own rules. An error means that the whole transaction must be given up.
pub fn apply(
    tables: &mut WriteTables<'_>,
    rules: &'static Rules,
    at: Timestamp,
    entry: &Entry,
) -> Result<Applied> {
    let Entry { seq, draft, .. } = entry;
    let seq = *seq;
    let mut work = Work {
        tables,
        rules,
        seq,
        at,
        actor: draft.actor,
        origin: None,
        actor_record: None,
        next_id: seq.id(),
        joins: BTreeMap::new(),
        changed: Vec::new(),
        events: Vec::new(),
        effects: Vec::new(),
    };
    let done = work
        .actor_is_enabled()
        .and_then(|()| work.do_and_note(&draft.command));
    let Work {
        events, effects, ..
    } = work;
    match done {
        Ok(outcome) => Ok(Applied {
            seq,
            outcome: Ok(outcome),
            events,
            effects,
        }),
        Err(Stop::Refused(refusal)) => {
            debug_assert!(
                effects.is_empty() && events.is_empty(),
                "a refused command has no effects"
            );
            Ok(Applied::refused(seq, refusal))
        }
        Err(Stop::Broken(error)) => Err(error),
    }
}

impl Work<'_, '_> {
    /// An id for something that the entry makes.
    fn new_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    fn tell(&mut self, audience: Audience, body: Body) {
        self.tell_moving(audience, Vec::new(), Vec::new(), body);
    }

    fn tell_moving(
        &mut self,
        audience: Audience,
        joined: Vec<(RoomId, UserId)>,
        left: Vec<(RoomId, UserId)>,
        body: Body,
    ) {
        let n = u16::try_from(self.events.len()).unwrap_or(u16::MAX);
        self.events.push(Event {
            seq: self.seq,
            n,
            audience,
            joined,
            left,
            changed: std::mem::take(&mut self.changed),
            body,
        });
    }
}

impl Work<'_, '_> {
    fn run(&mut self, command: &Command) -> Result<Outcome, Stop> {
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
                is_setup,
            } => self.create_invite(digest, *role, *expires_at, *uses, *is_setup),
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
                files,
                also_in_room,
                may_call,
            } => {
                let new = messages::NewMessage {
                    text,
                    client_id: client_id.as_deref(),
                    reply_to: *reply_to,
                    chosen: mentions,
                    files,
                    also_in_room: *also_in_room,
                    may_call: *may_call,
                    scheduled: None,
                };
                self.post(*room, new)
            }
            Command::Edit {
                message,
                text,
                mentions,
                keeps_old,
            } => self.edit(*message, text, mentions, *keeps_old),
            Command::Delete { message } => self.delete(*message),
            Command::React { message, emoji, on } => self.react(*message, emoji, *on),
            Command::Pin { message, on } => self.pin(*message, *on),
            Command::Read { room, message } => self.read(*room, *message),
            Command::Import(line) => self.import_one(line),
            Command::ImportLines(lines) => self.import_lines(lines),
            Command::AnnounceHistory => self.announce_history(),
            Command::Sweep => self.sweep(),
            Command::Purge => self.purge(),
            Command::AddFile(new) => self.add_file(new),
            Command::DropFile { file } => self.drop_file(*file),
            Command::MarkUnread { room, message } => self.mark_unread(*room, *message),
            Command::Follow { message, on } => self.follow(*message, *on),
            Command::ReadThread { message } => self.read_thread(*message),
            Command::Save { message, on } => self.save(*message, *on),
            Command::SetNotifications { room, level } => self.set_notifications(*room, *level),
            Command::ChangeSettings { patch } => self.change_settings(patch),
            Command::SetStatus { status } => self.set_status(status.as_ref()),
            Command::SetAvatar { picture } => self.set_avatar(picture.as_ref()),
            Command::KeepDraft { room, thread, text } => self.keep_draft(*room, *thread, text),
            Command::Schedule {
                room,
                text,
                reply_to,
                mentions,
                send_at,
                files,
            } => {
                let later = unsent::Later {
                    text,
                    reply_to: *reply_to,
                    mentions,
                    send_at: *send_at,
                    files,
                };
                self.schedule(*room, later)
            }
            Command::ChangeScheduled {
                scheduled,
                text,
                send_at,
            } => self.change_scheduled(*scheduled, text.as_deref(), *send_at),
            Command::Unschedule { scheduled } => self.unschedule(*scheduled),
            Command::SendScheduled { scheduled } => self.send_scheduled(*scheduled),
            Command::RenewPasswordHash {
                user,
                verified,
                password_hash,
            } => self.renew_password_hash(*user, verified, password_hash),
            Command::Push(push) => self.push(push),
            Command::Preview(preview) => self.preview(preview),
            Command::Asked { from, command } => self.asked(from, command),
            Command::Manage(manage) => self.manage(manage),
            Command::Program(command) => self.program(command),
            Command::TeachWords(lesson) => self.teach_words(lesson),
            Command::ForgetWords(words) => self.forget_words(words),
        }
    }

    fn manage(&mut self, manage: &Manage) -> Result<Outcome, Stop> {
        match manage {
            Manage::Note(act) => self.note(act),
            Manage::NameWorkspace { name } => self.name_workspace(name),
            Manage::PictureWorkspace { picture } => self.picture_workspace(picture.as_ref()),
            Manage::PruneAudit { before } => self.prune_audit(*before),
            Manage::SetRetention { room, days } => self.set_retention(*room, *days),
            Manage::Expire {
                room,
                before,
                after,
            } => self.expire(*room, *before, *after),
            Manage::EraseUser { user, .. } => self.erase_user(*user),
            Manage::EraseMessages { user, after } => self.erase_messages(*user, *after),
            Manage::CreateReset {
                user,
                digest,
                expires_at,
            } => self.create_reset(*user, digest, *expires_at),
            Manage::UseReset {
                digest,
                password_hash,
            } => self.use_reset(digest, password_hash),
            Manage::SignInBy {
                issuer,
                subject,
                username,
                display_name,
                may_create,
                role,
                session,
            } => self.sign_in_by(&identities::ByProvider {
                issuer,
                subject,
                username,
                display_name: display_name.as_deref(),
                may_create: *may_create,
                role: *role,
                session,
            }),
            Manage::LinkIdentity {
                user,
                issuer,
                subject,
            } => self.link_identity(*user, issuer, subject),
            Manage::Factor(command) => self.factor(command),
            Manage::SetArchived { room, archived } => self.set_archived(*room, *archived),
            Manage::SetDefault { room, on } => self.set_default(*room, *on),
            Manage::SetEmail { user, address } => self.set_email(*user, address.as_deref()),
        }
    }
}

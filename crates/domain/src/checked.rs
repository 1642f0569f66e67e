//! Shape checks: what a command may say, whatever the state is.

use super::command::HistoryLine;
use super::file::NewFile;
use super::words::few_words;
use super::{Command, FileId, Refusal, RoomKind, Status, UserId, limits, names, text};

impl Command {
    /// The command with its texts normalised, or why it cannot be meant.
    pub fn checked(self) -> Result<Command, Refusal> {
        Ok(match self {
            Command::CreateUser {
                username,
                display_name,
                role,
                password_hash,
                invite,
                session,
            } => Command::CreateUser {
                username: names::username(username)?,
                display_name: display_name.map(names::display_name).transpose()?,
                role,
                password_hash,
                invite,
                session,
            },
            Command::SetDisplayName { user, display_name } => Command::SetDisplayName {
                user,
                display_name: names::display_name(display_name)?,
            },
            Command::CreateInvite {
                digest,
                role,
                expires_at,
                uses,
                is_setup,
            } => {
                if !(1..=limits::INVITE_USES).contains(&uses) {
                    return Err(Refusal::invalid(
                        "uses",
                        format!("An invitation has 1 to {} uses.", limits::INVITE_USES),
                    ));
                }
                Command::CreateInvite {
                    digest,
                    role,
                    expires_at,
                    uses,
                    is_setup,
                }
            }
            Command::CreateRoom { name, topic, kind } => {
                if kind == RoomKind::Direct {
                    return Err(Refusal::invalid(
                        "kind",
                        "Open a direct room with POST /api/v1/direct and the people's ids.",
                    ));
                }
                Command::CreateRoom {
                    name: names::room_name(name)?,
                    topic: names::topic(topic)?,
                    kind,
                }
            }
            Command::OpenDirect { users } if users.len() > limits::DIRECT_MEMBERS => {
                return Err(Refusal::too_long(
                    "user_ids",
                    limits::DIRECT_MEMBERS,
                    "people",
                ));
            }
            Command::UpdateRoom { room, name, topic } => Command::UpdateRoom {
                room,
                name: name.map(names::room_name).transpose()?,
                topic: topic.map(names::topic).transpose()?,
            },
            Command::Post {
                room,
                text: words,
                client_id,
                reply_to,
                mentions,
                files,
                also_in_room,
                may_call,
            } => Command::Post {
                room,
                text: if files.is_empty() {
                    text::message(words)?
                } else {
                    text::caption(words)?
                },
                client_id: client_id.map(text::client_id).transpose()?,
                reply_to,
                mentions: chosen(mentions)?,
                files: few(files)?,
                also_in_room,
                may_call,
            },
            Command::Program(command) => Command::Program(command.checked()?),
            Command::AddFile(new) => Command::AddFile(new.checked()?),
            Command::SetAvatar { picture } => Command::SetAvatar {
                picture: picture.map(NewFile::checked_picture).transpose()?,
            },
            Command::Edit {
                message,
                text: words,
                mentions,
                keeps_old,
            } => Command::Edit {
                message,
                text: text::message(words)?,
                mentions: chosen(mentions)?,
                keeps_old,
            },
            Command::React { message, emoji, on } => Command::React {
                message,
                emoji: text::reaction(emoji, on)?,
                on,
            },
            Command::Import(line) => Command::Import(Box::new(line.checked()?)),
            Command::ImportLines(lines) if lines.len() > limits::IMPORT_LINES => {
                return Err(Refusal::too_long("lines", limits::IMPORT_LINES, "lines"));
            }
            Command::ImportLines(lines) => Command::ImportLines(
                lines
                    .into_iter()
                    .map(HistoryLine::checked)
                    .collect::<Result<_, _>>()?,
            ),
            Command::SetStatus { status } => Command::SetStatus {
                status: status.map(Status::checked).transpose()?.flatten(),
            },
            Command::Push(push) => Command::Push(push.checked()?),
            Command::Preview(preview) => Command::Preview(preview.checked()?),
            Command::ChangeSettings { patch } if patch.len() > limits::SETTINGS_BYTES => {
                return Err(Refusal::too_long(
                    "settings",
                    limits::SETTINGS_BYTES,
                    "bytes",
                ));
            }
            Command::KeepDraft {
                room,
                thread,
                text: words,
            } => Command::KeepDraft {
                room,
                thread,
                text: text::caption(words)?,
            },
            Command::Schedule {
                room,
                text: words,
                reply_to,
                mentions,
                send_at,
                files,
            } => Command::Schedule {
                room,
                text: if files.is_empty() {
                    text::message(words)?
                } else {
                    text::caption(words)?
                },
                reply_to,
                mentions: chosen(mentions)?,
                send_at,
                files: few(files)?,
            },
            Command::ChangeScheduled {
                scheduled,
                text: words,
                send_at,
            } => Command::ChangeScheduled {
                scheduled,
                text: words.map(text::message).transpose()?,
                send_at,
            },
            Command::Asked { from, command } => Command::Asked {
                from,
                command: command.checked_once()?,
            },
            Command::Manage(manage) => Command::Manage(manage.checked()?),
            Command::TeachWords(lesson) => Command::TeachWords(lesson.checked()?),
            Command::ForgetWords(words) => Command::ForgetWords(few_words(words)?),
            other @ (Command::DropFile { .. }
            | Command::Unschedule { .. }
            | Command::SendScheduled { .. }
            | Command::SetPassword { .. }
            | Command::RenewPasswordHash { .. }
            | Command::SetRole { .. }
            | Command::SetDisabled { .. }
            | Command::StartSession { .. }
            | Command::EndSession { .. }
            | Command::EndSessions { .. }
            | Command::RevokeInvite { .. }
            | Command::OpenDirect { .. }
            | Command::DeleteRoom { .. }
            | Command::Join { .. }
            | Command::Leave { .. }
            | Command::AddMember { .. }
            | Command::RemoveMember { .. }
            | Command::Delete { .. }
            | Command::Pin { .. }
            | Command::Read { .. }
            | Command::MarkUnread { .. }
            | Command::Follow { .. }
            | Command::ReadThread { .. }
            | Command::Save { .. }
            | Command::SetNotifications { .. }
            | Command::ChangeSettings { .. }
            | Command::AnnounceHistory
            | Command::Purge
            | Command::Sweep) => other,
        })
    }
}

fn few(files: Vec<FileId>) -> Result<Vec<FileId>, Refusal> {
    if files.len() > limits::FILES_PER_MESSAGE {
        return Err(Refusal::too_long(
            "file_ids",
            limits::FILES_PER_MESSAGE,
            "files",
        ));
    }
    Ok(files)
}

fn chosen(mentions: Vec<UserId>) -> Result<Vec<UserId>, Refusal> {
    if mentions.len() > limits::MENTIONS_PER_MESSAGE {
        return Err(Refusal::too_long(
            "mentions",
            limits::MENTIONS_PER_MESSAGE,
            "people",
        ));
    }
    Ok(mentions)
}

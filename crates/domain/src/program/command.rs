//! What is asked for programs, and what comes back.

use super::{Consumer, Hook, Scope, SlashCommand, Token, Webhook, WebhookFailure};
use crate::{
    EventKind, HookId, Position, Refusal, RoomId, Timestamp, TokenId, User, UserId, WebhookId,
    limits, names, text,
};
use serde::{Deserialize, Serialize};

/// What is asked for programs. Variants and fields are only ever added at the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ProgramCommand {
    CreateToken {
        user: UserId,
        name: String,
        digest: String,
        scopes: Vec<Scope>,
        expires_at: Option<Timestamp>,
    },
    RevokeToken {
        token: TokenId,
    },
    /// A bot of the actor.
    CreateBot {
        username: String,
        display_name: Option<String>,
        /// Its first token.
        name: String,
        digest: String,
        scopes: Vec<Scope>,
        expires_at: Option<Timestamp>,
    },
    /// Its tokens end and it is disabled; its messages stay.
    RemoveBot {
        bot: UserId,
    },
    CreateHook {
        room: RoomId,
        name: String,
        digest: String,
        /// The name of its bot; another one is taken where it is there already.
        username: String,
    },
    RotateHook {
        hook: HookId,
        digest: String,
    },
    DeleteHook {
        hook: HookId,
    },
    CreateWebhook {
        user: UserId,
        name: String,
        url: String,
        secret: String,
        events: Vec<String>,
        rooms: Vec<RoomId>,
        position: Position,
        epoch: u64,
    },
    /// How far it has come, and whether it fails.
    MoveWebhook {
        webhook: WebhookId,
        position: Position,
        epoch: u64,
        failure: Option<WebhookFailure>,
        /// By the delivery itself: moves forward only, and not behind a replay that came in between.
        from: Option<Position>,
    },
    DeleteWebhook {
        webhook: WebhookId,
    },
    Commit {
        consumer: String,
        position: Position,
        epoch: u64,
        /// A reset may go back.
        back: bool,
    },
    DeleteConsumer {
        consumer: String,
    },
    SetSlashCommand(SlashCommand),
    DropSlashCommand {
        name: String,
    },
}

/// What comes back of them.
#[derive(Clone, Debug, PartialEq)]
pub enum ProgramOutcome {
    Token(Token),
    Bot(User, Token),
    Hook(Hook),
    Webhook(Webhook),
    Consumer(Consumer),
}

impl ProgramCommand {
    pub fn checked(self) -> Result<ProgramCommand, Refusal> {
        Ok(match self {
            ProgramCommand::CreateToken {
                user,
                name,
                digest,
                scopes,
                expires_at,
            } => ProgramCommand::CreateToken {
                user,
                name: label(name)?,
                digest,
                scopes: some_scopes(scopes)?,
                expires_at,
            },
            ProgramCommand::CreateBot {
                username,
                display_name,
                name,
                digest,
                scopes,
                expires_at,
            } => ProgramCommand::CreateBot {
                username: names::username(username)?,
                display_name: display_name.map(names::display_name).transpose()?,
                name: label(name)?,
                digest,
                scopes: some_scopes(scopes)?,
                expires_at,
            },
            ProgramCommand::CreateHook {
                room,
                name,
                digest,
                username,
            } => ProgramCommand::CreateHook {
                room,
                name: names::display_name(name)?,
                digest,
                username: names::username(username)?,
            },
            ProgramCommand::CreateWebhook {
                user,
                name,
                url,
                secret,
                events,
                rooms,
                position,
                epoch,
            } => {
                if url.len() > limits::URL_BYTES {
                    return Err(Refusal::too_long("url", limits::URL_BYTES, "bytes"));
                }
                if rooms.len() > limits::WEBHOOK_ROOMS {
                    return Err(Refusal::too_long(
                        "room_ids",
                        limits::WEBHOOK_ROOMS,
                        "rooms",
                    ));
                }
                let unknown = events
                    .iter()
                    .find(|name| EventKind::ALL.iter().all(|kind| kind.as_str() != *name));
                if let Some(unknown) = unknown {
                    return Err(Refusal::invalid(
                        "events",
                        format!("There is no event `{}`.", unknown.escape_debug()),
                    ));
                }
                ProgramCommand::CreateWebhook {
                    user,
                    name: label(name)?,
                    url,
                    secret,
                    events,
                    rooms,
                    position,
                    epoch,
                }
            }
            ProgramCommand::Commit {
                consumer,
                position,
                epoch,
                back,
            } => ProgramCommand::Commit {
                consumer: consumer_name(consumer)?,
                position,
                epoch,
                back,
            },
            ProgramCommand::SetSlashCommand(command) => {
                ProgramCommand::SetSlashCommand(command.checked()?)
            }
            other @ (ProgramCommand::RevokeToken { .. }
            | ProgramCommand::RemoveBot { .. }
            | ProgramCommand::RotateHook { .. }
            | ProgramCommand::DeleteHook { .. }
            | ProgramCommand::MoveWebhook { .. }
            | ProgramCommand::DeleteWebhook { .. }
            | ProgramCommand::DeleteConsumer { .. }
            | ProgramCommand::DropSlashCommand { .. }) => other,
        })
    }
}

impl SlashCommand {
    pub(crate) fn checked(self) -> Result<SlashCommand, Refusal> {
        let name = slash_name(&self.name)?;
        let line =
            |field, text| text::line(field, text, limits::STATUS_GRAPHEMES, limits::NAME_BYTES);
        Ok(SlashCommand {
            name,
            bot_id: self.bot_id,
            description: line("description", self.description)?,
            usage: line("usage", self.usage)?,
        })
    }
}

/// The name of a slash command, without the slash and in lower case.
pub fn slash_name(name: &str) -> Result<String, Refusal> {
    let name = text::nfc(name.trim_start_matches('/').to_lowercase());
    let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.chars().count() > 32 || !name.chars().all(is_word) {
        return Err(Refusal::invalid(
            "name",
            "The name of a command has 1 to 32 letters, digits, - and _.",
        ));
    }
    Ok(name)
}

/// The name of a consumer.
pub fn consumer_name(name: String) -> Result<String, Refusal> {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_word) {
        return Err(Refusal::invalid(
            "consumer",
            "The name of a consumer has 1 to 64 of a-z, A-Z, 0-9, - _ and .",
        ));
    }
    Ok(name)
}

/// What people call a token or hook, so that they know it again.
fn label(name: String) -> Result<String, Refusal> {
    let name = text::line(
        "name",
        name,
        limits::DISPLAY_NAME_GRAPHEMES,
        limits::NAME_BYTES,
    )?;
    if name.trim().is_empty() {
        return Err(Refusal::empty("name"));
    }
    Ok(name)
}

fn some_scopes(mut scopes: Vec<Scope>) -> Result<Vec<Scope>, Refusal> {
    if scopes.is_empty() {
        return Err(Refusal::invalid(
            "scopes",
            "A token needs a scope, such as `read`; see the list in the documentation.",
        ));
    }
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}

//! Other programs beside people: access tokens, bots, hooks, consumers, slash commands.

mod command;

pub use command::{ProgramCommand, ProgramOutcome, consumer_name, slash_name};

use super::{HookId, Position, Refusal, RoomId, Timestamp, TokenId, UserId, WebhookId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $text:tt;)*) => {
        /// What a token may do. `read` and `write` stand for all of the parts below them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum Scope { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Scope {
            pub const ALL: &'static [Scope] = &[$(Scope::$name,)*];
            pub fn as_str(self) -> &'static str {
                match self { $(Scope::$name => $text,)* }
            }
        }
    };
}

scopes! {
    /// Everything that its person may read, administration apart.
    Read = "read";
    /// Everything that its person may change, administration apart.
    Write = "write";
    /// Everything that its person may do, administration with it.
    Admin = "admin";
    MessagesRead = "messages:read";
    MessagesWrite = "messages:write";
    RoomsRead = "rooms:read";
    RoomsWrite = "rooms:write";
    UsersRead = "users:read";
    UsersWrite = "users:write";
    FilesRead = "files:read";
    FilesWrite = "files:write";
    SearchRead = "search:read";
    /// Events as they come, over server-sent events and Socket.IO.
    EventsRead = "events:read";
    /// Committing positions of consumers.
    EventsWrite = "events:write";
    HooksRead = "hooks:read";
    HooksWrite = "hooks:write";
}

impl Scope {
    /// Whether a token with this scope may do what needs the other one.
    pub fn covers(self, needed: Scope) -> bool {
        self == needed
            || match self {
                Scope::Admin => true,
                Scope::Read => needed.as_str().ends_with(":read"),
                Scope::Write => needed.as_str().ends_with(":write"),
                _ => false,
            }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Scope, Refusal> {
        let found = Scope::ALL.iter().find(|scope| scope.as_str() == text);
        found.copied().ok_or_else(|| {
            let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
            Refusal::invalid(
                "scopes",
                format!(
                    "There is no scope `{text}`; there are {}.",
                    known.join(", ")
                ),
            )
        })
    }
}

/// An access token as its owner sees it; its secret is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    pub id: TokenId,
    /// Who acts when it is used.
    pub user_id: UserId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    /// It counts no more from here on; never, where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// About when it was last shown, as far as the server remembers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

/// An incoming webhook: whoever knows its secret posts into its room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hook {
    pub id: HookId,
    pub room_id: RoomId,
    pub name: String,
    /// The bot that its messages are of.
    pub user_id: UserId,
    pub created_by: UserId,
    pub created_at: Timestamp,
}

/// An outgoing webhook: events are sent to a URL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    pub id: WebhookId,
    /// It hears what this person may hear.
    pub user_id: UserId,
    pub name: String,
    pub url: String,
    /// Names of events; all where it is empty.
    pub events: Vec<String>,
    /// Only of these rooms; of all where it is empty.
    pub room_ids: Vec<RoomId>,
    pub created_at: Timestamp,
    /// Everything up to here was delivered.
    pub position: Position,
    /// Which history `position` belongs to.
    pub epoch: u64,
    /// Why the last attempts failed, and how many of them there were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<WebhookFailure>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WebhookFailure {
    pub reason: String,
    pub attempts: u32,
    /// The next attempt; none where it was given up: the hook is dead until it is replayed.
    #[serde(default)]
    pub retry_at: Option<Timestamp>,
}

/// A named position in the events of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Consumer {
    pub name: String,
    pub user_id: UserId,
    pub position: Position,
    pub epoch: u64,
    pub committed_at: Timestamp,
}

/// A slash command that a bot answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlashCommand {
    /// Without the slash.
    pub name: String,
    pub bot_id: UserId,
    pub description: String,
    /// What follows the name, such as `<branch> [--force]`.
    pub usage: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_scopes_cover_their_parts_only() {
        assert!(Scope::Read.covers(Scope::MessagesRead));
        assert!(!Scope::Read.covers(Scope::MessagesWrite));
        assert!(!Scope::Read.covers(Scope::Admin));
        assert!(Scope::Write.covers(Scope::FilesWrite));
        assert!(!Scope::Write.covers(Scope::SearchRead));
        assert!(Scope::Admin.covers(Scope::Write) && Scope::Admin.covers(Scope::UsersRead));
        assert!(!Scope::MessagesRead.covers(Scope::RoomsRead));
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse::<Scope>().ok(), Some(*scope));
        }
        assert!("everything".parse::<Scope>().is_err());
    }

    #[test]
    fn names_of_commands_and_consumers() {
        assert_eq!(slash_name("/Deploy").expect("a name"), "deploy");
        assert_eq!(slash_name("배포").expect("a name"), "배포");
        for bad in ["", "/", "a b", "a/b", &"x".repeat(33)] {
            assert!(slash_name(bad).is_err(), "{bad}");
        }
        assert!(consumer_name("indexer-1.eu".into()).is_ok());
        for bad in ["", "a/b", "한글", &"x".repeat(65)] {
            assert!(consumer_name(bad.to_owned()).is_err(), "{bad}");
        }
    }
}

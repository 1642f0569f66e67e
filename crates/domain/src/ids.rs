//! Ids are types. All are integers below 2^53, so that JSON readers keep them exact.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            utoipa::ToSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$name> for u64 {
            fn from(id: $name) -> u64 {
                id.0
            }
        }
    };
}

id!(
    /// A person's account.
    UserId
);
id!(
    /// A room: public, private or direct.
    RoomId
);
id!(
    /// A message. Grows with the log's order.
    MessageId
);
id!(
    /// An uploaded file.
    FileId
);
id!(
    /// A message that is sent later.
    ScheduledId
);
id!(
    /// A signed-in session of a user.
    SessionId
);
id!(
    /// An invitation to sign up.
    InviteId
);
id!(
    /// An access token of a person or bot.
    TokenId
);
id!(
    /// An incoming webhook.
    HookId
);
id!(
    /// An outgoing webhook.
    WebhookId
);
id!(
    /// A word that search is taught.
    WordId
);
id!(
    /// Position in the log. The first entry has 1; 0 means "before everything".
    Seq
);

impl Seq {
    /// Entries made by one log position may need several ids; this many fit.
    pub const IDS: u64 = 4096;

    /// The position after this one.
    pub fn next(self) -> Seq {
        Seq(self.0 + 1)
    }

    /// The first id that this entry may give to what it makes.
    pub fn id(self) -> u64 {
        self.0 * Self::IDS
    }

    /// Where the entry's nth event stands.
    pub fn event(self, n: u16) -> Position {
        Position(self.id() + u64::from(n).min(Self::IDS - 1))
    }

    /// Behind every event of the entry.
    pub fn end(self) -> Position {
        Position(self.id() + Self::IDS - 1)
    }
}

id!(
    /// Where an event stands: clients call it `seq`. It grows with the log, and with the order of
    /// the events that one entry has.
    Position
);

impl Position {
    /// The entry that the event belongs to.
    pub fn entry(self) -> Seq {
        Seq(self.0 / Seq::IDS)
    }

    /// The entry whose events a client has to hear next: the same again, unless it has heard all.
    pub fn next_entry(self) -> Seq {
        if self == self.entry().end() {
            self.entry().next()
        } else {
            self.entry()
        }
    }
}

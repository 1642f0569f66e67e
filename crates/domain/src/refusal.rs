//! Why something is not done: one table of codes, a sentence for the person, details for machines.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal;)*) => {
        /// What went wrong, as a stable word, with the HTTP status that fits it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }
            pub fn status(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }
        }
    };
}

codes! {
    /// The request cannot be read: not JSON, a wrong type, an unknown field.
    BadRequest = "bad_request", 400;
    /// A field is readable but not allowed; `details.field` names it.
    Invalid = "invalid", 400;
    /// Empty or longer than its limit; `details.field` and `details.limit`.
    BadLength = "bad_length", 400;
    /// No token, or one that does not count (any more).
    Unauthenticated = "unauthenticated", 401;
    /// Wrong user name or password; never says which.
    BadCredentials = "bad_credentials", 401;
    /// The password was right; a code or a passkey has to come with it.
    SecondFactorNeeded = "second_factor_needed", 401;
    /// The caller has to set up a second factor before anything else.
    SecondFactorMissing = "second_factor_missing", 403;
    /// The caller may see it but not do this.
    Forbidden = "forbidden", 403;
    /// The token may not do this; `details.field` names the scope that it lacks.
    MissingScope = "missing_scope", 403;
    /// Writing needs membership of the room.
    NotAMember = "not_a_member", 403;
    /// The room can be read and searched, and nothing comes in.
    RoomArchived = "room_archived", 409;
    SignupClosed = "signup_closed", 403;
    /// The invitation does not exist, is used up or over.
    BadInvite = "bad_invite", 403;
    BadOrigin = "bad_origin", 403;
    /// Not there, or not for the caller to see.
    NotFound = "not_found", 404;
    MethodNotAllowed = "method_not_allowed", 405;
    NameTaken = "name_taken", 409;
    /// The last administrator, the last owner: somebody has to stay.
    LastOne = "last_one", 409;
    Conflict = "conflict", 409;
    TooLarge = "too_large", 413;
    UnsupportedMediaType = "unsupported_media_type", 415;
    TooManyRequests = "too_many_requests", 429;
    /// One account has more open sockets than it may.
    TooManySockets = "too_many_sockets", 429;
    Internal = "internal", 500;
    NotImplemented = "not_implemented", 501;
    /// Writes are refused for now; reads go on.
    ReadOnly = "read_only", 503;
    /// As `read_only`, because the disk is full.
    StorageFull = "storage_full", 507;
    /// The server is stopping or overloaded; try again.
    Unavailable = "unavailable", 503;
    Timeout = "timeout", 503;
}

/// A refused command or request. Becomes `{"error":{code,message,details}}` outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    pub code: Code,
    /// A sentence that says what to do.
    pub message: Cow<'static, str>,
    /// The field that is wrong, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Cow<'static, str>>,
    /// The limit that was passed, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// What the limit counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Cow<'static, str>>,
    /// Seconds to wait before another try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// Where in the field the fault stands, in UTF-16 units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<[u16; 2]>,
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal {
            code,
            message: message.into(),
            field: None,
            limit: None,
            unit: None,
            retry_after_s: None,
            place: None,
        }
    }

    pub fn invalid(field: &'static str, message: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal {
            field: Some(field.into()),
            ..Refusal::new(Code::Invalid, message)
        }
    }

    pub fn empty(field: &'static str) -> Refusal {
        Refusal {
            field: Some(field.into()),
            ..Refusal::new(
                Code::BadLength,
                format!("`{field}` is empty; write something."),
            )
        }
    }

    pub fn too_long(field: &'static str, limit: usize, unit: &'static str) -> Refusal {
        Refusal {
            field: Some(field.into()),
            limit: Some(limit as u64),
            unit: Some(unit.into()),
            ..Refusal::new(
                Code::BadLength,
                format!("`{field}` has more than {limit} {unit}; shorten it."),
            )
        }
    }

    pub fn not_found(what: &'static str) -> Refusal {
        Refusal::new(
            Code::NotFound,
            format!("There is no such {what}, or it is not yours to see."),
        )
    }

    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::new(Code::Forbidden, message)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

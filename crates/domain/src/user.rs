//! People and what they may do in the whole house.

use super::{Refusal, Timestamp, UserId, limits, text};
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;

/// What a person may do in the whole house.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    #[default]
    Member,
    /// Manages accounts, invitations and public rooms. Reads no private room without being in it.
    Admin,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Member => "member",
            Role::Admin => "admin",
        })
    }
}

impl FromStr for Role {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Role, Refusal> {
        match text {
            "member" => Ok(Role::Member),
            "admin" => Ok(Role::Admin),
            _ => Err(Refusal::invalid("role", "A role is `admin` or `member`.")),
        }
    }
}

/// A person, as everybody in the house may see them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub role: Role,
    pub created_at: Timestamp,
    /// A disabled account cannot sign in; its messages stay.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Where the person's picture is; another address for another picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// A program, not a person; it has no password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
}

/// What somebody is up to, in a few words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Status {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// It counts no more from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// In JSON what is not there is left out. The log and the state know fields by their place, so
/// there every field is written.
impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = !serializer.is_human_readable();
        let fields = [
            self.emoji.is_some(),
            self.text.is_some(),
            self.until.is_some(),
        ];
        let count = fields.iter().filter(|is_there| all || **is_there).count();
        let mut status = serializer.serialize_struct("Status", count)?;
        if all || self.emoji.is_some() {
            status.serialize_field("emoji", &self.emoji)?;
        }
        if all || self.text.is_some() {
            status.serialize_field("text", &self.text)?;
        }
        if all || self.until.is_some() {
            status.serialize_field("until", &self.until)?;
        }
        status.end()
    }
}

impl Status {
    /// The status with its texts normalised; one without emoji and text is none.
    pub fn checked(self) -> Result<Option<Status>, Refusal> {
        let emoji = self.emoji.filter(|emoji| !emoji.is_empty());
        let emoji = emoji.map(text::emoji).transpose()?;
        let text = self
            .text
            .map(|text| text::line("text", text, limits::STATUS_GRAPHEMES, limits::NAME_BYTES));
        let text = text.transpose()?.filter(|text| !text.is_empty());
        let is_empty = emoji.is_none() && text.is_none();
        Ok((!is_empty).then_some(Status {
            emoji,
            text,
            until: self.until,
        }))
    }
}

//! What a token says of somebody.

use serde::Deserialize;
use serde_json::Value;

/// Somebody, as the provider knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    /// Never given to anybody else by this issuer.
    pub subject: String,
    pub username: Option<String>,
    pub name: Option<String>,
    /// Only where the provider has verified it.
    pub email: Option<String>,
    pub groups: Vec<String>,
}

/// The token's body.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    pub iss: String,
    pub sub: String,
    pub aud: OneOrMany,
    #[serde(default)]
    pub azp: Option<String>,
    #[serde(default)]
    pub nonce: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    /// Some providers write it as text.
    #[serde(default)]
    email_verified: Value,
    #[serde(default)]
    groups: Value,
    #[serde(default)]
    roles: Value,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    Many(Vec<serde::de::IgnoredAny>),
    One(serde::de::IgnoredAny),
}

impl OneOrMany {
    pub fn len(&self) -> usize {
        match self {
            OneOrMany::One(_) => 1,
            OneOrMany::Many(many) => many.len(),
        }
    }
}

impl Claims {
    pub fn identity(self) -> Identity {
        let is_verified = self.email_verified == true || self.email_verified == "true";
        let mut groups = texts(&self.groups);
        groups.extend(texts(&self.roles));
        Identity {
            issuer: self.iss,
            subject: self.sub,
            username: self.preferred_username,
            name: self.name,
            email: self.email.filter(|_| is_verified),
            groups,
        }
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many
            .iter()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

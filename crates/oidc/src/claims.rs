//! What a token says of somebody.

use crate::OidcError;
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
    #[serde(flatten)]
    about: About,
}

/// What a provider says of somebody, in the token or when it is asked.
#[derive(Debug, Deserialize)]
struct About {
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

/// The answer of the provider's userinfo endpoint.
#[derive(Debug, Deserialize)]
pub(crate) struct More {
    sub: String,
    #[serde(flatten)]
    about: About,
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
    /// Adds what the token does not say. The token is signed, so it goes first.
    pub fn complete(&mut self, more: More) -> Result<(), OidcError> {
        if more.sub != self.sub {
            let why = "the provider speaks of somebody else when it is asked";
            return Err(OidcError::Untrusted(why.to_owned()));
        }
        let (about, more) = (&mut self.about, more.about);
        about.preferred_username = about.preferred_username.take().or(more.preferred_username);
        about.name = about.name.take().or(more.name);
        // An address and whether it was verified belong together.
        if about.email.is_none() {
            about.email = more.email;
            about.email_verified = more.email_verified;
        }
        for (own, more) in [
            (&mut about.groups, more.groups),
            (&mut about.roles, more.roles),
        ] {
            if own.is_null() {
                *own = more;
            }
        }
        Ok(())
    }

    pub fn identity(self) -> Identity {
        let about = self.about;
        let is_verified = about.email_verified == true || about.email_verified == "true";
        let mut groups = texts(&about.groups);
        groups.extend(texts(&about.roles));
        Identity {
            issuer: self.iss,
            subject: self.sub,
            username: about.preferred_username,
            name: about.name,
            email: about.email.filter(|_| is_verified),
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

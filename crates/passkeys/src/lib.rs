//! Passkeys (WebAuthn): how a key that a device keeps shows whose it is.
//!
//! Two ceremonies, each with a beginning and an end: [`Site::begin_making`] and [`Site::made`] for a
//! new one, [`Site::begin_showing`] and [`Site::shown`] for signing in. What lies between them is
//! kept by whoever calls, for five minutes. A device always verifies who holds it, by a finger, a
//! face or a PIN; so a passkey is two factors. It is bound to the site's host: another page, or a
//! server under another name, gets nothing from it.
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;
use webauthn_rp::bin::{Decode as _, Encode as _};
use webauthn_rp::request::auth::{
    AuthenticationVerificationOptions, AuthenticatorAttachmentEnforcement,
};
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions,
    UserHandle, Username,
};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

/// Bytes by which a device knows an account.
const HANDLE: usize = 16;

#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    #[error("passkeys need a host name and https, or localhost; set public-url")]
    NoSite,
    #[error("what the device sent cannot be read: {0}")]
    Unreadable(String),
    #[error("the passkey does not show who it is: {0}")]
    Untrusted(String),
    #[error("a passkey cannot be made: {0}")]
    Broken(String),
}

/// Where people reach the server: passkeys are bound to it.
pub struct Site {
    id: RpId,
    origin: String,
}

/// Whose a new passkey becomes.
pub struct Person<'a> {
    /// What [`handle`] makes of the account.
    pub handle: [u8; HANDLE],
    pub username: &'a str,
    pub display_name: &'a str,
}

/// What a device is asked, and what is kept until it answers.
pub struct Begun {
    /// As `PublicKeyCredential.parse…OptionsFromJSON()` takes it.
    pub options: Value,
    pub kept: Vec<u8>,
}

/// A passkey as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// In base64url.
    pub id: String,
    /// The public key.
    pub key: Vec<u8>,
    /// What changes as it is used: a counter, whether it is backed up.
    pub moving: Vec<u8>,
    /// How the device is reached.
    pub transports: u8,
}

/// An answer of a device that is not verified yet.
pub struct Answer(DiscoverableAuthentication<HANDLE>);

/// The bytes by which devices know this account; no name stands in them.
pub fn handle(account: &str) -> [u8; HANDLE] {
    let digest = Sha256::digest(format!("maru passkey\n{account}").as_bytes());
    let mut handle = [0; HANDLE];
    handle.copy_from_slice(&digest[..HANDLE]);
    handle
}

impl Site {
    /// Of the address under which people reach the server.
    pub fn of(base_url: &str) -> Result<Site, PasskeyError> {
        let url = Url::parse(base_url).map_err(|_| PasskeyError::NoSite)?;
        let host = url.domain().ok_or(PasskeyError::NoSite)?.to_owned();
        let is_local = host == "localhost" || host.ends_with(".localhost");
        if url.scheme() != "https" && !is_local {
            return Err(PasskeyError::NoSite);
        }
        let domain = AsciiDomain::try_from(host).map_err(|_| PasskeyError::NoSite)?;
        Ok(Site {
            id: RpId::Domain(domain),
            origin: url.origin().ascii_serialization(),
        })
    }

    /// Asks a device for a passkey. `known` are those of the same person: a device makes no second.
    pub fn begin_making(
        &self,
        site_name: &str,
        person: &Person<'_>,
        known: &[Stored],
    ) -> Result<Begun, PasskeyError> {
        let handle = UserHandle::<HANDLE>::decode(person.handle).map_err(broken)?;
        let known = known.iter().filter_map(|known| {
            let id = URL_SAFE_NO_PAD.decode(&known.id).ok()?;
            Some(PublicKeyCredentialDescriptor {
                id: CredentialId::<Vec<u8>>::decode(id).ok()?,
                transports: AuthTransports::decode(known.transports).ok()?,
            })
        });
        let user = PublicKeyCredentialUserEntity {
            // Names that devices might not show are left out.
            name: Username::try_from(person.username)
                .or_else(|_| Username::try_from("maru"))
                .map_err(broken)?,
            id: &handle,
            display_name: Nickname::try_from(person.display_name).ok(),
        };
        let mut asked =
            PublicKeyCredentialCreationOptions::passkey(&self.id, user, known.collect());
        // Browsers refuse devices that cannot promise it, and the holder is verified at each use.
        asked.extensions.cred_protect = CredProtect::None;
        let (kept, asked) = asked.start_ceremony().map_err(broken)?;
        let mut options = serde_json::to_value(&asked).map_err(broken)?;
        options["rp"]["name"] = site_name.into();
        Ok(Begun {
            options,
            kept: kept.encode().map_err(broken)?,
        })
    }

    /// Verifies what the device made. `answer` is `PublicKeyCredential.toJSON()`.
    pub fn made(&self, kept: &[u8], answer: &str) -> Result<Stored, PasskeyError> {
        let kept = RegistrationServerState::<HANDLE>::decode(kept).map_err(broken)?;
        let answer = Registration::from_json_relaxed(answer.as_bytes()).map_err(unreadable)?;
        let origins = [self.origin.as_str()];
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = kept.verify(&self.id, &answer, &options);
        let made = made.map_err(|error| PasskeyError::Untrusted(error.to_string()))?;
        let Ok(id) = made.id().encode().map(|id| URL_SAFE_NO_PAD.encode(id));
        let Ok(key) = made.static_state().encode();
        let Ok(moving) = made.dynamic_state().encode();
        let Ok(transports) = made.transports().encode();
        Ok(Stored {
            id,
            key,
            moving: moving.to_vec(),
            transports,
        })
    }

    /// Asks any device for any passkey of this site.
    pub fn begin_showing(&self) -> Result<Begun, PasskeyError> {
        let asked = DiscoverableCredentialRequestOptions::passkey(&self.id);
        let (kept, asked) = asked.start_ceremony().map_err(broken)?;
        Ok(Begun {
            options: serde_json::to_value(&asked).map_err(broken)?,
            kept: kept.encode().map_err(broken)?,
        })
    }

    /// Verifies what the device showed against the passkey that it names; what moves in it
    /// afterwards.
    pub fn shown(
        &self,
        kept: &[u8],
        answer: &Answer,
        account: [u8; HANDLE],
        stored: &Stored,
    ) -> Result<Vec<u8>, PasskeyError> {
        let kept = DiscoverableAuthenticationServerState::decode(kept).map_err(broken)?;
        let handle = UserHandle::<HANDLE>::decode(account).map_err(broken)?;
        let id = URL_SAFE_NO_PAD.decode(&stored.id).map_err(broken)?;
        let id = CredentialId::<&[u8]>::decode(&id).map_err(broken)?;
        let key = StaticState::<CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>>::decode(
            &stored.key,
        )
        .map_err(broken)?;
        let moving: [u8; 7] = stored.moving.as_slice().try_into().map_err(broken)?;
        let moving = DynamicState::decode(moving).map_err(broken)?;
        let mut held = AuthenticatedCredential::new(id, &handle, key, moving).map_err(broken)?;
        let origins = [self.origin.as_str()];
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            // The same passkey comes from the device itself and, by a code, from another.
            auth_attachment_enforcement: AuthenticatorAttachmentEnforcement::Ignore(false),
            ..AuthenticationVerificationOptions::default()
        };
        let verified = kept.verify(&self.id, &answer.0, &mut held, &options);
        verified.map_err(|error| PasskeyError::Untrusted(error.to_string()))?;
        let Ok(moving) = held.dynamic_state().encode();
        Ok(moving.to_vec())
    }
}

impl Answer {
    /// `PublicKeyCredential.toJSON()`.
    pub fn read(answer: &str) -> Result<Answer, PasskeyError> {
        DiscoverableAuthentication::from_json_relaxed(answer.as_bytes())
            .map(Answer)
            .map_err(unreadable)
    }

    /// The passkey that it names, in base64url.
    pub fn id(&self) -> String {
        let Ok(id) = self
            .0
            .raw_id()
            .encode()
            .map(|id| URL_SAFE_NO_PAD.encode(id));
        id
    }
}

fn broken(error: impl std::fmt::Display) -> PasskeyError {
    PasskeyError::Broken(error.to_string())
}

fn unreadable(error: impl std::fmt::Display) -> PasskeyError {
    PasskeyError::Unreadable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_a_host_and_https() {
        for good in [
            "https://chat.example",
            "https://chat.example:8443",
            "http://localhost:8080",
        ] {
            assert!(Site::of(good).is_ok(), "{good}");
        }
        for bad in [
            "http://chat.example",
            "https://10.0.0.1",
            "https://[::1]",
            "chat",
            "",
        ] {
            assert!(matches!(Site::of(bad), Err(PasskeyError::NoSite)), "{bad}");
        }
    }

    #[test]
    fn nonsense_is_no_answer() {
        let site = Site::of("https://chat.example").expect("a site");
        let begun = site.begin_showing().expect("begun");
        assert_eq!(begun.options["rpId"], "chat.example");
        assert_eq!(begun.options["userVerification"], "required");
        for nonsense in ["", "{}", "[]", "null", "{\"id\":\"a\"}"] {
            assert!(Answer::read(nonsense).is_err(), "{nonsense}");
            assert!(site.made(&begun.kept, nonsense).is_err());
        }
        let person = Person {
            handle: handle("1"),
            username: "김서방",
            display_name: "김 서방\u{202e}",
        };
        let begun = site.begin_making("마루", &person, &[]).expect("begun");
        assert_eq!(begun.options["rp"]["name"], "마루");
        assert_eq!(
            begun.options["authenticatorSelection"]["residentKey"],
            "required"
        );
        assert!(site.made(&begun.kept, "{}").is_err());
        assert!(site.made(b"other", "{}").is_err());
    }
}

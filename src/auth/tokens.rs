//! Signed tokens (JWT), as strict as RFC 8725 asks: one algorithm per key, never taken from the
//! token; keys found by `kid` in our own list; every claim required.

use super::keys::{Algorithm, KeyError, Keyring};
use crate::cache::{CacheError, Clock};
use crate::domain::{SessionId, UserId};
use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Header, crypto};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a token lives unless told otherwise.
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// Clocks may differ by so much.
const LEEWAY_S: u64 = 5;
/// Nothing we sign is longer.
const MAX_BYTES: usize = 4096;

/// Why a token does not count. For logs and metrics; outside all but [`TokenError::Cache`] are the
/// one [`TokenError::OUTSIDE`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of the right shape.
    #[error("not a token")]
    Malformed,
    /// No key has this id, or none is named.
    #[error("signed with a key that is not ours")]
    UnknownKey,
    /// The header names an algorithm that is not the key's, `none` among them.
    #[error("the algorithm is not the key's")]
    WrongAlgorithm,
    /// The signature is not the key's.
    #[error("forged")]
    Forged,
    /// A claim is missing, has the wrong shape, or is for somebody else.
    #[error("the claims are not ours")]
    WrongClaims,
    /// Over.
    #[error("expired")]
    Expired,
    /// Signed out, or from before a restore.
    #[error("the session has ended")]
    Revoked,
    /// The session of this name belongs to somebody else.
    #[error("the session is not the token's")]
    Mismatched,
    /// It cannot be known at the moment.
    #[error(transparent)]
    Cache(CacheError),
}

impl TokenError {
    /// What a client is told, whatever the reason.
    pub const OUTSIDE: &'static str = "The token is not valid or has expired; sign in again.";
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose.
    pub user_id: UserId,
    /// Which session.
    pub session_id: SessionId,
    /// The session's name in the cache: random, see [`super::random::id`].
    pub jti: String,
    /// When it was issued, in unix milliseconds.
    pub issued_at_ms: u64,
    /// When it ends, in unix milliseconds; signed in whole seconds.
    pub expires_at_ms: u64,
}

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Whose.
    pub user_id: UserId,
    /// Which session.
    pub session_id: SessionId,
    /// The session's name in the cache.
    pub jti: String,
    /// When it ends, in unix milliseconds.
    pub expires_at_ms: u64,
}

/// Signs and verifies with the keys of one directory. Cheap to clone; clones share the keys.
#[derive(Clone)]
pub struct Tokens {
    keyring: Arc<ArcSwap<Keyring>>,
    dir: PathBuf,
    algorithm: Algorithm,
    issuer: Arc<str>,
    audience: Arc<str>,
    clock: Clock,
}

#[derive(Serialize)]
struct SignedClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    sid: String,
    jti: &'a str,
    iat: u64,
    exp: u64,
}

/// Read from a token: single texts only, where the standard would allow lists.
#[derive(Deserialize)]
struct ReadClaims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    aud: Cow<'a, str>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    #[serde(borrow)]
    sid: Cow<'a, str>,
    jti: String,
    iat: u64,
    exp: u64,
}

#[derive(Deserialize)]
struct ReadHeader<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow, default)]
    kid: Option<Cow<'a, str>>,
    /// Extensions that must be understood; we understand none.
    #[serde(default)]
    crit: Option<serde::de::IgnoredAny>,
}

impl Tokens {
    /// With the keys of a directory (usually `keys/` of the data directory), made if there are none.
    pub fn open(dir: &Path, algorithm: Algorithm, clock: Clock) -> Result<Tokens, KeyError> {
        let keyring = Keyring::open(dir, algorithm)?;
        Ok(Tokens {
            keyring: Arc::new(ArcSwap::from_pointee(keyring)),
            dir: dir.to_path_buf(),
            algorithm,
            issuer: "maru".into(),
            audience: "maru".into(),
            clock,
        })
    }

    /// Where time comes from.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Makes a new key that signs from now on; tokens signed by earlier ones still count.
    pub fn rotate(&self) -> Result<(), KeyError> {
        self.keyring
            .store(Arc::new(Keyring::rotate(&self.dir, self.algorithm)?));
        Ok(())
    }

    /// Reads the directory again, after somebody changed it.
    pub fn reload(&self) -> Result<(), KeyError> {
        self.keyring
            .store(Arc::new(Keyring::open(&self.dir, self.algorithm)?));
        Ok(())
    }

    pub(super) fn keyring(&self) -> Arc<Keyring> {
        self.keyring.load_full()
    }

    /// The public keys, for `/.well-known/jwks.json`; `None` if there are only secrets.
    pub fn jwks(&self) -> Option<JwkSet> {
        self.keyring.load().jwks()
    }

    /// A signed token.
    pub fn issue(&self, grant: &Grant) -> Result<String, jsonwebtoken::errors::Error> {
        let keyring = self.keyring.load();
        let key = keyring
            .signer()
            .ok_or(jsonwebtoken::errors::ErrorKind::InvalidKeyFormat)?;
        let mut header = Header::new(key.algorithm.jwt());
        header.kid = Some(keyring.signer_id().to_owned());
        let claims = SignedClaims {
            iss: &self.issuer,
            aud: &self.audience,
            sub: grant.user_id.to_string(),
            sid: grant.session_id.to_string(),
            jti: &grant.jti,
            iat: grant.issued_at_ms / 1000,
            exp: grant.expires_at_ms / 1000,
        };
        jsonwebtoken::encode(&header, &claims, &key.encoding)
    }

    /// What a token says, if we signed it and it has not expired. Whether its session still lives
    /// is for [`super::sessions::Sessions::lookup`].
    pub fn verify(&self, token: &str) -> Result<Verified, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError::Malformed);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
        if claims.contains('.') {
            return Err(TokenError::Malformed);
        }
        let header = decode(header)?;
        let header: ReadHeader<'_> =
            serde_json::from_slice(&header).map_err(|_| TokenError::Malformed)?;
        if header.alg.eq_ignore_ascii_case("none") {
            return Err(TokenError::WrongAlgorithm);
        }
        if header.crit.is_some() {
            return Err(TokenError::Malformed);
        }
        let keyring = self.keyring.load();
        let key = header
            .kid
            .and_then(|kid| keyring.key(&kid))
            .ok_or(TokenError::UnknownKey)?;
        if header.alg != key.algorithm.name() {
            return Err(TokenError::WrongAlgorithm);
        }
        match crypto::verify(
            signature,
            message.as_bytes(),
            &key.decoding,
            key.algorithm.jwt(),
        ) {
            Ok(true) => {}
            Ok(false) => return Err(TokenError::Forged),
            Err(_) => return Err(TokenError::Malformed),
        }

        let claims = decode(claims)?;
        let claims: ReadClaims<'_> =
            serde_json::from_slice(&claims).map_err(|_| TokenError::WrongClaims)?;
        if claims.iss != *self.issuer || claims.aud != *self.audience || claims.iat > claims.exp {
            return Err(TokenError::WrongClaims);
        }
        let number = |text: &str| text.parse().map_err(|_| TokenError::WrongClaims);
        let verified = Verified {
            user_id: UserId(number(&claims.sub)?),
            session_id: SessionId(number(&claims.sid)?),
            jti: claims.jti,
            expires_at_ms: claims.exp.saturating_mul(1000),
        };
        if claims.exp.saturating_add(LEEWAY_S) <= self.clock.unix_ms() / 1000 {
            return Err(TokenError::Expired);
        }
        Ok(verified)
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::Malformed)
}

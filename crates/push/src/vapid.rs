//! The key by which push services know this server, kept in a file that only its user may read.

use crate::base64url;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

const NAME: &str = "vapid-p256.pem";
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
/// Push services take tokens for a day at most.
const TOKEN_S: i64 = 12 * 3600;

/// An ECDSA key on P-256.
pub struct Vapid {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

#[derive(Debug, thiserror::Error)]
pub enum VapidError {
    #[error("cannot {action} {path}: {source}; check that the directory belongs to the server's user", path = path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{path} is no private key on P-256; restore it from a backup, or remove it: browsers then have to subscribe to notifications again", path = path.display())]
    Bad { path: PathBuf },
    #[error("the system gives no random bytes")]
    Random,
}

impl Vapid {
    /// The key in this directory of keys; made where there is none yet.
    pub fn open(dir: &Path) -> Result<Vapid, VapidError> {
        let path = dir.join(NAME);
        let bad = || VapidError::Bad { path: path.clone() };
        let random = SystemRandom::new();
        let pkcs8 = match fs::read_to_string(&path) {
            Ok(text) => unwrapped(&text).ok_or_else(bad)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
                    .map_err(|_| VapidError::Random)?;
                write(dir, &path, &wrapped(made.as_ref()))?;
                made.as_ref().to_vec()
            }
            Err(source) if source.kind() == io::ErrorKind::InvalidData => return Err(bad()),
            Err(source) => {
                return Err(VapidError::Io {
                    action: "read",
                    path,
                    source,
                });
            }
        };
        // The file holds both halves of the key, and they are compared: one that changed is found.
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &random)
            .map_err(|_| bad())?;
        Ok(Vapid { pair, random })
    }

    /// What a browser needs to subscribe: the point, uncompressed, in base64url.
    pub fn public_key(&self) -> String {
        base64url(self.pair.public_key().as_ref())
    }

    /// The value of `Authorization` for a push service, by its origin. `subject` is where its
    /// operators reach whoever runs this server: a `mailto:` or `https:` URL.
    pub fn authorization(
        &self,
        audience: &str,
        subject: &str,
        now_s: i64,
    ) -> Result<String, VapidError> {
        let header = base64url(br#"{"typ":"JWT","alg":"ES256"}"#);
        let claims = serde_json::json!({
            "aud": audience,
            "exp": now_s + TOKEN_S,
            "sub": subject,
        });
        let signed = format!("{header}.{}", base64url(claims.to_string().as_bytes()));
        let signature = self
            .pair
            .sign(&self.random, signed.as_bytes())
            .map_err(|_| VapidError::Random)?;
        Ok(format!(
            "vapid t={signed}.{}, k={}",
            base64url(signature.as_ref()),
            self.public_key()
        ))
    }
}

fn wrapped(pkcs8: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(pkcs8);
    let mut pem = format!("{BEGIN}\n");
    for line in text.as_bytes().chunks(64) {
        pem.extend(line.iter().map(|&byte| char::from(byte)));
        pem.push('\n');
    }
    pem + END + "\n"
}

fn unwrapped(pem: &str) -> Option<Vec<u8>> {
    let text = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let text: String = text.split_whitespace().collect();
    BASE64_STANDARD.decode(text).ok()
}

/// Whole or not at all, also when the power goes.
fn write(dir: &Path, path: &Path, pem: &str) -> Result<(), VapidError> {
    let failed = |action, path: &Path, source| VapidError::Io {
        action,
        path: path.to_owned(),
        source,
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|source| failed("make", dir, source))?;
    let new = path.with_extension("new");
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)
        .and_then(|mut file| {
            file.write_all(pem.as_bytes())
                .and_then(|()| file.sync_all())
        });
    written.map_err(|source| failed("write", &new, source))?;
    fs::rename(&new, path)
        .and_then(|()| File::open(dir)?.sync_all())
        .map_err(|source| failed("write", path, source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_base64;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_key_is_made_once_and_only_the_server_may_read_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let keys = dir.path().join("keys");
        let first = Vapid::open(&keys).expect("makes").public_key();
        assert_eq!(Vapid::open(&keys).expect("opens").public_key(), first);
        assert_eq!(from_base64(&first).expect("base64url").len(), 65);
        let mode = fs::metadata(keys.join(NAME))
            .expect("is there")
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }

    #[test]
    fn a_changed_key_is_told_from_a_good_one() {
        let dir = tempfile::tempdir().expect("a directory");
        Vapid::open(dir.path()).expect("makes");
        let path = dir.path().join(NAME);
        let pem = fs::read_to_string(&path).expect("text");
        for bad in [pem.replacen('A', "B", 1), "nonsense".into(), String::new()] {
            fs::write(&path, bad).expect("writes");
            let opened = Vapid::open(dir.path()).map(|_| ());
            assert!(matches!(opened, Err(VapidError::Bad { .. })), "{opened:?}");
        }
    }

    #[test]
    fn a_push_service_can_verify_the_token() {
        let dir = tempfile::tempdir().expect("a directory");
        let vapid = Vapid::open(dir.path()).expect("makes");
        let value = vapid
            .authorization("https://push.example", "mailto:kim@example.org", 1_000)
            .expect("signs");
        let (token, key) = value
            .strip_prefix("vapid t=")
            .and_then(|rest| rest.split_once(", k="))
            .expect("two parts");
        assert_eq!(key, vapid.public_key());
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        let key = from_base64(key).expect("a key");
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
            .verify(signed.as_bytes(), &from_base64(signature).expect("bytes"))
            .expect("is signed by the key");
        let claims = from_base64(signed.split_once('.').expect("claims").1).expect("bytes");
        let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
        assert_eq!(claims["aud"], "https://push.example");
        assert_eq!(claims["exp"], 1_000 + TOKEN_S);
    }
}

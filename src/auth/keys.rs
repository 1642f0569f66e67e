//! The keys that sign tokens: one file each, in a directory that only the server's user may read.
//!
//! `hs256-<kid>.key` holds 32 random bytes in base64url; `ed25519-<kid>.pem` a private key in
//! PKCS #8, as `openssl genpkey -algorithm ed25519` writes it. A last line `crc32c <hex>` over what
//! is before it tells a changed key from a good one; a key without it gets it. The newest (by the number its kid
//! begins with, then by name) of the configured algorithm signs; all verify. To retire a key,
//! remove its file once the tokens it signed have expired.

use super::random;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{DecodingKey, EncodingKey};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// How tokens are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// With a secret that only this server has.
    #[default]
    HS256,
    /// With a private key; others can verify by the public one.
    EdDSA,
}

impl Algorithm {
    /// As in a token's header.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::HS256 => "HS256",
            Algorithm::EdDSA => "EdDSA",
        }
    }

    pub(super) fn jwt(self) -> jsonwebtoken::Algorithm {
        match self {
            Algorithm::HS256 => jsonwebtoken::Algorithm::HS256,
            Algorithm::EdDSA => jsonwebtoken::Algorithm::EdDSA,
        }
    }

    fn file_name(self, kid: &str) -> String {
        match self {
            Algorithm::HS256 => format!("hs256-{kid}.key"),
            Algorithm::EdDSA => format!("ed25519-{kid}.pem"),
        }
    }

    fn of_file(name: &str) -> Option<(Algorithm, &str)> {
        let hs256 = name
            .strip_prefix("hs256-")
            .and_then(|rest| rest.strip_suffix(".key"));
        let eddsa = name
            .strip_prefix("ed25519-")
            .and_then(|rest| rest.strip_suffix(".pem"));
        hs256
            .map(|kid| (Algorithm::HS256, kid))
            .or(eddsa.map(|kid| (Algorithm::EdDSA, kid)))
            .filter(|(_, kid)| !kid.is_empty())
    }
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Reading or writing failed.
    #[error(
        "cannot {action} {path}: {source}; check that the directory belongs to the server's user"
    )]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that is no key.
    #[error(
        "{path} is not a key ({what}); restore it from a backup, or set it aside with `maru check --repair`: whoever signed in with it must sign in again"
    )]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Two files with the same kid.
    #[error("{path} has the same key id as another key; rename one of them")]
    Twice {
        /// One of the files.
        path: PathBuf,
    },
    /// No key can be made.
    #[error(transparent)]
    Random(#[from] random::NoRandomness),
}

pub(super) struct Key {
    pub algorithm: Algorithm,
    pub encoding: EncodingKey,
    pub decoding: DecodingKey,
    public: Option<Jwk>,
}

/// All keys of a directory, as they were when it was read.
pub struct Keyring {
    keys: BTreeMap<String, Key>,
    signer: String,
}

impl Keyring {
    /// Reads the keys; makes the directory and a first key where there is none.
    pub fn open(dir: &Path, algorithm: Algorithm) -> Result<Keyring, KeyError> {
        private_dir(dir)?;
        let keys = read_all(dir)?;
        match newest(&keys, algorithm) {
            Some(signer) => Ok(Keyring { keys, signer }),
            None => Keyring::rotate(dir, algorithm),
        }
    }

    /// Makes a new key, which signs from now on, and reads all.
    pub fn rotate(dir: &Path, algorithm: Algorithm) -> Result<Keyring, KeyError> {
        private_dir(dir)?;
        let newest_number = read_all(dir)?
            .keys()
            .map(|kid| number(kid))
            .max()
            .unwrap_or(0);
        let now_s = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        // Also when the clock has gone back, the new key is the newest.
        let number = now_s.max(newest_number + 1);
        let kid = format!("{number}-{}", hex(&random::bytes::<4>()?));
        let secret = random::bytes::<32>()?;
        let text = match algorithm {
            Algorithm::HS256 => URL_SAFE_NO_PAD.encode(secret) + "\n",
            Algorithm::EdDSA => pem(&secret),
        };
        write_private(dir, &algorithm.file_name(&kid), &seal(text.as_bytes()))?;
        let keys = read_all(dir)?;
        Ok(Keyring { keys, signer: kid })
    }

    /// The public keys, for `/.well-known/jwks.json`; `None` if there are only secrets.
    pub fn jwks(&self) -> Option<JwkSet> {
        let keys: Vec<Jwk> = self
            .keys
            .values()
            .filter_map(|key| key.public.clone())
            .collect();
        (!keys.is_empty()).then_some(JwkSet { keys })
    }

    /// The id of the key that signs.
    pub fn signer_id(&self) -> &str {
        &self.signer
    }

    pub(super) fn signer(&self) -> Option<&Key> {
        self.keys.get(&self.signer)
    }

    pub(super) fn key(&self, kid: &str) -> Option<&Key> {
        self.keys.get(kid)
    }
}

fn newest(keys: &BTreeMap<String, Key>, algorithm: Algorithm) -> Option<String> {
    keys.iter()
        .filter(|(_, key)| key.algorithm == algorithm)
        .map(|(kid, _)| kid)
        .max_by_key(|kid| (number(kid), kid.as_str()))
        .cloned()
}

/// The number a kid begins with; 0 if it does not.
fn number(kid: &str) -> u64 {
    kid.split('-')
        .next()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

fn read_all(dir: &Path) -> Result<BTreeMap<String, Key>, KeyError> {
    let mut keys = BTreeMap::new();
    for entry in fs::read_dir(dir).map_err(io_error("list", dir))? {
        let path = entry.map_err(io_error("list", dir))?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let Some((algorithm, kid)) = Algorithm::of_file(name) else {
            continue;
        };
        keep_private(&path)?;
        let bytes = fs::read(&path).map_err(io_error("read", &path))?;
        let bad = |what| KeyError::Bad {
            path: path.clone(),
            what,
        };
        let (text, is_sealed) = unseal(&bytes).map_err(bad)?;
        let key = read_key(algorithm, kid, text).map_err(bad)?;
        if !is_sealed {
            write_private(dir, name, &seal(text))?;
        }
        if keys.insert(kid.to_owned(), key).is_some() {
            return Err(KeyError::Twice { path });
        }
    }
    Ok(keys)
}

/// What is wrong with the keys in a directory; nothing there is changed.
pub fn inspect(dir: &Path) -> Vec<KeyError> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let wrong = entries.flatten().filter_map(|entry| {
        let path = entry.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let (algorithm, kid) = Algorithm::of_file(name?)?;
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => return Some(io_error("read", &path)(source)),
        };
        let read = unseal(&bytes).and_then(|(text, _)| read_key(algorithm, kid, text));
        read.err().map(|what| KeyError::Bad { path, what })
    });
    wrong.collect()
}

const SEAL: &[u8] = b"crc32c ";

/// The key's text with a last line that tells whether it was changed.
fn seal(text: &[u8]) -> Vec<u8> {
    let mut sealed = text.trim_ascii_end().to_vec();
    sealed.push(b'\n');
    let sum = crc32c::crc32c(&sealed);
    sealed.extend_from_slice(SEAL);
    sealed.extend_from_slice(format!("{sum:08x}\n").as_bytes());
    sealed
}

/// The text before the checksum, and whether there was one.
fn unseal(bytes: &[u8]) -> Result<(&[u8], bool), &'static str> {
    let whole = bytes.trim_ascii_end();
    let last = whole
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    if !whole[last..].starts_with(SEAL) {
        return Ok((bytes, false));
    }
    let text = &bytes[..last];
    if seal(text).trim_ascii_end() == whole {
        Ok((text, true))
    } else {
        Err("its checksum does not hold: it is not what was written")
    }
}

fn read_key(algorithm: Algorithm, kid: &str, text: &[u8]) -> Result<Key, &'static str> {
    match algorithm {
        Algorithm::HS256 => {
            let secret = URL_SAFE_NO_PAD
                .decode(text.trim_ascii())
                .map_err(|_| "it is not base64url")?;
            if secret.len() < 32 {
                return Err("it has fewer than 32 bytes");
            }
            Ok(Key {
                algorithm,
                encoding: EncodingKey::from_secret(&secret),
                decoding: DecodingKey::from_secret(&secret),
                public: None,
            })
        }
        Algorithm::EdDSA => {
            let bad = "it is not an Ed25519 private key in PKCS #8";
            let encoding = EncodingKey::from_ed_pem(text).map_err(|_| bad)?;
            let mut public = Jwk::from_encoding_key(&encoding, algorithm.jwt()).map_err(|_| bad)?;
            public.common.key_id = Some(kid.to_owned());
            public.common.public_key_use = Some(PublicKeyUse::Signature);
            Ok(Key {
                algorithm,
                decoding: DecodingKey::from_jwk(&public).map_err(|_| bad)?,
                encoding,
                public: Some(public),
            })
        }
    }
}

/// PKCS #8 of an Ed25519 seed (RFC 8410): a fixed prefix, then the 32 bytes.
fn pem(seed: &[u8; 32]) -> String {
    const PREFIX: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let der = [&PREFIX[..], seed].concat();
    let body = STANDARD.encode(der);
    format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn private_dir(dir: &Path) -> Result<(), KeyError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(io_error("create", dir))?;
    narrow(dir, 0o700)
}

fn keep_private(path: &Path) -> Result<(), KeyError> {
    narrow(path, 0o600)
}

/// A key that others could read is made private again, and that is said.
fn narrow(path: &Path, mode: u32) -> Result<(), KeyError> {
    let found = fs::metadata(path)
        .map_err(io_error("inspect", path))?
        .permissions()
        .mode();
    if found & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others could read the keys; now only the server's user can");
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .map_err(io_error("protect", path))?;
    }
    Ok(())
}

/// Written beside, synced, renamed: a crash leaves a whole key or none.
fn write_private(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), KeyError> {
    let path = dir.join(name);
    let unfinished = dir.join(format!("{name}.tmp"));
    let written = (|| {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        File::open(dir)?.sync_all()
    })();
    written.map_err(io_error("write", &path))
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    let path = path.to_path_buf();
    move |source| KeyError::Io {
        action,
        path,
        source,
    }
}

//! What is kept: the account, the certificate with its key, and how the last tries went. Readable
//! by the server's user alone.

use crate::AcmeError;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

const ACCOUNT: &str = "acme-account.json";
const TRIES: &str = "acme-tries.json";

/// Chain and key of a certificate, in one file.
pub fn certificate_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("tls-{name}.pem"))
}

/// Whether a file in the folder is one of these: all of them can be got anew.
pub fn is_own(file: &str) -> bool {
    file.starts_with("acme-") || file.starts_with("tls-")
}

pub struct Store {
    pub folder: PathBuf,
}

/// An account is one of the directory that it was made at.
#[derive(Serialize, Deserialize)]
struct Account {
    directory: String,
    credentials: serde_json::Value,
}

/// Tries that failed since the last one that did not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tries {
    pub failed: u32,
    /// When the last one did, in seconds since 1970.
    pub last: i64,
    pub why: String,
}

impl Store {
    /// The account at this directory, if there is one that can be read.
    pub fn account(&self, directory: &str) -> Option<serde_json::Value> {
        let text = fs::read(self.folder.join(ACCOUNT)).ok()?;
        match serde_json::from_slice::<Account>(&text) {
            Ok(account) => (account.directory == directory).then_some(account.credentials),
            Err(error) => {
                tracing::warn!(%error, "{ACCOUNT} cannot be read; another account is made");
                None
            }
        }
    }

    pub fn keep_account(
        &self,
        directory: &str,
        credentials: serde_json::Value,
    ) -> Result<(), AcmeError> {
        let account = Account {
            directory: directory.to_owned(),
            credentials,
        };
        self.keep(&self.folder.join(ACCOUNT), &json(&account)?)
    }

    pub fn forget_account(&self) {
        // What is not there is forgotten.
        let _: io::Result<()> = fs::remove_file(self.folder.join(ACCOUNT));
    }

    pub fn keep_certificate(&self, name: &str, pem: &str) -> Result<(), AcmeError> {
        self.keep(&certificate_file(&self.folder, name), pem.as_bytes())
    }

    pub fn tries(&self) -> Tries {
        let text = fs::read(self.folder.join(TRIES)).ok();
        text.and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }

    pub fn keep_tries(&self, tries: &Tries) -> Result<(), AcmeError> {
        self.keep(&self.folder.join(TRIES), &json(tries)?)
    }

    /// Whole or not at all, also through a power cut.
    fn keep(&self, path: &Path, bytes: &[u8]) -> Result<(), AcmeError> {
        replace(path, bytes).map_err(|error| AcmeError::Store {
            path: path.display().to_string(),
            why: error.to_string(),
        })
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, AcmeError> {
    serde_json::to_vec_pretty(value).map_err(|error| AcmeError::Broken(error.to_string()))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let beside = path.with_extension("tmp");
    // One that was left behind may have other rights.
    let _: io::Result<()> = fs::remove_file(&beside);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn an_account_is_of_one_directory_and_private() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store {
            folder: dir.path().join("keys"),
        };
        assert!(store.account("https://a.example").is_none());
        let secret = serde_json::json!({ "key": "secret" });
        let kept = store.keep_account("https://a.example", secret.clone());
        kept.expect("kept");
        assert_eq!(store.account("https://a.example"), Some(secret));
        assert!(store.account("https://b.example").is_none());
        let path = store.folder.join(ACCOUNT);
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(&path, b"{").expect("written");
        assert!(store.account("https://a.example").is_none());
    }
}

//! What a password must be, and hashing it without standing in anybody's way.

use super::random;
use argon2::password_hash::PasswordVerifier as _;
use argon2::{Argon2, Params, PasswordHash, PasswordHasher as _};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

/// Fewer bytes are refused, in NFC.
pub const MIN_BYTES: usize = 8;
/// More bytes are refused, in NFC.
pub const MAX_BYTES: usize = 256;

/// Memory in KiB, passes, lanes: 25 ms on the machine this was tuned on.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// A stored hash that asks for more than this is not one of ours.
const MAX_MEMORY_KIB: u32 = 256 << 10;

/// A password as it was typed, in NFC, so that the same letters from another keyboard are the same
/// password. Shows itself to nobody.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Any text; whether it is good enough is for [`Password::check`].
    pub fn new(typed: &str) -> Password {
        // NFC at most triples the length, so what is cut here is too long in any case.
        let longest = typed
            .char_indices()
            .nth(4 * MAX_BYTES)
            .map_or(typed.len(), |(at, _)| at);
        Password(typed[..longest].nfc().collect())
    }

    /// Whether it may become somebody's password.
    pub fn check(&self, username: &str) -> Result<(), Unfit> {
        let length = self.0.len();
        if length < MIN_BYTES {
            return Err(Unfit::TooShort);
        }
        if length > MAX_BYTES {
            return Err(Unfit::TooLong);
        }
        let folded = self.0.to_lowercase();
        if folded == username.nfc().collect::<String>().to_lowercase() {
            return Err(Unfit::SameAsName);
        }
        if is_common(&folded) {
            return Err(Unfit::TooCommon);
        }
        Ok(())
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(***)")
    }
}

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Fewer than [`MIN_BYTES`].
    #[error("A password needs at least 8 bytes (8 Latin letters, or 3 Korean syllables).")]
    TooShort,
    /// More than [`MAX_BYTES`].
    #[error("A password may have at most 256 bytes.")]
    TooLong,
    /// The user's name.
    #[error("A password must not be the username.")]
    SameAsName,
    /// Among those that are tried first.
    #[error("This password is among the first that are guessed; choose another.")]
    TooCommon,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many are waiting already (429).
    #[error("too many sign-ins at the same time; try again in {} s", .retry_after.as_secs())]
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The machine cannot, for lack of memory or randomness.
    #[error("the password cannot be hashed: {0}")]
    Failed(String),
}

/// The outcome of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// It is the password.
    pub right: bool,
    /// It is, and the stored hash was made with weaker parameters than today's: hash it anew.
    pub rehash: bool,
}

/// Hashes beside the runtime, as many at a time as there are cores; a few more may wait.
#[derive(Clone)]
pub struct Hasher(Arc<Inner>);

struct Inner {
    argon2: Argon2<'static>,
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
}

/// Gives its place in the queue back, also when the caller goes away.
struct QueueSlot<'a>(&'a AtomicUsize);

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Default for Hasher {
    fn default() -> Hasher {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Hasher::new(cores, 64)
    }
}

impl Hasher {
    /// At most `running` at a time and `waiting` in the queue.
    pub fn new(running: usize, waiting: usize) -> Hasher {
        Hasher::with(today(), running, waiting)
    }

    fn with(params: Params, running: usize, max_waiting: usize) -> Hasher {
        let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        Hasher(Arc::new(Inner {
            argon2,
            running: Arc::new(Semaphore::new(running.max(1))),
            waiting: AtomicUsize::new(0),
            max_waiting,
        }))
    }

    /// The hash to keep, as a PHC string.
    pub async fn hash(&self, password: &Password) -> Result<String, HashError> {
        let password = password.clone();
        self.run(move |inner| inner.hash(&password.0)).await?
    }

    /// Whether a password belongs to a stored hash. Without one (no such user, or no password) it
    /// takes the same time and the answer is no.
    pub async fn verify(
        &self,
        password: &Password,
        stored: Option<&str>,
    ) -> Result<Verdict, HashError> {
        let (password, stored) = (password.clone(), stored.map(str::to_owned));
        self.run(move |inner| inner.verify(&password.0, stored.as_deref()))
            .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let inner = self.0.clone();
        let permit = match inner.running.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let before = inner.waiting.fetch_add(1, Ordering::AcqRel);
                let _place = QueueSlot(&inner.waiting);
                if before >= inner.max_waiting {
                    let retry_after = Duration::from_secs(2);
                    return Err(HashError::Busy { retry_after });
                }
                let permit = inner.running.clone().acquire_owned().await;
                permit.map_err(|_| HashError::Failed("the server is stopping".into()))?
            }
        };
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&inner)
        });
        done.await
            .map_err(|error| HashError::Failed(error.to_string()))
    }
}

impl Inner {
    fn hash(&self, password: &str) -> Result<String, HashError> {
        let failed = |error: &dyn std::fmt::Display| HashError::Failed(error.to_string());
        let salt = random::bytes::<16>().map_err(|error| failed(&error))?;
        let hash = self
            .argon2
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(|error| failed(&error))?;
        Ok(hash.to_string())
    }

    fn verify(&self, password: &str, stored: Option<&str>) -> Verdict {
        let wrong = Verdict {
            right: false,
            rehash: false,
        };
        let parsed = stored.and_then(|stored| PasswordHash::new(stored).ok());
        let params = parsed.as_ref().and_then(|hash| Params::try_from(hash).ok());
        let (Some(hash), Some(params)) = (parsed, params) else {
            self.waste_the_same_time(password);
            return wrong;
        };
        if params.m_cost() > MAX_MEMORY_KIB || password.len() > MAX_BYTES {
            self.waste_the_same_time(password);
            return wrong;
        }
        let right = self
            .argon2
            .verify_password(password.as_bytes(), &hash)
            .is_ok();
        let today = self.argon2.params();
        let weaker = hash.algorithm.as_str() != "argon2id"
            || params.m_cost() < today.m_cost()
            || params.t_cost() < today.t_cost();
        Verdict {
            right,
            rehash: right && weaker,
        }
    }

    fn waste_the_same_time(&self, password: &str) {
        let mut out = [0; 32];
        let shortened = &password.as_bytes()[..password.len().min(MAX_BYTES)];
        let done = self
            .argon2
            .hash_password_into(shortened, b"no such user....", &mut out);
        std::hint::black_box((done.is_ok(), out));
    }
}

fn today() -> Params {
    Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default()
}

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// In the list, one short piece over and over, or a run along the keyboard, the alphabet or the
/// digits. `folded` is in lower case.
fn is_common(folded: &str) -> bool {
    COMMON.contains(folded) || is_repetition(folded) || is_run(folded)
}

fn is_repetition(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    (1..=3).any(|piece| {
        letters.len() > piece && letters.iter().zip(&letters[piece..]).all(|(a, b)| a == b)
    })
}

fn is_run(text: &str) -> bool {
    const ROWS: [&str; 8] = [
        "abcdefghijklmnopqrstuvwxyz",
        "01234567890123456789",
        "qwertyuiop[]",
        "asdfghjkl;'",
        "zxcvbnm,./",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
        "!@#$%^&*()_+",
        "qwertyuiopasdfghjklzxcvbnm",
    ];
    let backwards: String = text.chars().rev().collect();
    ROWS.iter()
        .any(|row| row.contains(text) || row.contains(&backwards))
}

#[cfg(test)]
mod tests;

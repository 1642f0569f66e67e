//! Why a command was not done, in the words that clients know.

use maru_cache::CacheError;
use std::borrow::Cow;

/// An error answer: code in capitals, then a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub Cow<'static, str>);

/// What a handler comes to. It has written its answer, or written what will be thrown away.
pub type Answer = Result<(), Failure>;

impl Failure {
    pub const SYNTAX: Failure = Failure::new("ERR syntax error");
    pub const NOT_AN_INTEGER: Failure = Failure::new("ERR value is not an integer or out of range");
    pub const NOT_A_FLOAT: Failure = Failure::new("ERR value is not a valid float");
    pub const OUT_OF_RANGE: Failure = Failure::new("ERR index out of range");
    pub const NOT_POSITIVE: Failure = Failure::new("ERR value is out of range, must be positive");
    pub const NO_SUCH_KEY: Failure = Failure::new("ERR no such key");
    pub const WRONG_TYPE: Failure =
        Failure::new("WRONGTYPE Operation against a key holding the wrong kind of value");

    /// The whole answer, with its code.
    pub const fn new(text: &'static str) -> Failure {
        Failure(Cow::Borrowed(text))
    }

    /// As [`Failure::new`], put together.
    pub fn of(text: impl Into<String>) -> Failure {
        Failure(Cow::Owned(text.into()))
    }
}

impl From<CacheError> for Failure {
    fn from(error: CacheError) -> Failure {
        match error {
            CacheError::WrongType => Failure::WRONG_TYPE,
            error @ (CacheError::NotAnInteger
            | CacheError::NotAFloat
            | CacheError::HashNotAnInteger
            | CacheError::HashNotAFloat
            | CacheError::Overflow
            | CacheError::NotFinite
            | CacheError::NotAScore
            | CacheError::OldId
            | CacheError::ZeroId
            | CacheError::LastId) => Failure::of(format!("ERR {error}")),
            CacheError::TooLarge { .. } => {
                Failure::new("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
            }
            CacheError::Full { .. } => {
                Failure::new("OOM command not allowed when used memory > 'maxmemory'.")
            }
            error @ (CacheError::NotDurable(_) | CacheError::Unavailable(_)) => {
                Failure::of(format!("ERR {error}"))
            }
        }
    }
}

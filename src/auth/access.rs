//! Access tokens: how they look, and what is kept of them.

use super::random::{self, NoRandomness};

/// Whose a token is. It stands in the token, so that scanners of leaked secrets know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Person,
    Bot,
}

const PERSON: &str = "maru_pat_";
const BOT: &str = "maru_bot_";

/// A new token: 256 random bits behind the prefix of its kind.
pub fn secret(kind: TokenKind) -> Result<String, NoRandomness> {
    let prefix = match kind {
        TokenKind::Person => PERSON,
        TokenKind::Bot => BOT,
    };
    Ok(format!("{prefix}{}", random::token()?))
}

/// Whether this is an access token, not a session's.
pub fn is_access(token: &str) -> bool {
    token.starts_with(PERSON) || token.starts_with(BOT)
}

/// What is kept. A secret of 256 random bits needs no slow hash.
pub fn digest(token: &str) -> String {
    random::digest_text(token)
}

//! Tokens nobody guesses, digests for keeping them, comparing without telling.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The system gave no randomness; nothing secret can be made.
#[derive(Debug, thiserror::Error)]
#[error("the system's random numbers are not available: {0}")]
pub struct NoRandomness(#[from] getrandom::Error);

/// Random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// 128 random bits as 22 characters that are safe in URLs: for names that must not be guessed.
pub fn id() -> Result<String, NoRandomness> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<16>()?))
}

/// 256 random bits as 43 characters that are safe in URLs: for secrets that open something.
pub fn token() -> Result<String, NoRandomness> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}

/// The digest under which a token is kept, so that whoever reads the store cannot use it. Enough
/// for what [`token`] makes; passwords need [`super::passwords`].
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// [`digest`] as 43 characters.
pub fn digest_text(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(token))
}

/// Whether two secrets are the same; how long this takes says nothing about where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_different_and_safe_in_urls() {
        let tokens: std::collections::HashSet<String> =
            (0..1000).map(|_| token().expect("randomness")).collect();
        assert_eq!(tokens.len(), 1000);
        let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(
            tokens
                .iter()
                .all(|token| token.len() == 43 && token.chars().all(safe))
        );
        assert_eq!(id().expect("randomness").len(), 22);
    }

    #[test]
    fn digests_are_sha256() {
        assert_eq!(
            digest_text("abc"),
            "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
        );
        assert!(same(&digest("abc"), &digest("abc")));
        assert!(!same(&digest("abc"), &digest("abd")));
        assert!(!same(b"a", b"ab"));
    }
}

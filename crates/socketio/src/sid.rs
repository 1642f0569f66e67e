//! Session and socket ids: 120 random bits, so that nobody guesses another's.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt;

/// Twenty characters of URL-safe base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sid([u8; 20]);

impl Sid {
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut bits = [0; 15];
        getrandom::fill(&mut bits)?;
        let mut text = [0; 20];
        // Fifteen bytes are exactly twenty characters.
        let _ = URL_SAFE_NO_PAD.encode_slice(bits, &mut text);
        Ok(Self(text))
    }

    /// An id somebody sent; `None` when it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 20] = text.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b))
            .then_some(Self(bytes))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_are_read_back() {
        let (one, two) = (Sid::random().unwrap(), Sid::random().unwrap());
        assert_ne!(one, two);
        assert_eq!(Sid::parse(one.as_str()), Some(one));
        for bad in [
            "",
            "short",
            "../../../../../../..",
            "aaaaaaaaaaaaaaaaaaaaa",
            "한한한한한한aa",
        ] {
            assert_eq!(Sid::parse(bad), None, "{bad}");
        }
    }
}

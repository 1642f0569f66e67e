//! Small texts that come back from clients, signed so that nobody else can make them.

use super::tokens::Tokens;
use jsonwebtoken::crypto;

/// Signed with every text, so that a seal is good for one purpose only and is never a token.
const PREFIX: &str = "maru seal";

impl Tokens {
    /// The text with a signature behind it; `None` if the key does not sign.
    /// `purpose` and `text` have no dots in them.
    pub fn seal(&self, purpose: &str, text: &str) -> Option<String> {
        let keyring = self.keyring();
        let key = keyring.signer()?;
        let message = message(purpose, text);
        let signature = crypto::sign(&message, &key.encoding, key.algorithm.jwt()).ok()?;
        Some(format!("{text}.{}.{signature}", keyring.signer_id()))
    }

    /// The text, if it was sealed here for this purpose.
    pub fn unseal<'a>(&self, purpose: &str, sealed: &'a str) -> Option<&'a str> {
        let (text, rest) = sealed.split_once('.')?;
        let (kid, signature) = rest.split_once('.')?;
        let keyring = self.keyring();
        let key = keyring.key(kid)?;
        let message = message(purpose, text);
        let good = crypto::verify(signature, &message, &key.decoding, key.algorithm.jwt());
        good.unwrap_or(false).then_some(text)
    }
}

fn message(purpose: &str, text: &str) -> Vec<u8> {
    [PREFIX, purpose, text].join("\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::keys::Algorithm;
    use crate::cache::Clock;

    #[test]
    fn a_seal_is_good_for_its_text_and_purpose_only() {
        for algorithm in [Algorithm::HS256, Algorithm::EdDSA] {
            let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let open = |dir: &tempfile::TempDir| {
                Tokens::open(dir.path(), algorithm, Clock::system()).unwrap()
            };
            let tokens = open(&dir);
            let sealed = tokens.seal("a", "text").unwrap();
            tokens.rotate().unwrap();
            assert_eq!(open(&dir).unseal("a", &sealed), Some("text"));
            assert_eq!(tokens.unseal("b", &sealed), None);
            assert_eq!(tokens.unseal("a", &sealed.replace("text", "texts")), None);
            assert_eq!(open(&other).unseal("a", &sealed), None);
            for forged in [
                "",
                "text",
                "text..",
                "text.x.y",
                &sealed[..sealed.len() - 2],
            ] {
                assert_eq!(tokens.unseal("a", forged), None, "{forged}");
            }
        }
    }
}

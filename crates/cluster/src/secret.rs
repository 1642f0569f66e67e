//! How nodes know each other: every request carries a seal over itself, made with a secret that
//! only nodes have.

use sha2::{Digest, Sha256};

/// A seal is taken for so long.
const FRESH_MS: u64 = 30_000;
/// The header that holds it.
pub const HEADER: &str = "x-maru-node";

/// From `--cluster-secret-file`, or of the cluster's own name where all nodes are on one machine.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    pub fn new(text: &[u8]) -> Secret {
        Secret(text.to_owned())
    }

    /// `<time>.<seal>` for a request.
    pub fn seal(&self, now_ms: u64, method: &str, path: &str) -> String {
        format!("{now_ms}.{}", self.mac(now_ms, method, path))
    }

    pub fn accepts(&self, header: &str, now_ms: u64, method: &str, path: &str) -> bool {
        let Some((at, seal)) = header.split_once('.') else {
            return false;
        };
        let Ok(at) = at.parse::<u64>() else {
            return false;
        };
        let wanted = self.mac(at, method, path);
        let same = wanted.len() == seal.len()
            && wanted
                .bytes()
                .zip(seal.bytes())
                .fold(0, |unlike, (a, b)| unlike | (a ^ b))
                == 0;
        same && now_ms.abs_diff(at) < FRESH_MS
    }

    /// HMAC with SHA-256.
    fn mac(&self, at_ms: u64, method: &str, path: &str) -> String {
        let mut key = [0; 64];
        if self.0.len() > 64 {
            key[..32].copy_from_slice(&Sha256::digest(&self.0));
        } else {
            key[..self.0.len()].copy_from_slice(&self.0);
        }
        let text = format!("maru node {at_ms} {method} {path}");
        let inner = Sha256::new_with_prefix(key.map(|byte| byte ^ 0x36)).chain_update(text);
        let outer = Sha256::new_with_prefix(key.map(|byte| byte ^ 0x5c));
        hex(&outer.chain_update(inner.finalize()).finalize())
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_for_one_request_and_a_short_time() {
        let secret = Secret::new(b"word");
        let seal = secret.seal(1_000_000, "GET", "/a");
        assert!(secret.accepts(&seal, 1_000_500, "GET", "/a"));
        assert!(!secret.accepts(&seal, 1_000_500, "GET", "/b"));
        assert!(!secret.accepts(&seal, 1_000_500, "POST", "/a"));
        assert!(!secret.accepts(&seal, 1_031_000, "GET", "/a"));
        assert!(!Secret::new(b"other").accepts(&seal, 1_000_500, "GET", "/a"));
        for odd in ["", "x", "1.", ".", "1000000.ff"] {
            assert!(!secret.accepts(odd, 1_000_000, "GET", "/a"), "{odd}");
        }
    }
}

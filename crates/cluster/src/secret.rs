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

    /// `<time>.<seal>` for a request. `bound`: the digest of the certificate that the other node has
    /// shown; empty without TLS.
    pub fn seal(&self, now_ms: u64, method: &str, path: &str, bound: &str) -> String {
        let mac = self.mac(&request(now_ms, method, path, bound));
        format!("{now_ms}.{mac}")
    }

    pub fn accepts(
        &self,
        header: &str,
        now_ms: u64,
        method: &str,
        path: &str,
        bound: &str,
    ) -> bool {
        let Some((at, seal)) = header.split_once('.') else {
            return false;
        };
        let Ok(at) = at.parse::<u64>() else {
            return false;
        };
        let wanted = self.mac(&request(at, method, path, bound));
        is_same(&wanted, seal) && now_ms.abs_diff(at) < FRESH_MS
    }

    /// The seal of an answer: to this request, of a body with this SHA-256.
    pub fn seal_answer(&self, request: &str, digest: &str) -> String {
        self.mac(&format!("maru answer {request} {digest}"))
    }

    pub fn vouches(&self, seal: &str, request: &str, digest: &str) -> bool {
        is_same(&self.seal_answer(request, digest), seal)
    }

    /// HMAC with SHA-256.
    fn mac(&self, text: &str) -> String {
        let mut key = [0; 64];
        if self.0.len() > 64 {
            key[..32].copy_from_slice(&Sha256::digest(&self.0));
        } else {
            key[..self.0.len()].copy_from_slice(&self.0);
        }
        let inner = Sha256::new_with_prefix(key.map(|byte| byte ^ 0x36)).chain_update(text);
        let outer = Sha256::new_with_prefix(key.map(|byte| byte ^ 0x5c));
        hex(&outer.chain_update(inner.finalize()).finalize())
    }
}

fn request(at_ms: u64, method: &str, path: &str, bound: &str) -> String {
    format!("maru node {at_ms} {method} {path} {bound}")
}

/// In a time that tells nothing.
fn is_same(one: &str, other: &str) -> bool {
    let unlike = one.bytes().zip(other.bytes());
    one.len() == other.len() && unlike.fold(0, |unlike, (a, b)| unlike | (a ^ b)) == 0
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
        let seal = secret.seal(1_000_000, "GET", "/a", "cert");
        let is_taken = |seal: &str, now_ms, method, path, bound| {
            secret.accepts(seal, now_ms, method, path, bound)
        };
        assert!(is_taken(&seal, 1_000_500, "GET", "/a", "cert"));
        assert!(!is_taken(&seal, 1_000_500, "GET", "/b", "cert"));
        assert!(!is_taken(&seal, 1_000_500, "POST", "/a", "cert"));
        assert!(!is_taken(&seal, 1_000_500, "GET", "/a", "another"));
        assert!(!is_taken(&seal, 1_000_500, "GET", "/a", ""));
        assert!(!is_taken(&seal, 1_031_000, "GET", "/a", "cert"));
        let other = Secret::new(b"other");
        assert!(!other.accepts(&seal, 1_000_500, "GET", "/a", "cert"));
        for odd in ["", "x", "1.", ".", "1000000.ff"] {
            assert!(!is_taken(odd, 1_000_000, "GET", "/a", "cert"), "{odd}");
        }
    }

    #[test]
    fn an_answer_is_to_one_request_and_of_one_body() {
        let secret = Secret::new(b"word");
        let seal = secret.seal_answer("1.ab", "digest");
        assert!(secret.vouches(&seal, "1.ab", "digest"));
        assert!(!secret.vouches(&seal, "2.ab", "digest"));
        assert!(!secret.vouches(&seal, "1.ab", "other"));
        assert!(!Secret::new(b"other").vouches(&seal, "1.ab", "digest"));
    }
}

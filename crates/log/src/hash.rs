//! The running hash of the log.

use maru_domain::LogHash;
use sha2::{Digest, Sha256};

/// Of an entry with this payload behind an entry with the hash `before`: the first 128 bits of
/// SHA-256 over both.
pub fn next(before: LogHash, payload: &[u8]) -> LogHash {
    let mut hash = Sha256::new();
    hash.update(before.0);
    hash.update(payload);
    let digest: [u8; 32] = hash.finalize().into();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    LogHash(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts_and_the_value_stays_for_ever() {
        let one = next(LogHash::NONE, b"one");
        assert_eq!(one.to_string(), "b4e11d330f99c77032854a35c4a4adcb");
        assert_ne!(next(one, b"two"), next(LogHash::NONE, b"two"));
        assert_ne!(next(one, b"two"), next(one, b"twp"));
    }
}

//! What the others have to be asked before a node is one of them.

use crate::address::is_loopback;
use crate::enter::EnterError;
use crate::link::{Link, PATIENCE};
use crate::members::{self, Word};
use crate::peer::{self, PeerError};
use crate::secret::Secret;

/// Asks the others; `is_named`: the secret is from a file, and not of the cluster's name.
pub fn expect_admitted(
    link: &mut Link,
    word: &Word,
    secret: &Secret,
    is_named: bool,
) -> Result<(), EnterError> {
    for (name, (other, lives)) in members::registry(link)? {
        if !lives {
            continue;
        }
        if name == word.name && other.id != word.id {
            return Err(EnterError::Refused(format!(
                "a node named {name} is here already ({}); give this one another --node-name",
                other.address
            )));
        }
        if name != word.name && !is_named && !is_loopback(&other.address) {
            return Err(EnterError::Refused(format!(
                "node {name} is at {}: nodes on several machines need --cluster-secret-file",
                other.address
            )));
        }
        if other.rules > word.rules {
            return Err(EnterError::Refused(format!(
                "node {name} runs maru {}, which is newer than this one ({}); install that version here",
                other.version, word.version
            )));
        }
        if name == word.name || other.joining {
            continue;
        }
        // One that has just died is not missed here.
        match peer::standing(&other.address, secret, PATIENCE) {
            Err(error @ (PeerError::Secret | PeerError::Forged)) => {
                return Err(EnterError::Refused(format!(
                    "node {name} at {}: {error}",
                    other.address
                )));
            }
            Err(error) => tracing::warn!(node = name, %error, "a node is not reached"),
            Ok(_) => {}
        }
    }
    Ok(())
}

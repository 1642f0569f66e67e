//! What is kept beside messages.

use maru_domain::{Preview, Timestamp};
use serde::{Deserialize, Serialize};

/// Previews of a message's links.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PreviewsRecord {
    /// Somebody took them off: there are none any more.
    pub hidden: bool,
    pub previews: Vec<Preview>,
}

/// What a message said before an edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OldTextRecord {
    pub text: String,
    pub since: Timestamp,
}

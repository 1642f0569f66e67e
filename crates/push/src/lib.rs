//! Web Push without a network: what is sent to a push service, and with which key.
//!
//! - [`Vapid`]: the server's key, by which push services know it (RFC 8292).
//! - [`Receiver`]: the key of a browser; only it can read what is sealed for it (RFC 8291, in the
//!   coding of RFC 8188).
//!
//! Who is told what, and the sending, are not in here.
mod seal;
mod vapid;

pub use seal::{PLAIN_BYTES, Receiver, SealError};
pub use vapid::{Vapid, VapidError};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

pub(crate) fn base64url(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Browsers write the URL's alphabet without padding; some libraries write the other one.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let text = text.replace('+', "-").replace('/', "_");
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

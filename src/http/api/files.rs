//! Uploads: named by the API, not kept by this version.

use crate::domain::{Code, Refusal};
use crate::http::{answers::Done, guard::Caller};

pub async fn none_yet(_: Caller) -> Result<Done, Refusal> {
    Err(Refusal::new(
        Code::NotImplemented,
        "This version keeps no files; send text, or a link to the file.",
    ))
}

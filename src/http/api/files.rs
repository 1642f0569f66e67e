//! Uploads: named by the API, not kept by this version.

use crate::domain::{Code, Refusal};
use crate::http::{
    answers::Done,
    guard::Caller,
    handler::{Call, Part},
    openapi::Doc,
    parts::PathId,
};

/// Names a file, once there are any.
pub struct FileId;

impl PathId for FileId {
    const NOUN: &'static str = "file";
    fn from_number(_: u64) -> FileId {
        FileId
    }
}

impl Part for FileId {
    fn describe(doc: &mut Doc) {
        doc.path_id::<FileId>();
    }
    async fn take(_: &mut Call) -> Result<FileId, Refusal> {
        Ok(FileId)
    }
}

pub async fn upload(_: Caller) -> Result<Done, Refusal> {
    Err(none_yet())
}

pub async fn show(_: Caller, _: FileId) -> Result<Done, Refusal> {
    Err(none_yet())
}

fn none_yet() -> Refusal {
    Refusal::new(
        Code::NotImplemented,
        "This version keeps no files; send text, or a link to the file.",
    )
}

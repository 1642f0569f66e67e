//! Why a file was not kept.

use crate::domain::{Code, Refusal};
use crate::files::FileError;

pub fn broken(error: FileError) -> Refusal {
    if let FileError::Io(error) = &error
        && error.kind() == std::io::ErrorKind::StorageFull
    {
        return Refusal::new(
            Code::StorageFull,
            "The server's disk is full; ask an administrator.",
        );
    }
    tracing::error!(%error, "a file could not be kept");
    if let FileError::Io(error) = &error
        && is_of_the_disk(error)
    {
        return Refusal {
            retry_after_s: Some(2),
            ..Refusal::new(
                Code::ReadOnly,
                "The server cannot write to its disk right now. Reading goes on; try again later.",
            )
        };
    }
    Refusal::new(
        Code::Internal,
        "The server could not keep the file; its log says why.",
    )
}

/// The disk takes nothing, or not so much, right now.
fn is_of_the_disk(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::FileTooLarge
            | ErrorKind::QuotaExceeded
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::PermissionDenied
    )
}

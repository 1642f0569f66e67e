//! What the indexing thread asks of the system.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// Indexing runs at nice 10, so that the chat gets the CPU; tantivy's threads inherit it.
const NICENESS: i32 = 10;

/// Where the system does not let it, indexing just competes.
pub fn yield_to_chat() {
    if let Err(error) =
        rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS)
    {
        tracing::debug!(%error, "indexing keeps the priority of everything else");
    }
}

/// Tries as much as a small commit writes.
pub fn takes_writes(dir: &Path) -> bool {
    let probe = dir.join("probe");
    let written = File::create(&probe).and_then(|mut file| {
        file.write_all(&[0; 256 * 1024])?;
        file.sync_all()
    });
    // What cannot be removed is in nobody's way.
    let _ = fs::remove_file(&probe);
    written.is_ok()
}

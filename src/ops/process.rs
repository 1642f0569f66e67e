//! What a server asks of the system for itself.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limits that would bound the number of sockets, and keeps memory small.
pub fn prepare() {
    // Transparent huge pages inflate an idle server tenfold: each small arena gets 2 MiB.
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!("huge pages stay as they are: {error}");
    }
    raise_open_files();
}

/// Every socket is an open file, and the usual soft limit is 1024.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(
            "the limit of open files stays at {:?}: {error}",
            limit.current
        );
    }
}

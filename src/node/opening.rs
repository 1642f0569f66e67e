//! Parts of a node that are opened with its settings.

use super::{OpenError, Plan};
use crate::cache::{self, Clock, Embedded};
use crate::config;
use crate::outbound::Client;
use std::path::PathBuf;
use std::sync::Arc;

/// The cache of a data directory.
pub fn open_cache(plan: &Plan) -> Result<Arc<Embedded>, OpenError> {
    let opened = Embedded::open(cache::Options {
        path: Some(plan.dir.join("cache")),
        fsync: match plan.cache_fsync {
            config::Fsync::Always => cache::Fsync::Always,
            config::Fsync::EverySec => cache::Fsync::EverySec,
            config::Fsync::Never => cache::Fsync::No,
        },
        max_bytes: plan.cache_max_bytes,
        policy: plan.cache_eviction,
        clock: Clock::system(),
        ..cache::Options::default()
    });
    Ok(Arc::new(opened?))
}

/// The client for other servers.
pub(super) fn outbound(plan: &Plan) -> Result<Client, OpenError> {
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path).map_err(|source| OpenError::RootsFile {
            path: path.clone(),
            source,
        })
    };
    let roots = plan.outbound_roots.as_ref().map(read).transpose()?;
    Ok(Client::new(plan.outbound.clone(), roots.as_deref())?)
}

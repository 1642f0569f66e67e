//! Where the second place is, and whose.

use crate::outbound::{Allow, Client, Guard};
use crate::replica::{FORMAT, OWNER, Owner, ReplicaError, ReplicaTarget};
use std::path::Path;

/// Whose replica it is.
const ID_FILE: &str = "replica-id";

/// The place that a URL names. `roots` are certificates that are trusted besides Mozilla's.
pub fn place(url: &str, roots: Option<&str>) -> Result<ReplicaTarget, ReplicaError> {
    let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    ReplicaTarget::parse(url, &env, |endpoint| {
        let bad = || ReplicaError::Url(endpoint.to_owned());
        let parsed = crate::outbound::Url::parse(endpoint).map_err(|_| bad())?;
        // The operator named it: it may be inside.
        let allow: Allow = parsed
            .host_str()
            .and_then(|host| host.parse().ok())
            .ok_or_else(bad)?;
        Client::new(Guard::new(vec![allow]), roots).map_err(|error| ReplicaError::Away {
            place: endpoint.to_owned(),
            why: error.to_string(),
        })
    })
}

/// This directory's own id, made where there is none.
pub(super) fn own_id(dir: &Path) -> std::io::Result<String> {
    let path = dir.join(ID_FILE);
    if let Ok(id) = std::fs::read_to_string(&path)
        && !id.trim().is_empty()
    {
        return Ok(id.trim().to_owned());
    }
    let random = crate::auth::random::id().map_err(std::io::Error::other)?;
    write_id(dir, &random)?;
    Ok(random)
}

/// Goes on with the replica that a directory was restored from.
pub fn write_id(dir: &Path, id: &str) -> std::io::Result<()> {
    std::fs::write(dir.join(ID_FILE), format!("{id}\n"))
}

/// Whose replica lies there, if it is one that this version knows.
pub async fn owner(place: &ReplicaTarget) -> Result<Option<Owner>, ReplicaError> {
    let Some(text) = place.get(OWNER).await? else {
        return Ok(None);
    };
    let owner: Owner = serde_json::from_slice(&text).map_err(|_| ReplicaError::Foreign {
        place: place.name(),
        what: "something else than a replica of Maru".to_owned(),
    })?;
    if owner.format > FORMAT {
        return Err(ReplicaError::Newer {
            place: place.name(),
            format: owner.format,
            maru: owner.maru,
        });
    }
    Ok(Some(owner))
}

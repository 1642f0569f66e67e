//! Client-side caching: who has been told which key's value, and is told when it changes.

use super::index::Row;
use super::table::READONLY;
use super::world::World;
use std::collections::{HashMap, HashSet};

/// How a client wants to be told.
#[derive(Clone, Debug, Default)]
pub struct Tracking {
    /// Id of the client that is told instead.
    pub redirect: Option<u64>,
    /// All keys with these prefixes, asked for or not.
    pub broadcast: bool,
    pub prefixes: Vec<Vec<u8>>,
    pub opt_in: bool,
    pub opt_out: bool,
    /// Not of its own changes.
    pub no_loop: bool,
    /// `CLIENT CACHING` for the next command.
    pub caching: Option<bool>,
}

/// Keys that clients keep.
#[derive(Default)]
pub struct Tracked {
    /// Ids of clients by key; of all databases together, as Redis does.
    keys: HashMap<Vec<u8>, HashSet<u64>, ahash::RandomState>,
    /// Clients that track.
    pub clients: usize,
}

/// More keys than this are not remembered: whoever keeps the oldest is told to forget it.
const MAX_KEYS: usize = 1_000_000;

impl Tracked {
    pub fn is_off(&self) -> bool {
        self.clients == 0
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// A client is gone or tracks no more.
    pub fn forget_client(&mut self, id: u64) {
        self.keys.retain(|_, ids| {
            ids.remove(&id);
            !ids.is_empty()
        });
    }
}

/// A reading command was answered: its client may keep the values.
pub fn told(world: &mut World, token: usize, row: &Row, args: &[&[u8]]) {
    if world.tracked.is_off() {
        return;
    }
    let client = &mut world.clients[token];
    let id = client.id;
    let Some(tracking) = &mut client.tracking else {
        return;
    };
    let is_caching = row.full_name == "client|caching";
    let caching = match is_caching {
        true => tracking.caching,
        false => tracking.caching.take(),
    };
    let unwanted = tracking.broadcast
        || (tracking.opt_in && caching != Some(true))
        || (tracking.opt_out && caching == Some(false));
    if unwanted || !row.command.has(READONLY) {
        return;
    }
    for at in row.command.keys.positions(args) {
        if world.tracked.keys.len() >= MAX_KEYS
            && let Some(old) = world.tracked.keys.keys().next().cloned()
        {
            changed(world, usize::MAX, &old);
        }
        let ids = world.tracked.keys.entry(args[at].to_vec()).or_default();
        ids.insert(id);
    }
}

/// A key has been changed by a client (`usize::MAX`: by nobody).
pub fn changed(world: &mut World, by: usize, key: &[u8]) {
    if world.tracked.is_off() {
        return;
    }
    let mut listeners: Vec<u64> = world
        .tracked
        .keys
        .remove(key)
        .map_or_else(Vec::new, |ids| ids.into_iter().collect());
    for (_, client) in &world.clients {
        let Some(tracking) = &client.tracking else {
            continue;
        };
        let prefixed = tracking
            .prefixes
            .iter()
            .any(|prefix| key.starts_with(prefix));
        if tracking.broadcast && (prefixed || tracking.prefixes.is_empty()) {
            listeners.push(client.id);
        }
    }
    let by = world.clients.get(by).map(|client| client.id);
    for id in listeners {
        tell(world, id, by, Some(key));
    }
}

/// All keys are gone.
pub fn forget_all(world: &mut World) {
    if world.tracked.is_off() {
        return;
    }
    world.tracked.keys.clear();
    let ids: Vec<u64> = world
        .clients
        .iter()
        .filter(|(_, client)| client.tracking.is_some())
        .map(|(_, client)| client.id)
        .collect();
    for id in ids {
        tell(world, id, None, None);
    }
}

/// Tells a client, or whom it named, that a key (or all) is no longer what it was.
fn tell(world: &mut World, id: u64, by: Option<u64>, key: Option<&[u8]>) {
    let Some(token) = world.token_of(id) else {
        return;
    };
    let Some(tracking) = &world.clients[token].tracking else {
        return;
    };
    if tracking.no_loop && by == Some(id) {
        return;
    }
    let redirect = tracking.redirect;
    let receiver = match redirect {
        None => Some(token),
        Some(other) => world.token_of(other),
    };
    let Some(receiver) = receiver else {
        let client = &mut world.clients[token];
        let out = &mut client.pushed;
        out.protocol = client.protocol;
        if out.is_resp3() {
            out.push(2);
            out.bulk(b"tracking-redir-broken");
            out.integer(redirect.unwrap_or(0) as i64);
        }
        world.touch(token);
        return;
    };
    let client = &mut world.clients[receiver];
    client.pushed.protocol = client.protocol;
    let out = &mut client.pushed;
    if out.is_resp3() {
        out.push(2);
        out.bulk(b"invalidate");
    } else if redirect.is_some() {
        // RESP2 hears it as a message, on a connection that has subscribed to it.
        out.array(3);
        out.bulk(b"message");
        out.bulk(b"__redis__:invalidate");
    } else {
        return;
    }
    match key {
        Some(key) => {
            out.array(1);
            out.bulk(key);
        }
        None => out.null_array(),
    }
    world.touch(receiver);
}

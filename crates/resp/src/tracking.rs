//! Client-side caching: who has been told which key's value, and is told when it changes.

use super::client::Client;
use super::dispatch;
use super::index::Row;
use super::out::Out;
use super::table::READONLY;
use super::world::World;
use maru_cache::{Changes, Embedded, Txn};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// How a client wants to be told.
#[derive(Clone, Debug, Default)]
pub struct Tracking {
    /// Id of the client that is told instead.
    pub redirect: Option<u64>,
    /// That client was gone when there was something to tell.
    pub redirect_is_broken: bool,
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
    /// Ids of clients by key; of all databases together, as Redis does. Clients that are gone or
    /// track no more are noticed when the key changes.
    keys: HashMap<Vec<u8>, HashSet<u64>, ahash::RandomState>,
    /// Entries of `keys`, in all.
    items: usize,
    /// Who hears all changes of keys with a prefix.
    prefixes: BTreeMap<Vec<u8>, Prefix>,
    /// Clients that track.
    pub clients: usize,
    changes: Option<Arc<Changes>>,
}

#[derive(Default)]
struct Prefix {
    ids: HashSet<u64>,
    /// Changed since the last message, and the client that alone changed it.
    keys: BTreeMap<Box<[u8]>, Option<u64>>,
}

impl Tracked {
    pub fn is_off(&self) -> bool {
        self.clients == 0
    }

    /// Keys, clients of all keys together, and prefixes.
    pub fn counts(&self) -> [usize; 3] {
        [self.keys.len(), self.items, self.prefixes.len()]
    }

    fn remove(&mut self, key: &[u8]) -> HashSet<u64> {
        let ids = self.keys.remove(key).unwrap_or_default();
        self.items -= ids.len();
        ids
    }
}

/// Begins to tell a client, or changes how; within a transaction, where there is one.
pub fn begin(
    world: &mut World,
    cache: &Embedded,
    within: Option<&mut Txn<'_>>,
    token: usize,
    wanted: Tracking,
) {
    if world.tracked.is_off()
        && let Some(changes) = &world.tracked.changes
    {
        // Nobody kept what changed until now.
        drop(changes.take());
    }
    let client = &mut world.clients[token];
    if client.tracking.is_none() {
        world.tracked.clients += 1;
    }
    for prefix in wanted.prefixes.iter().filter(|_| wanted.broadcast) {
        let prefix = world.tracked.prefixes.entry(prefix.clone()).or_default();
        prefix.ids.insert(client.id);
    }
    client.tracking = Some(Box::new(wanted));
    if world.tracked.changes.is_none() {
        let wakes = world.wakes.clone();
        let ring = move || wakes.ring();
        world.tracked.changes = Some(match within {
            None => cache.observe(ring),
            Some(txn) => txn.observe(ring),
        });
    }
}

/// A client is told no longer.
pub fn off(world: &mut World, token: usize) {
    let client = &mut world.clients[token];
    let Some(tracking) = client.tracking.take() else {
        return;
    };
    let id = client.id;
    gone(world, id, &tracking);
}

/// A client that was told is gone.
pub fn gone(world: &mut World, id: u64, tracking: &Tracking) {
    world.tracked.clients -= 1;
    if world.tracked.is_off() {
        // Who comes next has not been told of any of these.
        world.tracked.keys.clear();
        world.tracked.items = 0;
    }
    if tracking.broadcast {
        world.tracked.prefixes.retain(|_, prefix| {
            prefix.ids.remove(&id);
            !prefix.ids.is_empty()
        });
    }
}

/// Nothing is remembered when nobody tracks.
pub fn look(world: &mut World, cache: &Embedded) {
    let tracked = &mut world.tracked;
    if tracked.is_off() && tracked.changes.take().is_some() {
        cache.observe_no_more();
        *tracked = Tracked::default();
    }
    keep_to_limit(world);
}

/// No more keys are remembered than the setting says; who kept others is told that they changed.
pub fn keep_to_limit(world: &mut World) {
    let max = world.settings.tracking_max_keys;
    while max > 0 && world.tracked.keys.len() > max {
        let Some(old) = world.tracked.keys.keys().next().cloned() else {
            return;
        };
        let ids = world.tracked.remove(&old);
        tell_all(world, ids, None, &old);
    }
}

/// A reading command was answered: its client may keep the values.
pub fn told(world: &mut World, token: usize, row: &Row, args: &[&[u8]]) {
    let client = &world.clients[token];
    let Some(tracking) = &client.tracking else {
        return;
    };
    let unwanted = tracking.broadcast
        || (tracking.opt_in && tracking.caching != Some(true))
        || (tracking.opt_out && tracking.caching == Some(false));
    if unwanted || !row.command.has(READONLY) || RUN_SCRIPTS.contains(&row.command.name) {
        return;
    }
    // Once a script reads, its client keeps all that the script was given as keys.
    let script = world.scripting.running.as_ref().map(|it| {
        let words: Vec<&[u8]> = it.args.iter().map(Vec::as_slice).collect();
        words
    });
    let (row, args) = match &script {
        None => (row, args),
        Some(words) => match dispatch::look_up(words) {
            Ok(row) => (row, words.as_slice()),
            Err(_) => return,
        },
    };
    for at in row.command.keys.positions(args) {
        let ids = world.tracked.keys.entry(args[at].to_vec()).or_default();
        world.tracked.items += usize::from(ids.insert(client.id));
    }
}

/// What they read is what the script reads.
const RUN_SCRIPTS: [&str; 3] = ["eval_ro", "evalsha_ro", "fcall_ro"];

/// Tells of all keys that have changed meanwhile; by whom, if it was a client.
pub fn changed(world: &mut World, by: Option<u64>) {
    let Some(changes) = &world.tracked.changes else {
        return;
    };
    for changed in changes.take() {
        let by = by.filter(|_| changed.by_observer);
        for (prefix, heard) in &mut world.tracked.prefixes {
            if changed.key.starts_with(prefix) {
                let author = heard.keys.entry(changed.key.clone()).or_insert(by);
                *author = author.filter(|_| *author == by);
            }
        }
        let ids = world.tracked.remove(&changed.key);
        tell_all(world, ids, by, &changed.key);
    }
}

fn tell_all(world: &mut World, ids: HashSet<u64>, by: Option<u64>, key: &[u8]) {
    for id in ids {
        let tracking = world
            .token_of(id)
            .and_then(|token| world.clients[token].tracking.as_deref());
        // It may have gone over to prefixes since.
        let wants = tracking.is_some_and(|it| !(it.broadcast || it.no_loop && by == Some(id)));
        if wants {
            tell(world, id, &[key]);
        }
    }
}

/// Sends what has changed by prefix, one message for each prefix. `true` if there was something.
pub fn broadcast(world: &mut World) -> bool {
    let mut heard = Vec::new();
    for prefix in world.tracked.prefixes.values_mut() {
        if !prefix.keys.is_empty() {
            let ids: Vec<u64> = prefix.ids.iter().copied().collect();
            heard.push((ids, std::mem::take(&mut prefix.keys)));
        }
    }
    for (ids, keys) in &heard {
        for &id in ids {
            let token = world.token_of(id);
            let tracking = token.and_then(|token| world.clients[token].tracking.as_deref());
            let no_loop = tracking.is_some_and(|tracking| tracking.no_loop);
            let keys = keys.iter();
            let keys: Vec<&[u8]> = keys
                .filter(|(_, by)| !no_loop || **by != Some(id))
                .map(|(key, _)| &**key)
                .collect();
            if !keys.is_empty() {
                tell(world, id, &keys);
            }
        }
    }
    !heard.is_empty()
}

/// All keys are gone.
pub fn forget_all(world: &mut World) {
    if world.tracked.is_off() {
        return;
    }
    world.tracked.keys.clear();
    world.tracked.items = 0;
    let clients = world.clients.iter();
    let ids: Vec<u64> = clients
        .filter(|(_, client)| client.tracking.is_some())
        .map(|(_, client)| client.id)
        .collect();
    for id in ids {
        tell(world, id, &[]);
    }
}

/// Tells a client, or whom it named, that keys (none: all) are no longer what they were.
fn tell(world: &mut World, id: u64, keys: &[&[u8]]) {
    let Some(token) = world.token_of(id) else {
        return;
    };
    let Some(tracking) = &mut world.clients[token].tracking else {
        return;
    };
    let redirect = tracking.redirect;
    let receiver = match redirect {
        None => token,
        Some(other) => match world.tokens.get(&other) {
            Some(receiver) => *receiver,
            None => {
                tracking.redirect_is_broken = true;
                tell_broken(&mut world.clients[token], other);
                world.touch(token);
                return;
            }
        },
    };
    let client = &mut world.clients[receiver];
    client.pushed.protocol = client.protocol;
    let listens = client.subscriptions() > 0;
    let out = &mut client.pushed;
    if out.is_resp3() {
        out.push(2);
        out.bulk(b"invalidate");
    } else if redirect.is_some() && listens {
        // RESP2 hears it as a message, on a connection that has subscribed to it.
        out.array(3);
        out.bulk(b"message");
        out.bulk(b"__redis__:invalidate");
    } else {
        return;
    }
    write_keys(out, keys);
    world.touch(receiver);
}

fn write_keys(out: &mut Out, keys: &[&[u8]]) {
    if keys.is_empty() {
        out.null();
        return;
    }
    out.array(keys.len());
    for key in keys {
        out.bulk(key);
    }
}

fn tell_broken(client: &mut Client, redirect: u64) {
    let out = &mut client.pushed;
    out.protocol = client.protocol;
    if out.is_resp3() {
        out.push(2);
        out.bulk(b"tracking-redir-broken");
        out.integer(redirect as i64);
    }
}

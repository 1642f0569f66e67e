//! MULTI … EXEC: what was queued, in one step.

use super::client::Queue;
use super::dispatch::{self, denied};
use super::out::Out;
use super::table::Run;
use super::world::World;
use crate::cache::{Embedded, Txn, Watch};

/// Runs what was queued and forgets it, and what was watched.
pub fn exec(world: &mut World, cache: &Embedded, token: usize, out: &mut Out) {
    let client = &mut world.clients[token];
    let Some(queue) = client.queue.take() else {
        out.error("ERR EXEC without MULTI");
        world.stats.count_error("ERR");
        return;
    };
    let watch = client.watch.take();
    if queue.spoiled {
        out.error("EXECABORT Transaction discarded because of previous errors.");
        world.stats.count_error("EXECABORT");
        return;
    }
    if watch.as_ref().is_some_and(|watch| !watch.is_intact()) {
        out.null_array();
        return;
    }
    let start = out.bytes.len();
    let db = world.clients[token].db;
    let reach = reach(&queue);
    let run = |txn: &mut Txn<'_>| run_all(world, cache, token, &queue, watch.as_ref(), txn, out);
    let done = match &reach {
        None => cache.db(db).on_everything(run),
        Some(keys) => cache.db(db).on_all_of(keys, run),
    };
    if let Err(error) = done {
        out.bytes.truncate(start);
        out.error(&super::failure::Failure::from(error).0);
    }
}

/// The keys that are touched; `None` for any key.
fn reach(queue: &Queue) -> Option<Vec<&[u8]>> {
    let mut keys = Vec::new();
    for queued in &queue.commands {
        let args: Vec<&[u8]> = queued.iter().map(Vec::as_slice).collect();
        let Ok(row) = dispatch::find(&args) else {
            continue;
        };
        match row.command.run {
            Run::Everything(_) | Run::Roaming { .. } => return None,
            Run::Keyed(_) => {
                let positions = row.command.keys.positions(&args);
                keys.extend(positions.iter().map(|&at| queued[at].as_slice()));
            }
            Run::Plain(_) | Run::Subcommands => {}
        }
    }
    Some(keys)
}

fn run_all(
    world: &mut World,
    cache: &Embedded,
    token: usize,
    queue: &Queue,
    watch: Option<&Watch>,
    txn: &mut Txn<'_>,
    out: &mut Out,
) {
    // Somebody else in this process may have been quicker than the locks.
    if watch.is_some_and(Watch::is_broken) {
        out.null_array();
        return;
    }
    out.array(queue.commands.len());
    for args in &queue.commands {
        let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
        let row = match dispatch::find(&args) {
            Ok(row) => row,
            Err(failure) => {
                out.error(&failure.0);
                continue;
            }
        };
        // Permissions may have changed since it was queued.
        if let Err(refused) = world.clients[token].user.may(row, &args) {
            out.error(&denied(refused, row).0);
            continue;
        }
        if world.monitors > 0 {
            let client = &world.clients[token];
            let (db, address) = (client.db, client.address.clone());
            world.monitor(db, &address, &args);
        }
        dispatch::run(world, cache, token, row, &args, out, Some(txn));
    }
}

//! MULTI … EXEC: what was queued, in one step.

use super::acl::Refused;
use super::client::Queue;
use super::dispatch;
use super::failure::Failure;
use super::figures::{denied, hides};
use super::out::Out;
use super::table::Run;
use super::world::World;
use maru_cache::{Embedded, Txn, Watch};

/// Runs what was queued and forgets it, and what was watched. `false` if it was refused.
pub fn exec(world: &mut World, cache: &Embedded, token: usize, out: &mut Out) -> bool {
    let client = &mut world.clients[token];
    let Some(queue) = client.queue.take() else {
        return refuse(world, out, "ERR EXEC without MULTI");
    };
    let watch = client.watch.take();
    if queue.spoiled {
        let text = "EXECABORT Transaction discarded because of previous errors.";
        return refuse(world, out, text);
    }
    if watch.as_ref().is_some_and(|watch| !watch.is_intact()) {
        out.null_array();
        return true;
    }
    client.in_exec = true;
    let start = out.bytes.len();
    let db = client.db;
    let reach = reach(&queue);
    let run = |txn: &mut Txn<'_>| run_all(world, cache, token, &queue, watch.as_ref(), txn, out);
    let done = match &reach {
        None => cache.db(db).on_everything(run),
        Some(keys) => cache.db(db).on_all_of(keys, run),
    };
    world.clients[token].in_exec = false;
    if let Err(error) = done {
        out.bytes.truncate(start);
        return refuse(world, out, &Failure::from(error).0);
    }
    true
}

fn refuse(world: &mut World, out: &mut Out, text: &str) -> bool {
    out.error(text);
    world.stats.count_error(text);
    false
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
            Run::Everything(_) | Run::OnDemand(_) | Run::Roaming { .. } => return None,
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
        if let Err((refused, at)) = world.clients[token].user.may(row, &args) {
            denied(world, token, row, &args, refused, at);
            world.stats.rows[row.id].rejected += 1;
            refuse(world, out, &no_longer(refused));
            continue;
        }
        dispatch::run(world, cache, token, row, &args, out, Some(txn));
        if world.monitors > 0 && !hides(row) {
            world.monitor(token, row, &args);
        }
    }
}

fn no_longer(refused: Refused) -> String {
    let reason = match refused {
        Refused::Command => "no permission to execute the command or subcommand",
        Refused::Key => "no permission to touch the specified keys",
        Refused::Channel => {
            "no permission to access one of the channels used as arguments to the command"
        }
    };
    format!(
        "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command \
         is no longer allowed for the following reason: {reason}"
    )
}

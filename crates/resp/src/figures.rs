//! What is counted, noted and shown of each command.

use super::acl::{Reason, Refused};
use super::failure::Failure;
use super::index::Row;
use super::table::{ADMIN, FAST, SKIP_MONITOR, SKIP_SLOWLOG};
use super::world::World;
use std::time::{Duration, Instant};

/// Counts, and keeps what was slow.
pub fn finish(
    world: &mut World,
    token: usize,
    row: &Row,
    args: &[&[u8]],
    failed: bool,
    waits: bool,
) {
    let now = Instant::now();
    let took = now.duration_since(world.mark);
    world.mark = now;
    world.stats.commands += 1;
    let figures = &mut world.stats.rows[row.id];
    figures.calls += 1;
    figures.failed += u64::from(failed);
    if !waits {
        note_time(world, token, row, args, took);
    }
}

/// Counts how long a command took, and keeps one that took long.
pub fn note_time(world: &mut World, token: usize, row: &Row, args: &[&[u8]], took: Duration) {
    let figures = &mut world.stats.rows[row.id];
    let nanos = took.as_nanos() as u64;
    figures.nanos += nanos;
    if world.settings.latency_tracking {
        figures.times.get_or_insert_default().add(nanos);
    }
    if world.settings.spikes_from.is_some_and(|slow| took >= slow) {
        let is_fast = row.command.has(FAST);
        let name = if is_fast { "fast-command" } else { "command" };
        world.spikes.add(name, took);
    }
    if world.settings.slower_than.is_some_and(|slow| took >= slow) && !row.command.has(SKIP_SLOWLOG)
    {
        let shown = args.iter().enumerate().map(|(at, arg)| {
            let is_hidden = super::redact::hides(row, args, at);
            if is_hidden {
                super::redact::INSTEAD
            } else {
                *arg
            }
        });
        let shown: Vec<&[u8]> = shown.collect();
        let client = &world.clients[token];
        let max = world.settings.slowlog_max;
        world
            .slowlog
            .add(took, &shown, &client.address, &client.name, max);
    }
}

/// What those who hear all commands do not hear: commands of the server's own affairs, and those that
/// show themselves before they run.
pub fn hides(row: &Row) -> bool {
    row.command.has(ADMIN) || row.command.has(SKIP_MONITOR)
}

/// Notes that something is refused.
pub fn denied(
    world: &mut World,
    token: usize,
    row: &Row,
    args: &[&[u8]],
    refused: Refused,
    at: usize,
) -> Failure {
    let object = match refused {
        Refused::Command => row.full_name.as_bytes(),
        Refused::Key | Refused::Channel => args[at],
    };
    world.note_refusal(token, Reason::Refused(refused), object, None);
    match refused {
        Refused::Command => Failure::of(format!(
            "NOPERM this user has no permissions to run the '{}' command",
            row.full_name
        )),
        Refused::Key => Failure::new(
            "NOPERM this user has no permissions to access one of the keys used as arguments",
        ),
        Refused::Channel => Failure::new(
            "NOPERM this user has no permissions to access one of the channels used as arguments",
        ),
    }
}

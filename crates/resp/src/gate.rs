//! Whether a client may run a command now: the checks that are no command's own, in Redis's order.

use super::failure::{Answer, Failure};
use super::figures::denied;
use super::index::Row;
use super::out::Protocol;
use super::table::{ALLOW_BUSY, DENYOOM, MAY_REPLICATE, NO_AUTH, NO_MULTI, WRITE};
use super::world::World;
use maru_cache::Embedded;
use std::time::Instant;

pub fn admit(
    world: &mut World,
    cache: &Embedded,
    token: usize,
    row: &Row,
    args: &[&[u8]],
) -> Answer {
    let command = row.command;
    let client = &world.clients[token];
    if !client.known && !command.has(NO_AUTH) {
        return Err(Failure::new("NOAUTH Authentication required."));
    }
    let queues = client.queue.is_some();
    if queues && command.has(NO_MULTI) {
        return Err(Failure::new("ERR Command not allowed inside a transaction"));
    }
    if let Err((refused, at)) = client.user.may(row, args) {
        return Err(denied(world, token, row, args, refused, at));
    }
    let flags = world.flags(token, row, args);
    let writes = flags & WRITE != 0;
    // Whatever is asked for, first goes what has to; but not under the hands of a script.
    let room = if world.scripting.running.is_none() {
        let room = cache.make_room();
        world.is_full = room.is_err();
        room
    } else {
        Ok(())
    };
    // What is queued takes room, too.
    let grows = queues && !matches!(command.name, "exec" | "discard" | "quit" | "reset");
    if flags & DENYOOM != 0 || grows {
        room?;
    }
    if let Some(error) = &world.disk_error
        && (writes || command.name == "ping")
    {
        return Err(Failure::of(format!(
            "MISCONF Errors writing to the AOF file: {error}"
        )));
    }
    if writes && world.settings.wants_replicas {
        return Err(Failure::new(
            "NOREPLICAS Not enough good replicas to write.",
        ));
    }
    let client = &world.clients[token];
    if client.subscriptions() > 0
        && client.protocol == Protocol::Resp2
        && !matches!(
            command.name,
            "ping"
                | "subscribe"
                | "ssubscribe"
                | "psubscribe"
                | "unsubscribe"
                | "sunsubscribe"
                | "punsubscribe"
                | "quit"
                | "reset"
        )
    {
        return Err(Failure::of(format!(
            "ERR Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
            row.full_name
        )));
    }
    if let Some(running) = &world.scripting.running {
        // To watch is to look at keys, which the script may have locked.
        if !command.has(ALLOW_BUSY) || command.name == "watch" {
            return Err(running.busy());
        }
    }
    Ok(())
}

impl World {
    /// The flags of a command; of EXEC, those of all that it would run.
    fn flags(&self, token: usize, row: &Row, args: &[&[u8]]) -> u32 {
        let queue = self.clients[token].queue.as_ref();
        let queued = queue.filter(|_| row.command.name == "exec" && !row.is_subcommand);
        self.scripting.flags(row, args) | queued.map_or(0, |queue| queue.flags)
    }

    /// Whether a command has to wait for the end of a pause.
    pub fn is_paused(&mut self, token: usize, row: &Row, args: &[&[u8]]) -> bool {
        let Some(pause) = self.pause else {
            return false;
        };
        if pause.until <= Instant::now() {
            self.end_pause();
            return false;
        }
        !pause.writes_only || self.flags(token, row, args) & (WRITE | MAY_REPLICATE) != 0
    }
}

//! One connection's bytes: in, through the parser, to the dispatcher; and out, once per turn of the
//! loop.

use super::call::{Nothing, Wait};
use super::client::{Client, Waiting};
use super::dispatch::{self, Next};
use super::out::Out;
use super::request::{Argument, Parser, Step};
use super::weight::buffer_bytes;
use super::world::World;
use maru_cache::Embedded;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendFlags};
use smallvec::SmallVec;
use std::time::Instant;

/// What one turn reads from one connection.
pub const READ_BYTES: usize = 64 << 10;
/// Of a long argument.
const BURST_BYTES: usize = 1 << 20;
/// Requests that wait for their turn, or are not whole, of a client that has not said who it is, or that waits.
const MAX_STRANGERS_HELD_BYTES: usize = 1 << 20;
const MAX_WAITING_HELD_BYTES: usize = 64 << 20;
/// When one turn's answers to one client are longer, its other requests wait for the next turn, so
/// that everybody else is served in between.
const TURN_BYTES: usize = 256 << 10;
/// Messages are moved to the answers while fewer bytes than this wait there.
const LISTEN_UNTIL_BYTES: usize = 256 << 10;
/// Buffers that have grown larger are given back when they are empty.
pub const KEEP_BYTES: usize = 16 << 10;

/// The socket has something to read.
pub fn readable(world: &mut World, cache: &Embedded, token: usize, shared: &mut Vec<u8>) {
    let client = &mut world.clients[token];
    let fits = client.held.is_empty();
    let read = if fits {
        shared.clear();
        net::recv(&client.stream, spare_capacity(shared), RecvFlags::empty())
    } else {
        receive(client)
    };
    let read = match read {
        Ok((0, _)) => {
            client.dead = true;
            return;
        }
        Ok((read, _)) => read,
        Err(Errno::AGAIN | Errno::INTR) => return,
        Err(_) => {
            client.dead = true;
            return;
        }
    };
    client.last_used = Instant::now();
    world.stats.reads += 1;
    world.stats.input_bytes += read as u64;
    let client = &mut world.clients[token];
    if client.closing {
        return;
    }
    if fits {
        if client.waiting.is_some() {
            client.held.extend_from_slice(shared);
            return;
        }
        let taken = requests(world, cache, token, shared);
        if let Some(client) = world.clients.get_mut(token)
            && taken < shared.len()
        {
            client.held.extend_from_slice(&shared[taken..]);
        }
    } else {
        held(world, cache, token);
    }
    bound(world, token);
}

/// Reads into what is held already. A long argument in one go, as far as it has come: others wait
/// for less than its bytes are worth.
fn receive(client: &mut Client) -> rustix::io::Result<(usize, usize)> {
    let mut got = 0;
    loop {
        // Grows with what has come, not with what was announced; for what is long, no further.
        let room = match client.parser.before_long() {
            0 => READ_BYTES,
            _ => {
                let wanted = client.parser.wants(client.held.len());
                wanted.clamp(1, client.held.len().max(READ_BYTES))
            }
        };
        client.held.reserve_exact(room);
        let space = spare_capacity(&mut client.held);
        match net::recv(&client.stream, space, RecvFlags::empty()) {
            Ok((read, _)) if read > 0 => got += read,
            // Found again in the next turn.
            Ok(_) | Err(_) if got > 0 => return Ok((got, got)),
            end => return end,
        }
        let is_whole = client.parser.wants(client.held.len()) == 0;
        if is_whole || got >= BURST_BYTES || client.parser.before_long() == 0 {
            return Ok((got, got));
        }
    }
}

/// Requests that were held are looked at.
pub fn held(world: &mut World, cache: &Embedded, token: usize) {
    let client = &mut world.clients[token];
    if client.waiting.is_some() || client.held.is_empty() {
        return;
    }
    let mut bytes = std::mem::take(&mut client.held);
    let taken = requests(world, cache, token, &bytes);
    if taken == bytes.len() {
        bytes.clear();
        bytes.shrink_to(KEEP_BYTES);
    } else if taken > 0 {
        bytes.drain(..taken);
    }
    world.clients[token].held = bytes;
}

fn bound(world: &mut World, token: usize) {
    let client = &mut world.clients[token];
    let max = match (client.known, &client.waiting) {
        (false, _) => MAX_STRANGERS_HELD_BYTES,
        (true, Some(_)) => MAX_WAITING_HELD_BYTES,
        (true, None) => world.settings.query_max_bytes,
    };
    if client.held.len() > max {
        tracing::debug!(address = %client.address, "a Redis client's request is too long; closed");
        client.dead = true;
    }
}

/// Runs all whole requests at the front of the bytes; answers how many bytes they took.
fn requests(world: &mut World, cache: &Embedded, token: usize, bytes: &[u8]) -> usize {
    let client = &mut world.clients[token];
    let mut parser = std::mem::take(&mut client.parser);
    let mut out = std::mem::take(&mut client.out);
    out.protocol = client.protocol;
    client.lent_bytes = buffer_bytes(&out.bytes);
    world.mark = Instant::now();
    let mut taken = 0;
    let begun = out.bytes.len();
    loop {
        let client = &mut world.clients[token];
        if client.closing || client.dead || client.waiting.is_some() {
            break;
        }
        if out.bytes.len() >= begun + TURN_BYTES && taken < bytes.len() {
            world.goes_on(token);
            break;
        }
        match parser.parse(&bytes[taken..], client.bounds(&world.settings)) {
            Ok(Step::Incomplete) => break,
            Ok(Step::Complete(length)) => {
                client.query_bytes = bytes.len() - taken;
                if length > READ_BYTES && world.is_outweighed(cache, token) {
                    break;
                }
                let paused = request(world, cache, token, &parser, &bytes[taken..], &mut out);
                parser.next();
                if paused {
                    break;
                }
                taken += length;
            }
            Err(malformed) => {
                out.error(&format!("ERR Protocol error: {malformed}"));
                world.stats.count_error("ERR");
                world.clients[token].closing = true;
                taken = bytes.len();
                break;
            }
        }
        let client = &mut world.clients[token];
        if !client.dead && client.waits_for_too_much(&world.settings, out.bytes.len(), world.mark) {
            world.stats.slow_subscribers += 1;
            client.dead = true;
        }
        if !world.waits.is_empty() {
            // Its own answers come before those of a command of its own that has waited.
            serve_waiting(world, cache);
        }
    }
    let client = &mut world.clients[token];
    client.parser = parser;
    client.query_bytes = 0;
    client.lent_bytes = 0;
    out.bytes.append(&mut client.out.bytes);
    client.out = out;
    taken
}

/// One whole request. `true` if it must be looked at again later.
fn request(
    world: &mut World,
    cache: &Embedded,
    token: usize,
    parser: &Parser,
    bytes: &[u8],
    out: &mut Out,
) -> bool {
    let args: SmallVec<[&[u8]; 8]> = parser
        .arguments()
        .iter()
        .map(|argument| match argument {
            Argument::At(from, to) => &bytes[*from..*to],
            Argument::Copied(word) => word.as_slice(),
        })
        .collect();
    let Some(name) = args.first() else {
        return false;
    };
    // A web page that was tricked into talking to this port gets no further.
    if name.eq_ignore_ascii_case(b"post") || name.eq_ignore_ascii_case(b"host:") {
        let address = &world.clients[token].address;
        tracing::warn!(%address, "HTTP on the Redis port: the connection is closed");
        world.clients[token].dead = true;
        return false;
    }
    match dispatch::request(world, cache, token, &args, out) {
        Next::Go => false,
        Next::Pause => {
            world.clients[token].waiting = Some(Waiting::Pause);
            true
        }
        Next::Wait(wait) => {
            let args = match &wait.args {
                Some(args) => args.clone(),
                None => args.iter().map(|arg| arg.to_vec()).collect(),
            };
            let client = &mut world.clients[token];
            let who = (token, client.id);
            world.waits.add(who, client.db, &wait);
            client.waiting = Some(Waiting::Keys { wait, args });
            false
        }
    }
}

/// Clients whose keys were filled run their commands again: key by key, in the order in which the
/// keys were filled, and for each key in the order in which the clients came.
pub fn serve_waiting(world: &mut World, cache: &Embedded) {
    if world.scripting.running.is_some() {
        return;
    }
    loop {
        let ready = world.waits.take_ready();
        if ready.is_empty() {
            return;
        }
        for key in ready {
            for (token, id) in world.waits.line(&key) {
                if world.token_of(id) == Some(token) {
                    run_again(world, cache, token, &key.1);
                }
            }
        }
    }
}

fn run_again(world: &mut World, cache: &Embedded, token: usize, filled: &[u8]) {
    let client = &mut world.clients[token];
    let Some(Waiting::Keys { args, .. }) = &client.waiting else {
        return;
    };
    let args = args.clone();
    let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
    let mut out = Out::new(client.protocol);
    world.mark = Instant::now();
    if dispatch::again(world, cache, token, &args, &mut out, filled).is_none() {
        stop_waiting(world, token, |_, to| to.bytes.extend_from_slice(&out.bytes));
    }
}

/// A client has waited as long as it wanted.
pub fn give_up(world: &mut World, token: usize) {
    if let Some(Waiting::Keys { wait, args }) = &world.clients[token].waiting
        && matches!(wait.otherwise, Nothing::Ok | Nothing::Answer(_))
    {
        // It did not wait for others: this is what it did.
        let (took, args) = (wait.since.elapsed(), args.clone());
        let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
        if let Ok(row) = dispatch::find(&args) {
            super::figures::note_time(world, token, row, &args, took);
        }
    }
    stop_waiting(world, token, |wait, out| wait.otherwise.write(out));
}

/// A client waits no longer, and is told so. Its other requests go on in this turn.
pub fn stop_waiting(world: &mut World, token: usize, tell: impl FnOnce(&Wait, &mut Out)) {
    let client = &mut world.clients[token];
    if let Some(Waiting::Keys { wait, .. }) = client
        .waiting
        .take_if(|waiting| matches!(waiting, Waiting::Keys { .. }))
    {
        let who = (token, client.id);
        world.waits.remove(who, client.db, &wait);
        world.waits.were_changed(&wait.ready);
        client.out.protocol = client.protocol;
        tell(&wait, &mut client.out);
        world.touch(token);
    }
}

/// Sends what is to be sent. `false` if the connection is at its end.
pub fn send(world: &mut World, token: usize) -> bool {
    let Some(client) = world.clients.get_mut(token) else {
        return true;
    };
    if client.dead {
        return false;
    }
    if !client.pushed.bytes.is_empty() {
        client.out.bytes.append(&mut client.pushed.bytes);
        client.pushed.bytes.shrink_to(KEEP_BYTES);
    }
    loop {
        let mut heard_all = true;
        if let Some(ear) = &mut client.ear {
            client.out.protocol = client.protocol;
            let out = &mut client.out;
            if !Client::listen(ear, &client.waker, out, LISTEN_UNTIL_BYTES) {
                world.stats.slow_subscribers += 1;
                tracing::warn!(address = %client.address, "a subscriber does not keep up; closed");
                return false;
            }
            heard_all = client.out.bytes.len() < LISTEN_UNTIL_BYTES;
        }
        while client.sent_bytes < client.out.bytes.len() {
            let waits = &client.out.bytes[client.sent_bytes..];
            match net::send(&client.stream, waits, SendFlags::NOSIGNAL) {
                Ok(written) => {
                    client.sent_bytes += written;
                    world.stats.writes += 1;
                    world.stats.output_bytes += written as u64;
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return true,
                Err(_) => return false,
            }
        }
        client.out.bytes.clear();
        client.sent_bytes = 0;
        if heard_all {
            break;
        }
    }
    if client.out.bytes.capacity() > KEEP_BYTES {
        client.out.bytes.shrink_to(KEEP_BYTES);
    }
    !client.closing
}

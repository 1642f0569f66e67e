//! The sockets of the loop: what is done when one has something to read or room to write.

use super::client::Client;
use super::connection::{self, READ_BYTES};
use super::world::World;
use maru_cache::{Embedded, Fsync};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::fd::OwnedFd;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;

pub const LISTENER: u64 = u64::MAX;
pub const BELL: u64 = u64::MAX - 1;
pub const NOT_AT_ALL: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};
/// New connections taken in one turn.
const ACCEPTS: usize = 256;
/// File descriptors that no connection gets, or a quarter of the limit.
const RESERVED_FILES: u64 = 256;

/// The sockets that the loop waits for.
pub struct Sockets {
    pub listener: TcpListener,
    pub epoll: OwnedFd,
}

/// A socket has something to read, or is at its end.
pub fn event(
    world: &mut World,
    cache: &Embedded,
    token: usize,
    flags: EventFlags,
    shared: &mut Vec<u8>,
) {
    let Some(client) = world.clients.get_mut(token) else {
        return;
    };
    if flags.intersects(EventFlags::IN) {
        connection::readable(world, cache, token, shared);
    } else if flags.intersects(EventFlags::HUP | EventFlags::ERR) {
        client.dead = true;
    }
    world.touch(token);
}

/// A socket is watched for room to write while something waits for it. `false` if that fails.
pub fn watch_for_room(world: &mut World, token: usize) -> bool {
    let client = &mut world.clients[token];
    let wants_write = client.sent_bytes < client.out.bytes.len();
    if wants_write == client.wants_write {
        return true;
    }
    client.wants_write = wants_write;
    let flags = if wants_write {
        EventFlags::IN | EventFlags::OUT
    } else {
        EventFlags::IN
    };
    let data = EventData::new_u64(token as u64);
    epoll::modify(&world.sockets.epoll, &client.stream, data, flags).is_ok()
}

/// A script runs for long: others may connect, are told so, and may end it. Nothing is closed here,
/// and nothing of the script's own client is touched.
pub fn serve_while_busy(world: &mut World, cache: &Embedded) {
    let Some(busy) = world.scripting.running.as_ref().map(|it| it.token) else {
        return;
    };
    // Who was answered in this turn before the script began has its answer now; but where that must be
    // on disk first, only after the script, whose keys a snapshot may be waiting for.
    if cache.fsync() != Some(Fsync::Always) && cache.settle_deferred().is_ok() {
        for token in world.dirty.clone() {
            if token != busy && world.clients.contains(token) {
                send_while_busy(world, token);
            }
        }
    }
    let sockets = world.sockets.clone();
    let mut events: Vec<epoll::Event> = Vec::with_capacity(64);
    if epoll::wait(
        &sockets.epoll,
        spare_capacity(&mut events),
        Some(&NOT_AT_ALL),
    )
    .is_err()
    {
        return;
    }
    let mut shared = Vec::with_capacity(READ_BYTES);
    for found in &events {
        let (data, flags) = (found.data, found.flags);
        match data.u64() {
            LISTENER => accept(world),
            BELL => {}
            token if token as usize == busy => {}
            token => {
                let token = token as usize;
                event(world, cache, token, flags, &mut shared);
                if world.clients.contains(token) {
                    send_while_busy(world, token);
                }
            }
        }
    }
}

/// A connection at its end is closed when the script has ended.
fn send_while_busy(world: &mut World, token: usize) {
    if connection::send(world, token) {
        watch_for_room(world, token);
    } else {
        world.clients[token].dead = true;
    }
}

pub fn accept(world: &mut World) {
    let sockets = world.sockets.clone();
    for _ in 0..ACCEPTS {
        match sockets.listener.accept() {
            Ok((stream, address)) => {
                if let Err(error) = greet(world, &sockets, stream, address) {
                    tracing::debug!(%error, "a connection to the Redis port was lost");
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
            Err(error) => {
                tracing::warn!(%error, "the Redis port cannot take a connection");
                return;
            }
        }
    }
}

fn greet(
    world: &mut World,
    sockets: &Sockets,
    stream: TcpStream,
    address: SocketAddr,
) -> std::io::Result<()> {
    stream.set_nonblocking(true)?;
    stream.set_nodelay(true)?;
    world.stats.connections += 1;
    if world.clients.len() >= world.settings.max_clients || takes_the_last(&stream) {
        world.stats.rejected_connections += 1;
        let _ = rustix::io::write(&stream, b"-ERR max number of clients reached\r\n");
        return Ok(());
    }
    socket2::SockRef::from(&stream).set_keepalive(true)?;
    let local_address = stream.local_addr()?.to_string();
    let id = world.next_id;
    world.next_id += 1;
    let user = world.acl.default_user();
    let entry = world.clients.vacant_entry();
    let token = entry.key();
    epoll::add(
        &sockets.epoll,
        &stream,
        EventData::new_u64(token as u64),
        EventFlags::IN,
    )?;
    let waker = world.wakes.waker(token, id);
    let addresses = [address.to_string(), local_address];
    entry.insert(Client::new(id, stream, addresses, user, waker));
    world.tokens.insert(id, token);
    Ok(())
}

/// The last file descriptors belong to whoever keeps data on the disk.
fn takes_the_last(stream: &TcpStream) -> bool {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let number = u64::try_from(stream.as_raw_fd()).unwrap_or(0);
    limit.is_some_and(|limit| number + RESERVED_FILES.min(limit / 4) >= limit)
}

//! Who is in a namespace, and in which rooms.
use super::frame::Frame;
use super::handler::Handler;
use super::sid::Sid;
use super::socket::Socket;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;

type Sockets = HashMap<Sid, Socket, ahash::RandomState>;

/// A name, its handler, its sockets.
pub struct Namespace {
    name: Box<str>,
    handler: Arc<dyn Handler>,
    members: RwLock<Members>,
}

#[derive(Default)]
struct Members {
    all: Sockets,
    rooms: HashMap<Arc<str>, Sockets, ahash::RandomState>,
}

/// Whom something is for: everybody, or those of some rooms, without those of others.
#[derive(Debug, Clone, Copy, Default)]
pub struct Audience<'a> {
    /// Empty: everybody.
    pub rooms: &'a [&'a str],
    pub except_rooms: &'a [&'a str],
    pub except: Option<Sid>,
}

impl Namespace {
    pub(super) fn new(name: &str, handler: Arc<dyn Handler>) -> Self {
        Self {
            name: name.into(),
            handler,
            members: RwLock::default(),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn handler(&self) -> &Arc<dyn Handler> {
        &self.handler
    }

    /// Sockets in it.
    pub fn len(&self) -> usize {
        self.members.read().all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn socket(&self, id: Sid) -> Option<Socket> {
        self.members.read().all.get(&id).cloned()
    }

    /// Sends one frame to all of an audience, each once; returns to how many.
    /// One who cannot take it is closed, and the others do not notice.
    pub fn send(&self, audience: Audience<'_>, frame: &Frame) -> usize {
        let mut sent = 0;
        self.each(audience, |socket| {
            sent += usize::from(socket.send_frame(frame).is_ok())
        });
        sent
    }

    /// Everybody of an audience.
    pub fn sockets(&self, audience: Audience<'_>) -> Vec<Socket> {
        let mut sockets = Vec::new();
        self.each(audience, |socket| sockets.push(socket.clone()));
        sockets
    }

    fn each(&self, audience: Audience<'_>, mut visit: impl FnMut(&Socket)) {
        let members = self.members.read();
        let room = |name: &&str| members.rooms.get(*name);
        let excepted = |id: &Sid| {
            audience.except.as_ref() == Some(id)
                || audience
                    .except_rooms
                    .iter()
                    .filter_map(room)
                    .any(|room| room.contains_key(id))
        };
        if audience.rooms.is_empty() {
            members
                .all
                .values()
                .filter(|socket| !excepted(&socket.id()))
                .for_each(visit);
            return;
        }
        for (at, sockets) in audience
            .rooms
            .iter()
            .enumerate()
            .filter_map(|(at, name)| Some((at, room(name)?)))
        {
            let earlier = &audience.rooms[..at];
            for (id, socket) in sockets {
                let seen = earlier
                    .iter()
                    .filter_map(room)
                    .any(|room| room.contains_key(id));
                if !seen && !excepted(id) {
                    visit(socket);
                }
            }
        }
    }

    pub(super) fn add(&self, socket: &Socket) {
        self.members.write().all.insert(socket.id(), socket.clone());
    }

    pub(super) fn remove(&self, socket: &Socket) {
        let mut members = self.members.write();
        members.all.remove(&socket.id());
        for room in std::mem::take(&mut *socket.rooms_mut().lock()) {
            members.leave(socket, &room);
        }
    }

    pub(super) fn join(&self, socket: &Socket, room: &str) {
        let mut members = self.members.write();
        if !members.all.contains_key(&socket.id()) {
            return;
        }
        let name = match members.rooms.get_key_value(room) {
            Some((name, _)) => name.clone(),
            None => Arc::from(room),
        };
        members
            .rooms
            .entry(name.clone())
            .or_default()
            .insert(socket.id(), socket.clone());
        socket.rooms_mut().lock().insert(name);
    }

    pub(super) fn leave(&self, socket: &Socket, room: &str) {
        let mut members = self.members.write();
        if socket.rooms_mut().lock().remove(room) {
            members.leave(socket, room);
        }
    }
}

impl Members {
    /// An empty room is no room.
    fn leave(&mut self, socket: &Socket, room: &str) {
        if let Some(sockets) = self.rooms.get_mut(room) {
            sockets.remove(&socket.id());
            if sockets.is_empty() {
                self.rooms.remove(room);
            }
        }
    }
}

impl std::fmt::Debug for Namespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Namespace")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

//! Who is in a namespace, and in which rooms.
use super::frame::Frame;
use super::handler::Handler;
use super::lost::Lost;
use super::reason::Reason;
use super::sid::Sid;
use super::socket::Socket;
use parking_lot::RwLock;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Sockets = HashMap<Sid, Socket, ahash::RandomState>;

/// A name, its handler, its sockets.
pub struct Namespace {
    name: Box<str>,
    handler: Arc<dyn Handler>,
    members: RwLock<Members>,
}

struct Members {
    all: Sockets,
    rooms: HashMap<Arc<str>, Sockets, ahash::RandomState>,
    lost: Lost,
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
    pub(super) fn new(name: &str, handler: Arc<dyn Handler>, recovery_window: Duration) -> Self {
        let members = Members {
            all: HashMap::default(),
            rooms: HashMap::default(),
            lost: Lost::new(recovery_window),
        };
        Self {
            name: name.into(),
            handler,
            members: RwLock::new(members),
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

    /// Lets a socket in. One that comes back gets the rooms of its earlier life, which ends here if
    /// nobody has noticed yet that its line is broken.
    pub(super) fn add(&self, socket: &Socket) {
        let mut members = self.members.write();
        let earlier = members.all.insert(socket.id(), socket.clone());
        let rooms = match &earlier {
            Some(earlier) => members.vacate(earlier),
            None => members.lost.take(socket.id(), Instant::now()),
        };
        for room in rooms {
            members.enter(socket, &room);
        }
        drop(members);
        if let Some(earlier) = earlier {
            earlier.close(Reason::Transport);
        }
    }

    /// `comes_back`: its rooms are kept for a while.
    pub(super) fn remove(&self, socket: &Socket, comes_back: bool) {
        let mut members = self.members.write();
        let rooms = members.vacate(socket);
        if members.holds(socket) {
            members.all.remove(&socket.id());
            if comes_back && !rooms.is_empty() {
                members.lost.keep(socket.id(), rooms, Instant::now());
            }
        }
    }

    pub(super) fn join(&self, socket: &Socket, room: &str) {
        let mut members = self.members.write();
        if members.holds(socket) {
            members.enter(socket, room);
        }
    }

    pub(super) fn leave(&self, socket: &Socket, room: &str) {
        let mut members = self.members.write();
        if socket.rooms_mut().lock().remove(room) {
            members.leave(socket, room);
        }
    }
}

impl Members {
    /// It is in, and no other has taken its place.
    fn holds(&self, socket: &Socket) -> bool {
        let known = self.all.get(&socket.id());
        known.is_some_and(|known| known.is_same(socket))
    }

    fn enter(&mut self, socket: &Socket, room: &str) {
        let name = match self.rooms.get_key_value(room) {
            Some((name, _)) => name.clone(),
            None => Arc::from(room),
        };
        let sockets = self.rooms.entry(name.clone()).or_default();
        sockets.insert(socket.id(), socket.clone());
        socket.rooms_mut().lock().insert(name);
    }

    /// Out of all rooms; which they were.
    fn vacate(&mut self, socket: &Socket) -> BTreeSet<Arc<str>> {
        let rooms = std::mem::take(&mut *socket.rooms_mut().lock());
        for room in &rooms {
            self.leave(socket, room);
        }
        rooms
    }

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

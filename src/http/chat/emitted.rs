//! What emitters and other Socket.IO servers publish, brought to the sockets.
//!
//! `room:<id>` and `user:<id>` are the node's own: who is in them follows from the chat, at every
//! moment, and nobody joins or leaves them from outside. All other rooms are made by `socketsJoin`
//! and last as long as their sockets; a socket's id is a room, too.

use super::recovery;
use super::requests::Asker;
use super::said::{At, Said};
use super::subscriber::SocketSubscriber;
use crate::domain::{Position, RoomId, UserId};
use crate::live::{Hub, Recipients, Visited};
use crate::socketio::interop::{
    Broadcast, InteropError, Publication, Selection, answer::Waiting, channel, entry, patterns,
    read, room_channel,
};
use crate::socketio::{Audience, Frame, Namespace, Server, Sid, Socket};
use bytes::Bytes;
use std::any::Any;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, OnceLock, Weak};

/// Where others speak to sockets.
const NAMESPACES: [&str; 2] = ["/", "/admin"];

/// Publishes an answer: channel and message.
pub type Answers = Arc<dyn Fn(&str, Bytes) + Send + Sync>;

/// Where publications go in; clones are the same. Whoever holds the cache connects it.
#[derive(Clone, Default)]
pub struct Emitted(Arc<Inner>);

#[derive(Default)]
struct Inner {
    out: OnceLock<Out>,
    /// What came by the stream.
    said: Arc<Said>,
}

pub(super) struct Out {
    server: Weak<Server>,
    pub(super) hub: Arc<Hub>,
}

impl Emitted {
    /// The channels it wants to hear, as patterns.
    pub fn patterns(&self) -> Vec<String> {
        NAMESPACES.iter().flat_map(|name| patterns(name)).collect()
    }

    /// The sharded channels it wants to hear, always.
    pub fn sharded(&self) -> Vec<String> {
        NAMESPACES.iter().map(|name| channel(name)).collect()
    }

    /// The sharded channels of the rooms that somebody here is in: servers may speak to a room on
    /// its own channel.
    pub fn rooms(&self) -> BTreeSet<String> {
        let Some(out) = self.0.out.get() else {
            return BTreeSet::new();
        };
        let (users, rooms) = out.hub.whereabouts();
        let users = users.iter().map(|user| format!("user:{user}"));
        let rooms = rooms.iter().map(|room| format!("room:{room}"));
        let mut names: BTreeSet<String> = users.chain(rooms).collect();
        if let Some(server) = out.server.upgrade()
            && let Some(namespace) = server.namespace("/")
        {
            for socket in namespace.sockets(Audience::default()) {
                names.extend(socket.rooms().iter().map(ToString::to_string));
            }
        }
        names.iter().map(|room| room_channel("/", room)).collect()
    }

    /// Takes one message of those channels. What is not understood is nobody's.
    pub fn hear(&self, channel: &[u8], payload: &[u8], answers: &Answers) {
        let Some(out) = self.0.out.get() else { return };
        match read(channel, payload) {
            Ok(publication) => out.carry_out(&publication, None, answers),
            Err(error) => self.ignore(&error, &String::from_utf8_lossy(channel)),
        }
    }

    /// The stream is followed from here on; what was said before is not known.
    pub fn begin_stream(&self, from: &str) {
        if let Ok(from) = from.parse() {
            self.0.said.begin(from);
        }
    }

    /// Takes one entry of the stream, by its id. An old one is only kept for those who come back.
    pub fn hear_entry(&self, id: &str, fields: &[(Bytes, Bytes)], is_old: bool, answers: &Answers) {
        let Ok(at) = id.parse::<At>() else { return };
        let size_bytes = fields.iter().map(|(name, value)| name.len() + value.len());
        let size_bytes = 256 + size_bytes.sum::<usize>();
        let publication = match entry(fields) {
            Ok(publication) => publication,
            Err(error) => return self.ignore(&error, id),
        };
        if let Publication::Broadcast(broadcast) = &publication
            && broadcast.namespace == "/"
            && !broadcast.volatile
        {
            let kept = Arc::new(broadcast.clone());
            self.0.said.keep(at, kept, size_bytes);
        }
        if !is_old && let Some(out) = self.0.out.get() {
            out.carry_out(&publication, Some(at), answers);
        }
        self.0.said.pass(at);
    }

    fn ignore(&self, error: &InteropError, place: &str) {
        tracing::debug!(%error, place, "a publication is not for the sockets");
    }

    pub(super) fn said(&self) -> &Arc<Said> {
        &self.0.said
    }

    /// Who is spoken to; once.
    pub(super) fn connect(&self, server: &Arc<Server>, hub: Arc<Hub>) {
        let server = Arc::downgrade(server);
        if self.0.out.set(Out { server, hub }).is_err() {
            tracing::warn!("emitters speak to the first server that was made only");
        }
    }
}

impl Out {
    fn carry_out(&self, publication: &Publication, at: Option<At>, answers: &Answers) {
        let Some(server) = self.server.upgrade() else {
            return;
        };
        let name = match publication {
            Publication::Broadcast(broadcast) => &broadcast.namespace,
            Publication::Request { namespace, .. } => namespace,
        };
        let Some(namespace) = server.namespace(name) else {
            return;
        };
        match publication {
            Publication::Broadcast(broadcast) if name == "/" => {
                self.broadcast(namespace, broadcast, at);
            }
            Publication::Broadcast(broadcast) => {
                if let Some(frame) = broadcast.frame() {
                    for socket in others(namespace, &broadcast.to) {
                        send(&socket, &frame, broadcast.volatile);
                    }
                }
            }
            Publication::Request {
                id,
                server,
                request,
                namespace: named,
            } => {
                let waiting = id.as_ref().map(|id| Waiting {
                    id: id.clone(),
                    namespace: named.clone(),
                    server: server.clone(),
                });
                let asker = waiting.map(|waiting| Asker::new(waiting, answers));
                self.request(namespace, request, asker);
            }
        }
    }

    /// What came by the stream has a position, which clients keep.
    fn broadcast(&self, namespace: &Namespace, broadcast: &Broadcast, at: Option<At>) {
        let at = at.filter(|_| !broadcast.volatile);
        let plain = OnceCell::new();
        // Not everybody has heard the same yet.
        let mut positioned: Option<(Position, Option<Frame>)> = None;
        self.each(namespace, &broadcast.to, |subscriber, found| {
            let wants = at.is_some() || broadcast.ends_in_text();
            let frame = if subscriber.offsets() && wants {
                if positioned
                    .as_ref()
                    .is_none_or(|(upto, _)| *upto != found.upto)
                {
                    let said = at.unwrap_or_else(|| subscriber.said());
                    let frame = broadcast.frame_positioned(&recovery::offset(found.upto, said));
                    positioned = Some((found.upto, frame));
                }
                positioned.as_ref().and_then(|(_, frame)| frame.as_ref())
            } else {
                plain.get_or_init(|| broadcast.frame()).as_ref()
            };
            if let Some(frame) = frame {
                subscriber.pass(frame, broadcast.volatile, at);
            }
        });
    }

    /// Everybody of a selection who hears events, in one moment between two of them.
    pub(super) fn each(
        &self,
        namespace: &Namespace,
        who: &Selection,
        mut visit: impl FnMut(&SocketSubscriber, &Visited<'_>),
    ) {
        let (rooms, except) = (Names::of(&who.rooms), Names::of(&who.except));
        let (named, excepted) = (rooms.sids(namespace), except.sids(namespace));
        let recipients = Recipients {
            rooms: rooms.rooms,
            users: rooms.users,
            except_rooms: except.rooms,
            except_users: except.users,
        };
        let everybody = who.rooms.is_empty();
        let all = everybody || !named.is_empty();
        self.hub.visit(&recipients, all, |found| {
            let subscriber: &dyn Any = found.subscriber;
            let Some(subscriber) = subscriber.downcast_ref::<SocketSubscriber>() else {
                return;
            };
            let id = subscriber.socket().id();
            if (everybody || found.named || named.contains(&id)) && !excepted.contains(&id) {
                visit(subscriber, &found);
            }
        });
    }
}

/// Whether a socket of the main namespace is meant.
pub(super) fn is_meant(who: &Selection, user: UserId, rooms: &[RoomId], socket: &Socket) -> bool {
    let joined = socket.rooms();
    let is_in = |name: &String| match (number(name, "room:"), number(name, "user:")) {
        (Some(room), _) => rooms.contains(&RoomId(room)),
        (_, Some(named)) => named == user.0,
        (None, None) => *name == socket.id().as_str() || joined.iter().any(|room| **room == **name),
    };
    (who.rooms.is_empty() || who.rooms.iter().any(is_in)) && !who.except.iter().any(is_in)
}

/// The names of a selection, by what they stand for.
#[derive(Default)]
struct Names<'a> {
    rooms: Vec<RoomId>,
    users: Vec<UserId>,
    others: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(names: &'a [String]) -> Names<'a> {
        let mut sorted = Names::default();
        for name in names {
            match (number(name, "room:"), number(name, "user:")) {
                (Some(room), _) => sorted.rooms.push(RoomId(room)),
                (_, Some(user)) => sorted.users.push(UserId(user)),
                (None, None) => sorted.others.push(name),
            }
        }
        sorted
    }

    /// Sockets in the other rooms, and those that are named themselves.
    fn sids(&self, namespace: &Namespace) -> HashSet<Sid> {
        if self.others.is_empty() {
            return HashSet::new();
        }
        let rooms = Audience {
            rooms: &self.others,
            ..Audience::default()
        };
        let members = namespace
            .sockets(rooms)
            .into_iter()
            .map(|socket| socket.id());
        let themselves = self.others.iter().filter_map(|name| Sid::parse(name));
        members.chain(themselves).collect()
    }
}

fn number(name: &str, prefix: &str) -> Option<u64> {
    name.strip_prefix(prefix)?.parse().ok()
}

/// Whether a room is not the node's own.
pub(super) fn is_free(room: &str) -> bool {
    number(room, "room:").is_none() && number(room, "user:").is_none()
}

/// A selection in a namespace without chat: rooms are what was joined.
pub(super) fn others(namespace: &Namespace, who: &Selection) -> Vec<Socket> {
    let texts = |names: &[String]| -> HashSet<Sid> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Names {
            others: names,
            ..Names::default()
        }
        .sids(namespace)
    };
    let (named, excepted) = (texts(&who.rooms), texts(&who.except));
    let mut sockets = namespace.sockets(Audience::default());
    sockets.retain(|socket| {
        (who.rooms.is_empty() || named.contains(&socket.id())) && !excepted.contains(&socket.id())
    });
    sockets
}

pub(super) fn send(socket: &Socket, frame: &Frame, volatile: bool) {
    if volatile {
        socket.send_volatile(frame);
    } else if socket.send_frame(frame).is_err() {
        tracing::debug!("a socket was gone before an emitter's event");
    }
}

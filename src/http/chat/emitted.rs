//! What emitters and other Socket.IO servers publish, brought to the sockets.
//!
//! `room:<id>` and `user:<id>` are the node's own: who is in them follows from the chat, at every
//! moment, and nobody joins or leaves them from outside. All other rooms are made by `socketsJoin`
//! and last as long as their sockets; a socket's id is a room, too.

use super::recovery;
use super::requests::Asker;
use super::subscriber::SocketSubscriber;
use crate::domain::{RoomId, UserId};
use crate::live::{Hub, Recipients, Visited};
use crate::socketio::interop::{Broadcast, Publication, Selection, patterns, read};
use crate::socketio::{Audience, Frame, Namespace, Server, Sid, Socket};
use bytes::Bytes;
use std::any::Any;
use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::{Arc, OnceLock, Weak};

/// Publishes an answer: channel and message.
pub type Answers = Arc<dyn Fn(&str, Bytes) + Send + Sync>;

/// Where publications go in; clones are the same. Whoever holds the cache connects it.
#[derive(Clone, Default)]
pub struct Emitted(Arc<OnceLock<Out>>);

pub(super) struct Out {
    server: Weak<Server>,
    pub(super) hub: Arc<Hub>,
}

impl Emitted {
    /// The channels it wants to hear, as patterns.
    pub fn patterns(&self) -> Vec<String> {
        ["/", "/admin"]
            .iter()
            .flat_map(|name| patterns(name))
            .collect()
    }

    /// Takes one message of those channels. What is not understood is nobody's.
    pub fn hear(&self, channel: &[u8], payload: &[u8], answers: &Answers) {
        let Some(out) = self.0.get() else { return };
        match read(channel, payload) {
            Ok(publication) => out.carry_out(&publication, answers),
            Err(error) => {
                let channel = String::from_utf8_lossy(channel);
                tracing::debug!(%error, %channel, "a publication is not for the sockets");
            }
        }
    }

    /// Who is spoken to; once.
    pub(super) fn connect(&self, server: &Arc<Server>, hub: Arc<Hub>) {
        let server = Arc::downgrade(server);
        if self.0.set(Out { server, hub }).is_err() {
            tracing::warn!("emitters speak to the first server that was made only");
        }
    }
}

impl Out {
    fn carry_out(&self, publication: &Publication, answers: &Answers) {
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
                self.broadcast(namespace, broadcast)
            }
            Publication::Broadcast(broadcast) => {
                if let Some(frame) = broadcast.frame() {
                    for socket in others(namespace, &broadcast.to) {
                        send(&socket, &frame, broadcast.volatile);
                    }
                }
            }
            Publication::Request { id, request, .. } => {
                let asker = id.as_deref().map(|id| Asker::new(id, name, answers));
                self.request(namespace, request, asker);
            }
        }
    }

    fn broadcast(&self, namespace: &Namespace, broadcast: &Broadcast) {
        let plain = OnceCell::new();
        let positioned = OnceCell::new();
        self.each(namespace, &broadcast.to, |subscriber, found| {
            let frame = match subscriber.offsets() && broadcast.ends_in_text() {
                true => positioned
                    .get_or_init(|| broadcast.frame_with_offset(&recovery::offset(found.upto))),
                false => plain.get_or_init(|| broadcast.frame()),
            };
            if let Some(frame) = frame {
                subscriber.pass(frame, broadcast.volatile);
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

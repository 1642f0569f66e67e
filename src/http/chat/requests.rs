//! What other Socket.IO servers ask for, and what they are answered.

use super::emitted::{Answers, Out, is_free, others, send};
use super::subscriber::SocketSubscriber;
use crate::live::Visited;
use crate::socketio::interop::answer::{self, Waiting};
use crate::socketio::interop::{Broadcast, Request, Selection};
use crate::socketio::{AckError, Frame, Namespace, Reply, Socket};
use bytes::Bytes;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde_json::json;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;

/// Rooms made from outside that one socket may be in.
const MAX_ROOMS: usize = 1_000;

/// Who waits for an answer, and the way to them.
pub(super) struct Asker {
    waiting: Waiting,
    answers: Answers,
}

type Replies = FuturesUnordered<Pin<Box<dyn Future<Output = Result<Reply, AckError>> + Send>>>;

impl Asker {
    pub fn new(waiting: Waiting, answers: &Answers) -> Asker {
        Asker {
            waiting,
            answers: answers.clone(),
        }
    }

    fn tell(&self, message: Bytes) {
        (self.answers)(&self.waiting.channel(), message);
    }
}

impl Out {
    pub(super) fn request(&self, namespace: &Namespace, request: &Request, asker: Option<Asker>) {
        match request {
            Request::Join { who, .. }
            | Request::Leave { who, .. }
            | Request::Disconnect { who, .. } => {
                let sockets = self.sockets(namespace, who);
                sockets.iter().for_each(|socket| change(socket, request));
                // Of several servers the one that has the socket answers.
                if let Some(asker) = asker.filter(|_| !sockets.is_empty())
                    && let Some(done) = asker.waiting.done()
                {
                    asker.tell(done);
                }
            }
            // These come with somebody who waits for the answer.
            Request::Ids { .. }
            | Request::Fetch { .. }
            | Request::Rooms
            | Request::ServerSideEmit
            | Request::Ask { .. } => {
                if let Some(asker) = asker {
                    self.answer(namespace, request, asker);
                }
            }
        }
    }

    fn answer(&self, namespace: &Namespace, request: &Request, asker: Asker) {
        let message = match request {
            Request::Join { .. } | Request::Leave { .. } | Request::Disconnect { .. } => return,
            Request::Ids { who } => {
                let sockets = self.sockets(namespace, who);
                let ids: Vec<_> = sockets.iter().map(Socket::id).collect();
                asker.waiting.ids(&ids)
            }
            Request::Fetch { who } => {
                let mut sockets = Vec::new();
                self.known(namespace, who, |socket, rooms, data| {
                    sockets.push(answer::socket(socket, &rooms, &data));
                });
                asker.waiting.sockets(&sockets)
            }
            Request::Rooms => {
                let mut all = BTreeSet::new();
                let everybody = Selection::default();
                self.known(namespace, &everybody, |_, rooms, _| all.extend(rooms));
                asker.waiting.rooms(&all)
            }
            Request::ServerSideEmit => asker.waiting.server_side(),
            Request::Ask { event, timeout } => {
                let replies = self.ask(namespace, event, *timeout);
                asker.tell(asker.waiting.asked(replies.len()));
                tokio::spawn(collect(replies, asker));
                return;
            }
        };
        asker.tell(message);
    }

    /// Visits sockets with the rooms they are in and what is told of who they are.
    fn known(
        &self,
        namespace: &Namespace,
        who: &Selection,
        mut visit: impl FnMut(&Socket, Vec<String>, serde_json::Value),
    ) {
        if namespace.name() == "/" {
            self.each(namespace, who, |subscriber, found| {
                let rooms = found.rooms.iter().map(|room| format!("room:{room}"));
                let mut rooms: Vec<String> = rooms.collect();
                rooms.push(format!("user:{}", found.user));
                rooms.extend(own_rooms(subscriber.socket()));
                visit(subscriber.socket(), rooms, json!({ "user_id": found.user }));
            });
        } else {
            for socket in others(namespace, who) {
                visit(&socket, own_rooms(&socket).collect(), json!({}));
            }
        }
    }

    fn sockets(&self, namespace: &Namespace, who: &Selection) -> Vec<Socket> {
        let mut sockets = Vec::new();
        match namespace.name() {
            "/" => self.each(namespace, who, |subscriber, _| {
                sockets.push(subscriber.socket().clone())
            }),
            _ => sockets = others(namespace, who),
        }
        sockets
    }

    /// Sends an event that wants answers, to each socket with a number of its own.
    fn ask(&self, namespace: &Namespace, event: &Broadcast, timeout: Duration) -> Replies {
        let replies = Replies::new();
        let Ok(args) = event.raw_args() else {
            return replies;
        };
        let ask = |socket: &Socket, send: &dyn Fn(&Frame)| {
            let question = socket.question(&event.name, &args, &event.attachments, timeout);
            if let Ok((frame, reply)) = question {
                send(&frame);
                replies.push(Box::pin(reply));
            }
        };
        match namespace.name() {
            "/" => self.each(
                namespace,
                &event.to,
                |subscriber: &SocketSubscriber, _: &Visited<'_>| {
                    ask(subscriber.socket(), &|frame| {
                        subscriber.pass(frame, event.volatile, None);
                    });
                },
            ),
            _ => {
                for socket in others(namespace, &event.to) {
                    ask(&socket, &|frame| send(&socket, frame, event.volatile));
                }
            }
        }
        replies
    }
}

async fn collect(mut replies: Replies, asker: Asker) {
    while let Some(reply) = replies.next().await {
        // Who does not answer is not told of; the asker has the number.
        if let Ok(reply) = reply {
            asker.tell(asker.waiting.acknowledged(&reply));
        }
    }
}

fn change(socket: &Socket, request: &Request) {
    match request {
        Request::Join { rooms, .. } => {
            for room in rooms.iter().filter(|room| is_free(room)) {
                if socket.rooms().len() < MAX_ROOMS {
                    socket.join(room);
                }
            }
        }
        Request::Leave { rooms, .. } => {
            for room in rooms.iter().filter(|room| is_free(room)) {
                socket.leave(room);
            }
        }
        Request::Disconnect { close, .. } => socket.disconnect(*close),
        Request::Ids { .. }
        | Request::Fetch { .. }
        | Request::Rooms
        | Request::ServerSideEmit
        | Request::Ask { .. } => {}
    }
}

/// The room of its id, and those it was put into.
fn own_rooms(socket: &Socket) -> impl Iterator<Item = String> {
    let joined = socket.rooms();
    std::iter::once(socket.id().to_string()).chain(joined.into_iter().map(|room| room.to_string()))
}

//! The Socket.IO half of one connection: packets to handlers.
use super::ack::{Ack, Reply};
use super::engine::{Application, Driver, Flow, Received, Session};
use super::event::{Event, placeholders_fit};
use super::frame::Frame;
use super::handler::{BoxFuture, Refusal, Welcome, Work};
use super::namespace::Namespace;
use super::packet::socket::{Packet, PacketType};
use super::reason::Reason;
use super::sid::Sid;
use super::socket::Socket;
use bytes::Bytes;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::Instant;

/// The namespaces of a server, by name.
pub struct Namespaces(pub BTreeMap<Box<str>, Arc<Namespace>>);

impl Application for Arc<Namespaces> {
    fn open(&self, session: &Arc<Session>) -> Box<dyn Driver> {
        Box::new(Client {
            namespaces: self.clone(),
            session: session.clone(),
            sockets: Vec::new(),
            connect_by: Some(Instant::now() + session.config().connect_timeout),
            connecting: None,
            assembling: None,
            in_flight: None,
            in_flight_bytes: 0,
        })
    }
}

struct Client {
    namespaces: Arc<Namespaces>,
    session: Arc<Session>,
    sockets: Vec<Socket>,
    /// Until the first namespace was joined.
    connect_by: Option<Instant>,
    connecting: Option<(Socket, BoxFuture<Result<Welcome, Refusal>>)>,
    assembling: Option<Box<Assembling>>,
    /// Boxed and dropped when empty: idle connections have none.
    in_flight: Option<Box<FuturesUnordered<UnderWay>>>,
    /// What the client sent for them.
    in_flight_bytes: usize,
}

/// What a handler still does for a packet of so many bytes.
struct UnderWay {
    work: BoxFuture<()>,
    bytes: usize,
}

impl Future for UnderWay {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        self.work.as_mut().poll(cx).map(|()| self.bytes)
    }
}

/// A binary packet whose attachments are on their way.
struct Assembling {
    text: String,
    missing: usize,
    attachments: Vec<Bytes>,
}

impl Driver for Client {
    fn message(&mut self, cx: &mut Context<'_>, message: Received<'_>) -> Result<(), Reason> {
        match (message, self.assembling.take()) {
            (Received::Text(text), None) => self.packet(cx, text, Vec::new()),
            (Received::Binary(data), Some(mut assembling)) => {
                assembling.attachments.push(Bytes::copy_from_slice(data));
                assembling.missing -= 1;
                if assembling.missing == 0 {
                    return self.packet(cx, &assembling.text, assembling.attachments);
                }
                self.assembling = Some(assembling);
                Ok(())
            }
            (Received::Text(_), Some(_)) | (Received::Binary(_), None) => Err(Reason::Protocol),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Result<Flow, Reason> {
        if let Some((socket, mut answer)) = self.connecting.take() {
            match answer.as_mut().poll(cx) {
                Poll::Ready(answer) => self.answer(cx, socket, answer),
                Poll::Pending => self.connecting = Some((socket, answer)),
            }
        }
        if let Some(in_flight) = &mut self.in_flight {
            while let Poll::Ready(Some(bytes)) = in_flight.poll_next_unpin(cx) {
                self.in_flight_bytes -= bytes;
            }
            if in_flight.is_empty() {
                self.in_flight = None;
            }
        }
        if self.sockets.iter().any(Socket::is_closed) {
            for socket in self.sockets.extract_if(.., |socket| socket.is_closed()) {
                socket.end(false);
                socket.home().handler().disconnect(&socket, Reason::Server);
            }
        }
        Ok(self.flow())
    }

    fn flow(&self) -> Flow {
        let in_flight = self
            .in_flight
            .as_ref()
            .map_or(0, |in_flight| in_flight.len());
        let config = self.session.config();
        // What a client sends comes back as answers and events, often larger. One that sends faster
        // than it reads has to wait with sending, or its own words would end its connection.
        let too_much = in_flight >= config.max_in_flight
            || self.in_flight_bytes > config.max_queued_bytes / 8
            || self.session.is_behind();
        if self.connecting.is_some() || too_much {
            Flow::Hold
        } else {
            Flow::Read
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.connect_by
    }

    fn expired(&mut self) -> Result<(), Reason> {
        Err(Reason::ConnectTimeout)
    }

    fn closed(&mut self, reason: Reason) {
        self.connecting = None;
        self.in_flight = None;
        for socket in self.sockets.drain(..) {
            socket.end(reason.is_loss());
            socket.home().handler().disconnect(&socket, reason);
        }
    }
}

impl Client {
    /// A packet's text; its attachments are either all there or still to come.
    fn packet(
        &mut self,
        cx: &mut Context<'_>,
        text: &str,
        attachments: Vec<Bytes>,
    ) -> Result<(), Reason> {
        let config = self.session.config();
        let packet = Packet::parse(text, config.max_attachments).map_err(|_| Reason::Protocol)?;
        if packet.attachments > attachments.len() {
            let missing = packet.attachments;
            self.assembling = Some(Box::new(Assembling {
                text: text.into(),
                missing,
                attachments,
            }));
            return Ok(());
        }
        if let PacketType::Connect { auth } = packet.kind {
            return self.connect(cx, packet.namespace, auth);
        }
        let Some(at) = self
            .sockets
            .iter()
            .position(|socket| socket.namespace() == packet.namespace)
        else {
            // What was on its way when a namespace was left is nobody's fault.
            let left =
                self.connect_by.is_none() && self.namespaces.0.contains_key(packet.namespace);
            return if left { Ok(()) } else { Err(Reason::Protocol) };
        };
        if self.sockets[at].is_closed() {
            return Ok(());
        }
        match packet.kind {
            PacketType::Connect { .. } => {}
            PacketType::Disconnect => {
                let socket = self.sockets.swap_remove(at);
                socket.end(false);
                socket.home().handler().disconnect(&socket, Reason::Client);
            }
            PacketType::Event { id, name, args } => {
                check_placeholders(&args, &attachments)?;
                let event = Event {
                    name: name.into_owned(),
                    args: owned(&args),
                    attachments,
                };
                let socket = &self.sockets[at];
                let ack = id.map(|id| Ack::new(socket.clone(), id));
                let bytes = text.len() + event.attachments.iter().map(Bytes::len).sum::<usize>();
                let work = socket.home().handler().event(socket, event, ack);
                self.work(cx, work, bytes);
            }
            PacketType::Ack { id, args } => {
                check_placeholders(&args, &attachments)?;
                self.sockets[at].owed().settle(
                    id,
                    Reply {
                        args: owned(&args),
                        attachments,
                    },
                );
            }
        }
        Ok(())
    }

    fn connect(
        &mut self,
        cx: &mut Context<'_>,
        name: &str,
        auth: Option<&RawValue>,
    ) -> Result<(), Reason> {
        let Some(namespace) = self.namespaces.0.get(name) else {
            self.send(Frame::control(
                b'4',
                name,
                Some(&json!({ "message": "Invalid namespace" })),
            ));
            return Ok(());
        };
        let joined = self.sockets.iter().any(|socket| socket.namespace() == name);
        if joined || self.sockets.len() >= self.session.config().max_namespaces {
            return Err(Reason::Protocol);
        }
        let id = Sid::random().map_err(|_| Reason::Server)?;
        let socket = Socket::new(id, self.session.clone(), namespace.clone());
        let mut answer = namespace
            .handler()
            .connect(&socket, auth.map(ToOwned::to_owned));
        match answer.as_mut().poll(cx) {
            Poll::Ready(answer) => self.answer(cx, socket, answer),
            Poll::Pending => self.connecting = Some((socket, answer)),
        }
        Ok(())
    }

    fn answer(&mut self, cx: &mut Context<'_>, socket: Socket, answer: Result<Welcome, Refusal>) {
        match answer {
            Ok(Welcome { pid }) => {
                let id = socket.id();
                let recoverable = pid.is_some();
                let said = match pid {
                    Some(pid) => json!({ "sid": id.as_str(), "pid": pid }),
                    None => json!({ "sid": id.as_str() }),
                };
                self.send(Frame::control(b'0', socket.namespace(), Some(&said)));
                // A client that waits for this answer, and only then listens for events, would
                // lose those that it reads together with it.
                self.session.pause();
                self.connect_by = None;
                socket.home().add(&socket);
                socket.open(recoverable);
                self.sockets.push(socket.clone());
                let work = socket.home().handler().connected(&socket);
                self.work(cx, work, 0);
            }
            Err(Refusal { message, data }) => {
                let error = match data {
                    Some(data) => json!({ "message": message, "data": data }),
                    None => json!({ "message": message }),
                };
                self.send(Frame::control(b'4', socket.namespace(), Some(&error)));
            }
        }
    }

    fn work(&mut self, cx: &mut Context<'_>, work: Work, bytes: usize) {
        let Work::Later(mut work) = work else {
            return;
        };
        if work.as_mut().poll(cx).is_pending() {
            // Until it is polled among the others its wakers are the task's own, so nothing is missed.
            let in_flight = self.in_flight.get_or_insert_default();
            in_flight.push(UnderWay { work, bytes });
            self.in_flight_bytes += bytes;
        }
    }

    /// Sends what the protocol itself says.
    fn send(&self, frame: serde_json::Result<Frame>) {
        if let Ok(frame) = frame {
            // A refusal has closed the session, which its task will find.
            let _ = frame.messages(|messages| self.session.send(messages));
        }
    }
}

fn check_placeholders(args: &[&RawValue], attachments: &[Bytes]) -> Result<(), Reason> {
    if attachments.is_empty() || placeholders_fit(args, attachments.len()) {
        Ok(())
    } else {
        Err(Reason::Protocol)
    }
}

fn owned(args: &[&RawValue]) -> Vec<Box<RawValue>> {
    args.iter().map(|&arg| arg.to_owned()).collect()
}

//! From the hub to one socket: held back while the past is sent, then live.

use super::super::load::Load;
use super::recovery;
use super::said::{At, Kept, Said};
use crate::domain::Position;
use crate::live::{Close, Missed, Packet, Subscriber};
use crate::socketio::{Frame, Reason, SendError, Socket};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use std::sync::{Arc, OnceLock};

/// What may wait while a client catches up.
const HELD_BYTES: usize = 8 * 1024 * 1024;
/// The past is sent in portions, so that it never fills the socket's queue.
const PORTION_BYTES: usize = 256 * 1024;

/// Hears for one socket.
pub struct SocketSubscriber {
    socket: Socket,
    /// Positions stand behind the arguments.
    offsets: bool,
    /// What comes by the stream of other servers.
    said: Arc<Said>,
    /// Of that, this client has what is up to here.
    has_said: Mutex<At>,
    stage: Mutex<Stage>,
}

enum Stage {
    /// The past is under way; what happens meanwhile waits here.
    CatchingUp {
        held: Vec<Held>,
        bytes: usize,
    },
    Live,
}

/// What waits for the past to be told.
enum Held {
    Event(Arc<Packet>),
    /// By the stream, or without a position.
    Said(Frame, Option<At>),
}

impl Held {
    fn size_bytes(&self) -> usize {
        match self {
            Held::Event(packet) => packet.json.len(),
            Held::Said(frame, _) => frame.size_bytes(),
        }
    }
}

impl SocketSubscriber {
    pub fn new(socket: Socket, offsets: bool, said: Arc<Said>) -> SocketSubscriber {
        let stage = Stage::CatchingUp {
            held: Vec::new(),
            bytes: 0,
        };
        SocketSubscriber {
            socket,
            offsets,
            has_said: Mutex::new(At::default()),
            said,
            stage: Mutex::new(stage),
        }
    }

    /// Says something to this socket alone; it has heard everything up to `at`.
    pub fn say<T: Serialize>(&self, name: &str, body: &T, at: Position) -> Result<(), SendError> {
        let body = to_raw_value(body).map_err(|_| SendError::Closed)?;
        let frame = framed(name, &body, self.offsets.then(|| (at, self.said())))
            .ok_or(SendError::Closed)?;
        self.socket.send_frame(&frame)
    }

    /// Has the packet's frame sent. It is made once for all receivers of its kind.
    fn send(
        &self,
        packet: &Packet,
        send: impl FnOnce(&Socket, &Frame) -> Result<(), SendError>,
    ) -> Result<(), SendError> {
        let prepared = packet.prepared(|_| Arc::<Prepared>::default());
        let make = |at| {
            let json: &RawValue = serde_json::from_slice(&packet.json).ok()?;
            framed(packet.name, json, at)
        };
        let own;
        let frame = if self.offsets {
            let said = self.said();
            let made = prepared
                .with_offset
                .get_or_init(|| (said, make(Some((packet.upto, said)))));
            match made {
                (there, frame) if *there >= *self.has_said.lock() => frame,
                // Made before this client heard more.
                _ => {
                    own = make(Some((packet.upto, said)));
                    &own
                }
            }
        } else {
            prepared.plain.get_or_init(|| make(None))
        };
        match frame {
            Some(frame) => send(&self.socket, frame),
            None => {
                tracing::error!(name = packet.name, "an event is no JSON");
                Err(SendError::Closed)
            }
        }
    }

    /// Sends what was missed, then what was held back, then lets the present through.
    /// Where that cannot be told, the client hears `resync` and starts over from `start`.
    pub async fn catch_up(
        &self,
        mut missed: Missed,
        start: (u64, Position),
        load: &Load,
    ) -> Result<(), SendError> {
        loop {
            let batch = if missed.reads_disk() {
                let read = load.catch_up(move || {
                    let batch = missed.next_batch();
                    (missed, batch)
                });
                let Some((back, batch)) = read.await else {
                    return Err(SendError::Closed);
                };
                missed = back;
                batch
            } else {
                missed.next_batch()
            };
            match batch {
                Ok(Some(packets)) => {
                    for packet in packets {
                        self.send_held(&Held::Event(packet)).await?;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "what a client missed cannot be told; it starts over");
                    let (epoch, at) = start;
                    let body = json!({ "epoch": epoch, "seq": at, "message": error.to_string() });
                    self.say("resync", &body, at)?;
                    break;
                }
            }
        }
        loop {
            let held = match &mut *self.stage.lock() {
                Stage::CatchingUp { held, bytes } if !held.is_empty() => {
                    *bytes = 0;
                    std::mem::take(held)
                }
                stage => {
                    *stage = Stage::Live;
                    return Ok(());
                }
            };
            for held in held {
                self.send_held(&held).await?;
            }
        }
    }

    async fn send_held(&self, held: &Held) -> Result<(), SendError> {
        match held {
            Held::Event(packet) => self.send(packet, Socket::send_frame)?,
            Held::Said(_, Some(at)) if self.has(*at) => {}
            Held::Said(frame, _) => self.socket.send_frame(frame)?,
        }
        if self.socket.queued_bytes() > PORTION_BYTES {
            self.socket.drained(PORTION_BYTES / 2).await?;
        }
        Ok(())
    }

    fn hold(&self, held: &mut Vec<Held>, bytes: &mut usize, one: Held) {
        *bytes += one.size_bytes();
        if *bytes > HELD_BYTES {
            self.socket.close(Reason::SlowConsumer);
        } else {
            held.push(one);
        }
    }

    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Whether positions stand behind the arguments.
    pub fn offsets(&self) -> bool {
        self.offsets
    }

    /// The position in the stream of other servers up to which this client has heard.
    pub fn said(&self) -> At {
        self.said.passed().max(*self.has_said.lock())
    }

    fn has(&self, at: At) -> bool {
        at <= *self.has_said.lock()
    }

    /// This client has everything up to here; what comes again on its way is not sent.
    pub fn note_said(&self, at: At) {
        *self.has_said.lock() = at;
    }

    /// Sends what was said by the stream while the client was away; before [`Self::catch_up`] lets
    /// the present through.
    pub async fn say_again(&self, kept: &Kept, upto: Position) -> Result<(), SendError> {
        let frame = if self.offsets {
            kept.broadcast
                .frame_positioned(&recovery::offset(upto, kept.at))
        } else {
            kept.broadcast.frame()
        };
        match frame {
            Some(frame) => self.send_held(&Held::Said(frame, None)).await,
            None => Ok(()),
        }
    }

    /// Passes on what somebody else says, in its place among the events, once. A volatile frame is
    /// for those for whom nothing waits.
    pub fn pass(&self, frame: &Frame, volatile: bool, at: Option<At>) {
        if at.is_some_and(|at| self.has(at)) {
            return;
        }
        match &mut *self.stage.lock() {
            Stage::Live if volatile => {
                self.socket.send_volatile(frame);
            }
            Stage::Live => {
                // A socket that cannot take it is closed by this, with the reason.
                let _: Result<(), SendError> = self.socket.send_frame(frame);
            }
            Stage::CatchingUp { .. } if volatile => {}
            Stage::CatchingUp { held, bytes } => {
                self.hold(held, bytes, Held::Said(frame.clone(), at));
            }
        }
    }
}

impl Subscriber for SocketSubscriber {
    fn hear(&self, packet: &Arc<Packet>) {
        match &mut *self.stage.lock() {
            Stage::Live => {
                // A socket that cannot take it is closed by this, with the reason.
                let _: Result<(), SendError> = self.send(packet, Socket::queue_frame);
            }
            Stage::CatchingUp { held, bytes } => {
                self.hold(held, bytes, Held::Event(Arc::clone(packet)));
            }
        }
    }

    fn flush(&self) {
        self.socket.flush();
    }

    fn close(&self, why: Close) {
        match why {
            Close::SessionEnded => end_session(&self.socket),
            Close::Shutdown => self.socket.close(Reason::Shutdown),
        }
    }
}

/// Says why and puts the client out; official clients do not come back by themselves.
pub fn end_session(socket: &Socket) {
    let said = socket.emit(
        "session.revoked",
        &json!({ "code": "unauthenticated", "message": "This session has ended; sign in again." }),
    );
    if said.is_err() {
        tracing::debug!("a socket was gone before its session ended");
    }
    socket.disconnect(true);
}

/// A packet as Socket.IO sends it, made once for all receivers of each kind.
#[derive(Default)]
struct Prepared {
    plain: OnceLock<Option<Frame>>,
    /// And the stream's position in it.
    with_offset: OnceLock<(At, Option<Frame>)>,
}

fn framed(name: &str, body: &RawValue, at: Option<(Position, At)>) -> Option<Frame> {
    let Some((at, said)) = at else {
        return Frame::event("/", name, body).ok();
    };
    let offset = to_raw_value(&recovery::offset(at, said)).ok()?;
    Frame::event_raw("/", name, &[body, &*offset], &[]).ok()
}

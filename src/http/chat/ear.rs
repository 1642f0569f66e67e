//! From the hub to one socket: held back while the past is sent, then live.

use crate::domain::Seq;
use crate::live::{Close, Ear, Missed, Packet};
use crate::socketio::{Frame, Reason, SendError, Socket};
use parking_lot::Mutex;
use serde_json::{json, value::RawValue};
use std::sync::Arc;

/// What may wait while a client catches up.
const HELD_BYTES: usize = 8 * 1024 * 1024;
/// The past is sent in portions, so that it never fills the socket's queue.
const PORTION_BYTES: usize = 256 * 1024;

/// Hears for one socket.
pub struct SocketEar {
    socket: Socket,
    stage: Mutex<Stage>,
}

enum Stage {
    /// The past is under way; what happens meanwhile waits here.
    CatchingUp {
        held: Vec<Arc<Packet>>,
        bytes: usize,
    },
    Live,
}

impl SocketEar {
    pub fn new(socket: Socket) -> SocketEar {
        let stage = Stage::CatchingUp {
            held: Vec::new(),
            bytes: 0,
        };
        SocketEar {
            socket,
            stage: Mutex::new(stage),
        }
    }

    /// Sends what was missed, then what was held back, then lets the present through.
    pub async fn catch_up(&self, mut missed: Missed) -> Result<(), SendError> {
        loop {
            let batch = if missed.reads_disk() {
                let read = tokio::task::spawn_blocking(move || {
                    let batch = missed.next_batch();
                    (missed, batch)
                });
                let Ok((back, batch)) = read.await else {
                    return Err(SendError::Closed);
                };
                missed = back;
                batch
            } else {
                missed.next_batch()
            };
            match batch {
                Ok(Some(packets)) => self.send_all(&packets).await?,
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(%error, "the journal of events cannot be read");
                    // The client comes back, and is told to start over if this stays.
                    self.socket.close(Reason::Transport);
                    return Err(SendError::Closed);
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
            self.send_all(&held).await?;
        }
    }

    async fn send_all(&self, packets: &[Arc<Packet>]) -> Result<(), SendError> {
        for packet in packets {
            self.socket.send_frame(&frame(packet)?)?;
            if self.socket.queued_bytes() > PORTION_BYTES {
                self.socket.drained(PORTION_BYTES / 2).await?;
            }
        }
        Ok(())
    }
}

impl Ear for SocketEar {
    fn hear(&self, packet: &Arc<Packet>) {
        match &mut *self.stage.lock() {
            Stage::Live => {
                // A socket that cannot take it is closed by this, with the reason.
                let _: Result<(), SendError> =
                    frame(packet).and_then(|frame| self.socket.send_frame(&frame));
            }
            Stage::CatchingUp { held, bytes } => {
                *bytes += packet.json.len();
                if *bytes > HELD_BYTES {
                    self.socket.close(Reason::SlowConsumer);
                } else {
                    held.push(Arc::clone(packet));
                }
            }
        }
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

/// The position that a client starts from, sent when it cannot go on from its own.
pub fn resync(socket: &Socket, epoch: u64, seq: Seq, reason: &str) -> Result<(), SendError> {
    let body = json!({ "epoch": epoch, "seq": seq, "message": reason });
    socket.emit("resync", &body)
}

/// The packet as Socket.IO sends it, made once for all receivers.
fn frame(packet: &Packet) -> Result<Frame, SendError> {
    let frame = packet.prepared(|packet| {
        let json: &RawValue = serde_json::from_slice(&packet.json).ok()?;
        Frame::event("/", packet.name, json).ok()
    });
    frame.ok_or_else(|| {
        tracing::error!(name = packet.name, "an event is no JSON");
        SendError::Closed
    })
}

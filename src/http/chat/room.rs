//! The main namespace: everybody who is signed in.

use super::commands::Commands;
use super::ear::{self, SocketEar};
use super::join::{Joined, Joining, connect_error};
use crate::domain::{Actor, Refusal, Seq, User};
use crate::http::services::Services;
use crate::live::{Attached, Ear, Guard};
use crate::socketio::{self, Ack, BoxFuture, Event, Handler, Reason, SendError, Socket, Work};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Instant;

/// The handler of `/`.
pub struct Main {
    joining: Arc<Joining>,
    commands: Commands,
}

/// What a socket carries while it is open.
pub struct Member {
    pub user: crate::domain::UserId,
    /// Until it has caught up.
    joined: Mutex<Option<Box<Joined>>>,
    guard: Mutex<Option<Guard>>,
    /// When this socket last said that somebody types.
    pub typed_at: Mutex<Option<Instant>>,
}

/// The first event of every connection.
#[derive(Serialize)]
struct Ready<'a> {
    user: &'a User,
    /// Events up to here have happened; what the client missed of them follows.
    seq: Seq,
    epoch: u64,
}

impl Main {
    pub fn new(services: Services, joining: Arc<Joining>) -> Main {
        Main {
            joining,
            commands: Commands::new(services),
        }
    }
}

impl Member {
    pub fn actor(&self) -> Actor {
        Actor::User(self.user)
    }
}

impl Handler for Main {
    fn connect(
        &self,
        socket: &Socket,
        auth: Option<Box<RawValue>>,
    ) -> BoxFuture<Result<(), socketio::Refusal>> {
        let (joining, socket) = (self.joining.clone(), socket.clone());
        Box::pin(async move {
            let joined = joining.join(&socket, auth).await;
            let joined = joined.map_err(|refusal| connect_error(&refusal))?;
            socket.set_data(Arc::new(Member {
                user: joined.user.id,
                joined: Mutex::new(Some(Box::new(joined))),
                guard: Mutex::new(None),
                typed_at: Mutex::new(None),
            }));
            Ok(())
        })
    }

    fn connected(&self, socket: &Socket) -> Work {
        let (joining, socket) = (self.joining.clone(), socket.clone());
        Work::later(async move {
            match begin(&joining, &socket).await {
                Ok(()) => {}
                Err(Stop::Gone) => {}
                Err(Stop::Refused(refusal)) => {
                    tracing::warn!(%refusal, "a socket could not be let into the hub");
                    // As if the line had broken: it comes back and tries again.
                    socket.close(Reason::Transport);
                }
            }
        })
    }

    fn event(&self, socket: &Socket, event: Event, ack: Option<Ack>) -> Work {
        match socket.data::<Member>() {
            Some(member) => self.commands.run(member, &event, ack),
            None => Work::Done,
        }
    }

    fn disconnect(&self, socket: &Socket, _: Reason) {
        if let Some(member) = socket.data::<Member>() {
            let guard = member.guard.lock().take();
            drop(guard);
        }
    }
}

/// Why a connection does not begin.
enum Stop {
    Gone,
    Refused(Refusal),
}

impl From<SendError> for Stop {
    fn from(_: SendError) -> Stop {
        Stop::Gone
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

/// Into the hub first, then the past: what happens meanwhile is held back by the ear.
async fn begin(joining: &Joining, socket: &Socket) -> Result<(), Stop> {
    let member = socket.data::<Member>().ok_or(Stop::Gone)?;
    let joined = member.joined.lock().take().ok_or(Stop::Gone)?;
    let live = joining.services().engine.live();
    let heard = Arc::new(SocketEar::new(socket.clone()));
    let attach = |since| {
        let ear: Arc<dyn Ear> = heard.clone();
        live.attach(joined.user.id, joined.session, since, ear)
            .map_err(|error| Stop::Refused(error.into()))
    };
    let mut resync = None;
    let attached = match attach(joined.since)? {
        Ok(attached) => attached,
        Err(reason) => {
            resync = Some(reason);
            attach(None)?.map_err(|_| Stop::Gone)?
        }
    };
    let Attached {
        seq,
        epoch,
        missed,
        guard,
    } = attached;
    *member.guard.lock() = Some(guard);
    // It may have closed before the guard was in its place, or its session ended before the hub
    // knew of it.
    if !socket.is_open() {
        member.guard.lock().take();
        return Err(Stop::Gone);
    }
    if !joining.still_lives(&joined.token).await {
        ear::end_session(socket);
        return Err(Stop::Gone);
    }
    if let Some(reason) = resync {
        ear::resync(socket, epoch, seq, &reason.to_string())?;
    }
    let user = &joined.user;
    socket.emit("ready", &Ready { user, seq, epoch })?;
    heard.catch_up(missed).await?;
    Ok(())
}

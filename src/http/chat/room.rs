//! The main namespace: everybody who is signed in.

use super::commands::Commands;
use super::emitted::is_meant;
use super::join::{Joined, Joining, connect_error};
use super::pace::Pace;
use super::recovery;
use super::said::At;
use super::subscriber::{self, SocketSubscriber};
use super::turns::Turns;
use crate::domain::{Actor, Code, Position, Refusal, User, UserId};
use crate::http::scopes::Held;
use crate::http::services::Services;
use crate::live::{Attached, Guard, Subscriber};
use crate::socketio::{
    self, Ack, BoxFuture, Event, Handler, Reason, SendError, Socket, Welcome, Work,
};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// Ears of one account, in sockets and streams; far below what the server takes in all.
const MAX_SOCKETS_OF_A_USER: usize = 20_000;

/// The handler of `/`.
pub struct Main {
    joining: Arc<Joining>,
    commands: Commands,
}

/// What a socket carries while it is open.
pub struct Member {
    pub user: UserId,
    pub scopes: Held,
    /// Its client takes positions behind the arguments of events.
    offsets: bool,
    /// Until it has caught up.
    joined: Mutex<Option<Box<Joined>>>,
    guard: Mutex<Option<Guard>>,
    /// Its commands are answered in their order.
    pub turns: Turns,
    /// How often it may ask and say what is passing.
    pub pace: Mutex<Pace>,
    /// Whether somebody sits before it; nothing until it is in the hub.
    pub attended: Mutex<Option<bool>>,
}

/// The first event of every connection.
#[derive(Serialize)]
struct Ready<'a> {
    user: &'a User,
    /// Events up to here have happened; what the client missed of them follows.
    seq: Position,
    epoch: u64,
}

/// The position that a client starts from, sent when it cannot go on from its own.
#[derive(Serialize)]
struct Resynced {
    epoch: u64,
    seq: Position,
    message: String,
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

    fn leave(&self, services: &Services) {
        if let Some(attended) = self.attended.lock().take() {
            services.attention.went(self.user, attended);
        }
    }
}

impl Handler for Main {
    fn connect(
        &self,
        socket: &Socket,
        auth: Option<Box<RawValue>>,
    ) -> BoxFuture<Result<Welcome, socketio::Refusal>> {
        let (joining, socket) = (self.joining.clone(), socket.clone());
        Box::pin(async move {
            let joined = joining.join(&socket, auth).await;
            let joined = joined.and_then(|joined| has_room(&joining, joined));
            let mut joined = joined.map_err(|refusal| connect_error(&refusal))?;
            let offsets = socket.handshake().is_javascript();
            let pid = if offsets {
                recover(&joining, &socket, &mut joined)
            } else {
                None
            };
            socket.set_data(Arc::new(Member {
                user: joined.user.id,
                scopes: joined.scopes.clone(),
                offsets,
                joined: Mutex::new(Some(Box::new(joined))),
                guard: Mutex::new(None),
                turns: Turns::default(),
                pace: Mutex::default(),
                attended: Mutex::default(),
            }));
            Ok(Welcome { pid })
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

    fn disconnect(&self, socket: &Socket, reason: Reason) {
        if let Some(member) = socket.data::<Member>() {
            if reason == Reason::SlowConsumer {
                // It resumes where it was, but somebody may want to know.
                tracing::info!(user = member.user.0, %reason, "a socket did not read what waited for it");
            }
            let guard = member.guard.lock().take();
            drop(guard);
            member.leave(self.joining.services());
        }
    }
}

/// One account may not take all of the server's sockets.
fn has_room(joining: &Joining, joined: Joined) -> Result<Joined, Refusal> {
    let open = joining
        .services()
        .engine
        .live()
        .subscribers_of(joined.user.id);
    if open < MAX_SOCKETS_OF_A_USER {
        return Ok(joined);
    }
    Err(Refusal::new(
        Code::TooManySockets,
        "This account has too many open connections; close some of them.",
    ))
}

/// The name by which the client may recover later: the one it brought, if it can go on from its
/// position now, else a new one.
fn recover(joining: &Joining, socket: &Socket, joined: &mut Joined) -> Option<String> {
    let tokens = joining.services().sessions.tokens();
    let live = joining.services().engine.live();
    let said = joining.services().emitted.said();
    if let Some((pid, offset)) = joined.pid.take()
        && let Some(past) = recovery::past(tokens, joined.user.id, &pid, offset.as_deref())
    {
        // What the client says in Maru's own fields counts more.
        let (epoch, since) = joined.since.unwrap_or((past.epoch, past.since));
        let knows = past.said.is_none_or(|at| said.after(at).is_some());
        if live.resumes(epoch, since).is_ok() && knows {
            joined.since = Some((epoch, since));
            joined.said = past.said;
            socket.resume_as(past.socket);
            return Some(pid);
        }
        // Where only the stream of other servers is too old, everything starts over as well.
        if knows {
            joined.since = Some((epoch, since));
        }
    }
    // One that cannot go on starts from now.
    let usable = |(epoch, since): &(u64, Position)| live.resumes(*epoch, *since).is_ok();
    let since = joined.since.filter(usable);
    let since = since.map_or_else(|| live.published(), |(_, since)| since);
    let at = (since, said.passed());
    recovery::new_pid(tokens, joined.user.id, live.epoch(), at, socket.id())
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

/// Into the hub first, then the past: what happens meanwhile is held back by the subscriber.
async fn begin(joining: &Joining, socket: &Socket) -> Result<(), Stop> {
    let member = socket.data::<Member>().ok_or(Stop::Gone)?;
    let joined = member.joined.lock().take().ok_or(Stop::Gone)?;
    let live = joining.services().engine.live();
    let said = joining.services().emitted.said();
    let heard = SocketSubscriber::new(socket.clone(), member.offsets, Arc::clone(said));
    let heard = Arc::new(heard);
    let attach = |since| {
        let subscriber: Arc<dyn Subscriber> = heard.clone();
        live.attach(joined.user.id, joined.session, since, subscriber)
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
    *member.attended.lock() = Some(true);
    joining.services().attention.came(member.user);
    // It may have closed before the guard was in its place, or its session ended before the hub
    // knew of it.
    if !socket.is_open() {
        member.guard.lock().take();
        member.leave(joining.services());
        return Err(Stop::Gone);
    }
    if !joining.still_lives(&joined.token).await {
        subscriber::end_session(socket);
        return Err(Stop::Gone);
    }
    let since = match (joined.since, &resync) {
        (Some((_, since)), None) => since,
        _ => seq,
    };
    if let Some(reason) = resync {
        heard.say(
            "resync",
            &Resynced {
                epoch,
                seq,
                message: reason.to_string(),
            },
            since,
        )?;
    }
    let user = &joined.user;
    heard.say("ready", &Ready { user, seq, epoch }, since)?;
    if let Some(said) = joined.said {
        let said = (said, since);
        say_again(joining, socket, &heard, (member.user, said)).await?;
    }
    let load = &joining.services().load;
    heard.catch_up(missed, (epoch, seq), load).await?;
    Ok(())
}

/// What other servers said by the stream while the client was away. What they say from now on waits
/// already. The client has the log's events up to `since`, and those follow.
async fn say_again(
    joining: &Joining,
    socket: &Socket,
    heard: &SocketSubscriber,
    (user, (said, since)): (UserId, (At, Position)),
) -> Result<(), Stop> {
    let services = joining.services();
    // Some of it may have gone meanwhile; what there is comes.
    let Some((upto, kept)) = services.emitted.said().after(said) else {
        return Ok(());
    };
    heard.note_said(upto.max(said));
    let rooms = services.engine.live().rooms_of(user);
    for kept in kept {
        if is_meant(&kept.broadcast.to, user, &rooms, socket) {
            heard.say_again(&kept, since).await?;
        }
    }
    Ok(())
}

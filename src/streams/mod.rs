//! The log of events as streams of the Redis port: `maru:events` and `maru:room:<id>`, as the person
//! of an access token may hear them. They are read from the journal; what is kept of them is where
//! groups stand, in keys of the cache.
//!
//! - [`asked`] reads the arguments of a request, [`reading`] the journal, [`groups`] what is kept of
//!   consumer groups; [`told`] writes answers.

mod asked;
mod groups;
mod reading;
mod told;

use crate::auth::access;
use crate::auth::used::Used;
use crate::cache::{Embedded, StreamId};
use crate::domain::{RoomId, Scope, UserId};
use crate::engine::Engine;
use crate::resp::{Done, Elsewhere, Reader, Reply};
use asked::Asked;
use std::any::Any;
use std::sync::{Arc, OnceLock};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// Requests that read the journal at the same time.
const READERS: usize = 2;
const ALL: &[u8] = b"maru:events";
const OF_ROOM: &[u8] = b"maru:room:";

/// Clones are the same.
#[derive(Clone)]
pub struct Streams {
    engine: Engine,
    cache: Arc<Embedded>,
    runtime: Handle,
    readers: Arc<Semaphore>,
    used: Used,
}

/// Which events a stream has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    All,
    Room(RoomId),
}

/// Who asks.
#[derive(Clone)]
struct Viewer {
    user: UserId,
    reader: Reader,
}

/// A request ends with an answer that says why.
struct Refused(String);

impl From<crate::domain::Refusal> for Refused {
    fn from(refusal: crate::domain::Refusal) -> Refused {
        Refused(format!("ERR {}", refusal.message))
    }
}

impl From<crate::state::StateError> for Refused {
    fn from(error: crate::state::StateError) -> Refused {
        crate::domain::Refusal::from(error).into()
    }
}

impl From<crate::cache::CacheError> for Refused {
    fn from(error: crate::cache::CacheError) -> Refused {
        Refused(format!("ERR {error}"))
    }
}

impl Streams {
    /// Reads on threads of this runtime.
    pub fn new(engine: Engine, cache: Arc<Embedded>, used: Used, runtime: Handle) -> Streams {
        Streams {
            engine,
            cache,
            runtime,
            readers: Arc::new(Semaphore::new(READERS)),
            used,
        }
    }

    /// Whose secret it is, if it still counts and may read events.
    fn viewer(&self, secret: &[u8]) -> Option<(UserId, String)> {
        let secret = std::str::from_utf8(secret).ok()?;
        if !access::is_access(secret) {
            return None;
        }
        let read = self.engine.read().ok()?;
        let (token, user) = read.token(&access::digest(secret)).ok()??;
        let now = self.engine.now();
        let counts = token.expires_at.is_none_or(|end| end > now) && !user.disabled;
        let may = token
            .scopes
            .iter()
            .any(|scope| scope.covers(Scope::EventsRead));
        if !(counts && may) {
            return None;
        }
        self.used.note(token.id, now);
        Some((user.id, user.username))
    }

    fn which(&self, user: UserId, key: &[u8]) -> Option<Which> {
        if key == ALL {
            return Some(Which::All);
        }
        let id = std::str::from_utf8(key.strip_prefix(OF_ROOM)?).ok()?;
        let room = RoomId(id.parse().ok()?);
        let may_read = self.engine.read().ok()?.can_read(user, room).ok()?;
        may_read.then_some(Which::Room(room))
    }

    async fn answer(&self, reader: &Reader, args: &[Vec<u8>]) -> Result<Reply, Refused> {
        let gone = || Refused("NOAUTH This access token counts no more.".to_owned());
        let (user, _) = self.viewer(&reader.secret).ok_or_else(gone)?;
        let viewer = Viewer {
            user,
            reader: reader.clone(),
        };
        match asked::parse(args)? {
            Asked::Range(range) => self.range(&viewer, &range).await,
            Asked::Length(key) => self.length(&viewer, &key).await,
            Asked::Read(read) => self.read(&viewer, read).await,
            Asked::Stream(key) => self.about(&viewer, &key).await,
            Asked::Groups(key) => self.groups(&viewer, &key).await,
            Asked::Claim(claim) => self.claim(&viewer, &claim).await,
        }
    }
}

impl Elsewhere for Streams {
    fn sign_in(&self, secret: &[u8]) -> Option<Reader> {
        let (user, name) = self.viewer(secret)?;
        Some(Reader {
            name,
            secret: secret.into(),
            groups: format!("maru:groups:{user}:"),
        })
    }

    fn last_id(&self, reader: &Reader, key: &[u8]) -> Option<StreamId> {
        let (user, _) = self.viewer(&reader.secret)?;
        self.which(user, key)?;
        Some(told::id_of(self.engine.live().published()))
    }

    fn ask(&self, reader: &Reader, args: Vec<Vec<u8>>, done: Done) -> Box<dyn Any + Send> {
        let (streams, reader) = (self.clone(), reader.clone());
        let task = self.runtime.spawn(async move {
            let answer = streams.answer(&reader, &args).await;
            done(answer.unwrap_or_else(|Refused(text)| Reply::Error(text)));
        });
        Box::new(Ended(task))
    }
}

/// Streams of a port that is open before there is an engine: until then no token counts. Clones are the
/// same.
#[derive(Clone, Default)]
pub struct Later(Arc<OnceLock<Streams>>);

impl Later {
    /// Once.
    pub fn begin(&self, streams: Streams) {
        if self.0.set(streams).is_err() {
            tracing::warn!("the log of events is on the Redis port already");
        }
    }
}

impl Elsewhere for Later {
    fn sign_in(&self, secret: &[u8]) -> Option<Reader> {
        self.0.get()?.sign_in(secret)
    }

    fn last_id(&self, reader: &Reader, key: &[u8]) -> Option<StreamId> {
        self.0.get()?.last_id(reader, key)
    }

    fn ask(&self, reader: &Reader, args: Vec<Vec<u8>>, done: Done) -> Box<dyn Any + Send> {
        match self.0.get() {
            Some(streams) => streams.ask(reader, args, done),
            None => {
                done(Reply::Error("LOADING the server is starting".to_owned()));
                Box::new(())
            }
        }
    }
}

/// Nobody waits for the answer any more.
struct Ended(tokio::task::JoinHandle<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

//! The hub: every open socket, by user and room.

use super::elsewhere::Elsewhere;
use super::packet::Packet;
use super::past::{Missed, Resync};
use super::shard::{Job, Shard};
use super::subscribers::{Close, Inner, Subscriber, Subscription};
use crate::domain::{MessageId, Position, RoomId, Seq, SessionId, UserId};
use crate::log::LogReader;
use crate::metrics::Timer;
use crate::state::{Snapshot, StateError};
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

/// Being in the hub; ends when the guard is dropped.
pub struct Attached {
    /// Live events follow this position.
    pub seq: Position,
    pub epoch: u64,
    pub missed: Missed,
    pub guard: Guard,
}

pub struct Guard {
    hub: Arc<Hub>,
    user: UserId,
    subscriber: u64,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.hub.detach(self.user, self.subscriber);
    }
}

/// Where what was missed is.
enum Reach {
    Nothing,
    Memory,
    Journal,
}

pub struct Hub {
    state: Snapshot,
    journal: LogReader,
    epoch: AtomicU64,
    /// By user id.
    pub(super) shards: Vec<Arc<Shard>>,
    threads: Vec<JoinHandle<()>>,
    seen: Mutex<BTreeMap<RoomId, BTreeMap<UserId, MessageId>>>,
    /// The other nodes.
    pub elsewhere: Elsewhere,
}

impl Hub {
    /// `published` is the position up to which everything is in the journal.
    pub fn new(state: Snapshot, journal: LogReader, epoch: u64, published: Seq) -> io::Result<Hub> {
        let shards: Vec<_> = (0..shards())
            .map(|_| Arc::new(Shard::new(published)))
            .collect();
        let mut hub = Hub {
            state,
            journal,
            epoch: AtomicU64::new(epoch),
            shards,
            threads: Vec::new(),
            seen: Mutex::default(),
            elsewhere: Elsewhere::default(),
        };
        for (i, shard) in hub.shards.iter().enumerate() {
            let shard = Arc::clone(shard);
            let thread = std::thread::Builder::new().name(format!("fan-out-{i}"));
            hub.threads.push(thread.spawn(move || shard.run())?);
        }
        Ok(hub)
    }

    pub(super) fn journal_start(&self) -> Seq {
        self.journal.first_seq()
    }

    pub(super) fn memberships(&self, user: UserId) -> Result<Vec<(RoomId, Seq)>, StateError> {
        self.state.read()?.memberships(user)
    }

    pub(super) fn shard(&self, user: UserId) -> &Shard {
        &self.shards[user.0 as usize % self.shards.len()]
    }

    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Whether every position since the first is kept, so that no other epoch can have given one.
    pub fn keeps_all(&self) -> bool {
        self.journal.first_seq() <= Seq(1)
    }

    /// From now on positions of an earlier epoch mean nothing any more to those who come back.
    pub fn set_epoch(&self, epoch: u64) {
        self.epoch.store(epoch, Ordering::Release);
    }

    /// Puts a subscriber into the hub. It may be called at once with what follows `Attached::seq`, and
    /// has to hold that back until it has passed on what was missed.
    pub fn attach(
        self: &Arc<Self>,
        user: UserId,
        session: SessionId,
        since: Option<(u64, Position)>,
        subscriber: Arc<dyn Subscriber>,
    ) -> Result<Result<Attached, Resync>, StateError> {
        let mut inner = self.shard(user).lock();
        // Read under the lock: later changes of membership reach the subscriber as events.
        let known = inner.by_user.get(&user).copied();
        let rooms = match (known, since) {
            (Some(_), None) => Vec::new(),
            _ => self.state.read()?.memberships(user)?,
        };
        let published = inner.published;
        let missed = match since {
            None => Ok(Missed::nothing(user)),
            Some((epoch, _)) if epoch != self.epoch() => Err(Resync::OtherEpoch),
            Some((_, since)) => self.missed(&inner, user, rooms.clone(), since),
        };
        let missed = match missed {
            Ok(missed) => missed,
            Err(resync) => return Ok(Err(resync)),
        };
        let at = match known {
            Some(at) => at,
            // The state may be ahead of what was published: a later event adds the room.
            None => {
                let joined = rooms.into_iter().filter(|(_, at)| *at <= published.entry());
                inner.add_user(user, joined.map(|(room, _)| room))
            }
        };
        let id = inner.next_subscriber;
        inner.next_subscriber += 1;
        if inner.online[at].subscriptions.is_empty() {
            inner.changed.insert(user);
        }
        let closed = inner.closed;
        let subscription = Subscription::new(id, session, Arc::clone(&subscriber));
        inner.online[at].subscriptions.push(Arc::new(subscription));
        inner.subscriptions += 1;
        drop(inner);
        if closed {
            subscriber.close(Close::Shutdown);
        }
        let guard = Guard {
            hub: Arc::clone(self),
            user,
            subscriber: id,
        };
        Ok(Ok(Attached {
            seq: published,
            epoch: self.epoch(),
            missed,
            guard,
        }))
    }

    /// Events up to here have been passed on to everybody.
    pub fn published(&self) -> Position {
        let published = self.shards.iter().map(|shard| shard.lock().published);
        published.min().unwrap_or_default()
    }

    /// How many subscribers somebody has.
    pub fn subscribers_of(&self, user: UserId) -> usize {
        let inner = self.shard(user).lock();
        let at = inner.by_user.get(&user);
        at.map_or(0, |&at| inner.online[at].subscriptions.len())
    }

    /// Whether a client could go on from this position now.
    pub fn resumes(&self, epoch: u64, since: Position) -> Result<(), Resync> {
        if epoch != self.epoch() {
            return Err(Resync::OtherEpoch);
        }
        // Any shard knows: all hear of every position.
        self.reach(&self.shards[0].lock(), since).map(|_| ())
    }

    fn reach(&self, inner: &Inner, since: Position) -> Result<Reach, Resync> {
        if since > inner.published {
            Err(Resync::Ahead)
        } else if since == inner.published {
            Ok(Reach::Nothing)
        } else if since >= inner.recent_after {
            Ok(Reach::Memory)
        } else if since.next_entry() < self.journal.first_seq()
            || self.journal.last_seq() < inner.published.entry()
        {
            Err(Resync::TooOld)
        } else {
            Ok(Reach::Journal)
        }
    }

    pub(super) fn missed(
        &self,
        inner: &Inner,
        user: UserId,
        rooms: Vec<(RoomId, Seq)>,
        since: Position,
    ) -> Result<Missed, Resync> {
        Ok(match self.reach(inner, since)? {
            Reach::Nothing => Missed::nothing(user),
            Reach::Memory => {
                let from = inner
                    .recent
                    .partition_point(|p| p.seq.is_some_and(|seq| seq <= since));
                let packets = inner.recent.iter().skip(from).cloned().collect();
                Missed::from_memory(user, rooms, packets, self.state.clone())
            }
            Reach::Journal => {
                let (journal, until) = (self.journal.clone(), inner.published);
                Missed::from_journal(user, rooms, (since, until), journal, self.state.clone())
            }
        })
    }

    fn detach(&self, user: UserId, subscriber: u64) {
        let mut inner = self.shard(user).lock();
        if let Some(&at) = inner.by_user.get(&user) {
            let subscribers = &mut inner.online[at].subscriptions;
            let removed = subscribers
                .iter()
                .position(|l| l.id == subscriber)
                .map(|i| subscribers.swap_remove(i));
            let none_left = subscribers.is_empty();
            inner.subscriptions -= usize::from(removed.is_some());
            if none_left {
                inner.drop_user(at);
            }
            drop(inner);
            drop(removed);
        }
    }

    /// Times from now on how long events take to those who listen.
    pub fn time_fanout(&self, timer: Timer) {
        for shard in &self.shards {
            // Called once, where both are made.
            let _: Result<(), _> = shard.fanout.set(timer.clone());
        }
    }

    /// Passes events on, in order. `upto` is the last position they stand for: entries that nobody
    /// hears of count, too.
    pub fn publish(&self, packets: Vec<Arc<Packet>>, upto: Seq) {
        let packets: Arc<[Arc<Packet>]> = packets.into();
        let since = Instant::now();
        self.submit(&Job::Events {
            packets,
            upto,
            since,
        });
    }

    /// To everybody in the room who listens now, except one.
    pub fn signal_room(&self, room: RoomId, name: &'static str, json: Bytes, except: UserId) {
        let room = Some((room, except));
        self.submit(&Job::Signal { room, name, json });
    }

    pub fn signal_all(&self, name: &'static str, json: Bytes) {
        let room = None;
        self.submit(&Job::Signal { room, name, json });
    }

    fn submit(&self, job: &Job) {
        for shard in &self.shards {
            shard.submit(job.clone());
        }
    }

    /// Lets a session's sockets go; they hear nothing more from now on.
    pub fn close_session(&self, user: UserId, session: SessionId) {
        self.close_where(user, |of| of == session);
    }

    /// As [`Hub::close_session`] for all sessions of a user but one.
    pub fn close_sessions(&self, user: UserId, keep: Option<SessionId>) {
        self.close_where(user, |of| Some(of) != keep);
    }

    fn close_where(&self, user: UserId, goes: impl Fn(SessionId) -> bool) {
        let mut gone = Vec::new();
        let mut inner = self.shard(user).lock();
        if let Some(&at) = inner.by_user.get(&user) {
            let subscribers = &mut inner.online[at].subscriptions;
            gone.extend(subscribers.extract_if(.., |one| goes(one.session)));
            let none_left = subscribers.is_empty();
            inner.subscriptions -= gone.len();
            if none_left && !gone.is_empty() {
                inner.drop_user(at);
            }
        }
        drop(inner);
        for subscription in gone {
            subscription.subscriber.close(Close::SessionEnded);
        }
    }

    /// Somebody read on in a small room; [`Hub::take_seen`] gives it away.
    pub fn note_seen(&self, room: RoomId, user: UserId, message: MessageId) {
        let mut seen = self.seen.lock();
        seen.entry(room).or_default().insert(user, message);
    }

    /// Who read how far since the last call: of each person in each room the last position only.
    pub fn take_seen(&self) -> BTreeMap<RoomId, BTreeMap<UserId, MessageId>> {
        std::mem::take(&mut *self.seen.lock())
    }

    /// Tells everybody to come back later, now and from now on.
    pub fn shut_down(&self) {
        for shard in &self.shards {
            let subscribers: Vec<Arc<Subscription>> = {
                let mut inner = shard.lock();
                inner.closed = true;
                let online = inner.online.iter();
                online
                    .flat_map(|(_, user)| user.subscriptions.clone())
                    .collect()
            };
            for subscription in subscribers {
                subscription.subscriber.close(Close::Shutdown);
            }
        }
    }

    /// Subscribers and users.
    pub fn count(&self) -> (usize, usize) {
        let mut count = (0, 0);
        for shard in &self.shards {
            let inner = shard.lock();
            count.0 += inner.subscriptions;
            count.1 += inner.online.len();
        }
        count
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        for shard in &self.shards {
            shard.stop();
        }
        let here = std::thread::current().id();
        for thread in self.threads.drain(..) {
            // The last subscriber may go on the very thread that flushed it.
            if thread.thread().id() != here && thread.join().is_err() {
                tracing::error!("a fan-out thread broke down");
            }
        }
    }
}

/// One shard for two cores: the other serves who talks.
fn shards() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    (cores / 2).clamp(1, 8)
}

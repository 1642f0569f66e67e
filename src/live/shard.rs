//! A part of the hub: the people whose ids fall into it, and the thread that serves them.
//!
//! Fan-out has two steps. Events are put into every subscriber's queue in order, which is cheap;
//! then the queues are flushed to the sockets, which is dear (one write each). Between two slices
//! of flushing what came meanwhile is queued, so a busy socket gets several events in one write,
//! and who was reached by few others is flushed before the crowd of a large room.

use super::packet::Packet;
use super::subscribers::{Inner, Subscription};
use crate::domain::{RoomId, Seq, UserId};
use crate::metrics::Timer;
use bytes::Bytes;
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// What may wait for a shard, in bytes of JSON. Publishing waits beyond it; signals are dropped.
const BACKLOG_BYTES: usize = 32 << 20;
/// Sockets that are flushed before the queue is looked at again.
const SLICE: usize = 64;

/// What has to be passed on.
#[derive(Clone)]
pub(super) enum Job {
    /// `upto` is the last position that the packets stand for.
    Events {
        packets: Arc<[Arc<Packet>]>,
        upto: Seq,
        /// When they were passed on.
        since: Instant,
    },
    /// Something passing, to a room without one user, or to everybody.
    Signal {
        room: Option<(RoomId, UserId)>,
        name: &'static str,
        json: Bytes,
    },
    /// Something passing, to one user.
    Personal {
        user: UserId,
        name: &'static str,
        json: Bytes,
    },
}

impl Job {
    fn size_bytes(&self) -> usize {
        match self {
            Job::Events { packets, .. } => packets.iter().map(|packet| packet.json.len()).sum(),
            Job::Signal { json, .. } | Job::Personal { json, .. } => json.len(),
        }
    }
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    size_bytes: usize,
    /// A job came since the thread last looked. Whoever locks the shard may have done it since.
    announced: bool,
    stopped: bool,
}

pub(super) struct Shard {
    queue: Mutex<Queue>,
    /// Jobs came, or the hub is gone.
    work: Condvar,
    /// The backlog became shorter.
    space: Condvar,
    inner: Mutex<Inner>,
    /// How long events take to the queues.
    pub(super) fanout: OnceLock<Timer>,
}

impl Shard {
    pub(super) fn new(published: Seq) -> Shard {
        Shard {
            fanout: OnceLock::new(),
            queue: Mutex::default(),
            work: Condvar::new(),
            space: Condvar::new(),
            inner: Mutex::new(Inner::new(published)),
        }
    }

    /// Adds a job. Events wait for space in the backlog, signals are dropped without it.
    pub(super) fn submit(&self, job: Job) {
        let mut queue = self.queue.lock();
        while queue.size_bytes > BACKLOG_BYTES && !queue.stopped {
            if matches!(job, Job::Signal { .. } | Job::Personal { .. }) {
                return;
            }
            self.space.wait(&mut queue);
        }
        queue.size_bytes += job.size_bytes();
        queue.jobs.push_back(job);
        queue.announced = true;
        drop(queue);
        self.work.notify_one();
    }

    /// The people of this shard, after all jobs so far.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock();
        loop {
            // Taken one by one under the lock: the order of jobs is the order of queueing.
            let job = {
                let mut queue = self.queue.lock();
                let Some(job) = queue.jobs.pop_front() else {
                    break;
                };
                queue.size_bytes -= job.size_bytes();
                job
            };
            self.space.notify_all();
            match job {
                Job::Events {
                    packets,
                    upto,
                    since,
                } => {
                    inner.publish(&packets, upto);
                    if let Some(fanout) = self.fanout.get().filter(|_| !packets.is_empty()) {
                        fanout.observe(since.elapsed());
                    }
                }
                Job::Signal { room, name, json } => inner.signal(room, name, json),
                Job::Personal { user, name, json } => inner.signal_user(user, name, json),
            }
        }
        inner
    }

    /// Serves until [`Shard::stop`].
    pub(super) fn run(&self) {
        let mut slice: Vec<Arc<Subscription>> = Vec::with_capacity(SLICE);
        loop {
            self.queue.lock().announced = false;
            self.lock().take_unflushed(&mut slice, SLICE);
            if slice.is_empty() {
                let mut queue = self.queue.lock();
                while !queue.announced {
                    if queue.stopped {
                        return;
                    }
                    self.work.wait(&mut queue);
                }
                continue;
            }
            for subscription in slice.drain(..) {
                subscription.flush();
            }
        }
    }

    pub(super) fn stop(&self) {
        self.queue.lock().stopped = true;
        self.work.notify_all();
        self.space.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SessionId;
    use crate::live::{Close, Subscriber};
    use std::sync::mpsc::{Sender, channel};

    /// Tells what it hears and when it is flushed.
    struct Tells(u64, Sender<(u64, Option<Bytes>)>);

    impl Subscriber for Tells {
        fn hear(&self, packet: &Arc<Packet>) {
            let _ = self.1.send((self.0, Some(packet.json.clone())));
        }
        fn flush(&self) {
            let _ = self.1.send((self.0, None));
        }
        fn close(&self, _why: Close) {}
    }

    fn signal(room: u64, json: &'static str) -> Job {
        Job::Signal {
            room: Some((RoomId(room), UserId(0))),
            name: "typing",
            json: Bytes::from_static(json.as_bytes()),
        }
    }

    fn shard_with(people: u64, rooms: impl Fn(u64) -> Vec<RoomId>) -> (Shard, Receiver) {
        let shard = Shard::new(Seq(0));
        let (sender, told) = channel();
        for user in 1..=people {
            let mut inner = shard.lock();
            let at = inner.add_user(UserId(user), rooms(user).into_iter());
            let subscriber = Arc::new(Tells(user, sender.clone()));
            let subscription = Subscription::new(user, SessionId(user), subscriber);
            inner.online[at].subscriptions.push(Arc::new(subscription));
        }
        (shard, told)
    }

    type Receiver = std::sync::mpsc::Receiver<(u64, Option<Bytes>)>;

    #[test]
    fn a_small_room_is_flushed_before_a_crowd_and_hears_in_order() {
        let people = 1_000;
        // Everybody is in room 1, the last person in room 2 as well.
        let (shard, told) = shard_with(people, |user| {
            let small = (user == people).then_some(RoomId(2));
            [RoomId(1)].into_iter().chain(small).collect()
        });
        shard.submit(signal(1, "crowd"));
        shard.submit(signal(2, "few"));
        shard.stop();
        shard.run();
        let told: Vec<_> = told.try_iter().collect();
        let flushed: Vec<u64> = told.iter().filter(|t| t.1.is_none()).map(|t| t.0).collect();
        assert_eq!(flushed.len() as u64, people, "each once");
        assert_eq!(flushed[0], people);
        let heard: Vec<_> = told.iter().filter(|t| t.0 == people).collect();
        let heard: Vec<_> = heard.iter().filter_map(|t| t.1.as_deref()).collect();
        assert_eq!(heard, [&b"crowd"[..], b"few"]);
    }

    #[test]
    fn what_another_thread_passed_on_is_flushed_too() {
        let (shard, told) = shard_with(1, |_| vec![RoomId(1)]);
        let shard = Arc::new(shard);
        let thread = std::thread::spawn({
            let shard = Arc::clone(&shard);
            move || shard.run()
        });
        for _ in 0..10_000 {
            shard.submit(signal(1, "x"));
            drop(shard.lock());
            assert!(told.recv().expect("is heard").1.is_some());
            assert!(told.recv().expect("is flushed").1.is_none());
        }
        shard.stop();
        thread.join().expect("ends");
    }
}

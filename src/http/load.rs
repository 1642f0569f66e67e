//! How much is done at once: reads that grow with the data, and what one person posts.

use crate::domain::{Code, Refusal, UserId};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicU64},
    time::{Duration, Instant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

/// How many reads of one kind there may be.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// On threads at the same time.
    pub at_once: usize,
    /// Of them, of one person.
    pub share: usize,
    /// Running and waiting, of one person.
    pub person: usize,
    /// Running and waiting, of all.
    pub all: usize,
    /// Nobody waits longer for a thread.
    pub patience: Duration,
}

const PATIENCE: Duration = Duration::from_secs(5);
const SEARCHES: Bounds = Bounds {
    at_once: 4,
    share: 2,
    person: 32,
    all: 256,
    patience: PATIENCE,
};
const SUGGESTIONS: Bounds = Bounds {
    at_once: 4,
    ..SEARCHES
};
const LISTS: Bounds = Bounds {
    at_once: 8,
    share: 4,
    person: 64,
    all: 1_024,
    patience: PATIENCE,
};
/// Thousands come back together after a restart, and all are served in their turn.
const CATCH_UPS: usize = 16;
/// The pictures and other files that are looked into at the same time.
const FILES: Bounds = Bounds {
    at_once: 2,
    share: 2,
    person: 64,
    all: 512,
    patience: Duration::from_secs(25),
};

/// A hook posts so often, at once or one by one.
const HOOK_POSTS_PER_MINUTE: u32 = 120;

/// The bounds of one server. Clones count the same.
#[derive(Clone)]
pub struct Load {
    pub searches: Pool,
    pub suggestions: Pool,
    pub lists: Pool,
    pub files: Pool,
    pub posts: Arc<Posts>,
    /// What comes in through hooks, by their bots.
    pub hooks: Arc<Posts>,
    catch_ups: Arc<Semaphore>,
    /// How often browsers reported that a page broke the content security policy.
    pub policy_reports: Arc<AtomicU64>,
}

impl Load {
    pub fn new(posts_per_minute: u32) -> Load {
        Load {
            searches: Pool::new(SEARCHES),
            suggestions: Pool::new(SUGGESTIONS),
            lists: Pool::new(LISTS),
            files: Pool::new(FILES),
            posts: Arc::new(Posts::new(posts_per_minute)),
            hooks: Arc::new(Posts::new(HOOK_POSTS_PER_MINUTE.min(posts_per_minute))),
            catch_ups: Arc::new(Semaphore::new(CATCH_UPS)),
            policy_reports: Arc::default(),
        }
    }

    /// Reads a part of what somebody missed, when a thread is free for it. `None` at the end of
    /// the process.
    pub async fn catch_up<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let permit = Arc::clone(&self.catch_ups).acquire_owned().await.ok()?;
        let read = spawn_blocking(move || {
            let _permit = permit;
            read()
        });
        read.await.ok()
    }
}

/// Threads for one kind of read: so many at once, a share for each person, a queue with an end.
#[derive(Clone)]
pub struct Pool {
    bounds: Bounds,
    running: Arc<Semaphore>,
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    all: usize,
    people: HashMap<UserId, Person>,
}

struct Person {
    held: usize,
    running: Arc<Semaphore>,
}

/// A place in the queue or on a thread; dropping it makes room.
struct PoolSlot {
    held: Arc<Mutex<Held>>,
    person: UserId,
}

impl Pool {
    pub fn new(bounds: Bounds) -> Pool {
        Pool {
            bounds,
            running: Arc::new(Semaphore::new(bounds.at_once)),
            held: Arc::default(),
        }
    }

    /// Runs a read off the threads that serve sockets, or says when to come back.
    pub async fn run<T: Send + 'static>(
        &self,
        person: UserId,
        read: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (place, share) = self.enter(person)?;
        let turn = timeout(self.bounds.patience, self.turn(share));
        let permits = turn.await.map_err(|_| busy(2))?;
        // A read whose reader went away counts until its thread is free again.
        let found = spawn_blocking(move || {
            let _counted = (place, permits);
            read()
        });
        found.await.map_err(|_| stopping())?
    }

    fn enter(&self, person: UserId) -> Result<(PoolSlot, Arc<Semaphore>), Refusal> {
        let mut held = self.held.lock();
        let mine = held.people.get(&person).map_or(0, |person| person.held);
        if held.all >= self.bounds.all || mine >= self.bounds.person {
            return Err(busy(1));
        }
        held.all += 1;
        let entry = held.people.entry(person).or_insert_with(|| Person {
            held: 0,
            running: Arc::new(Semaphore::new(self.bounds.share)),
        });
        entry.held += 1;
        let share = Arc::clone(&entry.running);
        let place = PoolSlot {
            held: Arc::clone(&self.held),
            person,
        };
        Ok((place, share))
    }

    async fn turn(&self, share: Arc<Semaphore>) -> [Option<OwnedSemaphorePermit>; 2] {
        // Neither is ever closed.
        let share = share.acquire_owned().await.ok();
        let running = Arc::clone(&self.running).acquire_owned().await.ok();
        [share, running]
    }
}

impl Drop for PoolSlot {
    fn drop(&mut self) {
        let mut held = self.held.lock();
        held.all -= 1;
        if let Some(person) = held.people.get_mut(&self.person) {
            person.held -= 1;
            if person.held == 0 {
                held.people.remove(&self.person);
            }
        }
    }
}

/// Beyond so many people, those who have all their posts left are forgotten.
const REMEMBERED: usize = 4_096;

/// How many messages each person may still post: as many as in a minute at once, then evenly.
pub struct Posts {
    per_minute: f64,
    people: Mutex<HashMap<UserId, Left>>,
}

struct Left {
    posts: f64,
    at: Instant,
}

impl Posts {
    pub fn new(per_minute: u32) -> Posts {
        Posts {
            per_minute: f64::from(per_minute.max(1)),
            people: Mutex::default(),
        }
    }

    /// Counts one post, or says when the next one is free.
    pub fn take(&self, person: UserId) -> Result<(), Refusal> {
        self.take_at(person, Instant::now())
    }

    fn take_at(&self, person: UserId, now: Instant) -> Result<(), Refusal> {
        let refilled = |left: &Left| {
            let passed_s = now.saturating_duration_since(left.at).as_secs_f64();
            (left.posts + passed_s * self.per_minute / 60.0).min(self.per_minute)
        };
        let mut people = self.people.lock();
        if people.len() > REMEMBERED {
            people.retain(|_, left| refilled(left) < self.per_minute);
        }
        let left = people.entry(person).or_insert(Left {
            posts: self.per_minute,
            at: now,
        });
        let posts = refilled(left);
        *left = Left { posts, at: now };
        if posts >= 1.0 {
            left.posts -= 1.0;
            return Ok(());
        }
        let wait_s = ((1.0 - posts) * 60.0 / self.per_minute).ceil().max(1.0) as u64;
        Err(Refusal {
            limit: Some(self.per_minute as u64),
            unit: Some("messages a minute".into()),
            retry_after_s: Some(wait_s),
            ..Refusal::new(
                Code::TooManyRequests,
                format!("You post too fast; try again in {wait_s} seconds."),
            )
        })
    }
}

fn busy(retry_after_s: u64) -> Refusal {
    Refusal {
        retry_after_s: Some(retry_after_s),
        ..Refusal::new(
            Code::TooManyRequests,
            "Too much is asked for at once; try again in a moment.",
        )
    }
}

fn stopping() -> Refusal {
    Refusal::new(Code::Unavailable, "The server is stopping; try again.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    const TIGHT: Bounds = Bounds {
        at_once: 2,
        share: 1,
        person: 3,
        all: 4,
        patience: Duration::from_secs(60),
    };

    #[tokio::test]
    async fn one_person_cannot_take_every_thread_or_the_whole_queue() {
        let pool = Pool::new(TIGHT);
        let (greedy, other) = (UserId(1), UserId(2));
        let (began, begins) = mpsc::channel();
        let (mut reads, mut ends) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let (end, ended) = mpsc::channel::<()>();
            let (pool, began) = (pool.clone(), began.clone());
            ends.push(end);
            reads.push(tokio::spawn(async move {
                let read = move || {
                    // The test has the other ends until all is over.
                    let _: Result<(), _> = began.send(());
                    let _: Result<(), _> = ended.recv();
                    Ok(())
                };
                pool.run(greedy, read).await
            }));
        }
        let first = tokio::task::spawn_blocking(move || (begins.recv(), begins)).await;
        let (_, begins) = first.expect("runs");
        while pool.held.lock().all < 3 {
            tokio::task::yield_now().await;
        }
        let refused = pool.run(greedy, || Ok(())).await.expect_err("too many");
        assert_eq!(refused.code, Code::TooManyRequests);
        assert_eq!(refused.retry_after_s, Some(1));
        assert!(begins.try_recv().is_err(), "its share is one thread");
        assert_eq!(pool.run(other, || Ok(7)).await, Ok(7));
        drop(ends);
        for read in reads {
            assert_eq!(read.await.expect("runs"), Ok(()));
        }
        assert_eq!(pool.held.lock().all, 0);
        assert!(pool.held.lock().people.is_empty());
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let pool = Pool::new(Bounds {
            patience: Duration::from_millis(20),
            ..TIGHT
        });
        let (_end, ended) = mpsc::channel::<()>();
        let (_other_end, other_ended) = mpsc::channel::<()>();
        for (person, ended) in [(1, ended), (2, other_ended)] {
            let pool = pool.clone();
            tokio::spawn(async move {
                let read = move || {
                    let _: Result<(), _> = ended.recv();
                    Ok(())
                };
                pool.run(UserId(person), read).await
            });
        }
        while pool.running.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let refused = pool.run(UserId(3), || Ok(())).await.expect_err("waits");
        assert_eq!(refused.code, Code::TooManyRequests);
        drop((_end, _other_end));
    }

    #[test]
    fn posts_come_back_evenly() {
        let posts = Posts::new(60);
        let (kim, lee, now) = (UserId(1), UserId(2), Instant::now());
        for _ in 0..60 {
            assert_eq!(posts.take_at(kim, now), Ok(()));
        }
        let refused = posts.take_at(kim, now).expect_err("too many");
        assert_eq!(refused.retry_after_s, Some(1));
        assert_eq!(posts.take_at(lee, now), Ok(()));
        let later = now + Duration::from_millis(2_500);
        assert_eq!(posts.take_at(kim, later), Ok(()));
        assert_eq!(posts.take_at(kim, later), Ok(()));
        assert!(posts.take_at(kim, later).is_err());
    }
}

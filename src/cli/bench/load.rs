//! All clients, in one thread around one epoll: the generator must cost less than the server.
use super::connection::{Connection, Stage};
use super::target::Target;
use super::wire::{self, Heard};
use anyhow::{Context, Result, anyhow, bail};
use hdrhistogram::Histogram;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Connections that may be half open at once: less than a usual listen backlog.
const OPENING: usize = 100;

/// In a burst, the delivery latency of every such client is recorded; of the others only the count.
const SAMPLE_EVERY: usize = 16;

/// Room for many frames of one client.
const SCRATCH_BYTES: usize = 256 * 1024;

const HOUR_US: u64 = 3_600_000_000;

#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// Maru's; without one, clients name their room instead.
    pub token: Option<&'a str>,
    pub rooms: &'a [u64],
    pub clients: usize,
    pub messages: usize,
    pub window: usize,
    pub rate: Option<f64>,
    pub size: usize,
    pub timeout: Duration,
}

pub struct Load<'a> {
    plan: &'a Plan<'a>,
    /// Clients are spread over them; those of the first post.
    targets: &'a [&'a Target],
    epoll: OwnedFd,
    connections: Vec<Connection>,
    scratch: Vec<u8>,
    begun: Instant,
    tally: Tally,
}

/// What has come in so far.
struct Tally {
    acked: usize,
    failed: usize,
    first_failure: Option<String>,
    delivered: u64,
    /// Of each post, nanoseconds after the beginning.
    sent_ns: Vec<u64>,
    ack_us: Histogram<u64>,
    delivery_us: Histogram<u64>,
    /// To clients of other nodes than the posts went to.
    elsewhere_us: Histogram<u64>,
    /// Clients that may post again.
    free: VecDeque<usize>,
}

/// What a run of posts has shown.
pub struct Outcome {
    pub elapsed: Duration,
    pub posts: usize,
    pub failed: usize,
    pub first_failure: Option<String>,
    pub delivered: u64,
    pub expected: u64,
    pub ack_us: Histogram<u64>,
    pub delivery_us: Histogram<u64>,
    pub elsewhere_us: Histogram<u64>,
}

impl<'a> Load<'a> {
    pub fn new(targets: &'a [&'a Target], plan: &'a Plan<'a>) -> Result<Self> {
        let histogram =
            || Histogram::new_with_bounds(1, HOUR_US, 3).context("a histogram cannot be made");
        Ok(Self {
            plan,
            targets,
            epoll: epoll::create(CreateFlags::CLOEXEC).context("epoll cannot be used")?,
            connections: Vec::with_capacity(plan.clients),
            scratch: vec![0; SCRATCH_BYTES],
            begun: Instant::now(),
            tally: Tally {
                acked: 0,
                failed: 0,
                first_failure: None,
                delivered: 0,
                sent_ns: vec![0; plan.messages],
                ack_us: histogram()?,
                delivery_us: histogram()?,
                elsewhere_us: histogram()?,
                free: VecDeque::new(),
            },
        })
    }

    /// Opens all connections; returns how long that took.
    pub fn connect(&mut self) -> Result<Duration> {
        let begun = Instant::now();
        let mut ready = 0;
        let mut progress = Instant::now();
        while ready < self.plan.clients {
            while self.connections.len() < self.plan.clients
                && self.connections.len() - ready < OPENING
            {
                self.open()?;
            }
            self.turn(Some(Duration::from_millis(100)))?;
            let now = self
                .connections
                .iter()
                .filter(|connection| connection.stage == Stage::Ready)
                .count();
            if now > ready {
                (ready, progress) = (now, Instant::now());
            } else if progress.elapsed() > self.plan.timeout {
                bail!(
                    "only {ready} of {} clients could connect; the rest got no answer",
                    self.plan.clients
                );
            }
        }
        Ok(begun.elapsed())
    }

    fn open(&mut self) -> Result<()> {
        let at = self.connections.len();
        let room = self.plan.rooms[at % self.plan.rooms.len()];
        let auth = match self.plan.token {
            Some(token) => serde_json::json!({ "token": token }),
            None => serde_json::json!({ "room_id": room }),
        };
        let connection = Connection::open(
            self.targets[at % self.targets.len()],
            auth.to_string(),
            self.plan.token.is_some(),
        )?;
        epoll::add(
            &self.epoll,
            &connection.stream,
            EventData::new_u64(at as u64),
            EventFlags::IN,
        )?;
        self.connections.push(connection);
        Ok(())
    }

    /// Keeps the connections alive and does nothing else.
    pub fn hold(&mut self, time: Duration) -> Result<()> {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            self.turn(Some(left))?;
        }
        Ok(())
    }

    /// Sends all posts and waits for all that must come of them.
    pub fn post(&mut self) -> Result<Outcome> {
        self.begun = Instant::now();
        let nodes = self.targets.len();
        let posters = self.plan.window.min(self.posters());
        let slots = 0..self.plan.window;
        self.tally.free = slots.map(|slot| slot % posters * nodes).collect();
        let (mut sent, mut progress) = (0, (0, Instant::now()));
        loop {
            let wait = self.send_due(&mut sent)?;
            let seen = (self.tally.acked + self.tally.failed) as u64 + self.tally.delivered;
            if sent == self.plan.messages && self.is_complete() {
                break;
            }
            if seen > progress.0 {
                progress = (seen, Instant::now());
            } else if progress.1.elapsed() > self.plan.timeout {
                break;
            }
            self.turn(Some(wait))?;
        }
        let tally = &mut self.tally;
        Ok(Outcome {
            elapsed: self.begun.elapsed(),
            posts: tally.acked,
            failed: tally.failed,
            first_failure: tally.first_failure.take(),
            delivered: tally.delivered,
            expected: self.expected(),
            ack_us: self.tally.ack_us.clone(),
            delivery_us: self.tally.delivery_us.clone(),
            elsewhere_us: self.tally.elsewhere_us.clone(),
        })
    }

    /// Clients of the first node.
    fn posters(&self) -> usize {
        self.plan.clients.div_ceil(self.targets.len())
    }

    /// Sends what may be sent now; returns how long nothing more will be due.
    fn send_due(&mut self, sent: &mut usize) -> Result<Duration> {
        while *sent < self.plan.messages {
            let poster = match self.plan.rate {
                Some(rate) => {
                    let due = Duration::from_secs_f64(*sent as f64 / rate);
                    let now = self.begun.elapsed();
                    if now < due {
                        return Ok(due - now);
                    }
                    *sent % self.posters() * self.targets.len()
                }
                None => match self.tally.free.pop_front() {
                    Some(poster) => poster,
                    None => break,
                },
            };
            self.send(*sent, poster)?;
            *sent += 1;
        }
        Ok(Duration::from_millis(100))
    }

    fn send(&mut self, post: usize, poster: usize) -> Result<()> {
        let now = nanos(self.begun.elapsed());
        self.tally.sent_ns[post] = now;
        let room = self.room_of(post, poster);
        let text = wire::message_text(now, self.plan.size);
        let packet = format!(
            r#"42{post}["message.send",{{"room_id":{room},"text":"{text}","client_id":"bench-{post}-{now:x}"}}]"#
        );
        self.connections[poster].say(&packet)?;
        self.watch(poster)
    }

    /// Without an account a client is in one room only.
    fn room_of(&self, post: usize, poster: usize) -> u64 {
        let at = if self.plan.token.is_some() {
            post
        } else {
            poster
        };
        self.plan.rooms[at % self.plan.rooms.len()]
    }

    fn is_complete(&self) -> bool {
        self.tally.acked + self.tally.failed == self.plan.messages
            && self.tally.delivered >= self.expected()
    }

    /// What must have arrived of all that was acknowledged.
    fn expected(&self) -> u64 {
        let listeners = match self.plan.token {
            Some(_) => self.plan.clients,
            // Every room has as many, give or take one; only whole divisions are exact.
            None => self.plan.clients / self.plan.rooms.len(),
        };
        (self.tally.acked * listeners) as u64
    }

    /// Waits for something to happen, at most `wait`, and deals with it.
    fn turn(&mut self, wait: Option<Duration>) -> Result<()> {
        let timeout = wait
            .map(Timespec::try_from)
            .transpose()
            .map_err(|_| anyhow!("too long a time"))?;
        let mut events: Vec<Event> = Vec::with_capacity(1024);
        match epoll::wait(
            &self.epoll,
            rustix::buffer::spare_capacity(&mut events),
            timeout.as_ref(),
        ) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(()),
            Err(error) => return Err(error).context("epoll cannot be used"),
        }
        for event in events {
            let (data, flags) = (event.data, event.flags);
            let at = usize::try_from(data.u64()).unwrap_or_default();
            if flags.contains(EventFlags::OUT) {
                self.connections[at].flush()?;
            }
            let now = nanos(self.begun.elapsed());
            let (tally, paced) = (&mut self.tally, self.plan.rate.is_some());
            let nodes = self.targets.len();
            let sampled = paced || (at / nodes).is_multiple_of(SAMPLE_EVERY);
            let elsewhere = at % nodes != 0;
            self.connections[at].read(&mut self.scratch, |heard| {
                tally.hear(at, heard, now, (sampled, elsewhere))
            })?;
            self.watch(at)?;
        }
        Ok(())
    }

    /// Asks to be told when a client can write again, if it must.
    fn watch(&mut self, at: usize) -> Result<()> {
        let connection = &mut self.connections[at];
        if connection.owes() != connection.watched {
            connection.watched = connection.owes();
            let flags = if connection.watched {
                EventFlags::IN | EventFlags::OUT
            } else {
                EventFlags::IN
            };
            epoll::modify(
                &self.epoll,
                &connection.stream,
                EventData::new_u64(at as u64),
                flags,
            )?;
        }
        Ok(())
    }
}

impl Tally {
    fn hear(&mut self, at: usize, heard: Heard<'_>, now: u64, (sampled, elsewhere): (bool, bool)) {
        match heard {
            Heard::Created(payload) => {
                self.delivered += 1;
                if sampled && let Some(sent) = wire::sent_at(payload) {
                    let took_us = now.saturating_sub(sent).div_ceil(1000);
                    if elsewhere {
                        self.elsewhere_us.saturating_record(took_us)
                    } else {
                        self.delivery_us.saturating_record(took_us)
                    }
                }
            }
            Heard::Acked { post, ok, body } => {
                let Some(sent) = self.sent_ns.get(post) else {
                    return;
                };
                if ok {
                    self.acked += 1;
                    self.ack_us
                        .saturating_record(now.saturating_sub(*sent).div_ceil(1000));
                } else {
                    self.failed += 1;
                    self.first_failure
                        .get_or_insert_with(|| String::from_utf8_lossy(body).into_owned());
                }
                self.free.push_back(at);
            }
            _ => {}
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

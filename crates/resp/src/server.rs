//! The loop: one thread that reads all connections, runs their requests and sends the answers once
//! per turn.

use super::Options;
use super::acl::Acl;
use super::client::Waiting;
use super::connection::{self, READ_BYTES};
use super::settings::Settings;
use super::sockets::{BELL, LISTENER, NOT_AT_ALL, Sockets, accept, event, watch_for_room};
use super::tracking;
use super::wakes::Wakes;
use super::world::{Stats, World};
use maru_cache::Embedded;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};
use slab::Slab;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Idle clients, slow subscribers and figures are looked at this often.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long the loop looks for more before it sleeps.
const LINGER: Duration = Duration::from_micros(30);
/// Who does not say who he is within this time is closed.
const STRANGER_PATIENCE: Duration = Duration::from_secs(30);

/// A loop that is ready to be run, on another thread.
pub struct Prepared {
    sockets: Sockets,
    address: SocketAddr,
    run_id: [u8; 20],
    cache: Arc<Embedded>,
    options: Options,
    wakes: Arc<Wakes>,
}

impl Prepared {
    pub fn new(
        listener: TcpListener,
        cache: Arc<Embedded>,
        options: Options,
        wakes: Arc<Wakes>,
    ) -> std::io::Result<Prepared> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(
            &epoll,
            &listener,
            EventData::new_u64(LISTENER),
            EventFlags::IN,
        )?;
        epoll::add(
            &epoll,
            wakes.bell(),
            EventData::new_u64(BELL),
            EventFlags::IN,
        )?;
        let mut run_id = [0u8; 20];
        getrandom::fill(&mut run_id).map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(Prepared {
            sockets: Sockets { listener, epoll },
            address,
            run_id,
            cache,
            options,
            wakes,
        })
    }

    /// Serves until it is stopped.
    pub fn run(self) {
        Loop::new(self).run();
    }
}

struct Loop {
    world: World,
    cache: Arc<Embedded>,
    looked: Instant,
    /// There is a core to spare for it.
    lingers: bool,
    /// The last turn had something to do.
    busy: bool,
}

impl Loop {
    fn new(prepared: Prepared) -> Loop {
        let Prepared {
            sockets,
            address,
            run_id,
            cache,
            options,
            wakes,
        } = prepared;
        let now = Instant::now();
        let mut world = World {
            clients: Slab::new(),
            tokens: Default::default(),
            next_id: 1,
            acl: Acl::new(options.password.as_deref()),
            settings: Settings::new(options.max_clients),
            stats: Stats::new(),
            slowlog: Default::default(),
            spikes: Default::default(),
            weights: Default::default(),
            waits: Default::default(),
            tracked: Default::default(),
            dirty: Vec::new(),
            later: Vec::new(),
            monitors: 0,
            pause: None,
            drowsy: Duration::ZERO,
            wakes,
            elsewhere: options.elsewhere.clone(),
            answers: Arc::default(),
            scripting: Default::default(),
            is_full: false,
            sockets: Rc::new(sockets),
            disk_error: None,
            started: now,
            run_id: super::acl::hex(&run_id),
            port: address.port(),
            bind: address.ip().to_string(),
            saved_at_unix_s: 0,
            saves: 0,
            changes_at_save: 0,
            mark: now,
        };
        world.saved();
        for (name, code) in cache.libraries() {
            if let Err(problem) = world.scripting.functions.load(&code, false) {
                let name = String::from_utf8_lossy(&name);
                tracing::error!(library = %name, problem, "a library of functions cannot be loaded");
            }
        }
        Loop {
            world,
            cache,
            looked: now,
            lingers: std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1),
            busy: false,
        }
    }

    fn run(mut self) {
        let mut events: Vec<epoll::Event> = Vec::with_capacity(1024);
        let mut shared: Vec<u8> = Vec::with_capacity(READ_BYTES);
        let mut woken = Vec::new();
        while !self.world.wakes.stop.load(Ordering::SeqCst) {
            let sleeps = self.world.wakes.about_to_sleep() && !self.world.has_later();
            let patience = if sleeps {
                self.patience()
            } else {
                Duration::ZERO
            };
            events.clear();
            let waited = self.wait(&mut events, patience);
            self.world.wakes.awake();
            if let Err(error) = waited
                && error != rustix::io::Errno::INTR
            {
                tracing::error!(%error, "the Redis port cannot wait for its sockets; it closes");
                return;
            }
            for found in &events {
                let data = found.data;
                let flags = found.flags;
                match data.u64() {
                    LISTENER => accept(&mut self.world),
                    BELL => self.world.wakes.silence(),
                    token => {
                        let token = token as usize;
                        event(&mut self.world, &self.cache, token, flags, &mut shared);
                    }
                }
            }
            self.world.take_later();
            self.world.wakes.take(&mut woken);
            for (token, id) in woken.drain(..) {
                if self.world.token_of(id) == Some(token) {
                    self.world.touch(token);
                }
            }
            self.world.take_answers();
            self.time();
            self.settle();
        }
        // Whoever waits is not told: the connection ends, as it does when a Redis goes away.
    }

    /// Waits for events. After a turn that had some, more are likely at once: the loop looks for them
    /// for a moment before it sleeps, as being woken costs both it and its clients more.
    fn wait(
        &mut self,
        events: &mut Vec<epoll::Event>,
        patience: Duration,
    ) -> rustix::io::Result<()> {
        if self.lingers && self.busy && !patience.is_zero() {
            let until = Instant::now() + LINGER;
            while Instant::now() < until {
                epoll::wait(
                    &self.world.sockets.epoll,
                    spare_capacity(events),
                    Some(&NOT_AT_ALL),
                )?;
                if !events.is_empty() {
                    return Ok(());
                }
                rustix::thread::sched_yield();
            }
        }
        let patience = Timespec::try_from(patience).ok();
        epoll::wait(
            &self.world.sockets.epoll,
            spare_capacity(events),
            patience.as_ref(),
        )?;
        self.busy = !events.is_empty();
        Ok(())
    }

    /// How long there is nothing to do unless something comes.
    fn patience(&self) -> Duration {
        let until_deadline = self
            .world
            .waits
            .next_deadline()
            .map(|at| at.saturating_duration_since(Instant::now()));
        // One millisecond more, so that the deadline has passed then.
        until_deadline.map_or(LOOK_EVERY, |left| {
            LOOK_EVERY.min(left + Duration::from_millis(1))
        })
    }

    /// What is due by time.
    fn time(&mut self) {
        let now = Instant::now();
        while let Some((token, _)) = self.world.waits.overdue(now) {
            connection::give_up(&mut self.world, token);
        }
        // Of those who slept, and those who went away in their sleep.
        connection::serve_waiting(&mut self.world, &self.cache);
        if self.world.pause.is_some_and(|pause| pause.until <= now) {
            self.world.end_pause();
        }
        self.cache.hold_ended(self.world.pause.is_some());
        if now.duration_since(self.looked) < LOOK_EVERY {
            return;
        }
        self.looked = now;
        self.world.look(&self.cache);
        tracking::look(&mut self.world, &self.cache);
        let world = &mut self.world;
        let settings = &world.settings;
        for (token, client) in &mut world.clients {
            let idle = now.duration_since(client.last_used);
            let waits = matches!(
                client.waiting,
                Some(Waiting::Keys { .. } | Waiting::Elsewhere(_))
            );
            let has_a_reason = client.subscriptions() > 0 || client.is_monitor || waits;
            let idles = !settings.timeout.is_zero() && idle > settings.timeout && !has_a_reason;
            let is_strange = !client.known && now.duration_since(client.since) > STRANGER_PATIENCE;
            // Its mailbox may be full while what was taken out of it waits for the socket.
            let too_much = client.waits_for_too_much(settings, 0, now) || client.is_deaf();
            world.stats.slow_subscribers += u64::from(too_much && !client.dead);
            if idles || is_strange || too_much {
                client.dead = true;
                world.dirty.push(token);
            }
        }
    }

    /// Sends everything that was said in this turn, first to those who asked: they can ask again
    /// while subscribers are still being told.
    fn settle(&mut self) {
        loop {
            tracking::changed(&mut self.world, None);
            tracking::broadcast(&mut self.world);
            if self.world.dirty.is_empty() {
                return;
            }
            self.world.make_room_for_clients(&self.cache);
            self.send_all();
        }
    }

    /// Waits for the disk, where that was asked for: once for everything that was done in this turn.
    fn expect_durable(&mut self) {
        let Err(error) = self.cache.settle_deferred() else {
            return;
        };
        // It may not be on disk, so nobody is told that it is.
        tracing::error!(%error, "clients of the Redis port are sent away");
        for (token, client) in &mut self.world.clients {
            if client.sent_bytes < client.out.bytes.len() {
                client.dead = true;
                self.world.dirty.push(token);
            }
        }
    }

    fn send_all(&mut self) {
        self.expect_durable();
        let mut next = 0;
        while let Some(&token) = self.world.dirty.get(next) {
            next += 1;
            let Some(client) = self.world.clients.get(token) else {
                continue;
            };
            if !client.held.is_empty() && client.waiting.is_none() && !client.goes_on {
                connection::held(&mut self.world, &self.cache, token);
                self.expect_durable();
            }
            if !connection::send(&mut self.world, token) {
                self.close(token);
                continue;
            }
            self.world.weigh(token);
            if !watch_for_room(&mut self.world, token) {
                self.close(token);
            }
        }
        self.world.dirty.clear();
        self.world.tell_weight(&self.cache);
    }

    fn close(&mut self, token: usize) {
        let world = &mut self.world;
        connection::stop_waiting(world, token, |_, _| {});
        let Some(client) = world.clients.try_remove(token) else {
            return;
        };
        world.tokens.remove(&client.id);
        world.weighs_no_more(&client);
        world.monitors -= usize::from(client.is_monitor);
        if let Some(tracking) = client.tracking {
            tracking::gone(world, client.id, &tracking);
        }
    }
}

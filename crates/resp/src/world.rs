//! Everything that connections share. One thread owns it, so nothing in it is locked.

use super::acl::{Acl, Entry, Reason};
use super::client::{Client, Waiting};
use super::elsewhere::{Answers, Elsewhere};
use super::index::{Row, Table};
use super::latency::{Histogram, Spikes};
use super::redact;
use super::scripting::Scripting;
use super::settings::Settings;
use super::slowlog::Slowlog;
use super::sockets::Sockets;
use super::tracking::Tracked;
use super::waits::Waits;
use super::wakes::Wakes;
use super::weight::Weights;
use maru_cache::Embedded;
use slab::Slab;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The version of Redis whose commands these are.
pub const REDIS_VERSION: &str = "7.0.15";

/// The state of the door.
pub struct World {
    pub clients: Slab<Client>,
    /// Where the client with an id is.
    pub tokens: HashMap<u64, usize, ahash::RandomState>,
    pub next_id: u64,
    pub acl: Acl,
    pub settings: Settings,
    pub stats: Stats,
    pub slowlog: Slowlog,
    pub spikes: Spikes,
    pub waits: Waits,
    pub tracked: Tracked,
    /// What clients take up, while that is limited.
    pub weights: Weights,
    /// Clients that may have something to send or to hear.
    pub dirty: Vec<usize>,
    /// Clients whose other requests are looked at in the next turn.
    pub later: Vec<(usize, u64)>,
    /// How many clients hear all commands.
    pub monitors: usize,
    pub pause: Option<Pause>,
    /// How long the client of the running transaction wants to sleep after it.
    pub drowsy: Duration,
    pub wakes: Arc<Wakes>,
    /// Who keeps streams that are no keys, and what they have answered.
    pub elsewhere: Option<Arc<dyn Elsewhere>>,
    pub answers: Arc<Answers>,
    pub scripting: Scripting,
    /// No more memory may be used, as of the last command.
    pub is_full: bool,
    pub sockets: Rc<Sockets>,
    /// Why the cache cannot write, as of the last look.
    pub disk_error: Option<String>,
    pub started: Instant,
    pub run_id: String,
    pub port: u16,
    pub bind: String,
    /// When the last snapshot was seen, and how many there were.
    pub saved_at_unix_s: u64,
    pub saves: u64,
    /// Changes of keys until then.
    pub changes_at_save: u64,
    /// When the running command began.
    pub mark: Instant,
}

/// Commands that are held back for a while.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    pub until: Instant,
    /// Only those that write.
    pub writes_only: bool,
}

/// Figures since the start.
#[derive(Default)]
pub struct Stats {
    pub connections: u64,
    pub rejected_connections: u64,
    pub commands: u64,
    pub reads: u64,
    pub writes: u64,
    pub input_bytes: u64,
    pub output_bytes: u64,
    pub errors: BTreeMap<String, u64>,
    pub acl_denied: [u64; 4],
    pub slow_subscribers: u64,
    pub evicted_clients: u64,
    /// Large values that UNLINK took out.
    pub freed_later: u64,
    /// By [`Row::id`].
    pub rows: Vec<RowStats>,
    /// Commands until the last look, and that look's rate.
    pub commands_before: u64,
    pub commands_per_s: u64,
    pub looked_at: Option<Instant>,
    /// In and out: bytes until the last look, and that look's rates.
    pub bytes_before: [u64; 2],
    pub kilobytes_per_s: [f64; 2],
    pub used_bytes_peak: u64,
}

/// Figures of one command.
#[derive(Clone, Default)]
pub struct RowStats {
    pub calls: u64,
    pub nanos: u64,
    pub rejected: u64,
    pub failed: u64,
    /// How long each took.
    pub times: Option<Box<Histogram>>,
}

impl Stats {
    pub fn new() -> Stats {
        Stats {
            rows: vec![RowStats::default(); Table::get().rows().len()],
            ..Stats::default()
        }
    }

    /// Counts an error answer by its code.
    pub fn count_error(&mut self, text: &str) {
        // Codes come from our own table of errors; scripts cannot invent more.
        let code = text.split(' ').next().unwrap_or("ERR");
        match self.errors.get_mut(code) {
            Some(count) => *count += 1,
            None => {
                self.errors.insert(code.to_owned(), 1);
            }
        }
    }
}

impl World {
    /// Remembers what was refused to a client; `user` is whom it wanted to be, if not who it is.
    pub fn note_refusal(
        &mut self,
        token: usize,
        reason: Reason,
        object: &[u8],
        user: Option<&[u8]>,
    ) {
        self.stats.acl_denied[match reason {
            Reason::Refused(refused) => refused as usize,
            Reason::Auth => 3,
        }] += 1;
        let client = &self.clients[token];
        let entry = Entry {
            count: 1,
            reason,
            in_transaction: client.queue.is_some() || client.in_exec,
            object: object.to_vec(),
            user: user.unwrap_or(&client.user.name).to_vec(),
            at: Instant::now(),
            client: super::commands::client_line(client),
        };
        self.acl.journal.add(entry, self.settings.acl_log_max);
    }

    /// The client is looked at before the loop sleeps again.
    pub fn touch(&mut self, token: usize) {
        self.dirty.push(token);
    }

    /// The client's other requests are looked at in the next turn.
    pub fn goes_on(&mut self, token: usize) {
        let client = &mut self.clients[token];
        if !std::mem::replace(&mut client.goes_on, true) {
            self.later.push((token, client.id));
        }
    }

    pub fn has_later(&self) -> bool {
        !self.later.is_empty()
    }

    /// The turn of those who go on has come.
    pub fn take_later(&mut self) {
        for (token, id) in std::mem::take(&mut self.later) {
            if self.token_of(id) == Some(token) {
                self.clients[token].goes_on = false;
                self.touch(token);
            }
        }
    }

    /// Where a client is, if it is still there.
    pub fn token_of(&self, id: u64) -> Option<usize> {
        self.tokens.get(&id).copied()
    }

    /// Held commands go on.
    pub fn end_pause(&mut self) {
        self.pause = None;
        for (token, client) in &mut self.clients {
            if matches!(client.waiting, Some(Waiting::Pause)) {
                client.waiting = None;
                self.dirty.push(token);
            }
        }
    }

    /// Shows a client's command to those who hear all of them.
    pub fn monitor(&mut self, token: usize, row: &Row, args: &[&[u8]]) {
        let address = self.clients[token].address.clone();
        self.show(token, &address, row, args);
    }

    /// The same, of a command that a client's script has called.
    pub fn monitor_script(&mut self, token: usize, row: &Row, args: &[&[u8]]) {
        self.show(token, "lua", row, args);
    }

    fn show(&mut self, token: usize, address: &str, row: &Row, args: &[&[u8]]) {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let client = &self.clients[token];
        let mut line = format!(
            "+{}.{:06} [{} {}]",
            now.as_secs(),
            now.subsec_micros(),
            client.db,
            address
        );
        for (at, arg) in args.iter().enumerate() {
            line.push(' ');
            let arg = if redact::hides(row, args, at) {
                redact::INSTEAD
            } else {
                arg
            };
            line.push_str(&quoted(arg));
        }
        line.push_str("\r\n");
        for (token, client) in &mut self.clients {
            if client.is_monitor && !client.closing {
                client.pushed.bytes.extend_from_slice(line.as_bytes());
                self.dirty.push(token);
            }
        }
    }

    /// There is a new snapshot.
    pub fn saved(&mut self) {
        self.saved_at_unix_s = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
    }

    /// Memory and disk are looked at, a few times a second.
    pub fn look(&mut self, cache: &Embedded) {
        let status = cache.disk_status().unwrap_or_default();
        self.disk_error = status.error;
        if status.rewrites != self.saves {
            self.saves = status.rewrites;
            self.changes_at_save = cache.stats().changes;
            self.saved();
        }
        let used = cache.used_bytes() + cache.fixed_bytes();
        self.stats.used_bytes_peak = self.stats.used_bytes_peak.max(used);
        let now = Instant::now();
        let before = self.stats.looked_at.replace(now);
        if let Some(before) = before {
            let elapsed = now.duration_since(before).as_secs_f64().max(0.001);
            let commands = self.stats.commands - self.stats.commands_before;
            self.stats.commands_per_s = (commands as f64 / elapsed) as u64;
            let stats = &mut self.stats;
            let bytes = [stats.input_bytes, stats.output_bytes];
            for (at, (now, before)) in bytes.into_iter().zip(stats.bytes_before).enumerate() {
                stats.kilobytes_per_s[at] = (now - before) as f64 / 1024.0 / elapsed;
            }
            stats.bytes_before = bytes;
        }
        self.stats.commands_before = self.stats.commands;
    }
}

/// Bytes in double quotes, as Redis shows them.
pub fn quoted(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 2);
    text.push('"');
    for &byte in bytes {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b'"' => text.push_str("\\\""),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            7 => text.push_str("\\a"),
            8 => text.push_str("\\b"),
            b' '..=b'~' => text.push(char::from(byte)),
            other => text.push_str(&format!("\\x{other:02x}")),
        }
    }
    text.push('"');
    text
}

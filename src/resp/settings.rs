//! What `CONFIG GET` tells and `CONFIG SET` changes.

use std::collections::BTreeMap;
use std::time::Duration;

/// Settings with an effect here, and those that are only told.
pub struct Settings {
    pub max_clients: usize,
    /// Idle clients are closed after this; zero is never.
    pub timeout: Duration,
    /// Slower commands are kept; `None` keeps none.
    pub slower_than: Option<Duration>,
    pub slowlog_max: usize,
    /// More than this waiting for a subscriber closes it; 0 is no limit.
    pub hard_bytes: usize,
    /// More than this for `soft_for` closes it.
    pub soft_bytes: usize,
    pub soft_for: Duration,
    /// Told, and without effect.
    others: BTreeMap<&'static str, String>,
}

/// Settings that Redis has and that change nothing here, with what they say: clients ask for them,
/// and some set them.
const TOLD: &[(&str, &str)] = &[
    ("active-expire-effort", "1"),
    ("activedefrag", "no"),
    ("activerehashing", "yes"),
    ("acllog-max-len", "128"),
    ("auto-aof-rewrite-min-size", "1048576"),
    ("auto-aof-rewrite-percentage", "100"),
    ("close-on-oom", "yes"),
    ("databases", "16"),
    ("hash-max-listpack-entries", "512"),
    ("hash-max-listpack-value", "64"),
    ("hash-max-ziplist-entries", "512"),
    ("hash-max-ziplist-value", "64"),
    ("hll-sparse-max-bytes", "3000"),
    ("hz", "10"),
    ("io-threads", "1"),
    ("latency-monitor-threshold", "0"),
    ("latency-tracking", "yes"),
    ("lazyfree-lazy-eviction", "no"),
    ("lazyfree-lazy-expire", "no"),
    ("lazyfree-lazy-server-del", "no"),
    ("lazyfree-lazy-user-del", "no"),
    ("lazyfree-lazy-user-flush", "yes"),
    ("lfu-decay-time", "1"),
    ("lfu-log-factor", "10"),
    ("list-compress-depth", "0"),
    ("list-max-listpack-size", "-2"),
    ("list-max-ziplist-size", "-2"),
    ("loglevel", "notice"),
    ("lua-time-limit", "5000"),
    ("maxmemory-clients", "0"),
    ("maxmemory-samples", "5"),
    ("proto-max-bulk-len", "536870912"),
    ("protected-mode", "yes"),
    ("repl-backlog-size", "1048576"),
    ("save", ""),
    ("set-max-intset-entries", "512"),
    ("slave-read-only", "yes"),
    ("stop-writes-on-bgsave-error", "yes"),
    ("stream-node-max-bytes", "4096"),
    ("stream-node-max-entries", "100"),
    ("tcp-backlog", "1024"),
    ("tcp-keepalive", "300"),
    ("tracking-table-max-keys", "1000000"),
    ("unixsocket", ""),
    ("zset-max-listpack-entries", "128"),
    ("zset-max-listpack-value", "64"),
    ("zset-max-ziplist-entries", "128"),
    ("zset-max-ziplist-value", "64"),
];

/// Settings that cannot be changed while running.
const FIXED: &[&str] = &[
    "databases",
    "io-threads",
    "tcp-backlog",
    "unixsocket",
    "bind",
    "port",
    "dir",
    "appendonly",
    "protected-mode",
    "appendfsync",
];

/// Why a setting was not changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    #[error("ERR Unknown option or number of arguments for CONFIG SET - '{0}'")]
    Unknown(String),
    #[error(
        "ERR CONFIG SET failed (possibly related to argument '{0}') - can't set immutable config"
    )]
    Fixed(String),
    #[error("ERR CONFIG SET failed (possibly related to argument '{0}') - {1}")]
    Value(String, &'static str),
}

const NOT_A_NUMBER: &str = "argument couldn't be parsed into an integer";

impl Settings {
    pub fn new(max_clients: usize) -> Settings {
        Settings {
            max_clients,
            timeout: Duration::ZERO,
            slower_than: Some(Duration::from_millis(10)),
            slowlog_max: 128,
            hard_bytes: 32 << 20,
            soft_bytes: 8 << 20,
            soft_for: Duration::from_secs(60),
            others: TOLD
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
        }
    }

    /// All settings by name.
    pub fn all(&self) -> BTreeMap<&'static str, String> {
        let mut all = self.others.clone();
        let slower_us = self.slower_than.map_or(-1, |slow| slow.as_micros() as i64);
        let limits = format!(
            "normal 0 0 0 slave 268435456 67108864 60 pubsub {} {} {}",
            self.hard_bytes,
            self.soft_bytes,
            self.soft_for.as_secs()
        );
        all.extend([
            ("maxclients", self.max_clients.to_string()),
            ("timeout", self.timeout.as_secs().to_string()),
            ("slowlog-log-slower-than", slower_us.to_string()),
            ("slowlog-max-len", self.slowlog_max.to_string()),
            ("client-output-buffer-limit", limits),
        ]);
        all
    }

    /// Checks and changes one setting.
    pub fn set(&mut self, name: &[u8], value: &[u8]) -> Result<(), BadSetting> {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let value = String::from_utf8_lossy(value).into_owned();
        let bad = |why| BadSetting::Value(name.clone(), why);
        let number = || value.parse::<u64>().map_err(|_| bad(NOT_A_NUMBER));
        match name.as_str() {
            "maxclients" => match number()? {
                0 => return Err(bad("argument must be between 1 and 4294967295 inclusive")),
                clients => self.max_clients = clients as usize,
            },
            "timeout" => self.timeout = Duration::from_secs(number()?),
            "slowlog-max-len" => self.slowlog_max = number()? as usize,
            "slowlog-log-slower-than" => {
                let micros: i64 = value.parse().map_err(|_| bad(NOT_A_NUMBER))?;
                self.slower_than = u64::try_from(micros).ok().map(Duration::from_micros);
            }
            "client-output-buffer-limit" => self.set_limits(&value).map_err(bad)?,
            name if FIXED.contains(&name) => return Err(BadSetting::Fixed(name.to_owned())),
            name => match self.others.get_mut(name) {
                Some(told) => *told = value,
                None => return Err(BadSetting::Unknown(name.to_owned())),
            },
        }
        Ok(())
    }

    /// `class hard soft seconds`, several times; only that of subscribers has an effect.
    fn set_limits(&mut self, text: &str) -> Result<(), &'static str> {
        const EXPECTED: &str = "Wrong number of arguments in buffer limit configuration.";
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() || !words.len().is_multiple_of(4) {
            return Err(EXPECTED);
        }
        for limits in words.chunks(4) {
            if !["normal", "slave", "replica", "pubsub"].contains(&limits[0]) {
                return Err("Invalid client class specified in buffer limit configuration.");
            }
            let size = |text| {
                memory(text).ok_or(
                    "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
                )
            };
            let (hard, soft, seconds) = (size(limits[1])?, size(limits[2])?, size(limits[3])?);
            if limits[0] == "pubsub" {
                (self.hard_bytes, self.soft_bytes) = (hard as usize, soft as usize);
                self.soft_for = Duration::from_secs(seconds);
            }
        }
        Ok(())
    }
}

/// A size with an optional unit, as Redis writes them: `1gb`, `64mb`, `100`.
pub fn memory(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let factor = match text[digits..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(factor)
}

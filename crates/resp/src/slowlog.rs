//! Commands that took long.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last slow commands.
#[derive(Default)]
pub struct Slowlog {
    pub entries: VecDeque<Slow>,
    next_id: i64,
}

/// One of them.
pub struct Slow {
    pub id: i64,
    pub at_unix_s: u64,
    pub took: Duration,
    pub args: Vec<Vec<u8>>,
    pub address: String,
    pub name: Vec<u8>,
}

const MAX_ARGUMENTS: usize = 32;
const MAX_ARGUMENT_BYTES: usize = 128;

impl Slowlog {
    /// Keeps a command, shortened, and no more than `max` in all.
    pub fn add(&mut self, took: Duration, args: &[&[u8]], address: &str, name: &[u8], max: usize) {
        let kept = if args.len() > MAX_ARGUMENTS {
            MAX_ARGUMENTS - 1
        } else {
            args.len()
        };
        let mut short: Vec<Vec<u8>> = args[..kept].iter().map(|arg| shorten(arg)).collect();
        if kept < args.len() {
            short.push(format!("... ({} more arguments)", args.len() - kept).into_bytes());
        }
        self.entries.push_front(Slow {
            id: self.next_id,
            at_unix_s: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            took,
            args: short,
            address: address.to_owned(),
            name: name.to_vec(),
        });
        self.next_id += 1;
        self.entries.truncate(max);
    }
}

fn shorten(arg: &[u8]) -> Vec<u8> {
    if arg.len() <= MAX_ARGUMENT_BYTES {
        return arg.to_vec();
    }
    let mut short = arg[..MAX_ARGUMENT_BYTES].to_vec();
    short.extend(format!("... ({} more bytes)", arg.len() - MAX_ARGUMENT_BYTES).bytes());
    short
}

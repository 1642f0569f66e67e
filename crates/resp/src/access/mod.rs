//! Which arguments of a request are keys, and what is done with each.
mod specs;

use super::index::Row;
use super::number;
use super::table::{TELLS, WRITE, Writes};
use smallvec::SmallVec;
pub use specs::{SPECS, TIPS};

/// The value is only read, read and changed, replaced, removed.
pub const RO: u16 = 1;
pub const RW: u16 = 1 << 1;
pub const OW: u16 = 1 << 2;
pub const RM: u16 = 1 << 3;
/// Something of the value is told.
pub const ACCESS: u16 = 1 << 4;
pub const INSERT: u16 = 1 << 5;
pub const DELETE: u16 = 1 << 6;
pub const UPDATE: u16 = 1 << 7;
/// Not a key: a shard channel, which stands where a key would.
pub const NOT_KEY: u16 = 1 << 8;
/// It depends on the other arguments.
pub const VARIABLE: u16 = 1 << 9;

/// Flags as `COMMAND INFO` names them.
pub const FLAG_NAMES: &[(u16, &str)] = &[
    (RO, "RO"),
    (RW, "RW"),
    (OW, "OW"),
    (RM, "RM"),
    (ACCESS, "access"),
    (INSERT, "insert"),
    (DELETE, "delete"),
    (UPDATE, "update"),
    (NOT_KEY, "not_key"),
    (VARIABLE, "variable_flags"),
];

/// Where some of a command's keys stand.
#[derive(Debug)]
pub struct Spec {
    pub flags: u16,
    pub begin: Begin,
    pub find: Find,
}

/// Where to begin looking.
#[derive(Debug)]
pub enum Begin {
    At(i64),
    /// After a word, which stands there or later.
    After(&'static str, i64),
    /// Only the command itself knows.
    Elsewhere,
}

/// What to find from there on.
#[derive(Debug)]
pub enum Find {
    /// Until which (negative: from the end), how far from one to the next, and of which part of the
    /// rest (0: of all).
    Range(i64, i64, i64),
    /// Where a number stands, where the first of so many keys does, and the distance.
    Counted(i64, i64, i64),
    Unknown,
}

/// Positions of keys, with what is done with them.
pub type Keys = SmallVec<[(usize, u16); 4]>;

impl Row {
    /// The keys of a request. A request that makes no sense has none.
    pub fn accesses(&self, args: &[&[u8]]) -> Keys {
        let mut keys = Keys::new();
        if self.specs.is_empty() {
            return self.presumed(args);
        }
        for spec in &self.specs {
            if spec.flags & NOT_KEY != 0 {
                continue;
            }
            let flags = match spec.flags & VARIABLE {
                0 => spec.flags,
                _ => variable(self.command.name, args),
            };
            spec.find(args, flags, &mut keys);
        }
        if self.command.name == "sort" {
            // The last one counts.
            let mut places = (2..args.len().saturating_sub(1)).rev();
            let store = places.find(|&at| args[at].eq_ignore_ascii_case(b"STORE"));
            keys.extend(store.map(|at| (at + 1, OW | UPDATE)));
        }
        keys
    }

    /// Of a command that Redis does not have.
    fn presumed(&self, args: &[&[u8]]) -> Keys {
        let command = self.command;
        let positions = command.keys.positions(args);
        let last = positions.len().saturating_sub(1);
        let flags = |at: usize| {
            let written = match command.keys.writes {
                Writes::All => true,
                Writes::First => at == 0,
                Writes::Last => at == last,
            };
            match (command.has(WRITE) && written, command.has(TELLS)) {
                (true, true) => RW | ACCESS | UPDATE,
                (true, false) => RW | UPDATE,
                (false, _) => RO | ACCESS,
            }
        };
        let keys = positions.iter().enumerate();
        keys.map(|(at, &position)| (position, flags(at))).collect()
    }
}

impl Spec {
    fn find(&self, args: &[&[u8]], flags: u16, keys: &mut Keys) {
        let count = args.len() as i64;
        let first = match self.begin {
            Begin::At(at) => at,
            Begin::After(word, from) => {
                let word = word.as_bytes();
                let found = (from..count).find(|&at| args[at as usize].eq_ignore_ascii_case(word));
                match found {
                    Some(at) => at + 1,
                    None => return,
                }
            }
            Begin::Elsewhere => return,
        };
        let (first, last, step) = match self.find {
            Find::Range(last, step, _) if last >= 0 => (first, first + last, step),
            Find::Range(last, step, limit) if limit <= 1 => (first, count + last, step),
            Find::Range(last, step, limit) => (first, first + (count - first) / limit + last, step),
            Find::Counted(number, offset, step) => {
                let text = args.get((first + number) as usize);
                let Some(keys) = text.and_then(|text| number::integer(text)) else {
                    return;
                };
                let first = first + offset;
                if keys <= 0 || keys > count {
                    return;
                }
                (first, first + (keys - 1) * step, step)
            }
            Find::Unknown => return,
        };
        if last >= count {
            return;
        }
        let mut at = first;
        while at <= last {
            keys.push((at as usize, flags));
            at += step.max(1);
        }
    }
}

/// What SET and BITFIELD do depends on their options.
fn variable(name: &str, args: &[&[u8]]) -> u16 {
    let is = |at: usize, word: &str| {
        args.get(at)
            .is_some_and(|arg| arg.eq_ignore_ascii_case(word.as_bytes()))
    };
    if name == "set" {
        let tells = (3..args.len()).any(|at| is(at, "GET"));
        return if tells {
            RW | ACCESS | UPDATE
        } else {
            OW | UPDATE
        };
    }
    let mut at = 2;
    while at < args.len() {
        if is(at, "GET") {
            at += 3;
        } else {
            return RW | ACCESS | UPDATE;
        }
    }
    RO | ACCESS
}

//! What a row of the command table says: one place from which come the dispatcher's checks,
//! `COMMAND`, the ACL categories and the README's list.

use super::call::Call;
use super::failure::Answer;
use maru_cache::Txn;

/// One command, or one subcommand of it.
#[derive(Debug)]
pub struct Command {
    /// In lower case.
    pub name: &'static str,
    /// Arguments with the name (and the subcommand's): exactly so many, or at least `-arity`.
    pub arity: i32,
    pub flags: u32,
    pub keys: Keys,
    /// Categories that do not follow from the flags.
    pub categories: u32,
    /// The version of Redis that had it first.
    pub since: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Its arguments, as [`super::syntax`] reads them.
    pub syntax: &'static str,
    pub run: Run,
    pub subcommands: &'static [Command],
}

/// How a command is run.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// Needs no key: the connection, the server, messages.
    Plain(fn(&mut Call<'_>) -> Answer),
    /// In one atomic step on the keys that [`Command::keys`] finds, and only those.
    Keyed(fn(&mut Call<'_>, &mut Txn<'_>) -> Answer),
    /// In one atomic step on all keys of all databases.
    Everything(fn(&mut Call<'_>, &mut Txn<'_>) -> Answer),
    /// In one atomic step on keys that are found while it runs.
    OnDemand(fn(&mut Call<'_>, &mut Txn<'_>) -> Answer),
    /// On all keys of the database, one shard after the other, so that nobody waits for long; between
    /// MULTI and EXEC in the step on everything.
    Roaming {
        alone: fn(&mut Call<'_>) -> Answer,
        within: fn(&mut Call<'_>, &mut Txn<'_>) -> Answer,
    },
    /// Only its subcommands can be run.
    Subcommands,
}

/// Where a command's keys stand among its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    /// As `COMMAND INFO` tells it: first, last (negative: from the end), step.
    pub first: i16,
    pub last: i16,
    pub step: i16,
    /// Finds them where three numbers cannot; adds their positions. A request that makes no sense
    /// has no keys: the handler will say what is wrong.
    pub find: Option<Find>,
    pub writes: Writes,
}

/// Adds the positions of the keys of a request.
pub type Find = fn(&[&[u8]], &mut Positions);

/// Positions of keys among the arguments.
pub type Positions = smallvec::SmallVec<[usize; 8]>;

/// Which keys a writing command writes; the others it only reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    All,
    First,
    Last,
}

impl Keys {
    pub const NONE: Keys = Keys::range(0, 0, 0);
    /// One key, right after the name.
    pub const ONE: Keys = Keys::range(1, 1, 1);
    /// Two keys, right after the name.
    pub const TWO: Keys = Keys::range(1, 2, 1);
    /// All arguments are keys.
    pub const ALL: Keys = Keys::range(1, -1, 1);

    pub const fn range(first: i16, last: i16, step: i16) -> Keys {
        Keys {
            first,
            last,
            step,
            find: None,
            writes: Writes::All,
        }
    }

    /// Found by a function; `COMMAND INFO` shows what this range says.
    pub const fn found(self, find: Find) -> Keys {
        Keys {
            find: Some(find),
            ..self
        }
    }

    /// Which of them are written.
    pub const fn writing(self, writes: Writes) -> Keys {
        Keys { writes, ..self }
    }

    /// The positions in a request.
    pub fn positions(&self, args: &[&[u8]]) -> Positions {
        let mut found = Positions::new();
        if let Some(find) = self.find {
            find(args, &mut found);
        } else if self.first > 0 {
            let last = match self.last {
                last if last < 0 => args.len() as i64 + i64::from(last),
                last => i64::from(last),
            };
            let (mut at, step) = (i64::from(self.first), i64::from(self.step.max(1)));
            while at <= last && (at as usize) < args.len() {
                found.push(at as usize);
                at += step;
            }
        }
        found
    }
}

/// For [`Keys::found`]: a number of keys at `at`, then the keys.
pub fn counted(args: &[&[u8]], at: usize, found: &mut Positions) {
    let count = args.get(at).and_then(|text| super::number::integer(text));
    if let Some(count) = count
        && count > 0
        && count <= (args.len() - at - 1) as i64
    {
        found.extend(at + 1..=at + count as usize);
    }
}

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:expr, $text:literal;)*) => {
        $($(#[$doc])* pub const $name: u32 = 1 << $bit;)*
        /// Flags with the names that `COMMAND INFO` tells.
        pub const FLAG_NAMES: &[(u32, &str)] = &[$(($name, $text)),*];
    };
}

flags! {
    /// Changes keys.
    WRITE = 0, "write";
    /// Looks at keys only.
    READONLY = 1, "readonly";
    /// Refused when the memory limit is reached.
    DENYOOM = 2, "denyoom";
    ADMIN = 3, "admin";
    PUBSUB = 4, "pubsub";
    NOSCRIPT = 5, "noscript";
    /// May wait.
    BLOCKING = 6, "blocking";
    LOADING = 7, "loading";
    STALE = 8, "stale";
    SKIP_MONITOR = 9, "skip_monitor";
    SKIP_SLOWLOG = 10, "skip_slowlog";
    ASKING = 11, "asking";
    /// Constant or logarithmic time.
    FAST = 12, "fast";
    /// Also for strangers.
    NO_AUTH = 13, "no_auth";
    NO_ASYNC_LOADING = 14, "no_async_loading";
    /// Refused between MULTI and EXEC.
    NO_MULTI = 15, "no_multi";
    ALLOW_BUSY = 16, "allow_busy";
    NO_MANDATORY_KEYS = 17, "no_mandatory_keys";
    MOVABLEKEYS = 18, "movablekeys";
}
/// A writing command that also tells what its keys hold: who may only write may not run it. Not
/// shown.
pub const TELLS: u32 = 1 << 30;

/// Held back while writes are paused, though it changes no key. Not shown.
pub const MAY_REPLICATE: u32 = 1 << 29;

macro_rules! categories {
    ($($name:ident = $bit:expr, $text:literal;)*) => {
        /// ACL categories by name, in the order in which they are listed.
        pub const CATEGORY_NAMES: &[(u32, &str)] = &[$((category::$name, $text)),*];
        /// ACL categories.
        pub mod category {
            $(pub const $name: u32 = 1 << $bit;)*
        }
    };
}

categories! {
    KEYSPACE = 0, "keyspace";
    READ = 1, "read";
    WRITE = 2, "write";
    SET = 3, "set";
    SORTED_SET = 4, "sortedset";
    LIST = 5, "list";
    HASH = 6, "hash";
    STRING = 7, "string";
    BITMAP = 8, "bitmap";
    HYPERLOGLOG = 9, "hyperloglog";
    GEO = 10, "geo";
    STREAM = 11, "stream";
    PUBSUB = 12, "pubsub";
    ADMIN = 13, "admin";
    FAST = 14, "fast";
    SLOW = 15, "slow";
    BLOCKING = 16, "blocking";
    DANGEROUS = 17, "dangerous";
    CONNECTION = 18, "connection";
    TRANSACTION = 19, "transaction";
    SCRIPTING = 20, "scripting";
}

impl Command {
    /// A command on keys.
    pub const fn keyed(
        name: &'static str,
        arity: i32,
        flags: u32,
        keys: Keys,
        run: fn(&mut Call<'_>, &mut Txn<'_>) -> Answer,
    ) -> Command {
        Command::new(name, arity, flags, keys, Run::Keyed(run))
    }

    /// A command on keys that are found while it runs; some may be named.
    pub const fn on_demand(
        name: &'static str,
        arity: i32,
        flags: u32,
        keys: Keys,
        run: fn(&mut Call<'_>, &mut Txn<'_>) -> Answer,
    ) -> Command {
        Command::new(name, arity, flags, keys, Run::OnDemand(run))
    }

    /// A command on any and all keys.
    pub const fn everything(
        name: &'static str,
        arity: i32,
        flags: u32,
        run: fn(&mut Call<'_>, &mut Txn<'_>) -> Answer,
    ) -> Command {
        Command::new(name, arity, flags, Keys::NONE, Run::Everything(run))
    }

    /// A command that looks at all keys.
    pub const fn roaming(
        name: &'static str,
        arity: i32,
        flags: u32,
        alone: fn(&mut Call<'_>) -> Answer,
        within: fn(&mut Call<'_>, &mut Txn<'_>) -> Answer,
    ) -> Command {
        let run = Run::Roaming { alone, within };
        Command::new(name, arity, flags, Keys::NONE, run)
    }

    /// A command on no keys.
    pub const fn plain(
        name: &'static str,
        arity: i32,
        flags: u32,
        run: fn(&mut Call<'_>) -> Answer,
    ) -> Command {
        Command::new(name, arity, flags, Keys::NONE, Run::Plain(run))
    }

    /// A command that is nothing without a subcommand.
    pub const fn family(name: &'static str, subcommands: &'static [Command]) -> Command {
        let command = Command::new(name, -2, 0, Keys::NONE, Run::Subcommands);
        Command {
            subcommands,
            ..command
        }
    }

    const fn new(name: &'static str, arity: i32, flags: u32, keys: Keys, run: Run) -> Command {
        Command {
            name,
            arity,
            flags,
            keys,
            categories: 0,
            since: "1.0.0",
            summary: "",
            syntax: "",
            run,
            subcommands: &[],
        }
    }

    /// Adds subcommands to a command that can also be run without.
    pub const fn with(self, subcommands: &'static [Command]) -> Command {
        Command {
            subcommands,
            ..self
        }
    }

    /// Other keys than the constructor's (for commands on everything).
    pub const fn on(self, keys: Keys) -> Command {
        Command { keys, ..self }
    }

    /// Adds ACL categories beyond those of the flags.
    pub const fn of(self, categories: u32) -> Command {
        Command {
            categories: self.categories | categories,
            ..self
        }
    }

    /// Since when, and what it does.
    pub const fn says(self, since: &'static str, summary: &'static str) -> Command {
        Command {
            since,
            summary,
            ..self
        }
    }

    /// With which arguments.
    pub const fn written(self, syntax: &'static str) -> Command {
        Command { syntax, ..self }
    }

    pub const fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Whether a request of so many arguments can be this command.
    pub fn takes(&self, arguments: usize) -> bool {
        let arguments = arguments as i64;
        let arity = i64::from(self.arity);
        arguments == arity || (arity < 0 && arguments >= -arity)
    }

    /// All ACL categories.
    pub fn all_categories(&self) -> u32 {
        let mut all = self.categories;
        let scripting = all & category::SCRIPTING != 0;
        for (flag, category) in [
            (WRITE, category::WRITE),
            (READONLY, category::READ),
            (ADMIN, category::ADMIN | category::DANGEROUS),
            (PUBSUB, category::PUBSUB),
            (BLOCKING, category::BLOCKING),
        ] {
            if self.has(flag) && !(scripting && flag == READONLY) {
                all |= category;
            }
        }
        all | if self.has(FAST) {
            category::FAST
        } else {
            category::SLOW
        }
    }
}

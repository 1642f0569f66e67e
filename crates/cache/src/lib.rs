//! Keys with a time to live and publish/subscribe, in process and persistent.
//!
//! - [`Cache`]: what callers rely on, here or in another process; [`Embedded`] is the one here,
//!   [`Remote`] a Redis elsewhere, which several nodes share.
//! - [`Embedded::db`] and [`Txn`]: the same commands, synchronous, for hot paths and for doors that
//!   speak a wire protocol. Every command is a function of [`Txn`]; there is no second path.
//! - `shard` holds the keys, `keyspace` all shards, `remains` frees what was removed, `effect` is what the disk remembers of a write,
//!   `disk` keeps it; `pubsub` and `subscription` carry messages and touch no key.
//! - Time comes from [`Clock`] only.
mod clock;
mod commands;
mod contract;
mod disk;
mod door;
mod effect;
mod embedded;
mod error;
mod evict;
pub mod glob;
mod growing;
mod handle;
mod keyspace;
mod libraries;
mod notify;
mod observe;
mod pubsub;
mod remains;
mod remote;
mod saving;
mod shard;
mod slot;
mod stats;
mod subscription;
mod table;
mod tuning;
mod txn;
mod usage;
mod values;
mod watch;

pub use clock::{Clock, Frozen, ManualClock};
pub use commands::{Between, End, ExpireWhen, NewId, RankedOptions, RankedOutcome, at, slice};
pub use contract::{
    Answer, Cache, Condition, Creation, Lifetime, ScanPage, SetOptions, SetOutcome, Ttl,
};
pub use disk::{Cut, Damage, DiskStatus, Fsync, Gone, Survey, Surveyed, survey};
pub use door::Db;
pub use embedded::{Embedded, LoadReport, Options};
pub use error::{CacheError, OpenError};
pub use evict::Policy;
pub use handle::Handle;
pub use notify::Happenings;
pub use observe::{Changed, Changes};
pub use pubsub::Selector;
pub use remote::{Current, Entry, Remote, RemoteError, Tail};
pub use stats::Stats;
pub use subscription::{Closed, Limits, Publication, Subscription};
pub use txn::Txn;
pub use values::{
    Consumer, Fields, Group, Hash, Keep, List, Packing, Pending, Ranked, Set, Stream, StreamId,
    Trim, ValueType, float_text, parse_float, parse_integer,
};
pub use watch::Watch;

use clock::Deadline;

/// Databases are numbered from 0 to one less than this.
pub const DATABASES: u8 = 16;

/// The largest key and the largest value.
pub const MAX_ITEM_BYTES: usize = 512 << 20;

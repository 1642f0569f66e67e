//! Several nodes, one order.
//!
//! Redis orders, the nodes keep. A command is appended to the stream `maru:log`, whose ids are
//! `0-<seq>`; every node follows the stream into its own log, and applies it from there.
//!
//! - [`address`]: where the Redis is. `link`: one connection, nothing waits for long. [`keys`]: what
//!   is in it.
//! - [`stream`]: what is done with the stream, each in one step (`scripts`). `fitness`: what a Redis must be.
//! - [`RedisSequencer`]: a batch into the stream. `follower`: from the stream into the log, and
//!   what the stream has lost back into it. `judge`: is the stream what this node knows?
//! - [`members`]: who is here, and where they stand. `lacks`: what does not work between them. [`peer`], [`secret`] and `wire`: from node to node.
//! - [`enter`](mod@enter): may this data directory be a node of that cluster? `admission`: what do the
//!   others say to it? [`record`]: what it
//!   knows of it. [`join`]: a snapshot from another node. [`init`], [`repair`]: what a person does.
//!
//! Nobody appends who has not seen its own last entry where it was, in the epoch that it expects:
//! the script that appends looks itself. What was acknowledged is on the disk of the node that was
//! asked, so a Redis that lost something is told again by the node that has most.
pub mod address;
mod admission;
pub mod enter;
mod fitness;
mod follower;
mod hooks;
pub mod init;
pub mod join;
mod judge;
pub mod keys;
mod lacks;
mod link;
pub mod members;
pub mod peer;
pub mod record;
pub mod repair;
mod scripts;
pub mod secret;
mod sequencer;
mod shared;
pub mod stream;
mod wire;

pub use address::Address;
pub use enter::{EnterError, Entered, Options, enter};
pub use hooks::Hooks;
pub use lacks::Lack;
pub use link::{Fault, Link};
pub use members::{Peer, Word};
pub use secret::Secret;
pub use sequencer::RedisSequencer;
pub use shared::{Me, Position, Shared, Tip, Trouble};

/// Random, above 0 and small enough for JSON readers.
fn random() -> Result<u64, Fault> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|_| Fault::away("this machine gives no random numbers"))?;
    Ok((u64::from_le_bytes(bytes) >> 11).max(1))
}

/// A random name.
pub fn random_name() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| std::io::Error::other("no random numbers"))?;
    Ok(secret::hex(&bytes))
}

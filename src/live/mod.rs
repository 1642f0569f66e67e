//! Who hears what: the hub, catching up, presence.
//!
//! Events come in the log's order and leave in that order to every [`Subscriber`] that may hear
//! them, on threads of their own (`shard`). What was missed is read from the journal of events ([`past`]): a client that comes
//! back is put into the hub first, then reads what lies between its position and the hub's, and
//! hears the rest live: no gap, no double.
mod elsewhere;
pub mod hub;
pub mod kept;
pub mod packet;
pub mod past;
mod reading;
mod shard;
mod subscribers;
mod visit;

pub use elsewhere::{Elsewhere, Passing};
pub use hub::{Attached, Guard, Hub};
pub use kept::Lost;
pub use packet::Packet;
pub use past::{Missed, MissedError, Resync};
pub use subscribers::{Close, Subscriber};
pub use visit::{Recipients, Visited};

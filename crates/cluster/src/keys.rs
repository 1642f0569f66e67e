//! The names of everything that a cluster keeps in its Redis.

/// The stream: one entry for each position, `0-<seq>`, with one field.
pub const LOG: &str = "maru:log";
/// The field of an entry that holds the payload.
pub const FIELD: &str = "p";
/// The number of the epoch; nobody appends who expects another. Not a number while the stream is
/// being mended.
pub const EPOCH: &str = "maru:epoch";
/// Which cluster this is.
pub const CLUSTER: &str = "maru:cluster";
/// Held by the node that mends the stream.
pub const LOCK: &str = "maru:mending";
/// Hash of all nodes that were ever here, by name: the last that each said of itself.
pub const NODES: &str = "maru:nodes";
/// Held by the node that does what one node alone does.
pub const WORK: &str = "maru:work";
/// Channel of what passes without a log.
pub const SIGNALS: &str = "maru:signals";

/// A node's lease.
pub fn node(name: &str) -> String {
    format!("maru:node:{name}")
}

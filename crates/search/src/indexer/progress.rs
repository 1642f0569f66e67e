//! What the indexing thread and those who wait for it tell each other.

use crate::document::Position;
use maru_domain::Seq;

#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub stage: Stage,
    /// Queries see everything up to here.
    pub visible: Position,
    /// Somebody waits until this is visible.
    pub wanted: Seq,
    /// The source has news.
    pub notified: bool,
    /// A query came since the last rest.
    pub used: bool,
    /// Threads and memory were given back.
    pub resting: bool,
    /// The index is not to be trusted any more.
    pub distrusted: bool,
    pub stop: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Looks whether there is an index.
    #[default]
    Opening,
    /// Reads everything that was ever said. Queries see a part of it.
    Building,
    /// Keeps up with the log.
    Following,
}

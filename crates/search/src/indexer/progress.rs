//! What the indexing thread and those who wait for it tell each other.

use crate::document::Position;
use maru_domain::Seq;
use std::time::Instant;

#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub stage: Stage,
    /// When the build that goes on began.
    pub building_since: Option<Instant>,
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
    /// What is new cannot be read at the moment.
    pub paused: bool,
    /// The source has other own words than before.
    pub words_changed: bool,
    /// Somebody asked for a new generation.
    pub reindex: bool,
    /// A new generation is being built.
    pub behind: bool,
    /// It is built, and waits to take over.
    pub behind_is_done: bool,
    /// Which generation answers.
    pub generation: u64,
}

impl Progress {
    /// The index that answers is not the one that is wanted.
    pub fn is_renewing(&self) -> bool {
        self.words_changed || self.reindex || self.behind
    }
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

//! What is asked and what is found.

mod collect;
mod compile;
mod cursor;
mod documents;
mod initials;
mod marks;
mod matching;
mod membership;
mod memory;
mod narrow;
mod plan;
mod run;
mod spelling;
mod statistics;

pub use collect::{Columns, Filter};
pub use documents::{Found, documents};
pub use marks::Marker;
pub use plan::{Effort, Node, plan};
pub use run::run;
pub use statistics::PublicStatistics;

use super::document::Has;
use super::index::IndexError;
use maru_domain::{MessageId, RoomId, UserId};

/// Longer questions are refused (in characters).
pub const QUERY_CHARS: usize = 256;
/// Hits of a page at most.
pub const PAGE_HITS: usize = 100;

/// A question. All that is set must be true of a message.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words, and phrases in quotation marks. Never a language: any string is fine.
    pub text: String,
    pub room: Option<RoomId>,
    pub author: Option<UserId>,
    /// Naming this person.
    pub mentions: Option<UserId>,
    /// Only some of these.
    pub among: Option<Vec<MessageId>>,
    /// None of these may be there: words, or phrases in quotation marks.
    pub without: Vec<String>,
    /// Sent at or after this, in milliseconds since 1970.
    pub after_ms: Option<i64>,
    /// Sent before this.
    pub before_ms: Option<i64>,
    pub has: Has,
    pub sort: Sort,
    /// At most [`PAGE_HITS`]; more is taken as that many.
    pub limit: usize,
    /// Where the last page ended; from [`ResultPage::cursor`] of the same question.
    pub cursor: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The best first; among equals the newest.
    #[default]
    Relevance,
    Newest,
}

/// What the person who asks may read. Nothing else is counted, found or suggested.
#[derive(Clone, Debug, Default)]
pub struct Readable {
    /// All public rooms.
    pub public: bool,
    /// Private and direct rooms of which the person is a member.
    pub rooms: Vec<RoomId>,
}

/// A part of the answer.
#[derive(Debug)]
pub struct ResultPage {
    /// How many messages match, on all pages.
    pub total: u64,
    /// The best or newest first.
    pub hits: Vec<Hit>,
    /// Set when there is more.
    pub cursor: Option<String>,
    /// The index is still being built, or is behind: there may be more.
    pub partial: bool,
    /// What was looked for instead of what was typed, because that was found nowhere.
    pub interpreted_as: Option<String>,
    /// What was perhaps meant by what was typed, where that found little and this finds more.
    pub did_you_mean: Option<String>,
    /// Finds what matched in the text of a hit.
    pub marker: Marker,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    pub id: MessageId,
    /// Comparable within one question only. 0 when sorted by time.
    pub score: f32,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("a search has at most {QUERY_CHARS} characters")]
    TooLong,
    #[error("the cursor is not one of this search; start without it")]
    BadCursor,
    #[error("search is not available at the moment; it repairs itself, try again in a while")]
    Unavailable(#[source] IndexError),
}

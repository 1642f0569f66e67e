//! What goes into the index, and who it comes from.

use maru_domain::{MessageId, OwnWord, RoomId, Seq, UserId};
use std::borrow::Cow;
use std::io;
use std::str::FromStr;
use std::sync::Arc;

/// A message as search knows it.
#[derive(Clone, Debug)]
pub struct Doc {
    pub id: MessageId,
    pub room: RoomId,
    pub author: UserId,
    /// Everybody in the house may read the room.
    pub public: bool,
    /// Milliseconds since 1970.
    pub sent_at_ms: i64,
    pub text: Arc<str>,
    /// What cannot be seen in the text. Links are added from it.
    pub has: Has,
    /// Who is named in it.
    pub mentions: Vec<UserId>,
    /// Names of its files, under which it is found, too.
    pub files: Vec<String>,
}

impl Doc {
    /// What is said, and the names of the files, whose words are written with other signs between
    /// them.
    pub fn searched(&self) -> Cow<'_, str> {
        if self.files.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        let mut all = self.text.to_string();
        for name in &self.files {
            all.push('\n');
            all.push_str(&name.replace(['_', '-', '.', '+', '(', ')', '[', ']'], " "));
        }
        Cow::Owned(all)
    }
}

/// One step from the index of a moment ago to the index of now.
#[derive(Clone, Debug)]
pub enum Change {
    /// A message as it is now, new or edited.
    Put(Doc),
    Delete(MessageId),
    /// The room and everything said in it.
    DeleteRoom(RoomId),
}

/// What a message carries beside words, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Has(pub u8);

impl Has {
    pub const NOTHING: Has = Has(0);
    pub const FILE: Has = Has(1);
    pub const LINK: Has = Has(2);
    pub const REACTION: Has = Has(4);
    pub const PIN: Has = Has(8);
    pub const MENTION: Has = Has(16);
    pub const REPLY: Has = Has(32);
    /// A file that is a picture.
    pub const IMAGE: Has = Has(64);
    /// It began a thread, or is a reply in one.
    pub const THREAD: Has = Has(128);

    pub fn and(self, other: Has) -> Has {
        Has(self.0 | other.0)
    }

    pub fn all_of(self, wanted: Has) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

impl FromStr for Has {
    type Err = UnknownFeature;

    /// One name, or several with commas: all of them are wanted.
    fn from_str(text: &str) -> Result<Has, UnknownFeature> {
        let name = |name: &str| match name.trim() {
            "file" => Ok(Has::FILE),
            "image" => Ok(Has::IMAGE),
            "link" => Ok(Has::LINK),
            "reaction" => Ok(Has::REACTION),
            "pin" => Ok(Has::PIN),
            "mention" => Ok(Has::MENTION),
            "reply" => Ok(Has::REPLY),
            "thread" => Ok(Has::THREAD),
            _ => Err(UnknownFeature),
        };
        let mut names = text.split(',').filter(|n| !n.trim().is_empty()).map(name);
        names.try_fold(Has::NOTHING, |all, one| Ok(all.and(one?)))
    }
}

/// The name of something that no message has.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`has` is file, image, link, reaction, pin, mention, reply or thread")]
pub struct UnknownFeature;

/// How far a reader of the log came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Of the log: another epoch, another history.
    pub epoch: u64,
    pub seq: Seq,
}

/// Where the index learns what was said. The index pulls, so a burst of messages waits in the
/// source and not in a queue.
///
/// All of it is called from the indexing thread, except [`DocumentSource::head`], which every query
/// calls and which must be cheap.
pub trait DocumentSource: Send + Sync + 'static {
    /// The last position whose changes can be read, at least that of every acknowledged message.
    fn head(&self) -> Position;

    /// The changes of the entries after `after`, in order, of about `max` entries.
    /// Entries that mean nothing to search may be left out, but `upto` passes them.
    fn changes_since(&self, after: Position, max: usize) -> io::Result<Step>;

    /// The server's own words. [`Search::words_changed`](super::Search::words_changed) says that
    /// there are others.
    fn words(&self) -> io::Result<Vec<OwnWord>> {
        Ok(Vec::new())
    }

    /// Every message that there is, and the position at which that is true. Any order.
    fn everything(&self) -> io::Result<(Position, Documents)>;
}

/// Every message, one by one.
pub type Documents = Box<dyn Iterator<Item = io::Result<Doc>> + Send>;

/// An answer of [`DocumentSource::changes_since`].
pub enum Step {
    Changes {
        changes: Vec<Change>,
        /// All changes up to here are told. Equal to `after`: there is nothing new.
        upto: Position,
    },
    /// The changes after that position are not kept any more, or it is of another history.
    /// The index is built anew.
    Gone,
}

//! Where a page ended, and the figures that its scores were made with.
//!
//! Scores depend on how often words occur, which every new message changes. The first page's
//! figures travel with the cursor, so the following pages rank the same messages the same way.

use super::{Query, SearchError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};

const VERSION: u8 = 4;
/// A longer string is no cursor.
const MAX_BYTES: usize = 4096;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    version: u8,
    /// Which question it belongs to.
    question: u64,
    pub pins: Pins,
    /// Of the last hit.
    pub after: (u64, u64),
}

/// How a question is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attempt {
    #[default]
    Strict,
    /// Two nouns as one compound.
    Compound,
    Loose,
    Fewer,
    /// As typed on the other layout of the keyboard.
    OtherLayout,
    /// With the nearest words in place of unknown ones.
    Corrected,
    /// As on the other layout, also inside of longer words.
    OtherLayoutFewer,
}

/// What the first page saw.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pins {
    /// Later messages are of no concern.
    pub upto_id: u64,
    /// For the newness of a message.
    pub as_of_ms: i64,
    /// How the question was taken.
    pub attempt: Attempt,
    /// What was looked for, where that is not what was typed.
    pub interpreted_as: Option<String>,
    /// Public messages.
    pub docs: u64,
    /// Public messages with each term of the question, in the order of its terms.
    pub frequencies: Vec<u64>,
}

impl Cursor {
    pub fn new(query: &Query, pins: Pins, after: (u64, u64)) -> Cursor {
        Cursor {
            version: VERSION,
            question: fingerprint(query),
            pins,
            after,
        }
    }

    pub fn encode(&self) -> String {
        let bytes = rmp_serde::to_vec(self).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads the cursor of a question. Whatever it says can be false, but not harmful.
    pub fn decode(text: &str, query: &Query) -> Result<Cursor, SearchError> {
        let bad = || SearchError::BadCursor;
        if text.len() > MAX_BYTES {
            return Err(bad());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
        let cursor: Cursor = rmp_serde::from_slice(&bytes).map_err(|_| bad())?;
        let pins = &cursor.pins;
        let sound = cursor.version == VERSION
            && cursor.question == fingerprint(query)
            && pins.docs > 0
            && pins.frequencies.iter().all(|f| *f <= pins.docs);
        sound.then_some(cursor).ok_or_else(bad)
    }
}

fn fingerprint(query: &Query) -> u64 {
    let mut hash = DefaultHasher::new();
    (&query.text, query.room, query.author).hash(&mut hash);
    (query.mentions, &query.without, query.among.is_some()).hash(&mut hash);
    (query.after_ms, query.before_ms, query.has, query.sort).hash(&mut hash);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_of_one_question() {
        let query = Query {
            text: "마루".into(),
            ..Query::default()
        };
        let pins = Pins {
            docs: 3,
            frequencies: vec![1, 2],
            ..Pins::default()
        };
        let text = Cursor::new(&query, pins.clone(), (7, 8)).encode();
        let read = Cursor::decode(&text, &query).expect("ours");
        assert_eq!((read.pins, read.after), (pins, (7, 8)));
        let other = Query {
            text: "다락".into(),
            ..Query::default()
        };
        for (text, query) in [
            (&text[..], &other),
            ("", &query),
            ("%%", &query),
            (&text[2..], &query),
        ] {
            assert!(matches!(
                Cursor::decode(text, query),
                Err(SearchError::BadCursor)
            ));
        }
    }

    #[test]
    fn refuses_figures_that_cannot_be() {
        let query = Query::default();
        let pins = Pins {
            docs: 1,
            frequencies: vec![2],
            ..Pins::default()
        };
        let text = Cursor::new(&query, pins, (0, 0)).encode();
        assert!(Cursor::decode(&text, &query).is_err());
    }
}

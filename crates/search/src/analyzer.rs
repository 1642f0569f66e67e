//! What a text says, as words to look up.
//!
//! Nouns, stems of verbs and adjectives (with 다, as a dictionary has them), adverbs, foreign
//! words, numbers; compounds whole and in parts. Particles, endings and punctuation only take a
//! place. The same for messages and for queries.

mod letters;
mod morphemes;
mod own;
mod senses;
pub mod tables;

pub use letters::{Letter, is_pictograph, letters};
pub use senses::{COUNTED, JOINED, MODIFIER, symbol_terms};

use super::normal::Normal;
use lindera::segmenter::Segmenter;
use maru_dictionary as dictionary;
use maru_domain::OwnWord;
use morphemes::{Morpheme, Morphemes};
use own::Asking;
use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The rules that are code. Grows when the same text gives other words.
const RULES: u64 = 7;

/// Before a verb that only helps another one: 보다 of 먹어 보다 is not 보다.
pub const AUXILIARY: char = '~';

/// A word at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub term: String,
    pub kind: WordKind,
    /// Bytes of the original text.
    pub start: u32,
    pub end: u32,
    /// Counts morphemes, dropped ones included.
    pub position: u32,
    /// How many positions the word covers: more than one for a compound whose parts follow.
    pub span: u32,
    /// Which run of text between spaces it stands in.
    pub run: u32,
    /// A word of two letters or more that the dictionary knows, and no name.
    pub settled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordKind {
    /// Also foreign words, numbers, roots and what the dictionary does not know.
    Noun,
    Verb,
    Adverb,
    /// Says little beside others: `것`, `이`, `있다`.
    Weak,
    /// ㅋㅋ, ㅠㅠ, emoji.
    Mood,
}

/// Two letters that may be a word, or the start of one, which the dictionary does not see here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub term: String,
    pub start: u32,
    pub end: u32,
}

/// Everything that is looked up of one text.
#[derive(Debug, Default)]
pub struct Analysis {
    pub words: Vec<Word>,
    /// The words and what they may stand for, sorted, each once.
    pub senses: BTreeSet<String>,
    pub pairs: Vec<Pair>,
}

/// Dictionary, own words and rules: the same for an index and for what is asked of it.
#[derive(Clone)]
pub struct Analyzer {
    cut: Arc<Cut>,
    asking: Arc<Asking>,
}

/// How texts are cut.
struct Cut {
    segmenter: Segmenter,
    /// Those of the own words that it was made with, sorted.
    words: Vec<OwnWord>,
    stems: HashSet<String>,
    hash: u64,
}

impl Analyzer {
    /// With the server's own words.
    pub fn new(words: &[OwnWord]) -> Analyzer {
        let cut = Cut::new(own::dictionary_words(words));
        Analyzer {
            cut: Arc::new(cut),
            asking: Arc::new(Asking::new(words)),
        }
    }

    /// Without any.
    pub fn plain() -> Arc<Analyzer> {
        static PLAIN: OnceLock<Arc<Analyzer>> = OnceLock::new();
        let plain = PLAIN.get_or_init(|| Arc::new(Analyzer::new(&[])));
        plain.clone()
    }

    /// Cuts as this one, and takes words for one another as the other does.
    pub fn asking_as(&self, other: &Analyzer) -> Analyzer {
        Analyzer {
            cut: self.cut.clone(),
            asking: other.asking.clone(),
        }
    }

    /// Two with the same hash cut every text the same way.
    pub fn hash(&self) -> u64 {
        self.cut.hash
    }

    /// The own words that decide how texts are cut.
    pub fn words(&self) -> &[OwnWord] {
        &self.cut.words
    }

    /// Whether this is the stem of a verb or adjective.
    pub fn is_stem(&self, text: &str) -> bool {
        self.cut.stems.contains(text) || dictionary::is_stem(text)
    }

    /// What the server takes for nearly the same.
    pub fn synonyms(&self, word: &str) -> &[String] {
        self.asking.synonyms(word)
    }

    /// Whether a word need not be there.
    pub fn is_stop(&self, word: &str) -> bool {
        self.asking.is_stop(word)
    }

    /// Analyses a text of any length and content.
    pub fn analyze(&self, text: &str) -> Analysis {
        let normal = Normal::of(text);
        let morphemes = Morphemes::of(&normal.text, &self.cut);
        Analysis {
            words: words(&normal, &morphemes),
            senses: senses::senses(&normal.text, &morphemes),
            pairs: pairs(&normal, &morphemes),
        }
    }
}

/// A morpheme as it stands in a text, particles and endings too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub tag: String,
    /// What it is looked up as.
    pub term: Option<String>,
    /// Bytes of the text.
    pub start: u32,
    pub end: u32,
    pub own: bool,
}

impl Analyzer {
    /// The morphemes of a text, in order.
    pub fn cut(&self, text: &str) -> Vec<Piece> {
        let normal = Normal::of(text);
        let morphemes = Morphemes::of(&normal.text, &self.cut);
        let pieces = morphemes.tokens.iter().map(|token| {
            let whole = &token.whole;
            let (start, end) = normal.place(whole.start, whole.end);
            let parts = token.parts.iter();
            let term = if token.is_word_itself() || token.parts.is_empty() {
                whole.meaning()
            } else {
                parts.filter_map(Morpheme::meaning).next()
            };
            Piece {
                text: whole.text.clone(),
                tag: whole.tag.clone(),
                term: term.map(|(term, _)| term),
                start,
                end,
                own: token.own,
            }
        });
        pieces.collect()
    }
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Analyzer({:016x})", self.cut.hash)
    }
}

impl Cut {
    fn new(words: Vec<OwnWord>) -> Cut {
        let mut entries: Vec<dictionary::Entry> = words.iter().flat_map(own::entries).collect();
        entries.sort_unstable();
        entries.dedup();
        let segmenter = dictionary::segmenter_with(&entries).unwrap_or_else(|| {
            tracing::error!("the own words make no dictionary; texts are cut without them");
            dictionary::segmenter().clone()
        });
        let mut hash = Hash::new();
        hash.number(RULES);
        hash.number(dictionary::fingerprint());
        tables::all().iter().for_each(|table| hash.text(table));
        for entry in &entries {
            hash.text(&entry.surface);
            hash.text(entry.tag);
            hash.text(&entry.parts);
        }
        Cut {
            segmenter,
            stems: own::stems(&words),
            words,
            hash: hash.0,
        }
    }
}

/// FNV-1a: the same on every machine and in every version.
struct Hash(u64);

impl Hash {
    fn new() -> Hash {
        Hash(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }
}

fn words(normal: &Normal, morphemes: &Morphemes) -> Vec<Word> {
    let mut words = Vec::new();
    let mut position = 0;
    for token in &morphemes.tokens {
        let mut add = |m: &Morpheme, position: u32, span: u32| {
            let Some((term, kind)) = m.meaning() else {
                return;
            };
            let (start, end) = normal.place(m.start, m.end);
            words.push(Word {
                term,
                kind,
                start,
                end,
                position,
                span,
                run: token.run,
                settled: token.is_settled_word(),
            });
        };
        let parts = match &token.parts[..] {
            [] => token.split_latin(normal),
            parts => parts.to_vec(),
        };
        let span = parts.len().max(1) as u32;
        if parts.is_empty() || token.is_word_itself() {
            add(&token.whole, position, span);
        }
        for (part, at) in parts.iter().zip(position..) {
            add(part, at, 1);
        }
        position += span;
    }
    words
}

/// Neighbouring letters, except where the dictionary knows better: inside a word that it has as
/// it stands, and across two words that it has.
fn pairs(normal: &Normal, morphemes: &Morphemes) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut tokens = morphemes.tokens.iter().peekable();
    let mut previous: Option<(Letter, &morphemes::Token)> = None;
    for letter in letters(&normal.text) {
        while tokens.next_if(|t| t.whole.end <= letter.start).is_some() {}
        let token = tokens.peek().filter(|t| t.whole.start <= letter.start);
        if let (Some((before, its_token)), Some(token)) = (previous, token)
            && !letter.after_gap
            && !its_token.excludes(token)
            && !its_token.is_family_name_and(token, before.start)
            && (is_korean(before.c) || is_korean(letter.c))
        {
            let (start, end) = normal.place(before.start, letter.end);
            pairs.push(Pair {
                term: [before.c, letter.c].iter().collect(),
                start,
                end,
            });
        }
        previous = token.map(|t| (letter, *t));
    }
    pairs
}

fn is_korean(c: char) -> bool {
    matches!(c, '가'..='힣')
}

#[cfg(test)]
mod tests;

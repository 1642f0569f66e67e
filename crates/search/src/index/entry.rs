//! A message as the index takes it.

use super::Fields;
use super::grams::grams_in_order;
use super::terms::{END, at_positions, in_order};
use crate::analyzer::{Analysis, Word, WordKind};
use crate::document::{Doc, Has};
use tantivy::TantivyDocument;

/// What a message has, with what its text shows.
pub fn features(doc: &Doc) -> Has {
    if doc.text.contains("http://") || doc.text.contains("https://") {
        doc.has.and(Has::LINK)
    } else {
        doc.has
    }
}

pub fn entry(fields: &Fields, doc: &Doc, analysis: Analysis) -> TantivyDocument {
    let grams = grams_in_order(&doc.searched(), &analysis.pairs, END);
    let Analysis { words, senses, .. } = analysis;
    let mut entry = TantivyDocument::default();
    entry.add_u64(fields.id, doc.id.0);
    entry.add_u64(fields.room, doc.room.0);
    entry.add_u64(fields.author, doc.author.0);
    if doc.public {
        entry.add_u64(fields.public, 1);
    }
    entry.add_i64(fields.sent_at_ms, doc.sent_at_ms);
    for person in &doc.mentions {
        entry.add_u64(fields.mentions, person.0);
    }
    let has = u64::from(features(doc).0);
    let readable = if doc.public { Fields::PUBLIC } else { 0 };
    entry.add_u64(fields.has, has | readable);
    entry.add_text(fields.grams, grams);
    for noun in nouns(&words) {
        entry.add_text(fields.nouns, noun);
    }
    if doc.public {
        entry.add_text(fields.public_senses, in_order(&senses));
    }
    entry.add_text(fields.senses, in_order(&senses));
    let words = words.iter().filter(|word| says_something(word));
    let words = words.map(|word| (&word.term, word.position));
    entry.add_text(fields.words, at_positions(words));
    entry
}

/// Whether a word is looked for at its place.
pub fn says_something(word: &Word) -> bool {
    !matches!(word.kind, WordKind::Weak | WordKind::Mood)
}

/// What a message is about: its nouns of two letters or more, each once.
pub fn nouns(words: &[Word]) -> Vec<&str> {
    let nouns = words
        .iter()
        .filter(|w| w.kind == WordKind::Noun && w.term.chars().nth(1).is_some());
    let mut nouns: Vec<&str> = nouns.map(|w| &w.term[..]).collect();
    nouns.sort_unstable();
    nouns.dedup();
    nouns
}

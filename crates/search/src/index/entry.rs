//! A message as the index takes it.

use super::Fields;
use super::grams::grams;
use crate::analyzer::{Analysis, Kind, Word};
use crate::document::{Doc, Has};
use tantivy::TantivyDocument;
use tantivy::tokenizer::{PreTokenizedString, Token};

/// What a message has, with what its text shows.
pub fn features(doc: &Doc) -> Has {
    if doc.text.contains("http://") || doc.text.contains("https://") {
        doc.has.and(Has::LINK)
    } else {
        doc.has
    }
}

pub fn entry(fields: &Fields, doc: &Doc, analysis: Analysis) -> TantivyDocument {
    let grams = grams(&doc.searched(), &analysis.pairs);
    let Analysis { words, senses, .. } = analysis;
    let mut entry = TantivyDocument::default();
    entry.add_u64(fields.id, doc.id.0);
    entry.add_u64(fields.room, doc.room.0);
    entry.add_u64(fields.author, doc.author.0);
    entry.add_u64(fields.audience, if doc.public { 0 } else { doc.room.0 });
    entry.add_i64(fields.sent_at_ms, doc.sent_at_ms);
    for person in &doc.mentions {
        entry.add_u64(fields.mentions, person.0);
    }
    let has = features(doc);
    entry.add_u64(fields.has, u64::from(has.0));
    entry.add_pre_tokenized_text(fields.grams, tokenized(grams.into_iter().zip(0..)));
    for noun in nouns(&words) {
        entry.add_text(fields.nouns, noun);
    }
    if doc.public {
        let all = senses.iter().cloned().zip(0..);
        entry.add_pre_tokenized_text(fields.public_senses, tokenized(all));
    }
    entry.add_pre_tokenized_text(fields.senses, tokenized(senses.into_iter().zip(0..)));
    let words = words.into_iter().filter(says_something);
    let words = words.map(|w| (w.term, w.position as usize));
    entry.add_pre_tokenized_text(fields.words, tokenized(words));
    entry
}

/// Whether a word is looked for at its place.
pub fn says_something(word: &Word) -> bool {
    !matches!(word.kind, Kind::Weak | Kind::Mood)
}

/// What a message is about: its nouns of two letters or more, each once.
pub fn nouns(words: &[Word]) -> Vec<&str> {
    let nouns = words
        .iter()
        .filter(|w| w.kind == Kind::Noun && w.term.chars().nth(1).is_some());
    let mut nouns: Vec<&str> = nouns.map(|w| &w.term[..]).collect();
    nouns.sort_unstable();
    nouns.dedup();
    nouns
}

fn tokenized(terms: impl Iterator<Item = (String, usize)>) -> PreTokenizedString {
    let token = |(text, position)| Token {
        text,
        position,
        ..Token::default()
    };
    PreTokenizedString {
        text: String::new(),
        tokens: terms.map(token).collect(),
    }
}

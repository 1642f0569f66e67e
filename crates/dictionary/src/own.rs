//! Entries of one's own beside the embedded dictionary.

use super::segmenter;
use lindera::segmenter::Segmenter;
use lindera_dictionary::builder::user_dictionary::UserDictionaryBuilderOptions;
use std::fmt::Write;

/// Columns of an entry: surface, two contexts, cost, tag, parts.
const COLUMNS: usize = 6;
/// What a syllable of an own word is worth: more than any that the dictionary has.
const SYLLABLE_COST: i32 = -1_500;
/// One syllable is a part of too many words.
const ONE_SYLLABLE_COST: i32 = 500;
const LEAST_COST: i32 = -20_000;

/// A word, or one form of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Letters and digits, folded.
    pub surface: String,
    pub tag: &'static str,
    /// Its parts, as the dictionary writes them: `=2/NNG+1/NNG`, `쩔/VV+ㄴ/ETM`, or nothing.
    pub parts: String,
    /// A word of the dictionary with this tag that stands beside others as this one does.
    pub like: &'static str,
}

/// The dictionary with these entries. `None`: lindera does not take them.
pub fn segmenter_with(entries: &[Entry]) -> Option<Segmenter> {
    let base = segmenter();
    if entries.is_empty() {
        return Some(base.clone());
    }
    let mut rows = String::new();
    for entry in entries {
        // A word that is like nothing cannot be placed beside others.
        let Some((left, right)) = contexts(entry) else {
            continue;
        };
        let syllables = entry.surface.chars().count() as i32;
        let cost = match syllables {
            1 => ONE_SYLLABLE_COST,
            _ => (SYLLABLE_COST * syllables).max(LEAST_COST),
        };
        let Entry {
            surface,
            tag,
            parts,
            ..
        } = entry;
        writeln!(rows, "{surface},{left},{right},{cost},{tag},{parts}").ok()?;
    }
    let builder = UserDictionaryBuilderOptions::default()
        .dictionary_fields_num(COLUMNS)
        .builder();
    let own = builder.build_from_reader(rows.as_bytes()).ok()?;
    let dictionary = base.dictionary.clone();
    Some(
        Segmenter::new(base.mode.clone(), dictionary, Some(own))
            .max_grouping_len(base.max_grouping_len),
    )
}

/// Whether the dictionary has such a word with such a tag, for others to be like it.
pub fn is_known_as(surface: &str, tag: &str) -> bool {
    contexts_of(surface, tag).is_some()
}

/// The contexts of the word that this one is like.
fn contexts(entry: &Entry) -> Option<(u32, u32)> {
    contexts_of(entry.like, entry.tag)
}

fn contexts_of(surface: &str, tag: &str) -> Option<(u32, u32)> {
    let dictionary = &segmenter().dictionary;
    let mut known = dictionary.prefix_dictionary.find_surface_iter(surface);
    let alike = known.find(|known| {
        let mut details = dictionary.word_details_iter(known.word_id().id() as usize);
        details.next() == Some(tag)
    });
    alike.map(|known| (known.left_id(), known.right_id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_words_are_seen() {
        let entry = |surface: &str, tag, like| Entry {
            surface: surface.to_owned(),
            tag,
            parts: String::new(),
            like,
        };
        let entries = [
            entry("갓생", "NNG", "일정"),
            entry("마루톡", "NNP", "서울"),
            entry("킹받", "VV", "먹"),
        ];
        let segmenter = segmenter_with(&entries).expect("taken");
        let mut worker = segmenter.new_worker();
        for (text, expected) in [
            ("갓생을 살자", "갓생 을 살 자"),
            ("마루톡에서 킹받는다", "마루톡 에서 킹받 는다"),
        ] {
            let tokens = worker.segment(text).expect("cut");
            let cut: Vec<&str> = tokens.iter().map(|token| &*token.surface).collect();
            assert_eq!(cut.join(" "), expected);
        }
    }
}

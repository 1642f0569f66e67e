//! The server's own words: as entries of the dictionary, and as what a question takes for one.

use crate::hangul;
use maru_dictionary::Entry;
use maru_domain::{OwnWord, PartOfSpeech};
use std::collections::{HashMap, HashSet};

/// Own words that change how a text is cut, sorted.
pub fn dictionary_words(words: &[OwnWord]) -> Vec<OwnWord> {
    let cut = words.iter().filter(|word| word.pos.is_some());
    let mut cut: Vec<OwnWord> = cut
        .map(|word| OwnWord {
            synonyms: Vec::new(),
            stop: false,
            ..word.clone()
        })
        .collect();
    cut.sort_unstable();
    cut.dedup();
    cut
}

/// The entries of the dictionary that a word makes: the word itself, or the forms of a verb.
pub fn entries(word: &OwnWord) -> Vec<Entry> {
    let key = OwnWord::key(&word.word);
    let Some(pos) = word.pos else {
        return Vec::new();
    };
    match pos {
        // Letters in a row are one word without any help.
        PartOfSpeech::Noun | PartOfSpeech::Name if key.chars().all(|c| c.is_ascii_alphabetic()) => {
            Vec::new()
        }
        PartOfSpeech::Noun => vec![plain(key, "NNG", ["회의", "일정"], &word.parts)],
        PartOfSpeech::Name => vec![plain(key, "NNP", ["제주", "서울"], &word.parts)],
        PartOfSpeech::Adverb => vec![plain(key, "MAG", ["매우", "정말"], &[])],
        PartOfSpeech::Verb => verb(&key, &VERB),
        PartOfSpeech::Adjective => verb(&key, &ADJECTIVE),
    }
}

fn plain(key: String, tag: &'static str, like: [&'static str; 2], parts: &[String]) -> Entry {
    let lengths = parts.iter().map(|part| OwnWord::key(part).chars().count());
    let parts: Vec<String> = lengths.map(|count| format!("{count}/{tag}")).collect();
    let closed = key.chars().next_back().is_some_and(hangul::has_final);
    Entry {
        surface: key,
        tag,
        parts: if parts.is_empty() {
            String::new()
        } else {
            format!("={}", parts.join("+"))
        },
        like: like[usize::from(closed)],
    }
}

/// Tags of a kind of verb, each with a form of the dictionary that has it.
struct Paradigm {
    stem: (&'static str, &'static str),
    root: (&'static str, [&'static str; 2]),
    connected: (&'static str, &'static str),
    past: (&'static str, &'static str),
    before_noun: (&'static str, &'static str),
    as_noun: (&'static str, &'static str),
    polite: (&'static str, &'static str),
}

const VERB: Paradigm = Paradigm {
    stem: ("VV", "달리"),
    root: ("NNG", ["회의", "시작"]),
    connected: ("VV+EC", "달려"),
    past: ("VV+EP", "달렸"),
    before_noun: ("VV+ETM", "달린"),
    as_noun: ("VV+ETN", "달림"),
    polite: ("VV+EF", "달립니다"),
};

const ADJECTIVE: Paradigm = Paradigm {
    stem: ("VA", "느리"),
    root: ("XR", ["고요", "깨끗"]),
    connected: ("VA+EC", "느려"),
    past: ("VA+EP", "느렸"),
    before_noun: ("VA+ETM", "느린"),
    as_noun: ("VA+ETN", "느림"),
    polite: ("VA+EC", "느려"),
};

/// `갈무리하다` by its noun; any other verb in the forms that its stem takes.
fn verb(key: &str, paradigm: &Paradigm) -> Vec<Entry> {
    let Some(stem) = key.strip_suffix('다').filter(|stem| !stem.is_empty()) else {
        return Vec::new();
    };
    let root = stem.strip_suffix(['하', '되', '당']);
    if let Some(root) = root.filter(|root| root.chars().nth(1).is_some()) {
        let (tag, like) = paradigm.root;
        return vec![plain(root.to_owned(), tag, like, &[])];
    }
    let (stem_tag, stem_like) = paradigm.stem;
    let mut all = vec![Entry {
        surface: stem.to_owned(),
        tag: stem_tag,
        parts: String::new(),
        like: stem_like,
    }];
    let forms = hangul::forms(stem);
    let mut add = |surfaces: Vec<String>, form: (&'static str, &'static str), ending: &str| {
        let ending_tag = form.0.split_once('+').map_or("EC", |(_, tag)| tag);
        all.extend(surfaces.into_iter().map(|surface| Entry {
            surface,
            tag: form.0,
            parts: format!("{stem}/{stem_tag}+{ending}/{ending_tag}"),
            like: form.1,
        }));
    };
    add(forms.connected, paradigm.connected, "어");
    add(forms.past, paradigm.past, "었");
    add(forms.before_noun, paradigm.before_noun, "ㄴ");
    add(forms.as_noun, paradigm.as_noun, "ㅁ");
    add(forms.polite, paradigm.polite, "ㅂ니다");
    all.extend(forms.bare.into_iter().map(|surface| Entry {
        surface,
        tag: stem_tag,
        parts: String::new(),
        like: stem_like,
    }));
    all
}

/// Stems of own verbs and adjectives.
pub fn stems(words: &[OwnWord]) -> HashSet<String> {
    let verbs = words
        .iter()
        .filter(|word| matches!(word.pos, Some(PartOfSpeech::Verb | PartOfSpeech::Adjective)));
    let keys = verbs.map(|word| OwnWord::key(&word.word));
    keys.filter_map(|key| Some(key.strip_suffix('다')?.to_owned()))
        .collect()
}

/// What a question takes for a word, whatever the index was made with.
#[derive(Debug, Default)]
pub struct Asking {
    synonyms: HashMap<String, Vec<String>>,
    stops: HashSet<String>,
}

impl Asking {
    pub fn new(words: &[OwnWord]) -> Asking {
        let mut asking = Asking::default();
        for word in words {
            let key = OwnWord::key(&word.word);
            if word.stop {
                asking.stops.insert(key.clone());
            }
            let mut group = vec![key];
            group.extend(word.synonyms.iter().map(|other| OwnWord::key(other)));
            for one in &group {
                let others = group.iter().filter(|other| *other != one).cloned();
                asking
                    .synonyms
                    .entry(one.clone())
                    .or_default()
                    .extend(others);
            }
        }
        asking
    }

    pub fn synonyms(&self, key: &str) -> &[String] {
        self.synonyms.get(key).map_or(&[], |words| &words[..])
    }

    pub fn is_stop(&self, key: &str) -> bool {
        self.stops.contains(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_has_what_own_words_are_like() {
        let mut missing = Vec::new();
        for paradigm in [&VERB, &ADJECTIVE] {
            let forms = [
                paradigm.stem,
                paradigm.connected,
                paradigm.past,
                paradigm.before_noun,
                paradigm.as_noun,
                paradigm.polite,
            ];
            let (tag, roots) = paradigm.root;
            let roots = roots.map(|root| (tag, root));
            for (tag, like) in forms.into_iter().chain(roots) {
                if !maru_dictionary::is_known_as(like, tag) {
                    missing.push((tag, like));
                }
            }
        }
        for (tag, like) in [
            ("NNG", "회의"),
            ("NNG", "일정"),
            ("NNP", "제주"),
            ("NNP", "서울"),
            ("MAG", "매우"),
            ("MAG", "정말"),
        ] {
            if !maru_dictionary::is_known_as(like, tag) {
                missing.push((tag, like));
            }
        }
        assert_eq!(missing, []);
    }
}

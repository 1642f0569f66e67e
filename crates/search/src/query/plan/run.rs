//! One run of letters between spaces.

use super::Effort;
use super::letters::{is_korean, literal};
use super::node::{Node, all};
use crate::analyzer::{
    self, Analysis, Analyzer, COUNTED, JOINED, Letter, MODIFIER, Word, WordKind, letters, tables,
};
use crate::hangul;
use crate::normal::Normal;
use crate::query::marks::Marker;
use maru_dictionary as dictionary;
use std::sync::Arc;

/// A noun as the first part of a compound.
const AS_MODIFIER: f32 = 0.45;
/// A syllable written together with another word.
const AS_JOINED: f32 = 0.5;
/// A word that the whole run of letters might be, although the sentence says otherwise.
const AS_ANOTHER: f32 = 0.6;
/// The noun of a verb that is made of it: 시작 for 시작하다.
const AS_ROOT: f32 = 0.8;
/// Another spelling.
const AS_VARIANT: f32 = 0.9;
/// A word with these first consonants.
const AS_INITIALS: f32 = 0.8;

/// What one run asks for.
pub struct Run {
    pub node: Node,
    /// Of the strongest word in it.
    pub kind: WordKind,
    /// All of it are nouns.
    pub is_noun: bool,
    /// The word, if the run is one.
    pub word: Option<String>,
    /// The server holds that it says nothing.
    pub is_stop: bool,
}

/// The runs of a text that is not quoted.
pub fn runs(text: &str, effort: Effort, marker: &mut Marker) -> Vec<Run> {
    let normal = Normal::of(text);
    let typed = normal.text.split_whitespace();
    let analyzer = marker.analyzer.clone();
    let mut runs = Vec::new();
    let mut before = "";
    for typed in typed {
        let run = Understanding::of(typed, &analyzer, effort, true).run(marker);
        if let Some(mut run) = run {
            let helps = run.word.as_deref().is_some_and(tables::may_help);
            if helps && joins_verbs(before, &analyzer) {
                // 빌려 봤다: the message may say 빌려봤다, or 빌렸다.
                run.kind = WordKind::Weak;
            }
            runs.push(run);
        }
        before = typed;
    }
    runs
}

/// Whether it is a verb before another verb: 빌려, 찾아, 해.
fn joins_verbs(typed: &str, analyzer: &Analyzer) -> bool {
    let pieces = analyzer.cut(typed);
    let vowel = typed.chars().next_back().is_some_and(hangul::ends_openly);
    vowel && pieces.last().is_some_and(|piece| piece.tag.ends_with("EC"))
}

/// Letters that are only grammar.
pub fn grammar(run: &[Letter], effort: Effort, marker: &mut Marker) -> Option<Node> {
    let typed: String = run.iter().map(|l| l.c).collect();
    marker.words.insert(typed.clone());
    if run.len() == 1 && is_korean(run) {
        marker.literals.push(vec![run[0].c]);
        return Some(Node::Sense(typed).or(Node::Letter(run[0].c).weighted(0.1)));
    }
    Some(Node::Sense(typed).or_maybe(literal(run, effort, marker)))
}

pub struct Understanding<'a> {
    pub(super) typed: &'a str,
    pub(super) letters: Vec<Letter>,
    analysis: Analysis,
    pub(super) analyzer: &'a Arc<Analyzer>,
    pub(super) effort: Effort,
    /// Other spellings are looked for, too; theirs are not.
    with_variants: bool,
}

impl<'a> Understanding<'a> {
    fn of(
        typed: &'a str,
        analyzer: &'a Arc<Analyzer>,
        effort: Effort,
        with_variants: bool,
    ) -> Self {
        Understanding {
            typed,
            letters: letters(typed).collect(),
            analysis: analyzer.analyze(typed),
            analyzer,
            effort,
            with_variants,
        }
    }

    fn run(self, marker: &mut Marker) -> Option<Run> {
        let words = &self.analysis.words;
        let strongest = words.iter().min_by_key(|w| rank(w.kind))?;
        let strong: Vec<&Word> = words
            .iter()
            .filter(|w| rank(w.kind) <= rank(strongest.kind).max(1))
            .collect();
        let kind = if tables::is_degree(self.typed) {
            WordKind::Weak
        } else {
            strongest.kind
        };
        let mut node = self.node(&strong, marker);
        if self.with_variants {
            for (form, weight) in self.other_forms(&strong) {
                let other = Understanding::of(&form, self.analyzer, self.effort, false);
                // A form of several words: all of them, one after another.
                if let Some(run) = form.contains(' ').then(|| several(&form, marker)).flatten() {
                    node = node.or(run.weighted(weight));
                } else if let Some(run) = other.run(marker) {
                    node = node.or(run.node.weighted(weight));
                }
            }
        }
        let word = match strong[..] {
            [only] => Some(only.term.clone()),
            [whole, ..] if whole.span as usize == strong.len() - 1 => Some(whole.term.clone()),
            _ => None,
        };
        let is_noun = strong.iter().all(|w| w.kind == WordKind::Noun);
        let is_stop = |word: &str| self.analyzer.is_stop(word);
        Some(Run {
            node,
            kind,
            is_noun,
            is_stop: is_stop(self.typed) || word.as_deref().is_some_and(is_stop),
            word,
        })
    }

    fn node(&self, words: &[&Word], marker: &mut Marker) -> Node {
        let run = &self.letters[..];
        let typed: String = run.iter().map(|l| l.c).collect();
        if let ([only], true) = (run, is_korean(run)) {
            // One syllable alone is a noun, not some form of a verb.
            marker.words.insert(typed.clone());
            marker.fallback.push(vec![only.c]);
            return syllable(&typed);
        }
        if let Some(stem) = typed.strip_suffix('다')
            && self.analyzer.is_stem(stem)
        {
            // As a dictionary has it: 속이다 is no inside (속) that is.
            marker.words.insert(typed.clone());
            let mut node = Node::Sense(typed.clone())
                .or(Node::Sense(format!("{MODIFIER}{typed}")).weighted(AS_MODIFIER));
            // 쩐다 may be of 쩔다, too.
            for other in hangul::stems_of_plain(&typed) {
                if self.analyzer.is_stem(other.trim_end_matches('다')) {
                    marker.words.insert(other.clone());
                    node = node.or(Node::Sense(other).weighted(AS_ANOTHER));
                }
            }
            let letters = self.letters_of(&run[..run.len() - 1], false, marker);
            let forms = if stem.chars().nth(2).is_some() {
                self.forms_of(&typed, marker)
            } else {
                None
            };
            return node.or_maybe(letters).or_maybe(forms);
        }
        if self.effort == Effort::Strict
            && run.len() > 1
            && words.iter().all(|w| w.kind != WordKind::Noun)
            && dictionary::is_noun(&typed)
        {
            // 보고 alone is a report, whatever else it may be a form of.
            marker.words.insert(typed.clone());
            return Node::Sense(typed);
        }
        if self.effort == Effort::Strict && run.len() > 2 && self.is_in_one_piece(words, &typed) {
            marker.words.insert(typed.clone());
            let letters = self.letters_of(run, true, marker);
            return Node::Sense(typed).or_maybe(letters);
        }
        if run.len() > 1 && is_korean(run) && words.iter().all(|w| is_syllable(w)) {
            // Cut to syllables: no word that the dictionary has.
            marker.words.insert(typed.clone());
            let node = Node::Sense(typed.clone());
            let letters = self.letters_of(run, true, marker);
            return node
                .or_maybe(letters)
                .or_maybe(self.forms_of(&typed, marker));
        }
        let units = units(words);
        let several = units.len() > 1;
        let parts: Vec<Node> = units.iter().map(|unit| self.unit(unit, marker)).collect();
        let Some(mut node) = all(parts) else {
            return Node::All(Vec::new());
        };
        if several || words.iter().any(|w| !w.settled) {
            // The dictionary may have cut in the wrong place, here or in the message.
            node = node.or_maybe(self.letters_of(run, true, marker));
            node = node.or_maybe(self.forms_of(&typed, marker));
        }
        node.or_maybe(self.as_one_word(&typed, words, marker))
    }

    /// A run of nouns, or one other word.
    fn unit(&self, unit: &[&Word], marker: &mut Marker) -> Node {
        if let [word] = unit {
            return self.one(word, marker);
        }
        let (wholes, parts): (Vec<&Word>, Vec<&Word>) = unit.iter().partition(|w| w.span > 1);
        let first = parts.iter().map(|w| w.position).min().unwrap_or_default();
        let phrase: Vec<(u32, String)> = parts
            .iter()
            .map(|w| (w.position - first, w.term.clone()))
            .collect();
        marker.phrases.push(phrase.clone());
        let mut node = Node::Words(phrase);
        // The compound alone: the message may have it as a word that has no parts.
        if let ([whole], Some(last)) = (&wholes[..], parts.last())
            && whole.position == first
            && whole.position + whole.span == last.position + 1
        {
            marker.words.insert(whole.term.clone());
            node = Node::Sense(whole.term.clone()).or(node.weighted(AS_VARIANT));
        }
        let start = unit.iter().map(|w| w.start).min().unwrap_or_default() as usize;
        let end = unit.iter().map(|w| w.end).max().unwrap_or_default() as usize;
        let run: Vec<Letter> = letters(&self.typed[start..end]).collect();
        node.or_maybe(self.letters_of(&run, true, marker))
    }

    /// A single word in its senses.
    fn one(&self, word: &Word, marker: &mut Marker) -> Node {
        let term = &word.term;
        marker.words.insert(term.clone());
        match word.kind {
            WordKind::Mood if is_initials(term) => {
                // ㅇㅍㅇ may also be the keys of dvd.
                let keys = hangul::swap_layout(term).unwrap_or_default();
                marker.words.insert(keys.clone());
                return Node::Sense(term.clone())
                    .or(Node::Initials(term.clone()).weighted(AS_INITIALS))
                    .or(Node::Sense(keys));
            }
            WordKind::Mood => return mood(term),
            WordKind::Verb => return self.verb(term, word, marker),
            WordKind::Weak => return weak(term, marker),
            WordKind::Adverb | WordKind::Noun => {}
        }
        if let Some(longer) = self.longer(word) {
            marker.words.insert(longer.clone());
            marker.fallback.push(longer.chars().collect());
            let root = longer.ends_with('다') && term.chars().nth(1).is_some();
            let node = Node::Sense(longer);
            return if root {
                node.or(Node::Sense(term.clone()).weighted(AS_ROOT))
            } else {
                node
            };
        }
        let run: Vec<Letter> = letters(term).collect();
        if run.len() == 1 && is_korean(&run) {
            return syllable(term);
        }
        marker.fallback.push(run.iter().map(|l| l.c).collect());
        if term.starts_with(|c: char| c.is_ascii_digit()) {
            return Node::Sense(term.clone())
                .or(Node::Sense(format!("{COUNTED}{term}")).weighted(AS_JOINED));
        }
        let node = Node::Sense(term.clone())
            .or(Node::Sense(format!("{MODIFIER}{term}")).weighted(AS_MODIFIER));
        // Two letters may be a word that the dictionary does not see where they stand.
        node.or_maybe(self.letters_of(&run, true, marker))
    }

    /// `2편` for 2, 감동적 for 감동, 시작하다 for 시작: what the run says with this word in it.
    fn longer(&self, word: &Word) -> Option<String> {
        let from = &self.typed[word.start as usize..];
        let is_longer = |sense: &&String| {
            let more = sense.strip_prefix(&word.term[..]).unwrap_or_default();
            !more.is_empty()
                && (from.starts_with(&sense[..])
                    || sense.ends_with("하다")
                    || sense.ends_with("되다"))
        };
        self.analysis
            .senses
            .iter()
            .filter(is_longer)
            .max_by_key(|s| s.len())
            .cloned()
    }

    fn verb(&self, term: &str, word: &Word, marker: &mut Marker) -> Node {
        let node = Node::Sense(term.to_owned())
            .or(Node::Sense(format!("{MODIFIER}{term}")).weighted(AS_MODIFIER));
        let stem: Vec<Letter> = letters(term.strip_suffix('다').unwrap_or(term)).collect();
        node.or_maybe(self.letters_of(&stem, !word.settled, marker))
    }

    /// Three letters in a row are hardly an accident; two are, inside of other words.
    fn letters_of(&self, run: &[Letter], two: bool, marker: &mut Marker) -> Option<Node> {
        let least = if two || self.effort != Effort::Strict {
            2
        } else {
            3
        };
        let korean = run.iter().any(|l| matches!(l.c, '가'..='힣'));
        if run.len() < least || !korean {
            return None;
        }
        literal(run, self.effort, marker)
    }
}

/// A form of several words, one after another.
fn several(form: &str, marker: &mut Marker) -> Option<Node> {
    let found: Vec<Letter> = letters(form).collect();
    literal(&found, Effort::Strict, marker)
}

/// ㅋㅋ, or pictures, of which all are meant.
fn mood(term: &str) -> Node {
    let pictures = term.chars().filter(|c| analyzer::is_pictograph(*c));
    let pictures = pictures.map(|c| Node::Sense(c.to_string()));
    all(pictures.collect()).unwrap_or_else(|| Node::Sense(term.to_owned()))
}

fn is_syllable(word: &Word) -> bool {
    word.term.chars().nth(1).is_none() && word.kind != WordKind::Verb
}

fn syllable(term: &str) -> Node {
    Node::Sense(term.to_owned()).or(Node::Sense(format!("{JOINED}{term}")).weighted(AS_JOINED))
}

/// A verb that helps others, alone: meant may also be the one that does not.
fn weak(term: &str, marker: &mut Marker) -> Node {
    let Some(plain) = term.strip_prefix(analyzer::AUXILIARY) else {
        return Node::Sense(term.to_owned());
    };
    marker.words.insert(plain.to_owned());
    Node::Sense(plain.to_owned()).or(Node::Sense(term.to_owned()))
}

fn rank(kind: WordKind) -> u8 {
    match kind {
        WordKind::Noun | WordKind::Verb => 0,
        WordKind::Mood => 1,
        WordKind::Adverb => 2,
        WordKind::Weak => 3,
    }
}

/// ㅂㅍ, but not ㅋㅋ.
fn is_initials(term: &str) -> bool {
    let consonants = term.chars().all(|c| ('ㄱ'..='ㅎ').contains(&c));
    let first = term.chars().next();
    consonants && term.chars().any(|c| Some(c) != first)
}

/// Neighbouring nouns are one unit, every other word is its own.
fn units<'a>(words: &[&'a Word]) -> Vec<Vec<&'a Word>> {
    let mut units: Vec<Vec<&Word>> = Vec::new();
    // The position after the last unit. Parts of a compound stand before it.
    let mut reach = 0;
    for word in words {
        let joins = word.kind == WordKind::Noun && word.position <= reach;
        match units.last_mut() {
            Some(unit) if joins && unit[0].kind == WordKind::Noun => unit.push(word),
            _ => units.push(vec![word]),
        }
        reach = reach.max(word.position + word.span);
    }
    units
}

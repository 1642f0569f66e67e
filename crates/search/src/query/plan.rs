//! From what was typed to what must be in a message.
//!
//! Built from words, never by a query language, so no string can do anything but be looked for.
//! Every word that says something must be there: as a word, or else as letters.

use super::marks::Marker;
use crate::analyzer::{self, Kind, Letter, Word, letters};
use crate::index::grams::gram;
use crate::normal::Normal;
use maru_dictionary as dictionary;

/// A condition on a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Word(String),
    /// Words at these distances from the first one.
    Words(Vec<(u32, String)>),
    Pair(String),
    /// Grams one after another.
    Grams(Vec<String>),
    /// A gram that begins with this letter.
    Letter(char),
    All(Vec<Node>),
    /// The best one counts.
    Any(Vec<Node>),
    /// The first must be; the others make it better.
    Better(Box<Node>, Vec<Node>),
    /// Counts by so much.
    Weighted(Box<Node>, f32),
}

/// A question, understood.
#[derive(Debug, Default)]
pub struct Plan {
    /// `None`: nothing was asked.
    pub node: Option<Node>,
    pub marker: Marker,
}

/// Letters that stand where no word was seen count less than a word.
const AS_LETTERS: f32 = 0.4;
/// A word that the whole run of letters might be, although the sentence says otherwise.
const AS_ANOTHER: f32 = 0.6;
/// A text of more letters is not looked for with a space somewhere inside.
const SPACED_LETTERS: usize = 12;

/// Looks for words, and in quotation marks for exactly these letters.
pub fn strict(text: &str) -> Plan {
    let mut plan = Plan::default();
    let mut nodes = Vec::new();
    let mut weak = Vec::new();
    for (quoted, piece) in quotations(text) {
        if quoted {
            nodes.extend(exact(&piece, &mut plan.marker));
        } else {
            words(&piece, &mut nodes, &mut weak, &mut plan.marker);
        }
    }
    plan.node = match (all(nodes), weak.is_empty()) {
        (Some(node), true) => Some(node),
        (Some(node), false) => Some(Node::Better(Box::new(node), weak)),
        (None, _) => all(weak),
    };
    plan
}

/// Looks for the letters alone: for what [`strict`] does not find at all.
pub fn relaxed(text: &str) -> Plan {
    let mut plan = Plan::default();
    let normal = Normal::of(text);
    let all_letters: Vec<Letter> = letters(&normal.text).collect();
    let runs = runs(&all_letters).into_iter();
    plan.node = all(runs
        .filter_map(|run| anywhere(run, &mut plan.marker))
        .collect());
    plan
}

/// Pieces of the text, and whether they stood in quotation marks. A mark without its other half
/// is a letter like any other.
fn quotations(text: &str) -> Vec<(bool, String)> {
    let text = text.replace(['“', '”', '„', '＂'], "\"");
    let pieces: Vec<&str> = text.split('"').collect();
    let last = pieces.len() - 1;
    let is_quoted = |at: usize| at % 2 == 1 && at < last;
    let pieces = pieces.into_iter().enumerate();
    pieces
        .map(|(at, piece)| (is_quoted(at), piece.to_owned()))
        .collect()
}

fn words(text: &str, nodes: &mut Vec<Node>, weak: &mut Vec<Node>, marker: &mut Marker) {
    let analysis = analyzer::analyze(text);
    for run in analysis.words.chunk_by(|a, b| a.run == b.run) {
        let (strong, faint): (Vec<&Word>, Vec<&Word>) =
            run.iter().partition(|w| w.kind != Kind::Weak);
        if strong.is_empty() {
            weak.extend(faint.iter().map(|w| either_verb(w, marker)));
        } else {
            weak.extend(faint.iter().map(|w| Node::Word(w.term.clone())));
            nodes.push(understood(text, &strong, marker));
        }
    }
    // Nothing but grammar: `는`, `...입니다`. Then the letters are meant.
    if analysis.words.is_empty() {
        let normal = Normal::of(text);
        let all_letters: Vec<Letter> = letters(&normal.text).collect();
        for run in runs(&all_letters) {
            if let ([only], true) = (run, is_korean(run)) {
                marker.words.insert(only.c.to_string());
                nodes.push(Node::Word(only.c.to_string()));
                continue;
            }
            nodes.extend(
                as_one_word(run, false, marker)
                    .into_iter()
                    .chain(literal(run, marker))
                    .reduce(or),
            );
        }
    }
}

/// A verb that helps others, alone: meant may also be the one that does not.
fn either_verb(word: &Word, marker: &mut Marker) -> Node {
    let Some(plain) = word.term.strip_prefix(analyzer::AUXILIARY) else {
        return one(word, marker);
    };
    marker.words.insert(word.term.clone());
    marker.words.insert(plain.to_owned());
    or(Node::Word(plain.to_owned()), Node::Word(word.term.clone()))
}

/// The words of one run of letters.
fn understood(text: &str, words: &[&Word], marker: &mut Marker) -> Node {
    let Some(first) = words.first() else {
        return Node::All(Vec::new());
    };
    let end = words.iter().map(|w| w.end).max().unwrap_or(first.end);
    let normal = Normal::of(between_spaces(text, first.start as usize, end as usize));
    let run: Vec<Letter> = letters(&normal.text).collect();
    let typed: String = run.iter().map(|l| l.c).collect();
    let is_itself = words.len() == 1 && first.term == typed;
    if let ([_], true) = (&run[..], is_korean(&run)) {
        // One syllable alone is a noun, not some form of a verb.
        marker.words.insert(typed.clone());
        return Node::Word(typed);
    }
    // As a dictionary has it: 속이다 is no inside (속) that is. But 시작하다 is also a 시작.
    let is_of_noun = run.len() > 3 && (typed.ends_with("하다") || typed.ends_with("되다"));
    if !is_itself
        && !is_of_noun
        && let Some(stem) = typed.strip_suffix('다')
        && dictionary::is_stem(stem)
    {
        marker.words.insert(typed.clone());
        let node = Node::Word(typed.clone());
        return match literal(&run[..run.len() - 1], marker) {
            Some(letters) if run.len() > 2 => or(node, letters),
            _ => node,
        };
    }
    let units = units(words);
    let parts: Vec<Node> = units
        .iter()
        .map(|unit| as_unit(text, unit, marker))
        .collect();
    let several = parts.len() > 1;
    let Some(mut node) = all(parts) else {
        return Node::All(Vec::new());
    };
    // The dictionary may have cut in the wrong place, here or in the message.
    let normal = Normal::of(&text[first.start as usize..end as usize]);
    let said: Vec<Letter> = letters(&normal.text).collect();
    if several && let Some(letters) = literal(&said, marker) {
        node = or(node, letters);
    }
    let is_noun = is_itself && first.kind == Kind::Noun;
    if let Some(another) = as_one_word(&run, is_noun, marker) {
        node = or(node, another);
    }
    node
}

fn is_korean(run: &[Letter]) -> bool {
    run.iter().all(|l| matches!(l.c, '가'..='힣'))
}

/// The range, extended to the next spaces.
fn between_spaces(text: &str, start: usize, end: usize) -> &str {
    let before = text[..start].rfind(char::is_whitespace);
    let from = before.map_or(0, |at| {
        at + text[at..].chars().next().map_or(1, char::len_utf8)
    });
    let after = text[end..].find(char::is_whitespace);
    &text[from..after.map_or(text.len(), |at| end + at)]
}

/// Neighbouring nouns are one unit, every other word is its own.
fn units<'a>(words: &[&'a Word]) -> Vec<Vec<&'a Word>> {
    let mut units: Vec<Vec<&Word>> = Vec::new();
    // The position after the last unit. Parts of a compound stand before it.
    let mut reach = 0;
    for word in words {
        let joins = word.kind == Kind::Noun && word.position <= reach;
        match units.last_mut() {
            Some(unit) if joins && unit[0].kind == Kind::Noun => unit.push(word),
            _ => units.push(vec![word]),
        }
        reach = reach.max(word.position + word.span);
    }
    units
}

fn as_unit(text: &str, unit: &[&Word], marker: &mut Marker) -> Node {
    if let [word] = unit {
        return one(word, marker);
    }
    let (wholes, parts): (Vec<&Word>, Vec<&Word>) = unit.iter().partition(|w| w.span > 1);
    let first = parts.iter().map(|w| w.position).min().unwrap_or_default();
    let phrase: Vec<(u32, String)> = parts
        .iter()
        .map(|w| (w.position - first, w.term.clone()))
        .collect();
    let mut node = match &phrase[..] {
        [(_, term)] => {
            marker.words.insert(term.clone());
            Node::Word(term.clone())
        }
        _ => {
            marker.phrases.push(phrase.clone());
            Node::Words(phrase)
        }
    };
    // The compound alone: the message may have it as a word that has no parts.
    if let ([whole], Some(last)) = (&wholes[..], parts.last())
        && whole.position == first
        && whole.position + whole.span == last.position + 1
    {
        marker.words.insert(whole.term.clone());
        node = or(Node::Word(whole.term.clone()), node);
    }
    let start = unit.iter().map(|w| w.start).min().unwrap_or_default();
    let end = unit.iter().map(|w| w.end).max().unwrap_or_default();
    let normal = Normal::of(&text[start as usize..end as usize]);
    let run: Vec<Letter> = letters(&normal.text).collect();
    match literal(&run, marker) {
        Some(letters) => or(node, letters),
        None => node,
    }
}

/// A single word: as such, or as its letters where no word was seen.
fn one(word: &Word, marker: &mut Marker) -> Node {
    marker.words.insert(word.term.clone());
    let node = Node::Word(word.term.clone());
    let stem = match word.kind {
        Kind::Mood => return node,
        Kind::Verb | Kind::Weak => word.term.strip_suffix('다').unwrap_or(&word.term),
        Kind::Noun | Kind::Adverb => &word.term,
    };
    let run: Vec<Letter> = letters(stem).collect();
    if run.len() < 2 || !run.iter().any(|l| matches!(l.c, '가'..='힣')) {
        return node;
    }
    match literal(&run, marker) {
        Some(letters) => or(node, letters),
        None => node,
    }
}

/// The whole run as a noun, as a verb in any of its forms, or as the noun of such a verb.
fn as_one_word(run: &[Letter], is_noun: bool, marker: &mut Marker) -> Option<Node> {
    if run.is_empty() || run.len() > 6 || !is_korean(run) {
        return None;
    }
    let typed: String = run.iter().map(|l| l.c).collect();
    let mut terms = vec![typed.clone()];
    match typed.strip_suffix('다') {
        Some(stem) => terms.extend(stem.strip_suffix('하').map(str::to_owned)),
        None if is_noun => {}
        None => terms.push(format!("{typed}다")),
    }
    if run.len() > 1 && !typed.ends_with('다') {
        terms.push(format!("{typed}하다"));
    }
    terms.retain(|t| !t.is_empty());
    marker.words.extend(terms.iter().cloned());
    let any = Node::Any(terms.into_iter().map(Node::Word).collect());
    Some(Node::Weighted(Box::new(any), AS_ANOTHER))
}

/// These letters in a row, where the dictionary leaves room for a word of two.
fn literal(run: &[Letter], marker: &mut Marker) -> Option<Node> {
    match run {
        [a, b] => {
            let pair: String = [a.c, b.c].iter().collect();
            marker.pairs.insert(pair.clone());
            Some(Node::Weighted(Box::new(Node::Pair(pair)), AS_LETTERS))
        }
        _ => anywhere(run, marker),
    }
}

/// These letters in a row, at most with a space somewhere between them.
fn anywhere(run: &[Letter], marker: &mut Marker) -> Option<Node> {
    let node = match run {
        [] => return None,
        [only] => {
            marker.literals.push(vec![only.c]);
            Node::Letter(only.c)
        }
        _ => {
            marker.literals.push(run.iter().map(|l| l.c).collect());
            let joined: Vec<Letter> = run
                .iter()
                .map(|l| Letter {
                    after_gap: false,
                    ..*l
                })
                .collect();
            let mut ways = vec![Node::Grams(grams(&joined))];
            if run.len() <= SPACED_LETTERS {
                for at in 1..run.len() {
                    let mut spaced = joined.clone();
                    spaced[at].after_gap = true;
                    ways.push(Node::Grams(grams(&spaced)));
                }
            }
            Node::Any(ways)
        }
    };
    Some(Node::Weighted(Box::new(node), AS_LETTERS))
}

/// Exactly these letters with exactly these gaps.
fn exact(text: &str, marker: &mut Marker) -> Option<Node> {
    let normal = Normal::of(text);
    let all_letters: Vec<Letter> = letters(&normal.text).collect();
    match &all_letters[..] {
        [] => None,
        [only] => {
            marker.literals.push(vec![only.c]);
            Some(Node::Letter(only.c))
        }
        _ => {
            marker
                .literals
                .push(all_letters.iter().map(|l| l.c).collect());
            Some(Node::Grams(grams(&all_letters)))
        }
    }
}

fn grams(run: &[Letter]) -> Vec<String> {
    run.windows(2).map(|w| gram(w[0], Some(w[1]))).collect()
}

/// Letters between gaps.
fn runs(all_letters: &[Letter]) -> Vec<&[Letter]> {
    all_letters.chunk_by(|_, b| !b.after_gap).collect()
}

fn all(mut nodes: Vec<Node>) -> Option<Node> {
    match nodes.len() {
        0 => None,
        1 => nodes.pop(),
        _ => Some(Node::All(nodes)),
    }
}

fn or(a: Node, b: Node) -> Node {
    match a {
        Node::Any(mut nodes) => {
            nodes.push(b);
            Node::Any(nodes)
        }
        a => Node::Any(vec![a, b]),
    }
}

//! From what was typed to what must be in a message.
//!
//! Built from words, never by a query language, so no string can do anything but be looked for.

mod forms;
mod letters;
mod node;
mod run;

pub use node::Node;

use super::marks::Marker;
use crate::analyzer::{self, Analyzer, Letter, WordKind};
use crate::normal::Normal;
use maru_domain::OwnWord;
use node::all;
use run::Run;
use std::sync::Arc;

/// How hard is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Every word that says something must be there as a word.
    Strict,
    /// Other words may stand for them, and letters will do.
    Loose,
    /// Some may be missing, too.
    Fewer,
}

/// A question, understood.
#[derive(Debug, Default)]
pub struct Plan {
    /// `None`: nothing was asked.
    pub node: Option<Node>,
    pub marker: Marker,
    /// Words that must be there.
    pub strong: usize,
    /// Of two nouns: both as one compound.
    pub compound: Option<Node>,
}

/// What the server takes for the same counts nearly as much.
const AS_OWN_SYNONYM: f32 = 0.35;
/// Words between two that still belong together.
const NEAR: u32 = 3;

/// Of three words two must be there, of two one.
fn enough(count: usize) -> usize {
    (count * 2).div_ceil(3).min(count.saturating_sub(1)).max(1)
}

pub fn plan(analyzer: &Arc<Analyzer>, text: &str, effort: Effort) -> Plan {
    let mut plan = Plan {
        marker: Marker::new(analyzer.clone()),
        ..Plan::default()
    };
    let mut strong = Vec::new();
    let mut rest = Vec::new();
    let mut bonus = Vec::new();
    // Asked for only where there is nothing else.
    let mut stops = Vec::new();
    for (quoted, piece) in quotations(text) {
        if quoted {
            strong.extend(letters::exact(&piece, effort, &mut plan.marker));
            continue;
        }
        let runs = run::runs(&piece, effort, &mut plan.marker);
        bonus.extend(runs.windows(2).flat_map(neighbours));
        plan.compound = compound(&runs);
        for run in runs {
            if run.is_stop {
                stops.push(run.node);
                continue;
            }
            match run.kind {
                WordKind::Noun | WordKind::Verb | WordKind::Mood => strong.push(run.node),
                WordKind::Adverb | WordKind::Weak => rest.push(run.node),
            }
        }
    }
    if strong.is_empty() {
        // Nothing but small words: then those are meant.
        std::mem::swap(&mut strong, &mut rest);
    }
    if strong.is_empty() {
        strong = stops;
    }
    if strong.is_empty() {
        plan.node = grammar_or_symbols(text, effort, &mut plan.marker);
        plan.strong = 1;
        return plan;
    }
    plan.strong = strong.len();
    let node = match effort {
        Effort::Fewer if strong.len() > 1 => {
            let least = enough(strong.len());
            // Those with all of them come first, however long they are.
            let all_of_them = Node::All(strong.clone());
            Some(Node::Most(strong, least).better_with(vec![all_of_them]))
        }
        _ => all(strong),
    };
    rest.extend(bonus);
    plan.node = node.map(|node| node.better_with(rest));
    if let Some(other) = phrase_synonyms(text, effort, &mut plan.marker) {
        plan.node = plan.node.map(|node| node.or(other));
    }
    plan
}

/// Other words for a text that is, as a whole, one phrase of the server's own.
fn phrase_synonyms(text: &str, effort: Effort, marker: &mut Marker) -> Option<Node> {
    let key = OwnWord::key(text);
    if !key.contains(' ') {
        return None;
    }
    let analyzer = marker.analyzer.clone();
    let others = analyzer.synonyms(&key).iter();
    let others = others.filter_map(|other| {
        let runs = run::runs(other, effort, marker);
        all(runs.into_iter().map(|run| run.node).collect())
    });
    let others: Vec<Node> = others.collect();
    (!others.is_empty()).then(|| Node::Any(others).weighted(AS_OWN_SYNONYM))
}

/// Words say more side by side than apart.
fn neighbours(pair: &[Run]) -> Vec<Node> {
    let [Run { word: Some(a), .. }, Run { word: Some(b), .. }] = pair else {
        return Vec::new();
    };
    let side_by_side = Node::Words(vec![(0, a.clone()), (1, b.clone())]);
    let near = Node::Near(a.clone(), b.clone(), NEAR);
    vec![side_by_side.weighted(0.7), near.weighted(0.7)]
}

/// `고객 센터`: both side by side, at most with a particle between them, or as one word.
fn compound(runs: &[Run]) -> Option<Node> {
    let [a, b] = runs else { return None };
    let (true, Some(first), Some(second)) = (a.is_noun && b.is_noun, &a.word, &b.word) else {
        return None;
    };
    let at = |distance: u32| Node::Words(vec![(0, first.clone()), (distance, second.clone())]);
    let together = format!("{first}{second}");
    let one_word = Node::Sense(together.clone());
    let node = at(1).or(one_word).or(at(2).weighted(0.8));
    // 하야오 of 미야자키 하야오 may have been cut in the message.
    Some(node.or_maybe(letters::in_a_row(&together).map(|letters| letters.weighted(0.8))))
}

/// `는`, `...입니다`: the letters are meant. `???`: the symbols.
fn grammar_or_symbols(text: &str, effort: Effort, marker: &mut Marker) -> Option<Node> {
    let normal = Normal::of(text);
    let found: Vec<Letter> = analyzer::letters(&normal.text).collect();
    if found.is_empty() {
        return letters::symbols(&normal.text);
    }
    let runs = found.chunk_by(|_, b| !b.after_gap);
    all(runs
        .filter_map(|run| run::grammar(run, effort, marker))
        .collect())
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

//! What is looked for as letters, because it is quoted or no word that the dictionary has.

use super::Effort;
use super::node::Node;
use crate::analyzer::{JOINED, Letter, letters, symbol_terms};
use crate::index::grams::gram;
use crate::normal::Normal;
use crate::query::marks::Marker;

/// Letters that stand where no word was seen count less than a word.
const AS_LETTERS: f32 = 0.4;

/// So many letters in a row are no accident.
const LONG_NAME: usize = 6;

/// Exactly these letters; spaces may stand between others than those that were typed.
pub fn exact(text: &str, effort: Effort, marker: &mut Marker) -> Option<Node> {
    let normal = Normal::of(text);
    let all: Vec<Letter> = letters(&normal.text).collect();
    if all.is_empty() {
        return symbols(&normal.text);
    }
    marker.literals.push(all.iter().map(|l| l.c).collect());
    let typed: String = all.iter().map(|l| l.c).collect();
    Some(match all[..] {
        [only] if is_korean(&all) => {
            Node::Sense(typed.clone()).or(Node::Sense(format!("{JOINED}{}", only.c)))
        }
        [only] => Node::Letter(only.c),
        // Two letters may be the end of one word and the start of another.
        [_, _] if is_korean(&all) && effort != Effort::Fewer => {
            Node::Words(vec![(0, typed.clone())])
                .or(Node::Sense(typed.clone()))
                .or(Node::Pair(typed))
        }
        _ => Node::Grams(grams(&all)),
    })
}

/// A name of two words, wherever it is cut.
pub fn in_a_row(text: &str) -> Option<Node> {
    let all: Vec<Letter> = letters(text).collect();
    (all.len() >= LONG_NAME && is_korean(&all)).then(|| Node::Grams(grams(&all)))
}

/// A question of symbols alone.
pub fn symbols(text: &str) -> Option<Node> {
    super::node::all(symbol_terms(text).into_iter().map(Node::Sense).collect())
}

/// These letters in a row; two of them only where the dictionary leaves room for a word, unless
/// nothing else is found.
pub fn literal(run: &[Letter], effort: Effort, marker: &mut Marker) -> Option<Node> {
    let node = match run {
        [] => return None,
        [only] => {
            marker.literals.push(vec![only.c]);
            Node::Letter(only.c)
        }
        [a, b] if is_korean(run) && effort != Effort::Fewer => {
            let pair: String = [a.c, b.c].iter().collect();
            marker.pairs.insert(pair.clone());
            Node::Pair(pair)
        }
        _ => {
            marker.literals.push(run.iter().map(|l| l.c).collect());
            Node::Grams(grams(run))
        }
    };
    Some(node.weighted(AS_LETTERS))
}

fn grams(run: &[Letter]) -> Vec<String> {
    run.windows(2).map(|w| gram(w[0], Some(w[1]))).collect()
}

pub fn is_korean(run: &[Letter]) -> bool {
    run.iter().all(|l| matches!(l.c, '가'..='힣'))
}

//! How a text is cut and what a question would look for, for people who teach words.

use crate::analyzer::{Analyzer, COUNTED, JOINED, MODIFIER, Piece};
use crate::normal::Utf16Counter;
use crate::query::{Effort, Node, plan};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// A morpheme of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    /// As Korean dictionaries tag it: NNG a noun, JKO a particle of the object.
    pub tag: String,
    /// What it is looked up as. `None`: only grammar or punctuation.
    pub term: Option<String>,
    /// UTF-16 units of the text.
    pub start: u32,
    pub end: u32,
    /// It is a word of the server's own.
    pub own: bool,
}

/// A text and the question that it would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    pub tokens: Vec<Token>,
    /// The words under which the text is found.
    pub found_under: Vec<String>,
    /// The words that the question asks for.
    pub terms: Vec<String>,
    /// `a + b`: both; `a | b`: one of them; `a^0.5`: counts half; in quotation marks: these letters.
    pub looks_for: String,
    /// Stop words, which need not be there.
    pub ignored: Vec<String>,
}

pub fn explain(analyzer: &Arc<Analyzer>, text: &str) -> Explained {
    let mut units = Utf16Counter::new(text);
    let tokens = analyzer.cut(text).into_iter().map(|piece| {
        let Piece {
            text,
            tag,
            term,
            start,
            end,
            own,
        } = piece;
        Token {
            text,
            tag,
            term,
            start: units.at(start as usize),
            end: units.at(end as usize),
            own,
        }
    });
    let tokens: Vec<Token> = tokens.collect();
    let ignored = tokens.iter().filter_map(|token| token.term.clone());
    let ignored: BTreeSet<String> = ignored.filter(|term| analyzer.is_stop(term)).collect();
    let node = plan(analyzer, text, Effort::Strict).node;
    let mut terms = BTreeSet::new();
    if let Some(node) = &node {
        terms_of(node, &mut terms);
    }
    let senses = analyzer.analyze(text).senses.into_iter();
    let found_under: BTreeSet<String> = senses.map(|sense| plain(&sense).to_owned()).collect();
    Explained {
        tokens,
        found_under: found_under.into_iter().collect(),
        terms: terms.into_iter().collect(),
        looks_for: node
            .map(|node| Shown(&node).to_string())
            .unwrap_or_default(),
        ignored: ignored.into_iter().collect(),
    }
}

fn plain(sense: &str) -> &str {
    sense.trim_start_matches([MODIFIER, JOINED, COUNTED])
}

fn terms_of(node: &Node, terms: &mut BTreeSet<String>) {
    match node {
        Node::Sense(sense) => {
            terms.insert(plain(sense).to_owned());
        }
        Node::Words(words) => terms.extend(words.iter().map(|(_, word)| word.clone())),
        Node::All(nodes) | Node::Any(nodes) | Node::Most(nodes, _) => {
            nodes.iter().for_each(|node| terms_of(node, terms));
        }
        Node::Better(node, _) | Node::Weighted(node, _) => terms_of(node, terms),
        Node::Near(..) | Node::Pair(_) | Node::Grams(_) | Node::Letter(_) | Node::Initials(_) => {}
    }
}

struct Shown<'a>(&'a Node);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, nodes: &[Node], between: &str| {
            if let [only] = nodes {
                return write!(f, "{}", Shown(only));
            }
            f.write_str("(")?;
            for (at, node) in nodes.iter().enumerate() {
                if at > 0 {
                    f.write_str(between)?;
                }
                write!(f, "{}", Shown(node))?;
            }
            f.write_str(")")
        };
        match self.0 {
            Node::Sense(sense) => match sense.chars().next() {
                Some(MODIFIER) => write!(f, "{}…", plain(sense)),
                Some(JOINED) => write!(f, "…{}…", plain(sense)),
                Some(COUNTED) => write!(f, "{} (number)", plain(sense)),
                _ => f.write_str(sense),
            },
            Node::Words(words) => {
                let words: Vec<&str> = words.iter().map(|(_, word)| &word[..]).collect();
                write!(f, "[{}]", words.join(" "))
            }
            Node::Near(a, b, others) => write!(f, "[{a} … {b}, at most {others} between]"),
            Node::Pair(letters) => write!(f, "\"{letters}\""),
            Node::Grams(grams) => {
                let firsts: String = grams
                    .iter()
                    .filter_map(|gram| gram.chars().next())
                    .collect();
                let last = grams.last().and_then(|gram| gram.chars().nth(1));
                write!(
                    f,
                    "\"{firsts}{}\"",
                    last.map(String::from).unwrap_or_default()
                )
            }
            Node::Letter(letter) => write!(f, "\"{letter}\""),
            Node::Initials(initials) => write!(f, "words with the first consonants {initials}"),
            Node::All(nodes) => join(f, nodes, " + "),
            Node::Any(nodes) => join(f, nodes, " | "),
            Node::Most(nodes, least) => {
                write!(f, "{least} of ")?;
                join(f, nodes, ", ")
            }
            Node::Better(node, others) => {
                write!(f, "{}", Shown(node))?;
                if others.is_empty() {
                    return Ok(());
                }
                f.write_str(", better with ")?;
                join(f, others, ", ")
            }
            Node::Weighted(node, weight) => write!(f, "{}^{weight}", Shown(node)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_how_a_text_is_cut_and_what_is_looked_for() {
        let told = explain(&Analyzer::plain(), "🎉 서버를 재시작했다");
        let cut: Vec<String> = told
            .tokens
            .iter()
            .map(|token| format!("{}/{}", token.text, token.tag))
            .collect();
        assert_eq!(cut[1..4].join(" "), "서버/NNG 를/JKO 재/XPN");
        assert_eq!((told.tokens[1].start, told.tokens[1].end), (3, 5));
        assert!(told.terms.contains(&"서버".to_owned()), "{told:?}");
        assert!(told.looks_for.contains("서버"), "{told:?}");
    }
}

//! What else a run may be: other spellings, forms by rule, the whole of it as one word.

use super::letters::{is_korean, literal};
use super::node::Node;
use super::run::Understanding;
use super::{AS_OWN_SYNONYM, Effort};
use crate::analyzer::{Letter, Word, WordKind, letters, tables};
use crate::hangul;
use crate::query::marks::Marker;

/// A word that the whole run of letters might be, although the sentence says otherwise.
const AS_ANOTHER: f32 = 0.6;
/// Another spelling.
const AS_VARIANT: f32 = 0.9;
/// Another word for nearly the same.
const AS_SYNONYM: f32 = 0.6;

impl Understanding<'_> {
    /// Spellings and, when little was found, synonyms.
    pub(super) fn other_forms(&self, words: &[&Word]) -> Vec<(String, f32)> {
        let mut keys: Vec<&str> = vec![self.typed];
        // Without particles, however the dictionary cuts what it does not know.
        let start = words.iter().map(|word| word.start as usize).min();
        let end = words.iter().map(|word| word.end as usize).max();
        let content = start
            .zip(end)
            .and_then(|(start, end)| self.typed.get(start..end));
        keys.extend(content.filter(|content| *content != self.typed));
        if let [only] = words {
            keys.push(&only.term);
            keys.dedup();
        }
        let mut forms: Vec<(String, f32)> = Vec::new();
        for key in keys {
            let mut add = |others: &[&'static str], weight: f32| {
                let others = others.iter().filter(|o| **o != key);
                forms.extend(others.map(|o| ((*o).to_owned(), weight)));
            };
            add(tables::variants(key), AS_VARIANT);
            if self.effort != Effort::Strict {
                add(tables::synonyms(key), AS_SYNONYM);
            }
            let own = self.analyzer.synonyms(key).iter();
            forms.extend(own.map(|other| (other.clone(), AS_OWN_SYNONYM)));
        }
        forms
    }

    /// A verb that the dictionary lacks, in the forms that its last syllable takes by rule.
    pub(super) fn forms_of(&self, typed: &str, marker: &mut Marker) -> Option<Node> {
        let stem = typed.strip_suffix('다')?;
        let past = hangul::stem_of_past(stem);
        let stem = past.as_deref().unwrap_or(stem);
        let forms = hangul::surfaces_of(stem).into_iter().chain(past.clone());
        let forms = forms.filter_map(|form| {
            let run: Vec<Letter> = letters(&form).collect();
            if run.len() < 2 {
                None
            } else {
                literal(&run, self.effort, marker)
            }
        });
        let forms: Vec<Node> = forms.collect();
        (!forms.is_empty()).then_some(Node::Any(forms))
    }

    /// The whole run as a noun, as a verb in any of its forms, or as the noun of such a verb.
    pub(super) fn as_one_word(
        &self,
        typed: &str,
        words: &[&Word],
        marker: &mut Marker,
    ) -> Option<Node> {
        let run = &self.letters[..];
        let is_itself = words.len() == 1 && words[0].term == typed;
        if is_itself || run.is_empty() || run.len() > 6 || !is_korean(run) {
            return None;
        }
        let mut terms = vec![typed.to_owned()];
        if let Some(stem) = typed.strip_suffix('다') {
            let root = stem
                .strip_suffix('하')
                .filter(|root| root.chars().nth(1).is_some());
            terms.extend(root.map(str::to_owned));
        } else {
            terms.push(format!("{typed}다"));
            terms.push(format!("{typed}하다"));
        }
        marker.words.extend(terms.iter().cloned());
        let any = Node::Any(terms.into_iter().map(Node::Sense).collect());
        Some(any.weighted(AS_ANOTHER))
    }

    /// 장애인 is no 장애 that is, 쿠폰함 no 쿠폰 that does, and 좀비파티 no 파티 with some 비.
    pub(super) fn is_in_one_piece(&self, words: &[&Word], typed: &str) -> bool {
        if !is_korean(&self.letters) || words.iter().any(|w| w.kind == WordKind::Verb) {
            return false;
        }
        let begins = words.first().is_some_and(|w| w.start == 0);
        let rest = words.first().and_then(|w| typed.strip_prefix(&w.term[..]));
        !begins && words.iter().all(|w| w.kind == WordKind::Noun)
            || words.len() == 1 && matches!(rest, Some("인" | "함"))
    }
}

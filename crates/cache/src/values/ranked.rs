//! Members in the order of their scores.

use super::{Applied, Packing};
use indexmap::IndexMap;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

/// What tables and allocator add to a member.
const PAIR_BYTES: usize = 128;

/// Runs longer than this are split in half: moving so many pairs costs less than a miss of the cache.
const RUN: usize = 512;

/// A sorted set: members by name, and pairs ordered by score, then by the member's bytes.
///
/// The pairs lie in short sorted runs. Finding a score or a rank takes a binary search over the
/// runs (for ranks, a sum over their lengths): microseconds at a million members.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranked {
    scores: IndexMap<Arc<[u8]>, f64, ahash::RandomState>,
    /// None of them empty.
    runs: Vec<Vec<(f64, Arc<[u8]>)>>,
    names_bytes: usize,
    wide: bool,
}

impl Ranked {
    /// How many members.
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    /// A member's score.
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        self.scores.get(member).copied()
    }

    /// How many come before a member.
    pub fn rank(&self, member: &[u8]) -> Option<usize> {
        let score = self.score(member)?;
        Some(self.count_while(|other, name| order(other, name, score, member) == Ordering::Less))
    }

    /// How many pairs from the start fulfil a condition that holds for a beginning of the order and
    /// for nothing after it.
    pub fn count_while(&self, holds: impl Fn(f64, &[u8]) -> bool) -> usize {
        let full = self.runs.partition_point(|run| {
            run.last()
                .is_some_and(|(score, member)| holds(*score, member))
        });
        let before: usize = self.runs[..full].iter().map(Vec::len).sum();
        let within = self.runs.get(full).map_or(0, |run| {
            run.partition_point(|(score, member)| holds(*score, member))
        });
        before + within
    }

    /// The pairs of these ranks, ascending.
    pub fn range(&self, ranks: Range<usize>) -> impl Iterator<Item = (&[u8], f64)> {
        let mut skip = ranks.start;
        let mut first = 0;
        while let Some(run) = self.runs.get(first)
            && skip >= run.len()
        {
            skip -= run.len();
            first += 1;
        }
        self.runs[first..]
            .iter()
            .flatten()
            .skip(skip)
            .take(ranks.len())
            .map(|(score, member)| (&**member, *score))
    }

    /// All pairs, in no order.
    pub fn members(&self) -> impl Iterator<Item = (&[u8], f64)> {
        self.scores
            .iter()
            .map(|(member, score)| (&**member, *score))
    }

    /// As `OBJECT ENCODING` answers.
    pub fn encoding(&self) -> &'static str {
        if self.wide { "skiplist" } else { "listpack" }
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.names_bytes + self.len() * PAIR_BYTES
    }

    pub(super) fn apply_set(&mut self, member: &[u8], score: f64, packing: &Packing) -> Applied {
        if !self.scores.contains_key(member) {
            self.wide |=
                self.len() >= packing.ranked_members || member.len() > packing.ranked_member_bytes;
        }
        // Small ones know no zero below zero.
        let score = if self.wide { score } else { score + 0.0 };
        match self.set(member, score) {
            None => {
                self.names_bytes += member.len();
                Applied::Added
            }
            Some(before) if before == score => Applied::Nothing,
            Some(_) => Applied::Changed,
        }
    }

    pub(super) fn apply_remove(&mut self, member: &[u8]) -> Applied {
        match self.remove(member) {
            Some(member) => {
                self.names_bytes -= member.len();
                Applied::Removed(member[..].into())
            }
            None => Applied::Nothing,
        }
    }

    /// The pair at an index below `len`, in no order; indices change when members go.
    pub fn nth(&self, index: usize) -> Option<(&[u8], f64)> {
        let (member, score) = self.scores.get_index(index)?;
        Some((member, *score))
    }

    /// Whether it has ever had many members, or a long one.
    pub fn is_wide(&self) -> bool {
        self.wide
    }

    /// It counts as large from now on.
    pub(in super::super) fn widen(&mut self) {
        self.wide = true;
    }

    /// Gives a member a score; answers the one it had. The score must be a number.
    pub(super) fn set(&mut self, member: &[u8], score: f64) -> Option<f64> {
        let before = self.score(member);
        let name = match before {
            Some(before) if before == score => return Some(before),
            Some(before) => self.take_pair(member, before),
            None => None,
        };
        let name = name.unwrap_or_else(|| Arc::from(member));
        self.scores.insert(name.clone(), score);
        let at = self
            .runs
            .partition_point(|run| {
                run.last()
                    .is_some_and(|(s, m)| order(*s, m, score, member).is_lt())
            })
            .min(self.runs.len().saturating_sub(1));
        if self.runs.is_empty() {
            self.runs.push(Vec::new());
        }
        let run = &mut self.runs[at];
        let slot = run.partition_point(|(s, m)| order(*s, m, score, member).is_lt());
        run.insert(slot, (score, name));
        if run.len() > RUN {
            let half = run.split_off(RUN / 2);
            self.runs.insert(at + 1, half);
        }
        before
    }

    /// Takes a member out.
    pub(super) fn remove(&mut self, member: &[u8]) -> Option<Arc<[u8]>> {
        let (name, score) = self
            .scores
            .swap_remove_full(member)
            .map(|(_, name, score)| (name, score))?;
        self.take_pair(member, score);
        Some(name)
    }

    fn take_pair(&mut self, member: &[u8], score: f64) -> Option<Arc<[u8]>> {
        let at = self.runs.partition_point(|run| {
            run.last()
                .is_some_and(|(s, m)| order(*s, m, score, member).is_lt())
        });
        let run = self.runs.get_mut(at)?;
        let slot = run.partition_point(|(s, m)| order(*s, m, score, member).is_lt());
        let (_, name) = (slot < run.len()).then(|| run.remove(slot))?;
        let small = run.len() < RUN / 8;
        if run.is_empty() {
            self.runs.remove(at);
        } else if small
            && self
                .runs
                .get(at + 1)
                .is_some_and(|next| next.len() < RUN / 2)
        {
            let next = self.runs.remove(at + 1);
            self.runs[at].extend(next);
        }
        Some(name)
    }
}

/// Scores are numbers, never NaN.
fn order(a_score: f64, a: &[u8], b_score: f64, b: &[u8]) -> Ordering {
    a_score
        .partial_cmp(&b_score)
        .unwrap_or(Ordering::Equal)
        .then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn stays_sorted(steps in prop::collection::vec((0..900u16, -5..5i8, prop::bool::weighted(0.7)), 0..4000)) {
            let mut ranked = Ranked::default();
            let mut model: BTreeMap<Vec<u8>, f64> = BTreeMap::new();
            for (member, score, keep) in steps {
                let member = member.to_string().into_bytes();
                if keep {
                    prop_assert_eq!(ranked.set(&member, score.into()), model.insert(member, score.into()));
                } else {
                    prop_assert_eq!(ranked.remove(&member).is_some(), model.remove(&member).is_some());
                }
            }
            let mut expected: Vec<(f64, Vec<u8>)> = model.into_iter().map(|(m, s)| (s, m)).collect();
            expected.sort_by(|a, b| order(a.0, &a.1, b.0, &b.1));
            let found: Vec<(f64, Vec<u8>)> = ranked.range(0..usize::MAX).map(|(m, s)| (s, m.to_vec())).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(ranked.len(), expected.len());
            for (rank, (score, member)) in expected.iter().enumerate() {
                prop_assert_eq!(ranked.rank(member), Some(rank));
                prop_assert_eq!(ranked.score(member), Some(*score));
            }
            let middle = expected.len() / 2;
            let part: Vec<_> = ranked.range(middle..middle + 3).map(|(m, _)| m.to_vec()).collect();
            let same: Vec<_> = expected.iter().skip(middle).take(3).map(|(_, m)| m.clone()).collect();
            prop_assert_eq!(part, same);
        }
    }
}

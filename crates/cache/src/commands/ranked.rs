//! Commands on sorted sets.

use super::super::keyspace::fits;
use super::super::slot::{Slot, View};
use super::super::values::{Applied, Change, Ranked, Value};
use super::super::{CacheError, Condition, Happenings, Txn};
use super::slice;
use bytes::Bytes;
use std::ops::{Bound, Range};

/// Which pairs a range command means, in ascending order.
#[derive(Clone, Copy, Debug)]
pub enum Between<'a> {
    /// From one rank to another, both included; negative ones count from the end.
    Ranks(i64, i64),
    /// From one score to another.
    Scores(Bound<f64>, Bound<f64>),
    /// From one name to another; right where all scores are equal.
    Names(Bound<&'a [u8]>, Bound<&'a [u8]>),
}

/// Options of [`Txn::zadd`].
#[derive(Clone, Copy, Debug, Default)]
pub struct RankedOptions {
    /// Only new members, or only those that are there.
    pub condition: Condition,
    /// Scores only rise (`GT`).
    pub only_rise: bool,
    /// Scores only fall (`LT`).
    pub only_fall: bool,
    /// Add to the score instead of setting it.
    pub add: bool,
}

/// What became of one pair of [`Txn::zadd`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RankedOutcome {
    /// The options did not allow it.
    Kept,
    /// It is there with this score, and was before.
    Same(f64),
    /// It has a new score.
    Changed(f64),
    /// It is new.
    Added(f64),
}

impl Txn<'_> {
    /// A sorted set counts as large from now on, as far as that can be told from outside.
    pub fn widen(&mut self, key: &[u8]) {
        let db = self.db();
        let (shard, hash) = self.shard(key);
        if let Some(slot) = shard.get_mut(db, hash, key)
            && let Value::Ranked(ranked) = slot.value_mut()
        {
            ranked.widen();
        }
    }

    /// The sorted set of a key; `None` if there is none.
    pub fn ranked(&mut self, key: &[u8]) -> Result<Option<&Ranked>, CacheError> {
        match self.read(key).map(Slot::view) {
            None => Ok(None),
            Some(View::Other(value)) => value.ranked().map(Some),
            Some(View::Text(_)) => Err(CacheError::WrongType),
        }
    }

    /// Gives a member a score. Several in a row are one atomic step in one transaction.
    pub fn zadd(
        &mut self,
        key: &[u8],
        member: &[u8],
        score: f64,
        options: RankedOptions,
    ) -> Result<RankedOutcome, CacheError> {
        fits(key)?;
        fits(member)?;
        let before = self.zscore(key, member)?;
        let score = if options.add {
            before.map_or(score, |before| before + score)
        } else {
            score
        };
        if score.is_nan() {
            return Err(CacheError::NotAScore);
        }
        let allowed = match before {
            None => options.condition != Condition::IfPresent,
            Some(before) => {
                options.condition != Condition::IfAbsent
                    && (!options.only_rise || score > before)
                    && (!options.only_fall || score < before)
            }
        };
        if !allowed {
            return Ok(RankedOutcome::Kept);
        }
        Ok(
            match self.change(key, Change::RankedSet { member, score })? {
                Applied::Added => RankedOutcome::Added(score),
                Applied::Changed => RankedOutcome::Changed(score),
                Applied::Nothing | Applied::Removed(_) => RankedOutcome::Same(score),
            },
        )
    }

    /// Removes members; answers how many there were.
    pub fn zrem(&mut self, key: &[u8], members: &[&[u8]]) -> Result<u64, CacheError> {
        let mut removed = 0;
        if self.ranked(key)?.is_some() {
            for member in members {
                let applied = self.change(key, Change::RankedRemove { member })?;
                removed += u64::from(applied != Applied::Nothing);
            }
        }
        if removed > 0 {
            self.happened(Happenings::RANKED, "zrem", key);
        }
        Ok(removed)
    }

    /// A member's score.
    pub fn zscore(&mut self, key: &[u8], member: &[u8]) -> Result<Option<f64>, CacheError> {
        Ok(self.ranked(key)?.and_then(|ranked| ranked.score(member)))
    }

    /// How many members.
    pub fn zcard(&mut self, key: &[u8]) -> Result<usize, CacheError> {
        Ok(self.ranked(key)?.map_or(0, Ranked::len))
    }

    /// How many members come before this one, or after it if `backwards`.
    pub fn zrank(
        &mut self,
        key: &[u8],
        member: &[u8],
        backwards: bool,
    ) -> Result<Option<usize>, CacheError> {
        let ranked = self.ranked(key)?;
        Ok(ranked.and_then(|ranked| {
            let rank = ranked.rank(member)?;
            Some(if backwards {
                ranked.len() - 1 - rank
            } else {
                rank
            })
        }))
    }

    /// How many pairs there are between.
    pub fn zcount(&mut self, key: &[u8], between: Between<'_>) -> Result<usize, CacheError> {
        Ok(self
            .ranked(key)?
            .map_or(0, |ranked| ranks(ranked, between).len()))
    }

    /// The pairs between, ascending or `backwards`; the first `skip` left out, at most `take`.
    pub fn zrange(
        &mut self,
        key: &[u8],
        between: Between<'_>,
        backwards: bool,
        skip: usize,
        take: usize,
    ) -> Result<Vec<(Bytes, f64)>, CacheError> {
        let Some(ranked) = self.ranked(key)? else {
            return Ok(Vec::new());
        };
        let all = match (between, backwards) {
            // Ranks count from the end that the answer begins at.
            (Between::Ranks(start, stop), true) => {
                let mirrored = slice(start, stop, ranked.len());
                ranked.len() - mirrored.end..ranked.len() - mirrored.start
            }
            _ => ranks(ranked, between),
        };
        let skip = skip.min(all.len());
        let take = take.min(all.len() - skip);
        let part = if backwards {
            all.end - skip - take..all.end - skip
        } else {
            all.start + skip..all.start + skip + take
        };
        let mut pairs: Vec<(Bytes, f64)> = ranked
            .range(part)
            .map(|(member, score)| (Bytes::copy_from_slice(member), score))
            .collect();
        if backwards {
            pairs.reverse();
        }
        Ok(pairs)
    }

    /// Takes out up to `count` pairs with the lowest scores, or the highest.
    pub fn zpop(
        &mut self,
        key: &[u8],
        highest: bool,
        count: usize,
    ) -> Result<Vec<(Bytes, f64)>, CacheError> {
        let popped = self.zrange(key, Between::Ranks(0, -1), highest, 0, count)?;
        for (member, _) in &popped {
            self.change(key, Change::RankedRemove { member })?;
        }
        if !popped.is_empty() {
            let event = if highest { "zpopmax" } else { "zpopmin" };
            self.happened(Happenings::RANKED, event, key);
        }
        Ok(popped)
    }

    /// Removes the pairs between; answers how many.
    pub fn zremrange(&mut self, key: &[u8], between: Between<'_>) -> Result<usize, CacheError> {
        let gone = self.zrange(key, between, false, 0, usize::MAX)?;
        for (member, _) in &gone {
            self.change(key, Change::RankedRemove { member })?;
        }
        if !gone.is_empty() {
            let event = match between {
                Between::Ranks(..) => "zremrangebyrank",
                Between::Scores(..) => "zremrangebyscore",
                Between::Names(..) => "zremrangebylex",
            };
            self.happened(Happenings::RANKED, event, key);
        }
        Ok(gone.len())
    }

    /// Replaces whatever a key holds with these pairs; none if there are none. `event` is told.
    pub fn store_ranked<M: AsRef<[u8]>>(
        &mut self,
        key: &[u8],
        pairs: &[(M, f64)],
        event: &'static str,
    ) -> Result<usize, CacheError> {
        let was_there = self.remove(key);
        for (member, score) in pairs {
            let (member, score) = (member.as_ref(), *score);
            self.change(key, Change::RankedSet { member, score })?;
        }
        match (pairs.is_empty(), was_there) {
            (false, _) => self.tell(Happenings::RANKED, event, key),
            (true, true) => self.tell(Happenings::GENERIC, "del", key),
            (true, false) => {}
        }
        Ok(pairs.len())
    }
}

impl Ranked {
    /// The pairs between, ascending.
    pub fn between(&self, between: Between<'_>) -> impl Iterator<Item = (&[u8], f64)> {
        self.range(ranks(self, between))
    }
}

fn ranks(ranked: &Ranked, between: Between<'_>) -> Range<usize> {
    let range = match between {
        Between::Ranks(start, stop) => return slice(start, stop, ranked.len()),
        Between::Scores(from, to) => {
            ranked.count_while(|score, _| is_before(&score, &from))
                ..ranked.count_while(|score, _| !is_after(&score, &to))
        }
        Between::Names(from, to) => {
            ranked.count_while(|_, name| is_before(&name, &from))
                ..ranked.count_while(|_, name| !is_after(&name, &to))
        }
    };
    range.start..range.end.max(range.start)
}

fn is_before<T: PartialOrd>(value: &T, from: &Bound<T>) -> bool {
    match from {
        Bound::Included(from) => value < from,
        Bound::Excluded(from) => value <= from,
        Bound::Unbounded => false,
    }
}

fn is_after<T: PartialOrd>(value: &T, to: &Bound<T>) -> bool {
    match to {
        Bound::Included(to) => value > to,
        Bound::Excluded(to) => value >= to,
        Bound::Unbounded => false,
    }
}

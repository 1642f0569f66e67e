//! Several sorted sets, or sets, as one.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::several;
use super::pairs;
use bytes::Bytes;
use maru_cache::{self as cache, Txn};
use std::cmp::Ordering;
use std::collections::HashMap;

/// What is done with several sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperation {
    Union,
    Inter,
    Diff,
}

#[derive(Clone, Copy)]
enum Aggregate {
    Sum,
    Min,
    Max,
}

struct Asked<'a> {
    keys: Vec<&'a [u8]>,
    weights: Vec<f64>,
    aggregate: Aggregate,
    with_scores: bool,
}

type Members = HashMap<Bytes, f64, ahash::RandomState>;

impl<'a> Asked<'a> {
    fn parse(
        call: &Call<'a>,
        txn: &mut Txn<'_>,
        at: usize,
        kind: SetOperation,
        stores: bool,
    ) -> Result<Asked<'a>, Failure> {
        let count = call.integer(at)?;
        if count < 1 {
            let name = String::from_utf8_lossy(call.args[0]).to_lowercase();
            return Err(Failure::of(format!(
                "ERR at least 1 input key is needed for '{name}' command"
            )));
        }
        if count as u64 > (call.args.len() - at - 1) as u64 {
            return Err(Failure::SYNTAX);
        }
        let after = at + 1 + count as usize;
        right_kinds(txn, &call.args[at + 1..after])?;
        let mut asked = Asked {
            keys: call.args[at + 1..after].to_vec(),
            weights: vec![1.0; count as usize],
            aggregate: Aggregate::Sum,
            with_scores: false,
        };
        let mut at = after;
        while at < call.args.len() {
            let left = call.args.len() - at - 1;
            if kind != SetOperation::Diff && call.is(at, "WEIGHTS") && left >= asked.keys.len() {
                for weight in &mut asked.weights {
                    at += 1;
                    *weight = call
                        .float(at)
                        .map_err(|_| Failure::new("ERR weight value is not a float"))?;
                }
            } else if kind != SetOperation::Diff && call.is(at, "AGGREGATE") && left >= 1 {
                at += 1;
                asked.aggregate = match () {
                    () if call.is(at, "SUM") => Aggregate::Sum,
                    () if call.is(at, "MIN") => Aggregate::Min,
                    () if call.is(at, "MAX") => Aggregate::Max,
                    () => return Err(Failure::SYNTAX),
                };
            } else if !stores && call.is(at, "WITHSCORES") {
                asked.with_scores = true;
            } else {
                return Err(Failure::SYNTAX);
            }
            at += 1;
        }
        Ok(asked)
    }

    fn combine(&self, txn: &mut Txn<'_>, kind: SetOperation) -> Result<Vec<(Bytes, f64)>, Failure> {
        let mut inputs = Vec::with_capacity(self.keys.len());
        for (key, weight) in self.keys.iter().zip(&self.weights) {
            inputs.push(members(txn, key, *weight)?);
        }
        let mut inputs = inputs.into_iter();
        let mut all = inputs.next().unwrap_or_default();
        for input in inputs {
            match kind {
                SetOperation::Union => {
                    for (member, score) in input {
                        all.entry(member)
                            .and_modify(|held| *held = self.aggregate.of(*held, score))
                            .or_insert(score);
                    }
                }
                SetOperation::Inter => all.retain(|member, held| match input.get(member) {
                    Some(score) => {
                        *held = self.aggregate.of(*held, *score);
                        true
                    }
                    None => false,
                }),
                SetOperation::Diff => all.retain(|member, _| !input.contains_key(member)),
            }
        }
        let mut pairs: Vec<(Bytes, f64)> = all.into_iter().collect();
        pairs.sort_unstable_by(|a, b| {
            a.1.partial_cmp(&b.1)
                .unwrap_or(Ordering::Equal)
                .then_with(|| a.0.cmp(&b.0))
        });
        Ok(pairs)
    }
}

impl Aggregate {
    fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Aggregate::Sum => number(a + b),
            Aggregate::Min => a.min(b),
            Aggregate::Max => a.max(b),
        }
    }
}

/// Infinities of both signs cancel each other out.
fn number(score: f64) -> f64 {
    if score.is_nan() { 0.0 } else { score }
}

/// Keys are looked at before the options are.
fn right_kinds(txn: &mut Txn<'_>, keys: &[&[u8]]) -> Answer {
    use maru_cache::ValueType::{Ranked, Set};
    let wrong = |kind| !matches!(kind, None | Some(Set | Ranked));
    if keys.iter().any(|key| wrong(txn.kind(key))) {
        Err(Failure::WRONG_TYPE)
    } else {
        Ok(())
    }
}

fn members(txn: &mut Txn<'_>, key: &[u8], weight: f64) -> Result<Members, Failure> {
    let mut found = Members::default();
    match txn.kind(key) {
        None => {}
        Some(cache::ValueType::Set) => {
            for member in txn.members(key)?.into_iter().flat_map(cache::Set::iter) {
                found.insert(Bytes::copy_from_slice(member), number(weight));
            }
        }
        Some(_) => {
            for (member, score) in txn
                .ranked(key)?
                .into_iter()
                .flat_map(cache::Ranked::members)
            {
                found.insert(Bytes::copy_from_slice(member), number(score * weight));
            }
        }
    }
    Ok(found)
}

pub fn show(call: &mut Call<'_>, txn: &mut Txn<'_>, kind: SetOperation) -> Answer {
    let asked = Asked::parse(call, txn, 1, kind, false)?;
    let found = asked.combine(txn, kind)?;
    pairs(call, &found, asked.with_scores);
    Ok(())
}

pub fn store(
    call: &mut Call<'_>,
    txn: &mut Txn<'_>,
    kind: SetOperation,
    event: &'static str,
) -> Answer {
    let asked = Asked::parse(call, txn, 2, kind, true)?;
    let found = asked.combine(txn, kind)?;
    let size = txn.store_ranked(call.args[1], &found, event)?;
    call.out.count(size);
    Ok(())
}

pub fn zintercard(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let count = call.integer(1)?;
    if count < 1 {
        return Err(Failure::new(
            "ERR at least 1 input key is needed for 'zintercard' command",
        ));
    }
    if count as u64 > (call.args.len() - 2) as u64 {
        return Err(Failure::SYNTAX);
    }
    let after = 2 + count as usize;
    right_kinds(txn, &call.args[2..after])?;
    let limit = several::limit(call, after)?;
    let asked = Asked {
        keys: call.args[2..after].to_vec(),
        weights: vec![1.0; after - 2],
        aggregate: Aggregate::Sum,
        with_scores: false,
    };
    let found = asked.combine(txn, SetOperation::Inter)?.len();
    call.out.count(found.min(limit));
    Ok(())
}

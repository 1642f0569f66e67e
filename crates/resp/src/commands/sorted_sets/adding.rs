//! Giving scores.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use maru_cache::{Condition, Happenings, RankedOptions, RankedOutcome, Txn};

/// How pairs are added.
#[derive(Clone, Copy, Default)]
pub struct Adding {
    pub absent: bool,
    pub present: bool,
    /// The answer counts what was changed, not only what is new.
    pub changed_too: bool,
    options: RankedOptions,
}

impl Adding {
    /// What comes before the pairs, and where these begin.
    fn parse(call: &Call<'_>) -> (Adding, usize) {
        let mut adding = Adding::default();
        let mut at = 2;
        loop {
            match () {
                () if call.is(at, "NX") => adding.absent = true,
                () if call.is(at, "XX") => adding.present = true,
                () if call.is(at, "GT") => adding.options.only_rise = true,
                () if call.is(at, "LT") => adding.options.only_fall = true,
                () if call.is(at, "CH") => adding.changed_too = true,
                () if call.is(at, "INCR") => adding.options.add = true,
                () => return (adding, at),
            }
            at += 1;
        }
    }
}

pub fn zadd(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (adding, at) = Adding::parse(call);
    let given = &call.args[at..];
    if given.is_empty() || !given.len().is_multiple_of(2) {
        return Err(Failure::SYNTAX);
    }
    let Adding {
        absent,
        present,
        options,
        ..
    } = adding;
    if absent && present {
        return Err(Failure::new(
            "ERR XX and NX options at the same time are not compatible",
        ));
    }
    if (options.only_rise && (absent || options.only_fall)) || (options.only_fall && absent) {
        return Err(Failure::new(
            "ERR GT, LT, and/or NX options at the same time are not compatible",
        ));
    }
    if options.add && given.len() > 2 {
        return Err(Failure::new(
            "ERR INCR option supports a single increment-element pair",
        ));
    }
    let mut pairs = Vec::with_capacity(given.len() / 2);
    for index in (at..call.args.len()).step_by(2) {
        pairs.push((call.float(index)?, call.args[index + 1]));
    }
    add(call, txn, adding, &pairs)
}

/// Gives members scores, and answers as ZADD does.
pub fn add(
    call: &mut Call<'_>,
    txn: &mut Txn<'_>,
    adding: Adding,
    pairs: &[(f64, &[u8])],
) -> Answer {
    let options = RankedOptions {
        condition: match (adding.absent, adding.present) {
            (true, _) => Condition::IfAbsent,
            (_, true) => Condition::IfPresent,
            _ => Condition::Any,
        },
        ..adding.options
    };
    let key = call.args[1];
    txn.ranked(key)?;
    let (mut added, mut changed, mut sum) = (0, 0, None);
    for &(score, member) in pairs {
        match txn.zadd(key, member, score, options)? {
            RankedOutcome::Kept => {}
            RankedOutcome::Same(score) => sum = Some(score),
            RankedOutcome::Changed(score) => {
                changed += 1;
                sum = Some(score);
            }
            RankedOutcome::Added(score) => {
                added += 1;
                sum = Some(score);
            }
        }
    }
    if added + changed > 0 {
        let event = if options.add { "zincr" } else { "zadd" };
        txn.tell(Happenings::RANKED, event, key);
    }
    match (options.add, sum) {
        (true, Some(sum)) => call.out.double(sum),
        (true, None) => call.out.null(),
        (false, _) if adding.changed_too => call.out.integer(added + changed),
        (false, _) => call.out.integer(added),
    }
    Ok(())
}

pub fn zincrby(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    // To Redis it is a ZADD, in which these words are options.
    if Adding::parse(call).1 > 2 {
        return Err(Failure::SYNTAX);
    }
    let by = call.float(2)?;
    let options = RankedOptions {
        add: true,
        ..RankedOptions::default()
    };
    let outcome = txn.zadd(call.args[1], call.args[3], by, options)?;
    txn.tell(Happenings::RANKED, "zincr", call.args[1]);
    match outcome {
        RankedOutcome::Kept => call.out.null(),
        RankedOutcome::Same(sum) | RankedOutcome::Changed(sum) | RankedOutcome::Added(sum) => {
            call.out.double(sum);
        }
    }
    Ok(())
}

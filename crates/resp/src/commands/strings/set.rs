//! SET in all its forms, and how long what is set shall live.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use maru_cache::{Condition, Lifetime, SetOptions, Txn};

/// What an amount of time counts, and from when.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Millis,
    AtSeconds,
    AtMillis,
}

/// The unix millisecond that an option like `EX 10` means; it must be after the beginning of 1970.
pub fn deadline(call: &Call<'_>, at: usize, unit: Unit, command: &str) -> Result<u64, Failure> {
    let amount = call.integer(at)?;
    let invalid = || Failure::of(format!("ERR invalid expire time in '{command}' command"));
    if amount <= 0 {
        return Err(invalid());
    }
    let now_ms = call.cache.clock().unix_ms() as i64;
    let at_ms = match unit {
        Unit::Seconds => amount
            .checked_mul(1000)
            .and_then(|ms| ms.checked_add(now_ms)),
        Unit::Millis => amount.checked_add(now_ms),
        Unit::AtSeconds => amount.checked_mul(1000),
        Unit::AtMillis => Some(amount),
    };
    at_ms.map(|ms| ms as u64).ok_or_else(invalid)
}

/// `EX`, `PX`, `EXAT` or `PXAT` at a place.
fn unit(call: &Call<'_>, at: usize) -> Option<Unit> {
    [
        ("EX", Unit::Seconds),
        ("PX", Unit::Millis),
        ("EXAT", Unit::AtSeconds),
        ("PXAT", Unit::AtMillis),
    ]
    .into_iter()
    .find(|(word, _)| call.is(at, word))
    .map(|(_, unit)| unit)
}

/// What SET and GETEX are told besides.
#[derive(Default)]
struct Asked {
    condition: Condition,
    previous: bool,
    keeps: bool,
    persists: bool,
    /// Where the amount is, and what it counts.
    lifetime: Option<(usize, Unit)>,
}

impl Asked {
    /// From an argument on. What is said twice counts once, and of two amounts the last one.
    fn parse(call: &Call<'_>, mut at: usize, sets: bool) -> Result<Asked, Failure> {
        let mut asked = Asked::default();
        while at < call.args.len() {
            let is_timed = asked.lifetime.is_some();
            match () {
                () if sets && call.is(at, "NX") && asked.condition != Condition::IfPresent => {
                    asked.condition = Condition::IfAbsent;
                }
                () if sets && call.is(at, "XX") && asked.condition != Condition::IfAbsent => {
                    asked.condition = Condition::IfPresent;
                }
                () if sets && call.is(at, "GET") => asked.previous = true,
                () if sets && call.is(at, "KEEPTTL") && !is_timed => asked.keeps = true,
                () if !sets && call.is(at, "PERSIST") && !is_timed => asked.persists = true,
                () => {
                    let unit = unit(call, at).ok_or(Failure::SYNTAX)?;
                    let is_other = asked.lifetime.is_some_and(|(_, before)| before != unit);
                    at += 1;
                    if asked.keeps || asked.persists || is_other || at == call.args.len() {
                        return Err(Failure::SYNTAX);
                    }
                    asked.lifetime = Some((at, unit));
                }
            }
            at += 1;
        }
        Ok(asked)
    }
}

pub fn set(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let asked = Asked::parse(call, 3, true)?;
    let mut options = SetOptions {
        condition: asked.condition,
        previous: asked.previous,
        ..SetOptions::default()
    };
    if asked.keeps {
        options.lifetime = Lifetime::Keep;
    }
    if let Some((at, unit)) = asked.lifetime {
        options.lifetime = Lifetime::Until(deadline(call, at, unit, "set")?);
    }
    store(call, txn, 2, options)
}

/// Stores the argument at `value`, and answers as SET does.
fn store(call: &mut Call<'_>, txn: &mut Txn<'_>, value: usize, options: SetOptions) -> Answer {
    let outcome = txn.set(call.args[1], call.args[value], options)?;
    if options.previous {
        call.out.bulk_or_null(outcome.previous.as_deref());
    } else if outcome.stored {
        call.out.ok();
    } else {
        call.out.null();
    }
    Ok(())
}

pub fn setex(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let until = deadline(call, 2, Unit::Seconds, "setex")?;
    store(call, txn, 3, SetOptions::until(until))
}

pub fn psetex(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let until = deadline(call, 2, Unit::Millis, "psetex")?;
    store(call, txn, 3, SetOptions::until(until))
}

pub fn setnx(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let options = SetOptions {
        condition: Condition::IfAbsent,
        ..SetOptions::default()
    };
    let outcome = txn.set(call.args[1], call.args[2], options)?;
    call.out.integer(outcome.stored.into());
    Ok(())
}

pub fn getex(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[1];
    let asked = Asked::parse(call, 2, false)?;
    let value = txn.get(key)?;
    if value.is_none() {
        call.out.null();
        return Ok(());
    }
    if let Some((at, unit)) = asked.lifetime {
        txn.expire_at(key, deadline(call, at, unit, "getex")?);
    } else if asked.persists {
        txn.persist(key);
    }
    call.out.bulk_or_null(value.as_deref());
    Ok(())
}

//! SET in all its forms, and how long what is set shall live.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use crate::cache::{Condition, Lifetime, SetOptions, Txn};

/// What an amount of time counts, and from when.
#[derive(Clone, Copy)]
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

pub fn set(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let mut options = SetOptions::default();
    let mut has_lifetime = false;
    let mut lifetime = None;
    let mut at = 3;
    while at < call.args.len() {
        if call.is(at, "NX") && options.condition == Condition::Any {
            options.condition = Condition::IfAbsent;
        } else if call.is(at, "XX") && options.condition == Condition::Any {
            options.condition = Condition::IfPresent;
        } else if call.is(at, "GET") {
            options.previous = true;
        } else if call.is(at, "KEEPTTL") && !has_lifetime {
            has_lifetime = true;
            options.lifetime = Lifetime::Keep;
        } else if let Some(unit) = unit(call, at)
            && !has_lifetime
            && at + 1 < call.args.len()
        {
            has_lifetime = true;
            at += 1;
            lifetime = Some((at, unit));
        } else if (call.is(at, "NX") && options.condition == Condition::IfAbsent)
            || (call.is(at, "XX") && options.condition == Condition::IfPresent)
            || (call.is(at, "KEEPTTL") && options.lifetime == Lifetime::Keep)
        {
            // Said twice.
        } else {
            return Err(Failure::SYNTAX);
        }
        at += 1;
    }
    if let Some((at, unit)) = lifetime {
        options.lifetime = Lifetime::Until(deadline(call, at, unit, "set")?);
    }
    store(call, txn, 2, options)?;
    Ok(())
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
    let change = match call.args.len() {
        2 => None,
        3 if call.is(2, "PERSIST") => Some(None),
        4 => {
            let unit = unit(call, 2).ok_or(Failure::SYNTAX)?;
            Some(Some(unit))
        }
        _ => return Err(Failure::SYNTAX),
    };
    let value = txn.get(key)?;
    if value.is_none() {
        call.out.null();
        return Ok(());
    }
    match change {
        None => {}
        Some(None) => {
            txn.persist(key);
        }
        Some(Some(unit)) => {
            txn.expire_at(key, deadline(call, 3, unit, "getex")?);
        }
    }
    call.out.bulk_or_null(value.as_deref());
    Ok(())
}

//! Taking members out, and waiting for some.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::several::Several;
use super::pairs;
use maru_cache::{Txn, ValueType};

pub fn zpop(call: &mut Call<'_>, txn: &mut Txn<'_>, highest: bool) -> Answer {
    if call.args.len() > 3 {
        return Err(Failure::SYNTAX);
    }
    let count = match call.args.len() {
        3 => Some(call.size(2, Failure::NOT_POSITIVE)?),
        _ => None,
    };
    let popped = txn.zpop(call.args[1], highest, count.unwrap_or(1))?;
    if count.is_none() && call.out.is_resp3() {
        // One pair is not in an array of its own, in either protocol.
        call.out.array(popped.len() * 2);
        for (member, score) in popped {
            call.out.bulk(&member);
            call.out.double(score);
        }
    } else {
        pairs(call, &popped, true);
    }
    Ok(())
}

pub fn bzpop(call: &mut Call<'_>, txn: &mut Txn<'_>, highest: bool) -> Answer {
    let last = call.args.len() - 1;
    let until = call.timeout(last)?;
    for key in &call.args[1..last] {
        if call.passes_over(txn, key, ValueType::Ranked) {
            continue;
        }
        if let Some((member, score)) = txn.zpop(key, highest, 1)?.pop() {
            call.out.array(3);
            call.out.bulk(key);
            call.out.bulk(&member);
            call.out.double(score);
            return Ok(());
        }
    }
    let keys = call.args[1..last].iter().map(|key| key.to_vec()).collect();
    call.wait_for(ValueType::Ranked, keys, until);
    Ok(())
}

/// `MIN` or `MAX`; whether it is the latter.
fn highest(call: &Call<'_>, at: usize) -> Result<bool, Failure> {
    match () {
        () if call.is(at, "MIN") => Ok(false),
        () if call.is(at, "MAX") => Ok(true),
        () => Err(Failure::SYNTAX),
    }
}

fn take(
    call: &mut Call<'_>,
    txn: &mut Txn<'_>,
    several: &Several<'_, bool>,
) -> Result<bool, Failure> {
    for key in &several.keys {
        if call.passes_over(txn, key, ValueType::Ranked) {
            continue;
        }
        let popped = txn.zpop(key, several.from, several.count)?;
        if !popped.is_empty() {
            call.out.array(2);
            call.out.bulk(key);
            call.out.array(popped.len());
            for (member, score) in popped {
                call.out.array(2);
                call.out.bulk(&member);
                call.out.double(score);
            }
            return Ok(true);
        }
    }
    Ok(false)
}

pub fn zmpop(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let several = Several::parse(call, 1, highest)?;
    if !take(call, txn, &several)? {
        call.out.null_array();
    }
    Ok(())
}

pub fn bzmpop(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let until = call.timeout(1)?;
    let several = Several::parse(call, 2, highest)?;
    if !take(call, txn, &several)? {
        let keys = several.owned_keys();
        call.wait_for(ValueType::Ranked, keys, until);
    }
    Ok(())
}

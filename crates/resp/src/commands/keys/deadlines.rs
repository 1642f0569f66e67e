//! When keys end.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::number;
use maru_cache::{ExpireWhen, Ttl, Txn};

pub fn expire(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    set(call, txn, 1000, true, "expire")
}

pub fn pexpire(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    set(call, txn, 1, true, "pexpire")
}

pub fn expireat(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    set(call, txn, 1000, false, "expireat")
}

pub fn pexpireat(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    set(call, txn, 1, false, "pexpireat")
}

fn conditions(call: &Call<'_>) -> Result<ExpireWhen, Failure> {
    let mut when = ExpireWhen::default();
    for at in 3..call.args.len() {
        let condition = if call.is(at, "NX") {
            &mut when.absent
        } else if call.is(at, "XX") {
            &mut when.present
        } else if call.is(at, "GT") {
            &mut when.later
        } else if call.is(at, "LT") {
            &mut when.earlier
        } else {
            return Err(Failure::of(format!(
                "ERR Unsupported option {}",
                String::from_utf8_lossy(call.args[at])
            )));
        };
        *condition = true;
    }
    if when.absent && (when.present || when.later || when.earlier) {
        return Err(Failure::new(
            "ERR NX and XX, GT or LT options at the same time are not compatible",
        ));
    }
    if when.later && when.earlier {
        return Err(Failure::new(
            "ERR GT and LT options at the same time are not compatible",
        ));
    }
    Ok(when)
}

fn set(call: &mut Call<'_>, txn: &mut Txn<'_>, unit_ms: i64, from_now: bool, name: &str) -> Answer {
    let when = conditions(call)?;
    let amount = number::integer(call.args[2]).ok_or(Failure::NOT_AN_INTEGER)?;
    let base_ms = if from_now {
        call.cache.clock().unix_ms() as i64
    } else {
        0
    };
    let at_ms = amount
        .checked_mul(unit_ms)
        .and_then(|ms| ms.checked_add(base_ms))
        .ok_or_else(|| Failure::of(format!("ERR invalid expire time in '{name}' command")))?;
    let key = call.args[1];
    let done = txn.expire_at_if(key, u64::try_from(at_ms).unwrap_or(0), when);
    call.out.integer(done.into());
    Ok(())
}

pub fn ttl(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    tell(call, txn, |left_ms, _| left_ms.saturating_add(500) / 1000)
}

pub fn pttl(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    tell(call, txn, |left_ms, _| left_ms)
}

pub fn expiretime(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    tell(call, txn, |_, at_ms| at_ms.saturating_add(500) / 1000)
}

pub fn pexpiretime(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    tell(call, txn, |_, at_ms| at_ms)
}

fn tell(call: &mut Call<'_>, txn: &mut Txn<'_>, what: fn(u64, u64) -> u64) -> Answer {
    let number = match txn.ttl(call.args[1]) {
        Ttl::Missing => -2,
        Ttl::Forever => -1,
        Ttl::Left {
            left_ms,
            at_unix_ms,
        } => what(left_ms, at_unix_ms) as i64,
    };
    call.out.integer(number);
    Ok(())
}

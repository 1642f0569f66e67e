//! Some fields, any.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::drawing;
use crate::cache::Txn;

pub fn hrandfield(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[1];
    if call.args.len() < 3 {
        let at = txn.hlen(key)?;
        let at = txn.any_below(at);
        let field = txn.hash(key)?.and_then(|hash| hash.nth(at));
        call.out.bulk_or_null(field.map(|(field, _)| field));
        return Ok(());
    }
    let count = drawing::count(call, 2)?;
    let with_values = match call.args.len() {
        3 => false,
        4 if call.is(3, "WITHVALUES") => true,
        _ => return Err(Failure::SYNTAX),
    };
    if with_values && count.unsigned_abs() > (i64::MAX / 2) as u64 {
        return Err(Failure::new("ERR value is out of range"));
    }
    let length = txn.hlen(key)?;
    let drawn = drawing::draw(txn, length, count);
    let nested = with_values && call.out.is_resp3();
    call.out.array(match with_values && !nested {
        true => drawn.len() * 2,
        false => drawn.len(),
    });
    let Some(hash) = txn.hash(key)? else {
        return Ok(());
    };
    for (field, value) in drawn.into_iter().filter_map(|at| hash.nth(at)) {
        if nested {
            call.out.array(2);
        }
        call.out.bulk(field);
        if with_values {
            call.out.bulk(value);
        }
    }
    Ok(())
}

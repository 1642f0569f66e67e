//! Some fields, any.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::drawing;
use maru_cache::Txn;

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
    let hash = txn.hash(key)?;
    drawing::answer(
        call,
        drawn,
        with_values,
        |at| hash?.nth(at),
        |out, (field, value)| {
            out.bulk(field);
            if with_values {
                out.bulk(value);
            }
        },
    );
    Ok(())
}

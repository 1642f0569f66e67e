//! Taking members out, and waiting for some.

use super::super::super::call::{Call, Nothing};
use super::super::super::failure::{Answer, Failure};
use super::pairs;
use crate::cache::Txn;

pub fn zpop(call: &mut Call<'_>, txn: &mut Txn<'_>, highest: bool) -> Answer {
    if call.args.len() > 3 {
        return Err(Failure::SYNTAX);
    }
    let count = match call.args.len() {
        3 => Some(
            call.integer(2)
                .ok()
                .and_then(|count| usize::try_from(count).ok())
                .ok_or(Failure::NOT_POSITIVE)?,
        ),
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
        if let Some((member, score)) = txn.zpop(key, highest, 1)?.pop() {
            call.out.array(3);
            call.out.bulk(key);
            call.out.bulk(&member);
            call.out.double(score);
            return Ok(());
        }
    }
    let keys = call.args[1..last].iter().map(|key| key.to_vec()).collect();
    call.wait(keys, until, Nothing::NullArray);
    Ok(())
}

/// `numkeys key [key …] <MIN|MAX> [COUNT count]` from an argument on.
struct Several<'a> {
    keys: Vec<&'a [u8]>,
    highest: bool,
    count: usize,
}

impl<'a> Several<'a> {
    fn parse(call: &Call<'a>, at: usize) -> Result<Several<'a>, Failure> {
        let positive = |at: usize| {
            let number = call
                .integer(at)
                .ok()
                .and_then(|number| usize::try_from(number).ok());
            number.filter(|&number| number > 0)
        };
        let count = positive(at).ok_or(Failure::new("ERR numkeys should be greater than 0"))?;
        let after = at.saturating_add(1).saturating_add(count);
        let highest = match () {
            () if call.is(after, "MIN") => false,
            () if call.is(after, "MAX") => true,
            () => return Err(Failure::SYNTAX),
        };
        let count = match call.args.len() - after {
            1 => 1,
            3 if call.is(after + 1, "COUNT") => {
                positive(after + 2).ok_or(Failure::new("ERR count should be greater than 0"))?
            }
            _ => return Err(Failure::SYNTAX),
        };
        Ok(Several {
            keys: call.args[at + 1..after].to_vec(),
            highest,
            count,
        })
    }

    fn take(&self, call: &mut Call<'_>, txn: &mut Txn<'_>) -> Result<bool, Failure> {
        for key in &self.keys {
            let popped = txn.zpop(key, self.highest, self.count)?;
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
}

pub fn zmpop(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    if !Several::parse(call, 1)?.take(call, txn)? {
        call.out.null_array();
    }
    Ok(())
}

pub fn bzmpop(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let until = call.timeout(1)?;
    let several = Several::parse(call, 2)?;
    if !several.take(call, txn)? {
        let keys = several.keys.iter().map(|key| key.to_vec()).collect();
        call.wait(keys, until, Nothing::NullArray);
    }
    Ok(())
}

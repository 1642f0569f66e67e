//! Taking elements, waiting for them if there are none.

use super::super::super::call::Call;
use super::super::super::failure::Answer;
use super::super::several::Several;
use super::{end, take};
use maru_cache::{End, Txn, ValueType};

pub fn bpop(call: &mut Call<'_>, txn: &mut Txn<'_>, end: End) -> Answer {
    let last = call.args.len() - 1;
    let until = call.timeout(last)?;
    for key in &call.args[1..last] {
        if call.passes_over(txn, key, ValueType::List) {
            continue;
        }
        if let Some(element) = txn.pop(key, end, 1)?.and_then(|mut popped| popped.pop()) {
            call.out.array(2);
            call.out.bulk(key);
            call.out.bulk(&element);
            return Ok(());
        }
    }
    let keys = call.args[1..last].iter().map(|key| key.to_vec()).collect();
    call.wait_for(ValueType::List, keys, until);
    Ok(())
}

pub fn blmpop(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let until = call.timeout(1)?;
    let several = Several::parse(call, 2, end)?;
    if !take(call, txn, &several)? {
        let keys = several.owned_keys();
        call.wait_for(ValueType::List, keys, until);
    }
    Ok(())
}

pub fn blmove(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (from_end, to_end) = (end(call, 3)?, end(call, 4)?);
    move_or_wait(call, txn, from_end, to_end, 5)
}

pub fn brpoplpush(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    move_or_wait(call, txn, End::Back, End::Front, 3)
}

fn move_or_wait(
    call: &mut Call<'_>,
    txn: &mut Txn<'_>,
    from_end: End,
    to_end: End,
    timeout_at: usize,
) -> Answer {
    let until = call.timeout(timeout_at)?;
    if call.passes_over(txn, call.args[1], ValueType::List) {
        call.wait_for(ValueType::List, vec![call.args[1].to_vec()], until);
        return Ok(());
    }
    match txn.lmove(call.args[1], from_end, call.args[2], to_end)? {
        Some(moved) => call.out.bulk(&moved),
        // Redis tells the two apart: in a step there is nothing, after a while there was none.
        None if call.in_exec => call.out.null(),
        None => call.wait_for(ValueType::List, vec![call.args[1].to_vec()], until),
    }
    Ok(())
}

//! Elements in order.
mod blocking;
mod finding;

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::LIST;
use super::super::table::{
    BLOCKING, Command, DENYOOM, FAST, Keys, MOVABLEKEYS, NOSCRIPT, READONLY, TELLS, WRITE, counted,
};
use super::several::Several;
use bytes::Bytes;
use maru_cache::{End, List, Txn, ValueType};

const GROW: u32 = WRITE | DENYOOM;

pub const COMMANDS: &[Command] = &[
    Command::keyed(
        "blmove",
        6,
        GROW | NOSCRIPT | BLOCKING | TELLS,
        Keys::TWO,
        blocking::blmove,
    )
    .of(LIST)
    .says(
        "6.2.0",
        "Moves an element to another list, waiting for one.",
    )
    .written("source destination (LEFT|RIGHT) (LEFT|RIGHT) timeout:double"),
    Command::keyed(
        "blmpop",
        -5,
        WRITE | BLOCKING | MOVABLEKEYS | TELLS,
        Keys::NONE.found(|args, found| counted(args, 2, found)),
        blocking::blmpop,
    )
    .of(LIST)
    .says(
        "7.0.0",
        "Takes elements from the first list that has some, waiting for them.",
    )
    .written("timeout:double numkeys key... (LEFT|RIGHT) [COUNT count]"),
    Command::keyed(
        "blpop",
        -3,
        WRITE | NOSCRIPT | BLOCKING | TELLS,
        Keys::range(1, -2, 1),
        |call, txn| blocking::bpop(call, txn, End::Front),
    )
    .of(LIST)
    .says(
        "2.0.0",
        "Takes the first element of the first list that has one, waiting for it.",
    )
    .written("key... timeout:double"),
    Command::keyed(
        "brpop",
        -3,
        WRITE | NOSCRIPT | BLOCKING | TELLS,
        Keys::range(1, -2, 1),
        |call, txn| blocking::bpop(call, txn, End::Back),
    )
    .of(LIST)
    .says(
        "2.0.0",
        "Takes the last element of the first list that has one, waiting for it.",
    )
    .written("key... timeout:double"),
    Command::keyed(
        "brpoplpush",
        4,
        GROW | NOSCRIPT | BLOCKING | TELLS,
        Keys::TWO,
        blocking::brpoplpush,
    )
    .of(LIST)
    .says(
        "2.2.0",
        "Moves the last element to the front of another list, waiting for one.",
    )
    .written("source destination timeout:double"),
    Command::keyed("lindex", 3, READONLY, Keys::ONE, lindex)
        .of(LIST)
        .says("1.0.0", "One element of a list.")
        .written("key index"),
    Command::keyed("linsert", 5, GROW, Keys::ONE, linsert)
        .of(LIST)
        .says("2.2.0", "Puts an element before or after another.")
        .written("key (BEFORE|AFTER) pivot element"),
    Command::keyed("llen", 2, READONLY | FAST, Keys::ONE, llen)
        .of(LIST)
        .says("1.0.0", "How many elements a list has.")
        .written("key"),
    Command::keyed("lmove", 5, GROW | TELLS, Keys::TWO, lmove)
        .of(LIST)
        .says("6.2.0", "Moves an element to another list.")
        .written("source destination (LEFT|RIGHT) (LEFT|RIGHT)"),
    Command::keyed(
        "lmpop",
        -4,
        WRITE | MOVABLEKEYS | TELLS,
        Keys::NONE.found(|args, found| counted(args, 1, found)),
        lmpop,
    )
    .of(LIST)
    .says("7.0.0", "Takes elements from the first list that has some.")
    .written("numkeys key... (LEFT|RIGHT) [COUNT count]"),
    Command::keyed("lpop", -2, WRITE | FAST | TELLS, Keys::ONE, |call, txn| {
        pop(call, txn, End::Front)
    })
    .of(LIST)
    .says("1.0.0", "Takes elements from the front.")
    .written("key [count]"),
    Command::keyed("lpos", -3, READONLY, Keys::ONE, finding::lpos)
        .of(LIST)
        .says("6.0.6", "Where an element is.")
        .written("key element [RANK rank] [COUNT num-matches] [MAXLEN len]"),
    Command::keyed("lpush", -3, GROW | FAST, Keys::ONE, |call, txn| {
        push(call, txn, End::Front)
    })
    .of(LIST)
    .says("1.0.0", "Puts elements at the front.")
    .written("key element..."),
    Command::keyed("lpushx", -3, GROW | FAST, Keys::ONE, |call, txn| {
        pushx(call, txn, End::Front)
    })
    .of(LIST)
    .says(
        "2.2.0",
        "Puts elements at the front of a list that there is.",
    )
    .written("key element..."),
    Command::keyed("lrange", 4, READONLY, Keys::ONE, lrange)
        .of(LIST)
        .says("1.0.0", "The elements from one position to another.")
        .written("key start:integer stop:integer"),
    Command::keyed("lrem", 4, WRITE, Keys::ONE, lrem)
        .of(LIST)
        .says("1.0.0", "Removes elements that equal a value.")
        .written("key count element"),
    Command::keyed("lset", 4, GROW, Keys::ONE, lset)
        .of(LIST)
        .says("1.0.0", "Replaces an element.")
        .written("key index element"),
    Command::keyed("ltrim", 4, WRITE, Keys::ONE, ltrim)
        .of(LIST)
        .says(
            "1.0.0",
            "Keeps only the elements from one position to another.",
        )
        .written("key start:integer stop:integer"),
    Command::keyed("rpop", -2, WRITE | FAST | TELLS, Keys::ONE, |call, txn| {
        pop(call, txn, End::Back)
    })
    .of(LIST)
    .says("1.0.0", "Takes elements from the back.")
    .written("key [count]"),
    Command::keyed("rpoplpush", 3, GROW | TELLS, Keys::TWO, rpoplpush)
        .of(LIST)
        .says(
            "1.2.0",
            "Moves the last element to the front of another list.",
        )
        .written("source destination"),
    Command::keyed("rpush", -3, GROW | FAST, Keys::ONE, |call, txn| {
        push(call, txn, End::Back)
    })
    .of(LIST)
    .says("1.0.0", "Puts elements at the back.")
    .written("key element..."),
    Command::keyed("rpushx", -3, GROW | FAST, Keys::ONE, |call, txn| {
        pushx(call, txn, End::Back)
    })
    .of(LIST)
    .says(
        "2.2.0",
        "Puts elements at the back of a list that there is.",
    )
    .written("key element..."),
];

fn push(call: &mut Call<'_>, txn: &mut Txn<'_>, end: End) -> Answer {
    let length = txn.push(call.args[1], end, &call.args[2..])?;
    call.out.count(length);
    Ok(())
}

fn pushx(call: &mut Call<'_>, txn: &mut Txn<'_>, end: End) -> Answer {
    if txn.llen(call.args[1])? == 0 {
        call.out.integer(0);
        return Ok(());
    }
    push(call, txn, end)
}

fn pop(call: &mut Call<'_>, txn: &mut Txn<'_>, end: End) -> Answer {
    if call.args.len() > 3 {
        let name = if end == End::Front { "lpop" } else { "rpop" };
        return Err(Failure::of(format!(
            "ERR wrong number of arguments for '{name}' command"
        )));
    }
    let Some(_) = call.args.get(2) else {
        let popped = txn.pop(call.args[1], end, 1)?;
        let element = popped.and_then(|mut popped| popped.pop());
        call.out.bulk_or_null(element.as_deref());
        return Ok(());
    };
    let count = call.size(2, Failure::NOT_POSITIVE)?;
    match txn.pop(call.args[1], end, count)? {
        None => call.out.null_array(),
        Some(popped) => elements(call, &popped),
    }
    Ok(())
}

fn elements(call: &mut Call<'_>, elements: &[Bytes]) {
    call.out.array(elements.len());
    for element in elements {
        call.out.bulk(element);
    }
}

/// `LEFT` or `RIGHT`.
fn end(call: &Call<'_>, at: usize) -> Result<End, Failure> {
    match () {
        () if call.is(at, "LEFT") => Ok(End::Front),
        () if call.is(at, "RIGHT") => Ok(End::Back),
        () => Err(Failure::SYNTAX),
    }
}

fn lmove(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (from_end, to_end) = (end(call, 3)?, end(call, 4)?);
    let moved = txn.lmove(call.args[1], from_end, call.args[2], to_end)?;
    call.out.bulk_or_null(moved.as_deref());
    Ok(())
}

fn rpoplpush(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let moved = txn.lmove(call.args[1], End::Back, call.args[2], End::Front)?;
    call.out.bulk_or_null(moved.as_deref());
    Ok(())
}

/// Writes the answer, if a list has something.
fn take(
    call: &mut Call<'_>,
    txn: &mut Txn<'_>,
    several: &Several<'_, End>,
) -> Result<bool, Failure> {
    for key in &several.keys {
        if call.passes_over(txn, key, ValueType::List) {
            continue;
        }
        if let Some(popped) = txn.pop(key, several.from, several.count)? {
            call.out.array(2);
            call.out.bulk(key);
            elements(call, &popped);
            return Ok(true);
        }
    }
    Ok(false)
}

fn lmpop(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let several = Several::parse(call, 1, end)?;
    if !take(call, txn, &several)? {
        call.out.null_array();
    }
    Ok(())
}

fn llen(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let length = txn.llen(call.args[1])?;
    call.out.count(length);
    Ok(())
}

fn lindex(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    // Redis looks at the key first.
    txn.list(call.args[1])?;
    let index = match txn.llen(call.args[1])? {
        0 => 0,
        _ => call.integer(2)?,
    };
    let element = txn.lindex(call.args[1], index)?;
    call.out.bulk_or_null(element.as_deref());
    Ok(())
}

fn lrange(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (start, stop) = (call.integer(2)?, call.integer(3)?);
    let list = txn.list(call.args[1])?;
    let range = maru_cache::slice(start, stop, list.map_or(0, List::len));
    call.out.array(range.len());
    for element in list.into_iter().flat_map(|list| list.range(range.clone())) {
        call.out.bulk(element);
    }
    Ok(())
}

fn lset(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    if txn.llen(call.args[1])? == 0 {
        return Err(Failure::NO_SUCH_KEY);
    }
    let index = call.integer(2)?;
    match txn.lset(call.args[1], index, call.args[3])? {
        None => return Err(Failure::NO_SUCH_KEY),
        Some(false) => return Err(Failure::OUT_OF_RANGE),
        Some(true) => call.out.ok(),
    }
    Ok(())
}

fn linsert(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let before = match () {
        () if call.is(2, "BEFORE") => true,
        () if call.is(2, "AFTER") => false,
        () => return Err(Failure::SYNTAX),
    };
    match txn.linsert(call.args[1], before, call.args[3], call.args[4])? {
        None => call.out.integer(0),
        Some(None) => call.out.integer(-1),
        Some(Some(length)) => call.out.count(length),
    }
    Ok(())
}

fn lrem(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let count = call.integer(2)?;
    let removed = txn.lrem(call.args[1], count, call.args[3])?;
    call.out.count(removed);
    Ok(())
}

fn ltrim(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (start, stop) = (call.integer(2)?, call.integer(3)?);
    txn.ltrim(call.args[1], start, stop)?;
    call.out.ok();
    Ok(())
}

//! Members without order.

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::out::Out;
use super::super::table::category::SET;
use super::super::table::{
    Command, DENYOOM, FAST, Keys, MOVABLEKEYS, READONLY, TELLS, WRITE, Writes, counted,
};
use super::{drawing, paging, several};
use maru_cache::{CacheError, Set, Txn};

const GROW: u32 = WRITE | DENYOOM;
const STORE: Keys = Keys::ALL.writing(Writes::First);

pub const COMMANDS: &[Command] = &[
    Command::keyed("sadd", -3, GROW | FAST, Keys::ONE, sadd)
        .of(SET)
        .says("1.0.0", "Adds members to a set.")
        .written("key member..."),
    Command::keyed("scard", 2, READONLY | FAST, Keys::ONE, scard)
        .of(SET)
        .says("1.0.0", "How many members a set has.")
        .written("key"),
    Command::keyed("sdiff", -2, READONLY, Keys::ALL, |call, txn| {
        combine(call, txn, |txn, keys| txn.sdiff(keys))
    })
    .of(SET)
    .says(
        "1.0.0",
        "Members of the first set that are in none of the others.",
    )
    .written("key..."),
    Command::keyed("sdiffstore", -3, GROW, STORE, |call, txn| {
        store(call, txn, |txn, keys| txn.sdiff(keys), "sdiffstore")
    })
    .of(SET)
    .says("1.0.0", "Keeps what SDIFF answers in a key.")
    .written("destination key..."),
    Command::keyed("sinter", -2, READONLY, Keys::ALL, |call, txn| {
        combine(call, txn, |txn, keys| txn.sinter(keys))
    })
    .of(SET)
    .says("1.0.0", "Members of all sets.")
    .written("key..."),
    Command::keyed(
        "sintercard",
        -3,
        READONLY | MOVABLEKEYS,
        Keys::NONE.found(|args, found| counted(args, 1, found)),
        sintercard,
    )
    .of(SET)
    .says("7.0.0", "How many members all sets have in common.")
    .written("numkeys key... [LIMIT limit]"),
    Command::keyed("sinterstore", -3, GROW, STORE, |call, txn| {
        store(call, txn, |txn, keys| txn.sinter(keys), "sinterstore")
    })
    .of(SET)
    .says("1.0.0", "Keeps what SINTER answers in a key.")
    .written("destination key..."),
    Command::keyed("sismember", 3, READONLY | FAST, Keys::ONE, sismember)
        .of(SET)
        .says("1.0.0", "Whether a set has a member.")
        .written("key member"),
    Command::keyed("smembers", 2, READONLY, Keys::ONE, smembers)
        .of(SET)
        .says("1.0.0", "All members of a set.")
        .written("key"),
    Command::keyed("smismember", -3, READONLY | FAST, Keys::ONE, smismember)
        .of(SET)
        .says("6.2.0", "Which of several a set has as members.")
        .written("key member..."),
    Command::keyed("smove", 4, WRITE | FAST, Keys::TWO, smove)
        .of(SET)
        .says("1.0.0", "Moves a member to another set.")
        .written("source destination member"),
    Command::keyed("spop", -2, WRITE | FAST | TELLS, Keys::ONE, spop)
        .of(SET)
        .says("1.0.0", "Takes some members out of a set, any.")
        .written("key [count]"),
    Command::keyed("srandmember", -2, READONLY, Keys::ONE, srandmember)
        .of(SET)
        .says("1.0.0", "Some members of a set, any.")
        .written("key [count]"),
    Command::keyed("srem", -3, WRITE | FAST, Keys::ONE, srem)
        .of(SET)
        .says("1.0.0", "Removes members of a set.")
        .written("key member..."),
    Command::keyed("sscan", -3, READONLY, Keys::ONE, sscan)
        .of(SET)
        .says("2.8.0", "Goes through all members of a set, page by page.")
        .written("key cursor [MATCH pattern] [COUNT count]"),
    Command::keyed("sunion", -2, READONLY, Keys::ALL, |call, txn| {
        combine(call, txn, |txn, keys| txn.sunion(keys))
    })
    .of(SET)
    .says("1.0.0", "Members of any of the sets.")
    .written("key..."),
    Command::keyed("sunionstore", -3, GROW, STORE, |call, txn| {
        store(call, txn, |txn, keys| txn.sunion(keys), "sunionstore")
    })
    .of(SET)
    .says("1.0.0", "Keeps what SUNION answers in a key.")
    .written("destination key..."),
];

/// One of the functions that make a set of several.
type Combine = fn(&mut Txn<'_>, &[&[u8]]) -> Result<Set, CacheError>;

fn sadd(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let added = txn.sadd(call.args[1], &call.args[2..])?;
    call.out.integer(added as i64);
    Ok(())
}

fn srem(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let removed = txn.srem(call.args[1], &call.args[2..])?;
    call.out.integer(removed as i64);
    Ok(())
}

fn scard(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let size = txn.scard(call.args[1])?;
    call.out.count(size);
    Ok(())
}

fn sismember(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let found = txn.sismember(call.args[1], call.args[2])?;
    call.out.integer(found.into());
    Ok(())
}

fn smismember(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let set = txn.members(call.args[1])?;
    let asked = &call.args[2..];
    call.out.array(asked.len());
    for member in asked {
        call.out
            .integer(set.is_some_and(|set| set.contains(member)).into());
    }
    Ok(())
}

fn smembers(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let set = txn.members(call.args[1])?;
    all(call, set);
    Ok(())
}

fn all(call: &mut Call<'_>, set: Option<&Set>) {
    let members = set.map(Set::shown).unwrap_or_default();
    call.out.set(members.len());
    for member in members {
        call.out.bulk(member);
    }
}

fn smove(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let moved = txn.smove(call.args[1], call.args[2], call.args[3])?;
    call.out.integer(moved.into());
    Ok(())
}

fn spop(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let Some(_) = call.args.get(2) else {
        let popped = txn.spop(call.args[1], 1)?;
        call.out
            .bulk_or_null(popped.first().map(|member| &**member));
        return Ok(());
    };
    if call.args.len() > 3 {
        return Err(Failure::SYNTAX);
    }
    let count = call.size(2, Failure::NOT_POSITIVE)?;
    let popped = txn.spop(call.args[1], count)?;
    call.out.set(popped.len());
    for member in popped {
        call.out.bulk(&member);
    }
    Ok(())
}

fn srandmember(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[1];
    if call.args.len() < 3 {
        let size = txn.scard(key)?;
        let at = txn.any_below(size);
        let member = txn.members(key)?.and_then(|set| set.nth(at));
        call.out.bulk_or_null(member);
        return Ok(());
    }
    if call.args.len() > 3 {
        return Err(Failure::SYNTAX);
    }
    let count = drawing::count(call, 2)?;
    let size = txn.scard(key)?;
    let drawn = drawing::draw(txn, size, count);
    let set = txn.members(key)?;
    drawing::answer(call, drawn, false, |at| set?.nth(at), Out::bulk);
    Ok(())
}

fn sscan(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let cursor = paging::cursor(call)?;
    let Some(set) = txn.members(call.args[1])? else {
        paging::answer::<[&[u8]; 0]>(call, 0, []);
        return Ok(());
    };
    let asked = paging::asked(call, cursor)?;
    let page = asked.page(set.len(), !set.is_wide());
    let mut found: Vec<&[u8]> = if set.is_wide() {
        page.range.filter_map(|index| set.nth(index)).collect()
    } else {
        set.shown()
    };
    found.retain(|member| asked.wants(member));
    paging::answer(call, page.next, found);
    Ok(())
}

fn combine(call: &mut Call<'_>, txn: &mut Txn<'_>, combine: Combine) -> Answer {
    let set = combine(txn, &call.args[1..])?;
    all(call, Some(&set));
    Ok(())
}

fn store(call: &mut Call<'_>, txn: &mut Txn<'_>, combine: Combine, event: &'static str) -> Answer {
    let set = combine(txn, &call.args[2..])?;
    let size = txn.store_members(call.args[1], &set, event)?;
    call.out.count(size);
    Ok(())
}

fn sintercard(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let none = Failure::new("ERR numkeys should be greater than 0");
    let keys = match call.size(1, none.clone())? {
        0 => return Err(none),
        keys => keys,
    };
    if keys > call.args.len() - 2 {
        return Err(Failure::new(
            "ERR Number of keys can't be greater than number of args",
        ));
    }
    let limit = several::limit(call, 2 + keys)?;
    let common = txn.sinter(&call.args[2..2 + keys])?.len();
    call.out.count(common.min(limit));
    Ok(())
}

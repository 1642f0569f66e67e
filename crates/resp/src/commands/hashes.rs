//! Fields and values under a key.
mod random;

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::HASH;
use super::super::table::{Command, DENYOOM, FAST, Keys, READONLY, TELLS, WRITE};
use super::paging;
use maru_cache::{Hash, Txn};

const GROW: u32 = WRITE | DENYOOM;

pub const COMMANDS: &[Command] = &[
    Command::keyed("hdel", -3, WRITE | FAST, Keys::ONE, hdel)
        .of(HASH)
        .says("2.0.0", "Removes fields of a hash.")
        .written("key field..."),
    Command::keyed("hexists", 3, READONLY | FAST, Keys::ONE, hexists)
        .of(HASH)
        .says("2.0.0", "Whether a hash has a field.")
        .written("key field"),
    Command::keyed("hget", 3, READONLY | FAST, Keys::ONE, hget)
        .of(HASH)
        .says("2.0.0", "The value of a field.")
        .written("key field"),
    Command::keyed("hgetall", 2, READONLY, Keys::ONE, hgetall)
        .of(HASH)
        .says("2.0.0", "All fields and values of a hash.")
        .written("key"),
    Command::keyed("hincrby", 4, GROW | FAST | TELLS, Keys::ONE, hincrby)
        .of(HASH)
        .says("2.0.0", "Adds an integer to the number of a field.")
        .written("key field increment"),
    Command::keyed(
        "hincrbyfloat",
        4,
        GROW | FAST | TELLS,
        Keys::ONE,
        hincrbyfloat,
    )
    .of(HASH)
    .says(
        "2.6.0",
        "Adds a number with a fraction to the number of a field.",
    )
    .written("key field increment:double"),
    Command::keyed("hkeys", 2, READONLY, Keys::ONE, hkeys)
        .of(HASH)
        .says("2.0.0", "All fields of a hash.")
        .written("key"),
    Command::keyed("hlen", 2, READONLY | FAST, Keys::ONE, hlen)
        .of(HASH)
        .says("2.0.0", "How many fields a hash has.")
        .written("key"),
    Command::keyed("hmget", -3, READONLY | FAST, Keys::ONE, hmget)
        .of(HASH)
        .says("2.0.0", "The values of several fields.")
        .written("key field..."),
    Command::keyed("hmset", -4, GROW | FAST, Keys::ONE, hmset)
        .of(HASH)
        .says("2.0.0", "Sets several fields; an older name of HSET.")
        .written("key {field value}..."),
    Command::keyed("hrandfield", -2, READONLY, Keys::ONE, random::hrandfield)
        .of(HASH)
        .says("6.2.0", "Some fields of a hash, any.")
        .written("key [count [WITHVALUES]]"),
    Command::keyed("hscan", -3, READONLY, Keys::ONE, hscan)
        .of(HASH)
        .says("2.8.0", "Goes through all fields of a hash, page by page.")
        .written("key cursor [MATCH pattern] [COUNT count]"),
    Command::keyed("hset", -4, GROW | FAST, Keys::ONE, hset)
        .of(HASH)
        .says("2.0.0", "Sets fields of a hash.")
        .written("key {field value}..."),
    Command::keyed("hsetnx", 4, GROW | FAST, Keys::ONE, hsetnx)
        .of(HASH)
        .says("2.0.0", "Sets a field if the hash does not have it.")
        .written("key field value"),
    Command::keyed("hstrlen", 3, READONLY | FAST, Keys::ONE, hstrlen)
        .of(HASH)
        .says("3.2.0", "How many bytes the value of a field has.")
        .written("key field"),
    Command::keyed("hvals", 2, READONLY, Keys::ONE, hvals)
        .of(HASH)
        .says("2.0.0", "All values of a hash.")
        .written("key"),
];

/// A field and its value.
type Pair<'a> = (&'a [u8], &'a [u8]);

fn pairs<'a>(call: &Call<'a>, name: &str) -> Result<Vec<Pair<'a>>, Failure> {
    let args = &call.args[2..];
    if !args.len().is_multiple_of(2) {
        return Err(Failure::of(format!(
            "ERR wrong number of arguments for '{name}' command"
        )));
    }
    Ok(args
        .chunks_exact(2)
        .map(|pair| (pair[0], pair[1]))
        .collect())
}

fn hset(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let pairs = pairs(call, "hset")?;
    let added = txn.hset(call.args[1], &pairs)?;
    call.out.integer(added as i64);
    Ok(())
}

fn hmset(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let pairs = pairs(call, "hmset")?;
    txn.hset(call.args[1], &pairs)?;
    call.out.ok();
    Ok(())
}

fn hsetnx(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let set = txn.hsetnx(call.args[1], call.args[2], call.args[3])?;
    call.out.integer(set.into());
    Ok(())
}

fn hget(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let hash = txn.hash(call.args[1])?;
    call.out
        .bulk_or_null(hash.and_then(|hash| hash.get(call.args[2])));
    Ok(())
}

fn hmget(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let hash = txn.hash(call.args[1])?;
    let fields = &call.args[2..];
    call.out.array(fields.len());
    for field in fields {
        call.out.bulk_or_null(hash.and_then(|hash| hash.get(field)));
    }
    Ok(())
}

fn hdel(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let removed = txn.hdel(call.args[1], &call.args[2..])?;
    call.out.integer(removed as i64);
    Ok(())
}

fn hexists(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let hash = txn.hash(call.args[1])?;
    let found = hash.is_some_and(|hash| hash.contains(call.args[2]));
    call.out.integer(found.into());
    Ok(())
}

fn hstrlen(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let hash = txn.hash(call.args[1])?;
    let value = hash.and_then(|hash| hash.get(call.args[2]));
    call.out.count(value.map_or(0, <[u8]>::len));
    Ok(())
}

fn hlen(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let length = txn.hlen(call.args[1])?;
    call.out.count(length);
    Ok(())
}

fn hgetall(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let hash = txn.hash(call.args[1])?;
    call.out.map(hash.map_or(0, Hash::len));
    for (field, value) in hash.into_iter().flat_map(Hash::iter) {
        call.out.bulk(field);
        call.out.bulk(value);
    }
    Ok(())
}

fn hkeys(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let hash = txn.hash(call.args[1])?;
    call.out.array(hash.map_or(0, Hash::len));
    for (field, _) in hash.into_iter().flat_map(Hash::iter) {
        call.out.bulk(field);
    }
    Ok(())
}

fn hvals(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let hash = txn.hash(call.args[1])?;
    call.out.array(hash.map_or(0, Hash::len));
    for (_, value) in hash.into_iter().flat_map(Hash::iter) {
        call.out.bulk(value);
    }
    Ok(())
}

fn hincrby(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let by = call.integer(3)?;
    let sum = txn.hincrby(call.args[1], call.args[2], by)?;
    call.out.integer(sum);
    Ok(())
}

fn hincrbyfloat(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let by = call.float(3)?;
    if !by.is_finite() {
        return Err(Failure::new("ERR value is NaN or Infinity"));
    }
    let sum = txn.hincrbyfloat(call.args[1], call.args[2], call.args[3])?;
    call.out.bulk(sum.as_bytes());
    Ok(())
}

fn hscan(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let cursor = paging::cursor(call)?;
    let hash = txn.hash(call.args[1])?;
    let Some(hash) = hash else {
        paging::answer::<[&[u8]; 0]>(call, 0, []);
        return Ok(());
    };
    let asked = paging::asked(call, cursor)?;
    let page = asked.page(hash.len(), !hash.is_wide());
    let found: Vec<&[u8]> = page
        .range
        .filter_map(|index| hash.nth(index))
        .filter(|(field, _)| asked.wants(field))
        .flat_map(|(field, value)| [field, value])
        .collect();
    paging::answer(call, page.next, found);
    Ok(())
}

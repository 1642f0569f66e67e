//! Text, bytes and numbers.
mod set;

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::STRING;
use super::super::table::{Command, DENYOOM, FAST, Keys, READONLY, TELLS, WRITE};
use maru_cache::{Creation, SetOptions, Txn};

const GROW: u32 = WRITE | DENYOOM;

pub const COMMANDS: &[Command] = &[
    Command::keyed("append", 3, GROW | FAST, Keys::ONE, append)
        .of(STRING)
        .says(
            "2.0.0",
            "Adds to the end of a string, making it if there is none.",
        )
        .written("key value"),
    Command::keyed("decr", 2, GROW | FAST | TELLS, Keys::ONE, |call, txn| {
        add(call, txn, -1)
    })
    .of(STRING)
    .says("1.0.0", "Takes one from a number.")
    .written("key"),
    Command::keyed("decrby", 3, GROW | FAST | TELLS, Keys::ONE, decrby)
        .of(STRING)
        .says("1.0.0", "Takes an integer from a number.")
        .written("key decrement"),
    Command::keyed("get", 2, READONLY | FAST, Keys::ONE, get)
        .of(STRING)
        .says("1.0.0", "The string of a key.")
        .written("key"),
    Command::keyed("getdel", 2, WRITE | FAST | TELLS, Keys::ONE, getdel)
        .of(STRING)
        .says("6.2.0", "The string of a key, which is then removed.")
        .written("key"),
    Command::keyed("getex", -2, WRITE | FAST | TELLS, Keys::ONE, set::getex)
        .of(STRING)
        .says(
            "6.2.0",
            "The string of a key, which then gets another deadline or none.",
        )
        .written(
            "key [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT \
             unix-time-milliseconds|PERSIST]",
        ),
    Command::keyed("getrange", 4, READONLY, Keys::ONE, getrange)
        .of(STRING)
        .says("2.4.0", "A part of a string.")
        .written("key start:integer end:integer"),
    Command::keyed("getset", 3, GROW | FAST | TELLS, Keys::ONE, getset)
        .of(STRING)
        .says("1.0.0", "The string of a key, which then gets another.")
        .written("key value"),
    Command::keyed("incr", 2, GROW | FAST | TELLS, Keys::ONE, |call, txn| {
        add(call, txn, 1)
    })
    .of(STRING)
    .says("1.0.0", "Adds one to a number.")
    .written("key"),
    Command::keyed("incrby", 3, GROW | FAST | TELLS, Keys::ONE, incrby)
        .of(STRING)
        .says("1.0.0", "Adds an integer to a number.")
        .written("key increment"),
    Command::keyed(
        "incrbyfloat",
        3,
        GROW | FAST | TELLS,
        Keys::ONE,
        incrbyfloat,
    )
    .of(STRING)
    .says("2.6.0", "Adds a number with a fraction to a number.")
    .written("key increment:double"),
    Command::keyed("lcs", -3, READONLY, Keys::TWO, lcs::lcs)
        .of(STRING)
        .says(
            "7.0.0",
            "The longest sequence of bytes that two strings have in common.",
        )
        .written("key1 key2 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN]"),
    Command::keyed("mget", -2, READONLY | FAST, Keys::ALL, mget)
        .of(STRING)
        .says("1.0.0", "The strings of several keys.")
        .written("key..."),
    Command::keyed("mset", -3, GROW, Keys::range(1, -1, 2), mset)
        .of(STRING)
        .says("1.0.1", "Sets several keys to strings, as one step.")
        .written("{key value}..."),
    Command::keyed("msetnx", -3, GROW, Keys::range(1, -1, 2), msetnx)
        .of(STRING)
        .says(
            "1.0.1",
            "Sets several keys to strings if none of them exists.",
        )
        .written("{key value}..."),
    Command::keyed("psetex", 4, GROW, Keys::ONE, set::psetex)
        .of(STRING)
        .says(
            "2.6.0",
            "Sets a key to a string that lives for so many milliseconds.",
        )
        .written("key milliseconds value"),
    Command::keyed("set", -3, GROW | TELLS, Keys::ONE, set::set)
        .of(STRING)
        .says("1.0.0", "Sets a key to a string, whatever it held.")
        .written(
            "key value [NX|XX] [GET] [EX seconds|PX milliseconds|EXAT \
             unix-time-seconds|PXAT unix-time-milliseconds|KEEPTTL]",
        ),
    Command::keyed("setex", 4, GROW, Keys::ONE, set::setex)
        .of(STRING)
        .says(
            "2.0.0",
            "Sets a key to a string that lives for so many seconds.",
        )
        .written("key seconds value"),
    Command::keyed("setnx", 3, GROW | FAST, Keys::ONE, set::setnx)
        .of(STRING)
        .says("1.0.0", "Sets a key to a string if it does not exist.")
        .written("key value"),
    Command::keyed("setrange", 4, GROW, Keys::ONE, setrange)
        .of(STRING)
        .says("2.2.0", "Writes over a part of a string.")
        .written("key offset value"),
    Command::keyed("strlen", 2, READONLY | FAST, Keys::ONE, strlen)
        .of(STRING)
        .says("2.2.0", "How many bytes a string has.")
        .written("key"),
    Command::keyed("substr", 4, READONLY, Keys::ONE, getrange)
        .of(STRING)
        .says("1.0.0", "A part of a string; an older name of GETRANGE.")
        .written("key start:integer end:integer"),
];

mod lcs;

fn get(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let value = txn.text(call.args[1])?;
    call.out.bulk_or_null(value);
    Ok(())
}

fn getdel(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[1];
    let value = txn.get(key)?;
    if value.is_some() {
        txn.del(&[key]);
    }
    call.out.bulk_or_null(value.as_deref());
    Ok(())
}

fn getset(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let options = SetOptions {
        previous: true,
        ..SetOptions::default()
    };
    let outcome = txn.set(call.args[1], call.args[2], options)?;
    call.out.bulk_or_null(outcome.previous.as_deref());
    Ok(())
}

fn strlen(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let length = txn.text(call.args[1])?.map_or(0, <[u8]>::len);
    call.out.count(length);
    Ok(())
}

fn append(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let length = txn.append(call.args[1], call.args[2])?;
    call.out.count(length);
    Ok(())
}

fn getrange(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (start, stop) = (call.integer(2)?, call.integer(3)?);
    let value = txn.text(call.args[1])?.unwrap_or_default();
    let length = value.len() as i64;
    // Where both count from the end and are crossed, there is nothing, whatever the length.
    if length == 0 || (start < 0 && stop < 0 && start > stop) {
        call.out.bulk(b"");
        return Ok(());
    }
    let from_end = |at: i64| {
        if at < 0 {
            at.saturating_add(length).max(0)
        } else {
            at
        }
    };
    let (start, stop) = (from_end(start), from_end(stop).min(length - 1));
    if start > stop {
        call.out.bulk(b"")
    } else {
        call.out.bulk(&value[start as usize..=stop as usize])
    }
    Ok(())
}

fn setrange(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let offset = call.integer(2)?;
    let offset = usize::try_from(offset).map_err(|_| Failure::new("ERR offset is out of range"))?;
    let length = txn.set_range(call.args[1], offset, call.args[3])?;
    call.out.count(length);
    Ok(())
}

fn mget(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    call.out.array(call.args.len() - 1);
    for key in &call.args[1..] {
        // Another kind of value is as good as none.
        let value = txn.text(key).ok().flatten();
        call.out.bulk_or_null(value);
    }
    Ok(())
}

fn pairs<'c>(call: &Call<'c>) -> Result<impl Iterator<Item = (&'c [u8], &'c [u8])>, Failure> {
    if call.args.len().is_multiple_of(2) {
        return Err(Failure::of(format!(
            "ERR wrong number of arguments for '{}' command",
            String::from_utf8_lossy(call.args[0]).to_lowercase()
        )));
    }
    Ok(call.args[1..]
        .chunks_exact(2)
        .map(|pair| (pair[0], pair[1])))
}

fn set_pairs<'c>(
    txn: &mut Txn<'_>,
    pairs: impl Iterator<Item = (&'c [u8], &'c [u8])>,
) -> Result<(), Failure> {
    for (key, value) in pairs {
        txn.set(key, value, SetOptions::default())?;
    }
    Ok(())
}

fn mset(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    set_pairs(txn, pairs(call)?)?;
    call.out.ok();
    Ok(())
}

fn msetnx(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let keys: Vec<&[u8]> = pairs(call)?.map(|(key, _)| key).collect();
    if txn.exists(&keys) > 0 {
        call.out.integer(0);
        return Ok(());
    }
    set_pairs(txn, pairs(call)?)?;
    call.out.integer(1);
    Ok(())
}

fn add(call: &mut Call<'_>, txn: &mut Txn<'_>, by: i64) -> Answer {
    let sum = txn.incr_by(call.args[1], by, Creation::default())?;
    call.out.integer(sum);
    Ok(())
}

fn incrby(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let by = call.integer(2)?;
    add(call, txn, by)
}

fn decrby(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let by = call
        .integer(2)?
        .checked_neg()
        .ok_or(Failure::new("ERR decrement would overflow"))?;
    add(call, txn, by)
}

fn incrbyfloat(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let sum = txn.incr_by_float(call.args[1], call.args[2])?;
    call.out.bulk(sum.as_bytes());
    Ok(())
}

//! Keys of any kind: whether they are there, how long they live, what they are called.
mod deadlines;
mod object;
mod scan;

use super::super::call::{Call, Nothing};
use super::super::failure::{Answer, Failure};
use super::super::table::category::{CONNECTION, DANGEROUS, KEYSPACE};
use super::super::table::{Command, DENYOOM, FAST, Keys, NOSCRIPT, READONLY, WRITE, Writes};
use maru_cache::{DATABASES, Txn};

pub const COMMANDS: &[Command] = &[
    Command::keyed(
        "copy",
        -3,
        WRITE | DENYOOM,
        Keys::TWO.writing(Writes::Last),
        copy,
    )
    .of(KEYSPACE)
    .says("6.2.0", "Copies a key's value and deadline to another key.")
    .written("source destination [DB destination-db] [REPLACE]"),
    Command::keyed("del", -2, WRITE, Keys::ALL, del)
        .of(KEYSPACE)
        .says("1.0.0", "Removes keys.")
        .written("key..."),
    Command::keyed("exists", -2, READONLY | FAST, Keys::ALL, exists)
        .of(KEYSPACE)
        .says("1.0.0", "How many of the keys exist.")
        .written("key..."),
    Command::keyed("expire", -3, WRITE | FAST, Keys::ONE, deadlines::expire)
        .of(KEYSPACE)
        .says("1.0.0", "Lets a key end after so many seconds.")
        .written("key seconds [NX|XX|GT|LT]"),
    Command::keyed("expireat", -3, WRITE | FAST, Keys::ONE, deadlines::expireat)
        .of(KEYSPACE)
        .says("1.2.0", "Lets a key end at a unix second.")
        .written("key unix-time-seconds [NX|XX|GT|LT]"),
    Command::keyed(
        "expiretime",
        2,
        READONLY | FAST,
        Keys::ONE,
        deadlines::expiretime,
    )
    .of(KEYSPACE)
    .says("7.0.0", "The unix second at which a key ends.")
    .written("key"),
    Command::roaming("keys", 2, READONLY, scan::keys, scan::keys_within)
        .of(KEYSPACE | DANGEROUS)
        .says("1.0.0", "All keys whose names match a pattern.")
        .written("pattern"),
    Command::keyed("move", 3, WRITE | FAST, Keys::ONE, move_)
        .of(KEYSPACE)
        .says("1.0.0", "Moves a key to another database.")
        .written("key db"),
    Command::family("object", object::SUBCOMMANDS)
        .says("2.2.3", "Questions about how a key's value is kept."),
    Command::keyed("persist", 2, WRITE | FAST, Keys::ONE, persist)
        .of(KEYSPACE)
        .says("2.2.0", "Takes a key's deadline away.")
        .written("key"),
    Command::keyed("pexpire", -3, WRITE | FAST, Keys::ONE, deadlines::pexpire)
        .of(KEYSPACE)
        .says("2.6.0", "Lets a key end after so many milliseconds.")
        .written("key milliseconds [NX|XX|GT|LT]"),
    Command::keyed(
        "pexpireat",
        -3,
        WRITE | FAST,
        Keys::ONE,
        deadlines::pexpireat,
    )
    .of(KEYSPACE)
    .says("2.6.0", "Lets a key end at a unix millisecond.")
    .written("key unix-time-milliseconds [NX|XX|GT|LT]"),
    Command::keyed(
        "pexpiretime",
        2,
        READONLY | FAST,
        Keys::ONE,
        deadlines::pexpiretime,
    )
    .of(KEYSPACE)
    .says("7.0.0", "The unix millisecond at which a key ends.")
    .written("key"),
    Command::keyed("pttl", 2, READONLY | FAST, Keys::ONE, deadlines::pttl)
        .of(KEYSPACE)
        .says("2.6.0", "How many milliseconds a key will live.")
        .written("key"),
    Command::roaming(
        "randomkey",
        1,
        READONLY,
        scan::randomkey,
        scan::randomkey_within,
    )
    .of(KEYSPACE)
    .says("1.0.0", "Any key."),
    Command::keyed("rename", 3, WRITE, Keys::TWO, rename)
        .of(KEYSPACE)
        .says(
            "1.0.0",
            "Gives a key another name, whatever that name held.",
        )
        .written("key newkey"),
    Command::keyed("renamenx", 3, WRITE | FAST, Keys::TWO, renamenx)
        .of(KEYSPACE)
        .says("1.0.0", "Gives a key another name if that name is free.")
        .written("key newkey"),
    Command::roaming("scan", -2, READONLY, scan::scan, scan::scan_within)
        .of(KEYSPACE)
        .says("2.8.0", "Goes through all keys, page by page.")
        .written("cursor [MATCH pattern] [COUNT count] [TYPE type]"),
    Command::keyed("touch", -2, READONLY | FAST, Keys::ALL, touch)
        .of(KEYSPACE)
        .says("3.2.1", "Uses keys without reading them; how many exist.")
        .written("key..."),
    Command::keyed("ttl", 2, READONLY | FAST, Keys::ONE, deadlines::ttl)
        .of(KEYSPACE)
        .says("1.0.0", "How many seconds a key will live.")
        .written("key"),
    Command::keyed("type", 2, READONLY | FAST, Keys::ONE, kind)
        .of(KEYSPACE)
        .says("1.0.0", "What kind of value a key holds.")
        .written("key"),
    Command::keyed("unlink", -2, WRITE | FAST, Keys::ALL, unlink)
        .of(KEYSPACE)
        .says("4.0.0", "Removes keys; their memory is freed later.")
        .written("key..."),
    Command::plain("wait", 3, NOSCRIPT, wait)
        .of(CONNECTION)
        .says("3.0.0", "Waits for replicas; there are none.")
        .written("numreplicas timeout"),
];

/// A database's number.
pub(super) fn database(call: &Call<'_>, at: usize) -> Result<u8, Failure> {
    let number = call.integer(at)?;
    if i32::try_from(number).is_err() {
        return Err(Failure::new(
            "ERR value is out of range, value must between -2147483648 and 2147483647",
        ));
    }
    u8::try_from(number)
        .ok()
        .filter(|number| *number < DATABASES)
        .ok_or(Failure::new("ERR DB index is out of range"))
}

fn del(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let removed = txn.del(&call.args[1..]);
    call.out.integer(removed as i64);
    Ok(())
}

/// As DEL; what is large is freed when nobody waits for it, and counted.
fn unlink(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    const LARGE: usize = 64;
    let keys = call.args[1..].iter();
    let large = keys.filter(|key| txn.parts(key) > LARGE).count();
    call.world.stats.freed_later += large as u64;
    del(call, txn)
}

fn touch(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let found = txn.touch_all(&call.args[1..]);
    call.out.integer(found as i64);
    Ok(())
}

fn exists(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let found = txn.exists(&call.args[1..]);
    call.out.integer(found as i64);
    Ok(())
}

fn kind(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let kind = txn.kind(call.args[1]);
    call.out.simple(kind.map_or("none", |kind| kind.name()));
    Ok(())
}

fn persist(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let done = txn.persist(call.args[1]);
    call.out.integer(done.into());
    Ok(())
}

fn rename(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    txn.rename(call.args[1], call.args[2], false)
        .ok_or(Failure::NO_SUCH_KEY)?;
    call.out.ok();
    Ok(())
}

fn renamenx(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let done = txn
        .rename(call.args[1], call.args[2], true)
        .ok_or(Failure::NO_SUCH_KEY)?;
    call.out.integer(done.into());
    Ok(())
}

fn copy(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (from, to) = (call.args[1], call.args[2]);
    let from_db = call.client().db;
    let (mut to_db, mut replace) = (from_db, false);
    let mut at = 3;
    while at < call.args.len() {
        if call.is(at, "REPLACE") {
            replace = true;
        } else if call.is(at, "DB") && at + 1 < call.args.len() {
            at += 1;
            to_db = database(call, at)?;
        } else {
            return Err(Failure::SYNTAX);
        }
        at += 1;
    }
    if from == to && from_db == to_db {
        return Err(Failure::new(
            "ERR source and destination objects are the same",
        ));
    }
    let done = txn.copy(from, to_db, to, replace);
    call.out.integer(done.into());
    Ok(())
}

fn move_(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let from_db = call.client().db;
    let to_db = database(call, 2)?;
    if from_db == to_db {
        return Err(Failure::new(
            "ERR source and destination objects are the same",
        ));
    }
    let done = txn.move_to(call.args[1], to_db);
    call.out.integer(done.into());
    Ok(())
}

fn wait(call: &mut Call<'_>) -> Answer {
    let replicas = call.integer(1)?;
    let timeout_ms = call
        .integer(2)
        .map_err(|_| Failure::new("ERR timeout is not an integer or out of range"))?;
    if timeout_ms < 0 {
        return Err(Failure::new("ERR timeout is negative"));
    }
    if replicas <= 0 || call.in_exec {
        call.out.integer(0);
        return Ok(());
    }
    // No replica will ever confirm, so all that can come is the end of the time.
    let now = std::time::Instant::now();
    let until = match timeout_ms {
        0 => None,
        ms => now.checked_add(std::time::Duration::from_millis(ms as u64)),
    };
    call.wait(until, Nothing::Zero);
    Ok(())
}

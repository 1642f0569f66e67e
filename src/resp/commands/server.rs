//! The server as a whole: figures, settings, all keys at once.
mod command;

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::{CONNECTION, DANGEROUS, KEYSPACE};
use super::super::table::{Command, FAST, LOADING, READONLY, STALE, WRITE};
use crate::cache::{DATABASES, Txn};

pub const COMMANDS: &[Command] = &[
    Command::plain("command", -1, LOADING | STALE, command::all)
        .with(command::SUBCOMMANDS)
        .of(CONNECTION)
        .says("2.8.13", "What is known of all commands."),
    Command::roaming("dbsize", 1, READONLY | FAST, dbsize, dbsize_within)
        .of(KEYSPACE)
        .says("1.0.0", "How many keys the database has."),
    Command::everything("flushall", -1, WRITE, flushall)
        .of(KEYSPACE | DANGEROUS)
        .says("1.0.0", "Removes all keys of all databases."),
    Command::everything("flushdb", -1, WRITE, flushdb)
        .of(KEYSPACE | DANGEROUS)
        .says("1.0.0", "Removes all keys of the database."),
    Command::everything("swapdb", 3, WRITE | FAST, swapdb)
        .of(KEYSPACE | DANGEROUS)
        .says("4.0.0", "Lets two databases change places."),
    Command::plain("time", 1, LOADING | STALE | FAST, time).says("2.6.0", "The server's time."),
];

fn dbsize(call: &mut Call<'_>) -> Answer {
    let keys = call.cache.db(call.client().db).len();
    call.out.integer(keys as i64);
    Ok(())
}

fn dbsize_within(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let keys = txn.len();
    call.out.count(keys);
    Ok(())
}

/// `SYNC` and `ASYNC` are the same: memory is freed elsewhere anyway.
fn flush_options(call: &Call<'_>) -> Answer {
    match call.args.len() {
        1 => Ok(()),
        2 if call.is(1, "SYNC") || call.is(1, "ASYNC") => Ok(()),
        _ => Err(Failure::SYNTAX),
    }
}

fn flushdb(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    flush_options(call)?;
    txn.flush_db()?;
    call.out.ok();
    Ok(())
}

fn flushall(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    flush_options(call)?;
    for db in 0..DATABASES {
        txn.select(db);
        txn.flush_db()?;
    }
    call.out.ok();
    Ok(())
}

fn swapdb(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let database = |at, which| {
        super::keys::database(
            call,
            at,
            Failure::of(format!("ERR invalid {which} DB index")),
        )
    };
    let (one, other) = (database(1, "first")?, database(2, "second")?);
    txn.swap_db(one, other);
    call.out.ok();
    Ok(())
}

fn time(call: &mut Call<'_>) -> Answer {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    call.out.array(2);
    call.out.bulk(now.as_secs().to_string().as_bytes());
    call.out.bulk(now.subsec_micros().to_string().as_bytes());
    Ok(())
}

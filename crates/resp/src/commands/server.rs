//! The server as a whole: figures, settings, files, all keys at once.
mod command;
mod config;
mod debug;
mod digest;
mod disk;
mod info;
mod latency;
mod memory;
mod packing;
mod slowlog;

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::{ADMIN as ADMINS, CONNECTION, DANGEROUS, KEYSPACE};
use super::super::table::{
    ADMIN, ALLOW_BUSY, Command, FAST, LOADING, NO_ASYNC_LOADING, NO_MULTI, NOSCRIPT, READONLY,
    STALE, WRITE,
};
use super::super::world::REDIS_VERSION;
use maru_cache::{DATABASES, Txn};

const FILES: u32 = ADMIN | NOSCRIPT | NO_ASYNC_LOADING;

pub const COMMANDS: &[Command] = &[
    Command::family("acl", super::acl::SUBCOMMANDS).says("6.0.0", "Accounts and what they may do."),
    Command::plain("bgrewriteaof", 1, FILES, disk::bgrewriteaof).says(
        "1.0.0",
        "Writes a new snapshot in the background, to replace the log.",
    ),
    Command::plain("bgsave", -1, FILES, disk::bgsave)
        .says("1.0.0", "Writes a new snapshot in the background.")
        .written("[SCHEDULE]"),
    Command::plain("command", -1, LOADING | STALE, command::all)
        .with(command::SUBCOMMANDS)
        .of(CONNECTION)
        .says("2.8.13", "What is known of all commands."),
    Command::family("config", config::SUBCOMMANDS).says("2.0.0", "Settings."),
    Command::roaming("dbsize", 1, READONLY | FAST, dbsize, dbsize_within)
        .of(KEYSPACE)
        .says("1.0.0", "How many keys the database has."),
    Command::everything(
        "debug",
        -2,
        ADMIN | NOSCRIPT | LOADING | STALE,
        debug::debug,
    )
    .says("1.0.0", "What tests of clients ask for."),
    Command::plain("failover", -1, ADMIN | NOSCRIPT | STALE, failover)
        .says("6.2.0", "Refused: there are no replicas.")
        .written("[TO {host port [FORCE]}] [ABORT] [TIMEOUT milliseconds]"),
    Command::everything("flushall", -1, WRITE, flushall)
        .of(KEYSPACE | DANGEROUS)
        .says("1.0.0", "Removes all keys of all databases.")
        .written("[ASYNC|SYNC]"),
    Command::everything("flushdb", -1, WRITE, flushdb)
        .of(KEYSPACE | DANGEROUS)
        .says("1.0.0", "Removes all keys of the database.")
        .written("[ASYNC|SYNC]"),
    Command::roaming("info", -1, LOADING | STALE, info::info, info::info_within)
        .of(DANGEROUS)
        .says("1.0.0", "Figures of the server.")
        .written("[section...]"),
    Command::plain("lastsave", 1, LOADING | STALE | FAST, disk::lastsave)
        .of(ADMINS | DANGEROUS)
        .says("1.0.0", "The unix second of the last snapshot."),
    Command::family("latency", latency::SUBCOMMANDS).says("2.8.13", "How long commands took."),
    Command::plain("lolwut", -1, READONLY | FAST, lolwut)
        .says("5.0.0", "The version.")
        .written("[VERSION version]"),
    Command::family("memory", memory::SUBCOMMANDS).says("4.0.0", "What keys and server weigh."),
    Command::family("module", MODULE).says("4.0.0", "Modules; there are none."),
    Command::plain("monitor", 1, ADMIN | NOSCRIPT | LOADING | STALE, monitor)
        .says("1.0.0", "Shows all commands as they are run."),
    Command::plain(
        "replicaof",
        3,
        ADMIN | NOSCRIPT | STALE | NO_ASYNC_LOADING,
        replicaof,
    )
    .says(
        "5.0.0",
        "Refused, except for NO ONE: this server follows no other.",
    )
    .written("({host port}|{NO ONE})"),
    Command::plain("role", 1, NOSCRIPT | LOADING | STALE | FAST, role)
        .of(ADMINS | DANGEROUS)
        .says("2.8.12", "The server's part in replication: always master."),
    Command::plain("save", 1, FILES | NO_MULTI, disk::save)
        .says("1.0.0", "Writes a new snapshot, and waits for it."),
    Command::plain(
        "shutdown",
        -1,
        ADMIN | NOSCRIPT | LOADING | STALE | NO_MULTI | ALLOW_BUSY,
        shutdown,
    )
    .says("1.0.0", "Refused: the chat runs in the same process.")
    .written("[NOSAVE|SAVE] [NOW] [FORCE] [ABORT]"),
    Command::plain(
        "slaveof",
        3,
        ADMIN | NOSCRIPT | STALE | NO_ASYNC_LOADING,
        replicaof,
    )
    .says("1.0.0", "An older name of REPLICAOF.")
    .written("({host port}|{NO ONE})"),
    Command::family("slowlog", slowlog::SUBCOMMANDS).says("2.2.12", "Commands that took long."),
    Command::everything("swapdb", 3, WRITE | FAST, swapdb)
        .of(KEYSPACE | DANGEROUS)
        .says("4.0.0", "Lets two databases change places.")
        .written("index1 index2"),
    Command::plain("time", 1, LOADING | STALE | FAST, time).says("2.6.0", "The server's time."),
];

const MODULE: &[Command] = &[Command::plain("list", 2, ADMIN | NOSCRIPT, |call| {
    call.out.array(0);
    Ok(())
})
.says("4.0.0", "The modules: none.")];

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
    let database = |at, which| match call.integer(at).map(i32::try_from) {
        Ok(Ok(_)) => super::keys::database(call, at),
        _ => Err(Failure::of(format!("ERR invalid {which} DB index"))),
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

fn monitor(call: &mut Call<'_>) -> Answer {
    if call.in_exec {
        return Err(Failure::new(
            "ERR MONITOR isn't allowed for DENY BLOCKING client",
        ));
    }
    let client = call.client();
    if !std::mem::replace(&mut client.is_monitor, true) {
        call.world.monitors += 1;
    }
    call.out.ok();
    Ok(())
}

fn role(call: &mut Call<'_>) -> Answer {
    call.out.array(3);
    call.out.bulk(b"master");
    call.out.integer(0);
    call.out.array(0);
    Ok(())
}

fn replicaof(call: &mut Call<'_>) -> Answer {
    if call.is(1, "NO") && call.is(2, "ONE") {
        call.out.ok();
        return Ok(());
    }
    Err(Failure::new(
        "ERR this server follows no other: it keeps its keys itself; a backup copies them",
    ))
}

fn failover(_: &mut Call<'_>) -> Answer {
    Err(Failure::new("ERR FAILOVER requires connected replicas."))
}

fn shutdown(_: &mut Call<'_>) -> Answer {
    Err(Failure::new(
        "ERR this port does not stop the server: the chat runs in the same process; stop that where it was started",
    ))
}

fn lolwut(call: &mut Call<'_>) -> Answer {
    call.out
        .verbatim("txt", &format!("Redis ver. {REDIS_VERSION}\n"));
    Ok(())
}

//! How a key's value is kept. Some clients' tests look at it; Redis's words stand for what they
//! tell about size and content.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::number;
use super::super::super::table::category::KEYSPACE;
use super::super::super::table::{Command, Keys, LOADING, READONLY, STALE};
use maru_cache::Txn;

const KEY: Keys = Keys::range(2, 2, 1);

pub const SUBCOMMANDS: &[Command] = &[
    Command::keyed("encoding", 3, READONLY, KEY, encoding)
        .of(KEYSPACE)
        .says(
            "2.2.3",
            "The name that Redis has for this way of keeping a value.",
        )
        .written("key"),
    Command::keyed("freq", 3, READONLY, KEY, freq)
        .of(KEYSPACE)
        .says("4.0.0", "How often the key is used, where that is counted.")
        .written("key"),
    Command::plain("help", 2, LOADING | STALE, help)
        .of(KEYSPACE)
        .says("6.2.0", "What the subcommands do."),
    Command::keyed("idletime", 3, READONLY, KEY, idletime)
        .of(KEYSPACE)
        .says("2.2.3", "For how many seconds the key was not used.")
        .written("key"),
    Command::keyed("refcount", 3, READONLY, KEY, refcount)
        .of(KEYSPACE)
        .says("2.2.3", "How many share the value: one.")
        .written("key"),
];

fn encoding(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let name = txn.encoding(call.args[2]);
    call.out.bulk_or_null(name.map(str::as_bytes));
    Ok(())
}

fn idletime(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let Some(idle_s) = txn.idle_s(call.args[2]) else {
        call.out.null();
        return Ok(());
    };
    if call.cache.policy().counts_use() {
        return Err(Failure::new(
            "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between \
             policies at runtime LRU and LFU data will take some time to adjust.",
        ));
    }
    call.out.integer(idle_s as i64);
    Ok(())
}

/// How many share what all share.
const SHARED: i64 = i32::MAX as i64;

fn is_shared(call: &Call<'_>, txn: &mut Txn<'_>) -> Result<bool, Failure> {
    let dated = call.cache.max_bytes().is_some() && call.cache.policy().looks_at_use();
    let number = txn.text(call.args[2])?.and_then(number::integer);
    Ok(!dated && number.is_some_and(|number| (0..10_000).contains(&number)))
}

fn refcount(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    match txn.encoding(call.args[2]) {
        // Redis keeps small numbers once for all keys, unless it has to know who uses them.
        Some("int") if is_shared(call, txn)? => call.out.integer(SHARED),
        Some(_) => call.out.integer(1),
        None => call.out.null(),
    }
    Ok(())
}

fn freq(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let Some(frequency) = txn.frequency(call.args[2]) else {
        call.out.null();
        return Ok(());
    };
    if !call.cache.policy().counts_use() {
        return Err(Failure::new(
            "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when \
             switching between policies at runtime LRU and LFU data will take some time to adjust.",
        ));
    }
    call.out.integer(frequency.into());
    Ok(())
}

fn help(call: &mut Call<'_>) -> Answer {
    super::super::help(
        call,
        "OBJECT",
        &[
            ("ENCODING <key>", "How the value is kept, in Redis's words."),
            ("FREQ <key>", "How often the key is used."),
            (
                "IDLETIME <key>",
                "For how many seconds the key was not used.",
            ),
            ("REFCOUNT <key>", "How many share the value."),
        ],
    )
}

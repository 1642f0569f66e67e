//! MEMORY: what keys and server weigh.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::table::{Command, Keys, LOADING, READONLY, STALE};
use maru_cache::Txn;

pub const SUBCOMMANDS: &[Command] = &[
    Command::plain("doctor", 2, 0, doctor).says("4.0.0", "Says that there is nothing to say."),
    Command::plain("help", 2, LOADING | STALE, help).says("4.0.0", "What the subcommands do."),
    Command::plain("malloc-stats", 2, 0, malloc_stats)
        .says("4.0.0", "The allocator's own figures; none."),
    Command::plain("purge", 2, 0, purge).says("4.0.0", "Nothing: memory is given back anyway."),
    Command::roaming("stats", 2, 0, stats, stats_within)
        .says("4.0.0", "What the keys weigh together."),
    Command::keyed("usage", -3, READONLY, Keys::range(2, 2, 1), usage)
        .says("4.0.0", "What a key weighs, in bytes.")
        .written("key [SAMPLES count]"),
];

fn usage(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    match call.args.len() {
        3 => {}
        5 if call.is(3, "SAMPLES") => {
            if call.integer(4)? < 0 {
                return Err(Failure::SYNTAX);
            }
        }
        _ => return Err(Failure::SYNTAX),
    }
    match txn.key_bytes(call.args[2]) {
        Some(bytes) => call.out.count(bytes),
        None => call.out.null(),
    }
    Ok(())
}

fn stats(call: &mut Call<'_>) -> Answer {
    let used = call.cache.used_bytes() + call.cache.fixed_bytes();
    let peak = call.world.stats.used_bytes_peak.max(used);
    let keys: u64 = call.cache_stats().keys.iter().map(|(keys, _)| keys).sum();
    let out = &mut *call.out;
    let figures = [
        ("peak.allocated", peak),
        ("total.allocated", used),
        ("startup.allocated", 0),
        ("keys.count", keys),
        ("keys.bytes-per-key", used.checked_div(keys).unwrap_or(0)),
        ("dataset.bytes", used),
    ];
    out.map(figures.len());
    for (name, figure) in figures {
        out.bulk(name.as_bytes());
        out.integer(figure as i64);
    }
    Ok(())
}

fn stats_within(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    call.seen = Some(txn.stats());
    stats(call)
}

fn doctor(call: &mut Call<'_>) -> Answer {
    call.out.verbatim("txt", "Nothing stands out.\n");
    Ok(())
}

fn malloc_stats(call: &mut Call<'_>) -> Answer {
    call.out
        .verbatim("txt", "The allocator tells no figures.\n");
    Ok(())
}

fn purge(call: &mut Call<'_>) -> Answer {
    call.out.ok();
    Ok(())
}

fn help(call: &mut Call<'_>) -> Answer {
    super::super::help_of(call, "MEMORY", SUBCOMMANDS)
}

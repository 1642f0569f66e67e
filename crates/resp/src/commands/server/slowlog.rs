//! SLOWLOG: commands that took long.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::table::{ADMIN, Command, LOADING, STALE};

const FLAGS: u32 = ADMIN | LOADING | STALE;

pub const SUBCOMMANDS: &[Command] = &[
    Command::plain("get", -2, FLAGS, get)
        .says("2.2.12", "The last slow commands.")
        .written("[count]"),
    Command::plain("help", 2, LOADING | STALE, help).says("6.2.0", "What the subcommands do."),
    Command::plain("len", 2, FLAGS, len).says("2.2.12", "How many are kept."),
    Command::plain("reset", 2, FLAGS, reset).says("2.2.12", "Forgets them."),
];

fn get(call: &mut Call<'_>) -> Answer {
    let count = match call.args.len() {
        2 => 10,
        3 => call
            .integer(2)
            .ok()
            .filter(|count| *count >= -1)
            .ok_or(Failure::new(
                "ERR count should be greater than or equal to -1",
            ))?,
        _ => {
            return Err(Failure::of(format!(
                "ERR unknown subcommand or wrong number of arguments for '{}'. Try SLOWLOG HELP.",
                String::from_utf8_lossy(call.args[1])
            )));
        }
    };
    let entries = &call.world.slowlog.entries;
    let shown = usize::try_from(count).map_or(entries.len(), |count| count.min(entries.len()));
    call.out.array(shown);
    for entry in entries.iter().take(shown) {
        call.out.array(6);
        call.out.integer(entry.id);
        call.out.integer(entry.at_unix_s as i64);
        call.out.integer(entry.took.as_micros() as i64);
        call.out.array(entry.args.len());
        for arg in &entry.args {
            call.out.bulk(arg);
        }
        call.out.bulk(entry.address.as_bytes());
        call.out.bulk(&entry.name);
    }
    Ok(())
}

fn len(call: &mut Call<'_>) -> Answer {
    call.out.count(call.world.slowlog.entries.len());
    Ok(())
}

fn reset(call: &mut Call<'_>) -> Answer {
    call.world.slowlog.entries.clear();
    call.out.ok();
    Ok(())
}

fn help(call: &mut Call<'_>) -> Answer {
    super::super::help_of(call, "SLOWLOG", SUBCOMMANDS)
}

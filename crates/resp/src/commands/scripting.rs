//! Scripts and functions: there is no Lua here, and every way to it says so.

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::SCRIPTING;
use super::super::table::{
    ALLOW_BUSY, Command, DENYOOM, Keys, LOADING, MOVABLEKEYS, NO_MANDATORY_KEYS, NOSCRIPT,
    READONLY, SKIP_MONITOR, STALE, WRITE, counted,
};

const RUN: u32 = NOSCRIPT | STALE | SKIP_MONITOR | NO_MANDATORY_KEYS | MOVABLEKEYS;
const KEYS: Keys = Keys::NONE.found(|args, found| counted(args, 2, found));

pub const COMMANDS: &[Command] = &[
    script("eval", RUN, no_lua)
        .says("2.6.0", "Refused: there is no Lua here.")
        .written("script numkeys [key...] [arg...]"),
    script("eval_ro", RUN | READONLY, no_lua)
        .says("7.0.0", "Refused: there is no Lua here.")
        .written("script numkeys [key...] [arg...]"),
    script("evalsha", RUN, no_script)
        .says("2.6.0", "Refused: no script is known.")
        .written("sha1 numkeys [key...] [arg...]"),
    script("evalsha_ro", RUN | READONLY, no_script)
        .says("7.0.0", "Refused: no script is known.")
        .written("sha1 numkeys [key...] [arg...]"),
    script("fcall", RUN, no_function)
        .says("7.0.0", "Refused: no function is known.")
        .written("function numkeys [key...] [arg...]"),
    script("fcall_ro", RUN | READONLY, no_function)
        .says("7.0.0", "Refused: no function is known.")
        .written("function numkeys [key...] [arg...]"),
    Command::family("function", FUNCTION).says("7.0.0", "Functions; there are none."),
    Command::family("script", SCRIPT).says("2.6.0", "Scripts; there are none."),
];

const fn script(name: &'static str, flags: u32, run: fn(&mut Call<'_>) -> Answer) -> Command {
    Command::plain(name, -3, flags, run).on(KEYS).of(SCRIPTING)
}

const FUNCTION: &[Command] = &[
    Command::plain("delete", 3, WRITE | NOSCRIPT, no_function)
        .of(SCRIPTING)
        .says("7.0.0", "Refused: no function is known.")
        .written("library-name"),
    Command::plain("dump", 2, NOSCRIPT, nothing_dumped)
        .of(SCRIPTING)
        .says("7.0.0", "The functions as bytes: none."),
    Command::plain("flush", -2, WRITE | NOSCRIPT, flush)
        .of(SCRIPTING)
        .says("7.0.0", "Forgets all functions: none.")
        .written("[ASYNC|SYNC]"),
    Command::plain("help", 2, LOADING | STALE, function_help)
        .of(SCRIPTING)
        .says("7.0.0", "What the subcommands do."),
    Command::plain("kill", 2, NOSCRIPT | ALLOW_BUSY, kill)
        .of(SCRIPTING)
        .says("7.0.0", "Refused: no function runs."),
    Command::plain("list", -2, NOSCRIPT, nothing)
        .of(SCRIPTING)
        .says("7.0.0", "The functions: none.")
        .written("[LIBRARYNAME library-name-pattern] [WITHCODE]"),
    Command::plain("load", -3, WRITE | DENYOOM | NOSCRIPT, no_lua)
        .of(SCRIPTING)
        .says("7.0.0", "Refused: there is no Lua here.")
        .written("[REPLACE] function-code"),
    Command::plain("restore", -3, WRITE | DENYOOM | NOSCRIPT, no_lua)
        .of(SCRIPTING)
        .says("7.0.0", "Refused: there is no Lua here.")
        .written("serialized-value [FLUSH|APPEND|REPLACE]"),
    Command::plain("stats", 2, NOSCRIPT | ALLOW_BUSY, stats)
        .of(SCRIPTING)
        .says("7.0.0", "What runs: nothing."),
];

const SCRIPT: &[Command] = &[
    Command::plain("debug", 3, NOSCRIPT, no_lua)
        .of(SCRIPTING)
        .says("3.2.0", "Refused: there is no Lua here.")
        .written("(YES|SYNC|NO)"),
    Command::plain("exists", -3, NOSCRIPT, exists)
        .of(SCRIPTING)
        .says("2.6.0", "Which scripts are known: none.")
        .written("sha1..."),
    Command::plain("flush", -2, NOSCRIPT, flush)
        .of(SCRIPTING)
        .says("2.6.0", "Forgets all scripts: none.")
        .written("[ASYNC|SYNC]"),
    Command::plain("help", 2, LOADING | STALE, help)
        .of(SCRIPTING)
        .says("5.0.0", "What the subcommands do."),
    Command::plain("kill", 2, NOSCRIPT | ALLOW_BUSY, kill)
        .of(SCRIPTING)
        .says("2.6.0", "Refused: no script runs."),
    Command::plain("load", 3, NOSCRIPT | STALE, no_lua)
        .of(SCRIPTING)
        .says("2.6.0", "Refused: there is no Lua here.")
        .written("script"),
];

fn no_lua(_: &mut Call<'_>) -> Answer {
    Err(Failure::new(
        "ERR this server has no Lua interpreter, so scripts and functions cannot run here; use MULTI and EXEC with \
         WATCH for several steps as one",
    ))
}

fn no_script(_: &mut Call<'_>) -> Answer {
    Err(Failure::new(
        "NOSCRIPT No matching script. Please use EVAL.",
    ))
}

fn no_function(_: &mut Call<'_>) -> Answer {
    Err(Failure::new("ERR Function not found"))
}

fn kill(_: &mut Call<'_>) -> Answer {
    Err(Failure::new("NOTBUSY No scripts in execution right now."))
}

fn exists(call: &mut Call<'_>) -> Answer {
    call.out.array(call.args.len() - 2);
    for _ in &call.args[2..] {
        call.out.integer(0);
    }
    Ok(())
}

fn flush(call: &mut Call<'_>) -> Answer {
    match call.args.len() {
        2 => {}
        3 if call.is(2, "SYNC") || call.is(2, "ASYNC") => {}
        _ => {
            let name = call.args[0].to_ascii_uppercase();
            return Err(Failure::of(format!(
                "ERR {} FLUSH only supports SYNC|ASYNC option",
                String::from_utf8_lossy(&name)
            )));
        }
    }
    call.out.ok();
    Ok(())
}

/// The end of a dump, with nothing before it: version and checksum.
fn nothing_dumped(call: &mut Call<'_>) -> Answer {
    call.out.bulk(b"\n\0\x5d\x9b\x5c\x40\x0f\x7f\xa2\xda");
    Ok(())
}

fn stats(call: &mut Call<'_>) -> Answer {
    let out = &mut *call.out;
    out.map(2);
    out.bulk(b"running_script");
    out.null();
    out.bulk(b"engines");
    out.map(0);
    Ok(())
}

fn function_help(call: &mut Call<'_>) -> Answer {
    super::help_of(call, "FUNCTION", FUNCTION)
}

fn nothing(call: &mut Call<'_>) -> Answer {
    call.out.array(0);
    Ok(())
}

fn help(call: &mut Call<'_>) -> Answer {
    super::help_of(call, "SCRIPT", SCRIPT)
}

//! Scripts and functions.
mod functions;

use super::super::call::Call;
use super::super::dispatch;
use super::super::failure::{Answer, Failure};
use super::super::scripting::run::{self, Script};
use super::super::table::category::SCRIPTING;
use super::super::table::{
    ALLOW_BUSY, Command, Keys, LOADING, MAY_REPLICATE, MOVABLEKEYS, NO_MANDATORY_KEYS, NOSCRIPT,
    READONLY, SKIP_MONITOR, STALE, counted,
};
use maru_cache::Txn;

const RUN: u32 = NOSCRIPT | STALE | SKIP_MONITOR | NO_MANDATORY_KEYS | MOVABLEKEYS;
const RUN_WRITING: u32 = RUN | MAY_REPLICATE;
const KEYS: Keys = Keys::NONE.found(|args, found| counted(args, 2, found));

type Handler = fn(&mut Call<'_>, &mut Txn<'_>) -> Answer;

pub const COMMANDS: &[Command] = &[
    script("eval", RUN_WRITING, |call, txn| eval(call, txn, false))
        .says("2.6.0", "Runs a script.")
        .written("script numkeys [key...] [arg...]"),
    script("eval_ro", RUN | READONLY, |call, txn| eval(call, txn, true))
        .says("7.0.0", "Runs a script that must not write.")
        .written("script numkeys [key...] [arg...]"),
    script("evalsha", RUN_WRITING, |call, txn| {
        evalsha(call, txn, false)
    })
    .says("2.6.0", "Runs a script that is known by its checksum.")
    .written("sha1 numkeys [key...] [arg...]"),
    script("evalsha_ro", RUN | READONLY, |call, txn| {
        evalsha(call, txn, true)
    })
    .says("7.0.0", "Runs a known script that must not write.")
    .written("sha1 numkeys [key...] [arg...]"),
    script("fcall", RUN_WRITING, |call, txn| {
        functions::fcall(call, txn, false)
    })
    .says("7.0.0", "Calls a function.")
    .written("function numkeys [key...] [arg...]"),
    script("fcall_ro", RUN | READONLY, |call, txn| {
        functions::fcall(call, txn, true)
    })
    .says("7.0.0", "Calls a function that must not write.")
    .written("function numkeys [key...] [arg...]"),
    Command::family("function", functions::COMMANDS)
        .says("7.0.0", "Libraries of functions in Lua 5.1."),
    Command::family("script", SCRIPT).says("2.6.0", "Scripts in Lua 5.1."),
];

const fn script(name: &'static str, flags: u32, run: Handler) -> Command {
    Command::on_demand(name, -3, flags, KEYS, run).of(SCRIPTING)
}

const SCRIPT: &[Command] = &[
    Command::plain("debug", 3, NOSCRIPT, debug)
        .of(SCRIPTING)
        .says("3.2.0", "Refused: there is no debugger here.")
        .written("(YES|SYNC|NO)"),
    Command::plain("exists", -3, NOSCRIPT, exists)
        .of(SCRIPTING)
        .says("2.6.0", "Which scripts are known.")
        .written("sha1..."),
    Command::plain("flush", -2, NOSCRIPT, flush)
        .of(SCRIPTING)
        .says("2.6.0", "Forgets all scripts.")
        .written("[ASYNC|SYNC]"),
    Command::plain("help", 2, LOADING | STALE, help)
        .of(SCRIPTING)
        .says("5.0.0", "What the subcommands do."),
    Command::plain("kill", 2, NOSCRIPT | ALLOW_BUSY, kill)
        .of(SCRIPTING)
        .says("2.6.0", "Ends the script that runs, if it has not written."),
    Command::plain("load", 3, NOSCRIPT | STALE, load)
        .of(SCRIPTING)
        .says("2.6.0", "Takes a script in without running it.")
        .written("script"),
];

const NO_SCRIPT: Failure = Failure::new("NOSCRIPT No matching script. Please use EVAL.");

fn eval(call: &mut Call<'_>, txn: &mut Txn<'_>, is_read_only: bool) -> Answer {
    show(call)?;
    let keys = run::key_count(call, Failure::NOT_AN_INTEGER)?;
    let code = call.args[1];
    let added = call.world.scripting.scripts.add(code, false);
    let sha = added.map_err(|problem| Failure::of(format!("ERR {problem}")))?;
    run_known(call, txn, sha.as_bytes(), keys, is_read_only)
}

fn evalsha(call: &mut Call<'_>, txn: &mut Txn<'_>, is_read_only: bool) -> Answer {
    show(call)?;
    if call.args[1].len() != 40 {
        return Err(NO_SCRIPT);
    }
    let keys = run::key_count(call, Failure::NOT_AN_INTEGER)?;
    run_known(call, txn, call.args[1], keys, is_read_only)
}

fn run_known(
    call: &mut Call<'_>,
    txn: &mut Txn<'_>,
    sha: &[u8],
    keys: usize,
    is_read_only: bool,
) -> Answer {
    let scripts = &mut call.world.scripting.scripts;
    let (name, known) = scripts.get(sha).ok_or(NO_SCRIPT)?;
    let (function, flags) = (known.function.clone(), known.flags);
    let interpreter = scripts
        .interpreter()
        .map_err(|problem| Failure::of(format!("ERR {problem}")))?;
    let script = Script {
        interpreter,
        function,
        name,
        flags,
        is_eval: true,
        is_read_only,
    };
    run::run(call, txn, &script, keys)
}

/// Those who hear all commands hear of a script before they hear of what it calls.
fn show(call: &mut Call<'_>) -> Answer {
    if call.world.monitors > 0 {
        let row = dispatch::find(call.args)?;
        call.world.monitor(call.token, row, call.args);
    }
    Ok(())
}

fn load(call: &mut Call<'_>) -> Answer {
    let added = call.world.scripting.scripts.add(call.args[2], true);
    let sha = added.map_err(|problem| Failure::of(format!("ERR {problem}")))?;
    call.out.bulk(sha.as_bytes());
    Ok(())
}

fn exists(call: &mut Call<'_>) -> Answer {
    call.out.array(call.args.len() - 2);
    for sha in &call.args[2..] {
        let is_known = call.world.scripting.scripts.get(sha).is_some();
        call.out.integer(is_known.into());
    }
    Ok(())
}

fn flush(call: &mut Call<'_>) -> Answer {
    if !is_flush(call) {
        return Err(Failure::new(
            "ERR SCRIPT FLUSH only support SYNC|ASYNC option",
        ));
    }
    call.world.scripting.scripts.flush();
    call.out.ok();
    Ok(())
}

/// Whether the arguments are those of a flush; both ways to free memory are one here.
fn is_flush(call: &Call<'_>) -> bool {
    match call.args.len() {
        2 => true,
        3 => call.is(2, "SYNC") || call.is(2, "ASYNC"),
        _ => false,
    }
}

fn kill(call: &mut Call<'_>) -> Answer {
    call.world.scripting.kill(true)?;
    call.out.ok();
    Ok(())
}

fn debug(call: &mut Call<'_>) -> Answer {
    if call.is(2, "NO") {
        call.out.ok();
        return Ok(());
    }
    if call.is(2, "YES") || call.is(2, "SYNC") {
        return Err(Failure::new(
            "ERR there is no debugger here; redis.log writes to the server's log",
        ));
    }
    Err(Failure::new("ERR Use SCRIPT DEBUG YES/SYNC/NO"))
}

fn help(call: &mut Call<'_>) -> Answer {
    super::help_of(call, "SCRIPT", SCRIPT)
}

//! FUNCTION and FCALL.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::scripting::functions::Restore;
use super::super::super::scripting::run::{self, Script};
use super::super::super::table::category::SCRIPTING;
use super::super::super::table::{ALLOW_BUSY, Command, DENYOOM, LOADING, NOSCRIPT, STALE, WRITE};
use super::super::dump::{Reader, Writer};
use super::{is_flush, show};
use maru_cache::{Txn, glob};

/// In front of each library in a dump.
const LIBRARY: u8 = 245;
/// As early versions wrote it.
const EARLY_LIBRARY: u8 = 246;

pub const COMMANDS: &[Command] = &[
    Command::everything("delete", 3, WRITE | NOSCRIPT, delete)
        .of(SCRIPTING)
        .says("7.0.0", "Forgets a library.")
        .written("library-name"),
    Command::plain("dump", 2, NOSCRIPT, dump)
        .of(SCRIPTING)
        .says("7.0.0", "All libraries as bytes."),
    Command::everything("flush", -2, WRITE | NOSCRIPT, flush)
        .of(SCRIPTING)
        .says("7.0.0", "Forgets all libraries.")
        .written("[ASYNC|SYNC]"),
    Command::plain("help", 2, LOADING | STALE, help)
        .of(SCRIPTING)
        .says("7.0.0", "What the subcommands do."),
    Command::plain("kill", 2, NOSCRIPT | ALLOW_BUSY, kill)
        .of(SCRIPTING)
        .says(
            "7.0.0",
            "Ends the function that runs, if it has not written.",
        ),
    Command::plain("list", -2, NOSCRIPT, list)
        .of(SCRIPTING)
        .says("7.0.0", "The libraries and their functions.")
        .written("[LIBRARYNAME library-name-pattern] [WITHCODE]"),
    Command::everything("load", -3, WRITE | DENYOOM | NOSCRIPT, load)
        .of(SCRIPTING)
        .says("7.0.0", "Takes a library in.")
        .written("[REPLACE] function-code"),
    Command::everything("restore", -3, WRITE | DENYOOM | NOSCRIPT, restore)
        .of(SCRIPTING)
        .says("7.0.0", "Takes in the libraries of a dump.")
        .written("serialized-value [FLUSH|APPEND|REPLACE]"),
    Command::plain("stats", 2, NOSCRIPT | ALLOW_BUSY, stats)
        .of(SCRIPTING)
        .says("7.0.0", "Which function runs, and how many there are."),
];

fn refused(problem: String) -> Failure {
    Failure::of(format!("ERR {problem}"))
}

pub fn fcall(call: &mut Call<'_>, txn: &mut Txn<'_>, is_read_only: bool) -> Answer {
    show(call)?;
    let functions = &mut call.world.scripting.functions;
    let function = functions.get(call.args[1]);
    let function = function.ok_or(Failure::new("ERR Function not found"))?;
    let (name, flags) = (&function.name, function.flags);
    let name = String::from_utf8_lossy(name).into_owned();
    let callback = function.callback.clone();
    let interpreter = functions.interpreter().map_err(refused)?;
    let keys = run::key_count(call, Failure::new("ERR Bad number of keys provided"))?;
    let script = Script {
        interpreter,
        function: callback,
        name,
        flags,
        is_eval: false,
        is_read_only,
    };
    run::run(call, txn, &script, keys)
}

fn load(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (code, options) = call.args.split_last().ok_or(Failure::SYNTAX)?;
    let mut replaces = false;
    for option in &options[2..] {
        if !option.eq_ignore_ascii_case(b"replace") {
            let option = String::from_utf8_lossy(option);
            return Err(Failure::of(format!("ERR Unknown option given: {option}")));
        }
        replaces = true;
    }
    let loaded = call.world.scripting.functions.load(code, replaces);
    let name = loaded.map_err(refused)?;
    txn.put_library(&name, Some(code));
    call.out.bulk(&name);
    Ok(())
}

fn delete(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    if !call.world.scripting.functions.remove(call.args[2]) {
        return Err(Failure::new("ERR Library not found"));
    }
    txn.put_library(call.args[2], None);
    call.out.ok();
    Ok(())
}

fn flush(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    if call.args.len() > 3 {
        return Err(Failure::new(
            "ERR unknown subcommand or wrong number of arguments for 'flush'. Try FUNCTION HELP.",
        ));
    }
    if !is_flush(call) {
        return Err(Failure::new(
            "ERR FUNCTION FLUSH only supports SYNC|ASYNC option",
        ));
    }
    forget_all(call, txn);
    call.world.scripting.functions.flush();
    call.out.ok();
    Ok(())
}

fn forget_all(call: &Call<'_>, txn: &mut Txn<'_>) {
    for (name, _) in call.world.scripting.functions.libraries() {
        txn.put_library(name, None);
    }
}

fn dump(call: &mut Call<'_>) -> Answer {
    let mut out = Writer::default();
    for (_, library) in call.world.scripting.functions.libraries() {
        out.byte(LIBRARY);
        out.text(&library.code);
    }
    call.out.bulk(&out.finish());
    Ok(())
}

fn restore(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let how = match call.args.len() {
        3 => Restore::Append,
        4 if call.is(3, "APPEND") => Restore::Append,
        4 if call.is(3, "REPLACE") => Restore::Replace,
        4 if call.is(3, "FLUSH") => Restore::Flush,
        4 => {
            return Err(Failure::new(
                "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.",
            ));
        }
        _ => {
            return Err(Failure::new(
                "ERR unknown subcommand or wrong number of arguments for 'restore'. Try FUNCTION HELP.",
            ));
        }
    };
    let mut payload = Reader::open(call.args[2]).ok_or(Failure::new(
        "ERR DUMP payload version or checksum are wrong",
    ))?;
    let mut codes = Vec::new();
    while !payload.is_empty() {
        match payload.byte() {
            Some(LIBRARY) => {}
            Some(EARLY_LIBRARY) => {
                return Err(Failure::new(
                    "ERR Pre-release function format not supported.",
                ));
            }
            _ => return Err(Failure::new("ERR given type is not a function")),
        }
        let code = payload.text();
        codes.push(code.ok_or(Failure::new("ERR Failed loading library data"))?);
    }
    let before: Vec<Vec<u8>> = call
        .world
        .scripting
        .functions
        .libraries()
        .map(|(name, _)| name.clone())
        .collect();
    let restored = call.world.scripting.functions.restore(&codes, how);
    let names = restored.map_err(refused)?;
    if how == Restore::Flush {
        for name in before {
            txn.put_library(&name, None);
        }
    }
    for (name, code) in names.iter().zip(&codes) {
        txn.put_library(name, Some(code));
    }
    call.out.ok();
    Ok(())
}

fn list(call: &mut Call<'_>) -> Answer {
    let (mut pattern, mut with_code) = (None, false);
    let mut at = 2;
    while at < call.args.len() {
        if !with_code && call.is(at, "WITHCODE") {
            with_code = true;
        } else if pattern.is_none() && call.is(at, "LIBRARYNAME") {
            at += 1;
            let Some(name) = call.args.get(at) else {
                return Err(Failure::new("ERR library name argument was not given"));
            };
            pattern = Some(name.to_ascii_lowercase());
        } else {
            let option = String::from_utf8_lossy(call.args[at]);
            return Err(Failure::of(format!("ERR Unknown argument {option}")));
        }
        at += 1;
    }
    let (out, functions) = (&mut *call.out, &call.world.scripting.functions);
    let is_asked = |name: &[u8]| {
        let pattern = pattern.as_ref();
        pattern.is_none_or(|pattern| glob::matches(pattern, &name.to_ascii_lowercase()))
    };
    let asked: Vec<_> = functions
        .libraries()
        .filter(|(name, _)| is_asked(name))
        .collect();
    out.array(asked.len());
    for (name, library) in asked {
        out.map(3 + usize::from(with_code));
        out.bulk(b"library_name");
        out.bulk(name);
        out.bulk(b"engine");
        out.bulk(b"LUA");
        out.bulk(b"functions");
        out.array(library.functions.len());
        for function in &library.functions {
            out.map(3);
            out.bulk(b"name");
            out.bulk(&function.name);
            out.bulk(b"description");
            out.bulk_or_null(function.description.as_deref());
            out.bulk(b"flags");
            out.set(function.flags.names().count());
            for flag in function.flags.names() {
                out.simple(flag);
            }
        }
        if with_code {
            out.bulk(b"library_code");
            out.bulk(&library.code);
        }
    }
    Ok(())
}

fn stats(call: &mut Call<'_>) -> Answer {
    let scripting = &call.world.scripting;
    let running = scripting.running.as_ref();
    if let Some(running) = running.filter(|running| running.is_eval) {
        return Err(running.busy());
    }
    let out = &mut *call.out;
    out.map(2);
    out.bulk(b"running_script");
    match running {
        None => out.null(),
        Some(running) => {
            out.map(3);
            out.bulk(b"name");
            out.bulk(running.name.as_bytes());
            out.bulk(b"command");
            out.array(running.args.len());
            for arg in &running.args {
                out.bulk(arg);
            }
            out.bulk(b"duration_ms");
            out.integer(running.began.elapsed().as_millis() as i64);
        }
    }
    let [libraries, functions, ..] = scripting.functions.weight();
    out.bulk(b"engines");
    out.map(1);
    out.bulk(b"LUA");
    out.map(2);
    out.bulk(b"libraries_count");
    out.count(libraries);
    out.bulk(b"functions_count");
    out.count(functions);
    Ok(())
}

fn kill(call: &mut Call<'_>) -> Answer {
    call.world.scripting.kill(false)?;
    call.out.ok();
    Ok(())
}

fn help(call: &mut Call<'_>) -> Answer {
    super::super::help_of(call, "FUNCTION", COMMANDS)
}

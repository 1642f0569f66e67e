//! One run of a script: what it asks of the server.

use super::asked::{common, granted, refused, words};
use super::flags::{ALLOW_OOM, Flags, NO_WRITES};
use super::interpreter::{Ended, Interpreter};
use super::{Running, to_lua, to_resp};
use crate::acl::Reason;
use crate::acl::Refused;
use crate::call::Call;
use crate::dispatch::{self, Unfound};
use crate::failure::{Answer, Failure};
use crate::figures::hides;
use crate::index::Row;
use crate::out::{Out, Protocol};
use crate::sockets;
use crate::table::{DENYOOM, MAY_REPLICATE, NOSCRIPT, Run as Runs, WRITE};
use crate::world::World;
use maru_cache::{Embedded, Txn};
use mlua::{Function, Lua, MultiValue, Value};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

/// A script that is to be run.
pub struct Script {
    pub interpreter: Rc<Interpreter>,
    pub function: Function,
    /// The function, or the checksum of the script.
    pub name: String,
    pub flags: Flags,
    pub is_eval: bool,
    /// The command is one that must not write.
    pub is_read_only: bool,
}

/// How many keys a command names, which stand behind their number.
pub fn key_count(call: &Call<'_>, otherwise: Failure) -> Result<usize, Failure> {
    let count = crate::number::integer(call.args[2]).ok_or(otherwise)?;
    if count > (call.args.len() - 3) as i64 {
        return Err(Failure::new(
            "ERR Number of keys can't be greater than number of args",
        ));
    }
    usize::try_from(count).map_err(|_| Failure::new("ERR Number of keys can't be negative"))
}

/// Runs a script with the keys and arguments of its command, and writes its answer.
pub fn run(call: &mut Call<'_>, txn: &mut Txn<'_>, script: &Script, keys: usize) -> Answer {
    admit(call.world, script)?;
    let (keys, args) = call.args[3..].split_at(keys);
    let world = &mut *call.world;
    let began = Instant::now();
    world.scripting.running = Some(Running {
        token: call.token,
        name: script.name.clone(),
        is_eval: script.is_eval,
        began,
        args: call.args.iter().map(|arg| arg.to_vec()).collect(),
        wrote: false,
        is_slow: false,
        watch: script.interpreter.watch.clone(),
    });
    let client = &mut world.clients[call.token];
    let before = (client.db, client.protocol, client.in_exec);
    (client.protocol, client.in_exec) = (Protocol::Resp2, true);
    let patience = world.settings.script_patience;
    let mark = world.mark;
    let frozen = call.cache.clock().freeze();
    let run = RefCell::new(Run {
        world,
        cache: call.cache,
        token: call.token,
        txn,
        out: Out::new(Protocol::Resp2),
        is_read_only: script.is_read_only
            || (!script.flags.is_plain && script.flags.has(NO_WRITES)),
        allows_oom: !script.flags.is_plain && script.flags.has(ALLOW_OOM),
    });
    let server = |lua: &Lua, args: MultiValue| match run.try_borrow_mut() {
        Ok(mut run) => run.ask(lua, args),
        // What the collector calls while a command runs.
        Err(_) => refused(lua, "ERR a command cannot be called while another one runs"),
    };
    let serve = || {
        if let Ok(mut run) = run.try_borrow_mut() {
            run.serve();
        }
    };
    let interpreter = &script.interpreter;
    let ended = interpreter.run(&script.function, [keys, args], patience, &server, &serve);
    drop(frozen);
    let chosen = run.into_inner().out.protocol;
    let world = &mut *call.world;
    let client = &mut world.clients[call.token];
    (client.db, client.protocol, client.in_exec) = before;
    world.scripting.running = None;
    // All of it is this command's.
    world.mark = mark;
    let ended = ended.map_err(|error| Failure::of(format!("ERR Error running script: {error}")))?;
    match ended {
        Ended::Answer(value) => {
            let stats = &mut call.world.stats;
            let mut count = |text: &str| stats.count_error(text);
            let start = call.out.bytes.len();
            to_resp::write(call.out, &value, chosen, &mut count)
                .map_err(|error| Failure::of(format!("ERR Error running script: {error}")))?;
            call.failed |= call.out.bytes.get(start) == Some(&b'-');
            Ok(())
        }
        Ended::Failed(problem) => fail(call, &problem, &script.name),
    }
}

/// Whether a script may be run now.
fn admit(world: &World, script: &Script) -> Answer {
    let flags = script.flags;
    if flags.is_plain {
        return Ok(());
    }
    if script.is_read_only && !flags.has(NO_WRITES) {
        return Err(Failure::new(
            "ERR Can not execute a script with write flag using *_ro command.",
        ));
    }
    if world.is_full && !flags.has(ALLOW_OOM) && !flags.has(NO_WRITES) {
        return Err(Failure::new(
            "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
        ));
    }
    Ok(())
}

/// Answers with the error that a script has ended with.
fn fail(call: &mut Call<'_>, problem: &Value, name: &str) -> Answer {
    let Value::Table(table) = problem else {
        let text = match problem {
            Value::String(text) => String::from_utf8_lossy(&text.as_bytes()).into_owned(),
            _ => "execution failure".to_owned(),
        };
        let text: String = text.chars().take(100).collect();
        return Err(Failure::of(format!(
            "ERR Error running script {name}, {text}"
        )));
    };
    let field = |field: &str| match table.raw_get::<Value>(field) {
        Ok(Value::String(text)) => Some(String::from_utf8_lossy(&text.as_bytes()).into_owned()),
        Ok(Value::Integer(number)) => Some(number.to_string()),
        Ok(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let mut text = field("err").unwrap_or_else(|| "(null)".to_owned());
    if let (Some(source), Some(line)) = (field("source"), field("line")) {
        text = format!("{text} script: {name}, on {source}:{line}.");
    }
    let is_counted = table.raw_get::<Value>("ignore_error_stats_update");
    if matches!(is_counted, Ok(Value::Boolean(true))) {
        call.out.error(&text);
        call.failed = true;
        return Ok(());
    }
    Err(Failure::of(text))
}

/// What a running script has to do with.
struct Run<'r, 't> {
    world: &'r mut World,
    cache: &'r Embedded,
    token: usize,
    txn: &'r mut Txn<'t>,
    /// Takes the answers of commands, in the protocol that the script has chosen.
    out: Out,
    is_read_only: bool,
    allows_oom: bool,
}

impl Run<'_, '_> {
    /// Others are served for a moment.
    fn serve(&mut self) {
        let Some(running) = &mut self.world.scripting.running else {
            return;
        };
        if !std::mem::replace(&mut running.is_slow, true) {
            let command = if running.is_eval {
                "SCRIPT KILL"
            } else {
                "FUNCTION KILL"
            };
            tracing::warn!(
                script = running.name,
                elapsed_ms = running.began.elapsed().as_millis() as u64,
                "a script of the Redis port runs for long; {command} ends it, if it has not written"
            );
        }
        if self
            .world
            .wakes
            .stop
            .load(std::sync::atomic::Ordering::SeqCst)
        {
            running.watch.end("the server is stopping");
            return;
        }
        sockets::serve_while_busy(self.world, self.cache);
    }

    /// What the prelude asks: a name, and arguments.
    fn ask(&mut self, lua: &Lua, mut args: MultiValue) -> mlua::Result<MultiValue> {
        let Some(Value::String(name)) = args.pop_front() else {
            return refused(lua, "ERR unknown");
        };
        match &*name.as_bytes() {
            b"call" => match words(&args) {
                Ok(words) => self.call(lua, &words),
                Err(text) => refused(lua, text),
            },
            b"setresp" => {
                let protocol = match args.front().and_then(super::library::number_of) {
                    _ if args.len() != 1 => {
                        return refused(lua, "ERR redis.setresp() requires one argument.");
                    }
                    Some(2.0) => Protocol::Resp2,
                    Some(3.0) => Protocol::Resp3,
                    _ => return refused(lua, "ERR RESP version must be 2 or 3."),
                };
                self.out.protocol = protocol;
                self.world.clients[self.token].protocol = protocol;
                granted(Value::Nil)
            }
            b"set_repl" => match args.front().and_then(super::library::number_of) {
                _ if args.len() != 1 => {
                    refused(lua, "ERR redis.set_repl() requires two arguments.")
                }
                Some(0.0 | 1.0 | 2.0 | 3.0) => granted(Value::Nil),
                _ => refused(
                    lua,
                    "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.",
                ),
            },
            b"acl_check_cmd" => self.acl_check(lua, &args),
            name => common(lua, name, &args),
        }
    }

    fn acl_check(&mut self, lua: &Lua, args: &MultiValue) -> mlua::Result<MultiValue> {
        let words = match words(args) {
            Ok(words) => words,
            Err(text) => return refused(lua, text),
        };
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let row = match dispatch::look_up(&words) {
            Ok(row) | Err(Unfound::Arity(row)) => row,
            Err(Unfound::Command | Unfound::Subcommand(_)) => {
                return refused(lua, "ERR Invalid command passed to redis.acl_check_cmd()");
            }
        };
        let may = self.world.clients[self.token].user.may(row, &words).is_ok();
        granted(Value::Boolean(may))
    }

    /// Calls a command.
    fn call(&mut self, lua: &Lua, words: &[Vec<u8>]) -> mlua::Result<MultiValue> {
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let row = match dispatch::look_up(&words) {
            Ok(row) => row,
            Err(unfound) => {
                let (text, row) = match unfound {
                    Unfound::Arity(row) => (
                        "ERR Wrong number of args calling Redis command from script",
                        Some(row),
                    ),
                    _ => ("ERR Unknown Redis command called from script", None),
                };
                return self.reject(lua, row, text);
            }
        };
        if let Err(failure) = self.admit(row, &words) {
            return self.reject(lua, Some(row), &failure.0);
        }
        let writes = row.command.has(WRITE);
        if let Some(running) = &mut self.world.scripting.running {
            running.wrote |= writes;
        }
        if matches!(row.command.run, Runs::Everything(_) | Runs::Roaming { .. }) {
            self.txn.lock_all();
        }
        self.out.bytes.clear();
        let (world, out) = (&mut *self.world, &mut self.out);
        dispatch::run(
            world,
            self.cache,
            self.token,
            row,
            &words,
            out,
            Some(self.txn),
        );
        if self.world.monitors > 0 && !hides(row) {
            self.world.monitor_script(self.token, row, &words);
        }
        let has_written = self
            .world
            .scripting
            .running
            .as_ref()
            .is_some_and(|it| it.wrote);
        if !has_written {
            self.txn.let_go();
        }
        let value = to_lua::value(lua, &self.out.bytes)?;
        let is_error = self.out.bytes.first() == Some(&b'-');
        self.out.bytes.shrink_to(crate::connection::KEEP_BYTES);
        Ok(MultiValue::from_iter([Value::Boolean(!is_error), value]))
    }

    /// Whether the script may call a command now, in Redis's order.
    fn admit(&mut self, row: &Row, words: &[&[u8]]) -> Answer {
        let command = row.command;
        let is_debug = self.world.scripting.allows_debug && command.name == "debug";
        if command.has(NOSCRIPT) && !is_debug {
            return Err(Failure::new(
                "ERR This Redis command is not allowed from script",
            ));
        }
        if let Err((refused, at)) = self.world.clients[self.token].user.may(row, words) {
            let object = match refused {
                Refused::Command => row.full_name.as_bytes(),
                Refused::Key | Refused::Channel => words[at],
            };
            let reason = Reason::Refused(refused);
            self.world.note_refusal(self.token, reason, object, None);
            return Err(Failure::of(format!(
                "ERR The user executing the script {}",
                match refused {
                    Refused::Command => "can't run this command or subcommand",
                    Refused::Key =>
                        "can't access at least one of the keys mentioned in the command arguments",
                    Refused::Channel => "can't publish to the channel mentioned in the command",
                }
            )));
        }
        let writes = command.has(WRITE);
        if self.is_read_only && (writes || command.has(MAY_REPLICATE)) {
            return Err(Failure::new(
                "ERR Write commands are not allowed from read-only scripts.",
            ));
        }
        let has_written = self
            .world
            .scripting
            .running
            .as_ref()
            .is_some_and(|it| it.wrote);
        if has_written {
            return Ok(());
        }
        if writes {
            if let Some(error) = &self.world.disk_error {
                return Err(Failure::of(format!(
                    "MISCONF Errors writing to the AOF file: {error}"
                )));
            }
            if self.world.settings.wants_replicas {
                return Err(Failure::new(
                    "NOREPLICAS Not enough good replicas to write.",
                ));
            }
        }
        if self.world.is_full && !self.allows_oom && command.has(DENYOOM) {
            return Err(Failure::new(
                "OOM command not allowed when used memory > 'maxmemory'.",
            ));
        }
        Ok(())
    }

    /// A command was not called; that is counted here, and not again when the script fails by it.
    fn reject(&mut self, lua: &Lua, row: Option<&Row>, text: &str) -> mlua::Result<MultiValue> {
        if let Some(row) = row {
            self.world.stats.rows[row.id].rejected += 1;
        }
        self.world.stats.count_error(text);
        let error = to_lua::error(lua, text.as_bytes(), true)?;
        Ok(MultiValue::from_iter([
            Value::Boolean(false),
            Value::Table(error),
        ]))
    }
}

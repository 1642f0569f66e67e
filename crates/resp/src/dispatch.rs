//! One request: is it a command, may it be run now, by this client; then it is run.

use super::awaited::Awaited;
use super::call::{Call, Wait};
use super::client::Replies;
use super::elsewhere::Way;
use super::failure::{Answer, Failure};
use super::figures::{finish, hides};
use super::gate::admit;
use super::index::{Row, Table};
use super::out::Out;
use super::table::{Run, WRITE};
use super::world::World;
use super::{tracking, transaction};
use maru_cache::{Embedded, Txn};
use smallvec::SmallVec;

/// What becomes of the client's next request.
pub enum Next {
    /// It is looked at.
    Go,
    /// It waits for keys; with the request to run again.
    Wait(Wait),
    /// This very request waits for the end of a pause.
    Pause,
}

/// Runs one request of a client; the answer goes to `out`.
pub fn request(
    world: &mut World,
    cache: &Embedded,
    token: usize,
    args: &[&[u8]],
    out: &mut Out,
) -> Next {
    let mut start = out.bytes.len();
    let next = match find(args) {
        Ok(row) => match admit(world, cache, token, row, args) {
            Ok(()) if world.pause.is_some() && world.is_paused(token, row, args) => {
                return Next::Pause;
            }
            Ok(()) => {
                if !world.tracked.is_off() {
                    // What had to go for this command is told before its answer.
                    tracking::changed(world, None);
                    tracking::keep_to_limit(world);
                    out.bytes.append(&mut world.clients[token].pushed.bytes);
                    start = out.bytes.len();
                }
                admitted(world, cache, token, row, args, out)
            }
            Err(failure) => {
                world.stats.rows[row.id].rejected += 1;
                refuse(world, token, Some(row), &failure, out);
                Next::Go
            }
        },
        Err(failure) => {
            let row = known(args);
            if let Some(row) = row {
                world.stats.rows[row.id].rejected += 1;
            }
            refuse(world, token, row, &failure, out);
            Next::Go
        }
    };
    let client = &mut world.clients[token];
    if let Some(tracking) = &mut client.tracking
        && tracking.caching.is_some()
        && client.queue.is_none()
        && !args[0].eq_ignore_ascii_case(b"client")
    {
        tracking.caching = None;
    }
    if client.replies != Replies::On {
        client.replies = match client.replies {
            Replies::Off => Replies::Off,
            Replies::SkipNext => Replies::SkipThis,
            Replies::SkipThis | Replies::On => Replies::On,
        };
        // Confirmations of subscriptions are messages rather than answers.
        let is_told = matches!(
            args[0].to_ascii_lowercase().as_slice(),
            b"subscribe"
                | b"unsubscribe"
                | b"psubscribe"
                | b"punsubscribe"
                | b"ssubscribe"
                | b"sunsubscribe"
        );
        if !is_told && (client.replies != Replies::On || start < out.bytes.len()) {
            out.bytes.truncate(start);
        }
    }
    next
}

/// Runs a request again that waits for a key which has been filled. `None` if it waits no longer.
pub fn again(
    world: &mut World,
    cache: &Embedded,
    token: usize,
    args: &[&[u8]],
    out: &mut Out,
    filled: &[u8],
) -> Option<Wait> {
    let row = find(args).ok()?;
    let wait = run_as(world, cache, token, row, args, out, None, Some(filled));
    // It was counted when it began to wait.
    world.stats.commands -= 1;
    let figures = &mut world.stats.rows[row.id];
    figures.calls = figures.calls.saturating_sub(1);
    wait
}

/// Why a request has no row.
#[derive(Clone, Copy)]
pub enum Unfound {
    Command,
    Subcommand(&'static Row),
    /// The row, which takes another number of arguments.
    Arity(&'static Row),
}

/// The row of a request, if its name and its number of arguments are right.
pub fn look_up(args: &[&[u8]]) -> Result<&'static Row, Unfound> {
    let table = Table::get();
    let mut row = table.find(args[0]).ok_or(Unfound::Command)?;
    if !row.command.subcommands.is_empty() && args.len() > 1 {
        let sub = table.find_sub(row, args[1]);
        row = sub.ok_or(Unfound::Subcommand(row))?;
    }
    if row.command.takes(args.len()) {
        Ok(row)
    } else {
        Err(Unfound::Arity(row))
    }
}

/// As [`look_up`], with what the client is told.
pub fn find(args: &[&[u8]]) -> Result<&'static Row, Failure> {
    look_up(args).map_err(|unfound| match unfound {
        Unfound::Command => unknown(args),
        Unfound::Subcommand(row) => Failure::of(format!(
            "ERR unknown subcommand '{}'. Try {} HELP.",
            shortened(args[1], 128),
            row.command.name.to_ascii_uppercase()
        )),
        Unfound::Arity(row) => wrong_number(&row.full_name),
    })
}

/// The row that a request with a wrong number of arguments was meant for.
fn known(args: &[&[u8]]) -> Option<&'static Row> {
    let table = Table::get();
    let row = table.find(args[0])?;
    match args.get(1) {
        Some(name) if !row.command.subcommands.is_empty() => table.find_sub(row, name),
        _ => Some(row),
    }
}

fn wrong_number(name: &str) -> Failure {
    Failure::of(format!(
        "ERR wrong number of arguments for '{name}' command"
    ))
}

fn unknown(args: &[&[u8]]) -> Failure {
    let mut text = format!(
        "ERR unknown command '{}', with args beginning with: ",
        shortened(args[0], 128)
    );
    let mut shown = 0;
    for arg in &args[1..] {
        if shown >= 128 {
            break;
        }
        let arg = format!("'{}' ", shortened(arg, 128 - shown));
        shown += arg.len();
        text.push_str(&arg);
    }
    Failure::of(text)
}

fn shortened(bytes: &[u8], max: usize) -> String {
    // Up to the first zero byte, as C prints it.
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end.min(max)]).into_owned()
}

/// What was refused spoils a transaction that it was meant for; where that was its end, it is one.
fn refuse(world: &mut World, token: usize, row: Option<&Row>, failure: &Failure, out: &mut Out) {
    if row.is_some_and(|row| row.command.name == "exec") {
        let client = &mut world.clients[token];
        client.queue = None;
        client.watch = None;
        let text = format!("EXECABORT Transaction discarded because of: {}", failure.0);
        world.stats.count_error(&text);
        out.error(&text);
        return;
    }
    world.stats.count_error(&failure.0);
    if let Some(queue) = &mut world.clients[token].queue {
        queue.spoiled = true;
    }
    out.error(&failure.0);
}

fn admitted(
    world: &mut World,
    cache: &Embedded,
    token: usize,
    row: &'static Row,
    args: &[&[u8]],
    out: &mut Out,
) -> Next {
    let client = &mut world.clients[token];
    client.last_row = Some(row);
    if let Some(queue) = &mut client.queue {
        let is_own = matches!(
            row.command.name,
            "exec" | "discard" | "multi" | "watch" | "quit" | "reset"
        );
        if !is_own {
            let flags = world.scripting.flags(row, args);
            queue.add(flags, args);
            out.simple("QUEUED");
            return Next::Go;
        }
    }
    let aside: Vec<Vec<u8>>;
    let mut rewritten: SmallVec<[&[u8]; 8]> = SmallVec::new();
    let mut args = args;
    if world.clients[token].reader.is_some() {
        match world.send_away(token, row, args) {
            Ok(Way::Usual) => {}
            Ok(Way::Here(other)) => {
                aside = other;
                rewritten.extend(aside.iter().map(Vec::as_slice));
                args = &rewritten;
            }
            Ok(Way::Away) => {
                world.stats.commands += 1;
                return Next::Go;
            }
            Err(text) => {
                world.stats.count_error(&text);
                out.error(&text);
                return Next::Go;
            }
        }
    }
    let wait = if row.command.name == "exec" && !row.is_subcommand {
        let start = out.bytes.len();
        let done = transaction::exec(world, cache, token, out);
        let sleep = std::mem::take(&mut world.drowsy);
        finish(world, token, row, args, !done, !sleep.is_zero());
        (!sleep.is_zero()).then(|| {
            let answer = out.bytes.split_off(start);
            Wait::asleep(sleep, answer, world.waits.take_ready())
        })
    } else {
        run(world, cache, token, row, args, out, None)
    };
    if world.monitors > 0 && !hides(row) {
        world.monitor(token, row, args);
    }
    wait.map_or(Next::Go, Next::Wait)
}

/// Runs a command, within a transaction where one is given.
pub fn run(
    world: &mut World,
    cache: &Embedded,
    token: usize,
    row: &'static Row,
    args: &[&[u8]],
    out: &mut Out,
    within: Option<&mut Txn<'_>>,
) -> Option<Wait> {
    run_as(world, cache, token, row, args, out, within, None)
}

/// As [`run`]; `woken_by`: it has waited, and this key was filled.
#[expect(clippy::too_many_arguments, reason = "all that a run of a command is")]
fn run_as(
    world: &mut World,
    cache: &Embedded,
    token: usize,
    row: &'static Row,
    args: &[&[u8]],
    out: &mut Out,
    mut within: Option<&mut Txn<'_>>,
    woken_by: Option<&[u8]>,
) -> Option<Wait> {
    let start = out.bytes.len();
    let in_exec = within.is_some();
    let db = world.clients[token].db;
    if let Some(txn) = within.as_deref_mut() {
        txn.select(db);
    }
    let awaited = Awaited::find(world, cache, within.as_deref_mut(), db, row, args);
    let mut call = Call {
        args,
        out,
        world,
        cache,
        token,
        in_exec,
        woken_by,
        wait: None,
        failed: false,
        seen: None,
    };
    let answer = match (row.command.run, within.as_deref_mut()) {
        (Run::Plain(handler), _) => handler(&mut call),
        (Run::Roaming { alone, .. }, None) => alone(&mut call),
        (
            Run::Keyed(handler)
            | Run::Everything(handler)
            | Run::OnDemand(handler)
            | Run::Roaming {
                within: handler, ..
            },
            Some(txn),
        ) => handler(&mut call, txn),
        (Run::Keyed(handler), None) => keyed(&mut call, db, row, handler),
        (Run::Everything(handler), None) => cache
            .db(db)
            .on_everything(|txn| handler(&mut call, txn))
            .unwrap_or_else(|error| Err(error.into())),
        (Run::OnDemand(handler), None) => cache
            .db(db)
            .on_demand(|txn| handler(&mut call, txn))
            .unwrap_or_else(|error| Err(error.into())),
        (Run::Subcommands, _) => Err(Failure::SYNTAX),
    };
    let wait = call.wait.take();
    let failed = answer.is_err() || call.failed;
    if let Err(failure) = answer {
        world.stats.count_error(&failure.0);
        out.bytes.truncate(start);
        out.error(&failure.0);
    }
    finish(world, token, row, args, failed, wait.is_some());
    if wait.is_none() {
        if !failed && out.bytes[start..] != *b":0\r\n" {
            awaited.tell(world, cache, within, row, args);
        }
        world.after(token, row, args);
    }
    wait
}

/// One step on exactly the keys of the command.
fn keyed(
    call: &mut Call<'_>,
    db: u8,
    row: &Row,
    handler: fn(&mut Call<'_>, &mut Txn<'_>) -> Answer,
) -> Answer {
    let db = call.cache.db(db);
    let positions = row.command.keys.positions(call.args);
    let done = if let [one] = positions[..] {
        let key = call.args[one];
        db.on(key, |txn| handler(call, txn))
    } else {
        let keys: SmallVec<[&[u8]; 8]> = positions.iter().map(|&at| call.args[at]).collect();
        db.on_all_of(&keys, |txn| handler(call, txn))
    };
    done.unwrap_or_else(|error| Err(error.into()))
}

impl World {
    /// What others have to learn of a command that was run: who keeps copies of values, and who
    /// waits for a key, if it was a command on all of them.
    fn after(&mut self, token: usize, row: &Row, args: &[&[u8]]) {
        let is_whole = matches!(row.command.run, Run::Everything(_));
        if !self.tracked.is_off() {
            if is_whole && row.command.has(WRITE) && row.command.keys.first == 0 {
                tracking::forget_all(self);
            }
            tracking::changed(self, Some(self.clients[token].id));
            tracking::told(self, token, row, args);
        }
        if is_whole
            && !self.waits.is_empty()
            && row.command.has(WRITE)
            && row.command.keys.positions(args).is_empty()
        {
            self.waits.all_changed();
        }
    }
}

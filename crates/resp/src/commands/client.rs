//! CLIENT: connections, this one and others.
mod kill;
mod list;
mod track;

use super::super::call::Call;
use super::super::client::{Replies, Waiting};
use super::super::connection::stop_waiting;
use super::super::failure::{Answer, Failure};
use super::super::table::category::CONNECTION;
use super::super::table::{ADMIN, Command, LOADING, NOSCRIPT, STALE};
use super::super::world::Pause;
pub use list::line as client_line;
use std::time::{Duration, Instant};
pub use track::track_no_more;

const OWN: u32 = NOSCRIPT | LOADING | STALE;
const OTHERS: u32 = ADMIN | OWN;

pub const SUBCOMMANDS: &[Command] = &[
    Command::plain("caching", 3, OWN, track::caching)
        .of(CONNECTION)
        .says("6.0.0", "Whether the next command's keys are tracked.")
        .written("(YES|NO)"),
    Command::plain("getname", 2, OWN, getname)
        .of(CONNECTION)
        .says("2.6.9", "This connection's name."),
    Command::plain("getredir", 2, OWN, track::getredir)
        .of(CONNECTION)
        .says(
            "6.0.0",
            "Which connection is told of changes instead of this one.",
        ),
    Command::plain("help", 2, LOADING | STALE, help)
        .of(CONNECTION)
        .says("5.0.0", "What the subcommands do."),
    Command::plain("id", 2, OWN, id)
        .of(CONNECTION)
        .says("5.0.0", "This connection's number."),
    Command::plain("info", 2, OWN, list::info)
        .of(CONNECTION)
        .says("6.2.0", "What is known of this connection."),
    Command::plain("kill", -3, OTHERS, kill::kill)
        .of(CONNECTION)
        .says("2.4.0", "Closes connections.")
        .written(
            "(ip:port|([ID client-id]|[TYPE \
             (NORMAL|MASTER|SLAVE|REPLICA|PUBSUB)]|[USER username]|[ADDR \
             ip:port]|[LADDR ip:port]|[SKIPME yes/no])...)",
        ),
    Command::plain("list", -2, OTHERS, list::list)
        .of(CONNECTION)
        .says("2.4.0", "What is known of all connections.")
        .written("[TYPE (NORMAL|MASTER|REPLICA|PUBSUB)] [ID {client-id...}]"),
    Command::plain("no-evict", 3, OTHERS, no_evict)
        .of(CONNECTION)
        .says(
            "7.0.0",
            "Keeps this connection where others are closed for their memory.",
        )
        .written("(ON|OFF)"),
    Command::plain("no-touch", 3, OWN, no_touch)
        .of(CONNECTION)
        .says(
            "7.2.0",
            "Does not count this connection's reads as use of keys.",
        ),
    Command::plain("pause", -3, OTHERS, pause)
        .of(CONNECTION)
        .says("3.0.0", "Holds commands back for so many milliseconds.")
        .written("timeout [WRITE|ALL]"),
    Command::plain("reply", 3, OWN, reply)
        .of(CONNECTION)
        .says("3.2.0", "Whether this connection wants answers.")
        .written("(ON|OFF|SKIP)"),
    Command::plain("setinfo", 4, OWN, setinfo)
        .of(CONNECTION)
        .says("7.2.0", "Name and version of this connection's library."),
    Command::plain("setname", 3, OWN, setname)
        .of(CONNECTION)
        .says("2.6.9", "Gives this connection a name.")
        .written("connection-name"),
    Command::roaming("tracking", -3, OWN, track::tracking, track::tracking_within)
        .of(CONNECTION)
        .says(
            "6.0.0",
            "Tells this connection when keys change that it has read.",
        )
        .written(
            "(ON|OFF) [REDIRECT client-id] [PREFIX prefix]... [BCAST] [OPTIN] \
             [OPTOUT] [NOLOOP]",
        ),
    Command::plain("trackinginfo", 2, OWN, track::info)
        .of(CONNECTION)
        .says("6.2.0", "How this connection is told of changes."),
    Command::plain("unblock", -3, OTHERS, unblock)
        .of(CONNECTION)
        .says("5.0.0", "Ends another connection's waiting.")
        .written("client-id [TIMEOUT|ERROR]"),
    Command::plain("unpause", 2, OTHERS, unpause)
        .of(CONNECTION)
        .says("6.2.0", "Lets commands go on."),
];

fn id(call: &mut Call<'_>) -> Answer {
    let id = call.client().id;
    call.out.integer(id as i64);
    Ok(())
}

fn getname(call: &mut Call<'_>) -> Answer {
    let name = &call.world.clients[call.token].name;
    if name.is_empty() {
        call.out.null()
    } else {
        call.out.bulk(name)
    }
    Ok(())
}

/// A name is printed in lists, so it has no spaces and nothing that is not printed.
pub fn is_name(name: &[u8]) -> Result<&[u8], Failure> {
    if name.iter().all(|byte| (b'!'..=b'~').contains(byte)) {
        Ok(name)
    } else {
        Err(Failure::new(
            "ERR Client names cannot contain spaces, newlines or special characters.",
        ))
    }
}

fn setname(call: &mut Call<'_>) -> Answer {
    call.client().name = is_name(call.args[2])?.to_vec();
    call.out.ok();
    Ok(())
}

fn setinfo(call: &mut Call<'_>) -> Answer {
    let value = call.args[3];
    let is_printed = value.iter().all(|byte| (b'!'..=b'~').contains(byte));
    let (is_name, is_version) = (call.is(2, "LIB-NAME"), call.is(2, "LIB-VER"));
    if !is_name && !is_version {
        return Err(Failure::of(format!(
            "ERR Unrecognized option '{}'",
            String::from_utf8_lossy(call.args[2])
        )));
    }
    if !is_printed {
        return Err(Failure::of(format!(
            "ERR {} cannot contain spaces, newlines or special characters.",
            if is_name { "lib-name" } else { "lib-ver" }
        )));
    }
    let client = call.client();
    if is_name {
        client.library = value.to_vec()
    } else {
        client.library_version = value.to_vec()
    }
    call.out.ok();
    Ok(())
}

fn reply(call: &mut Call<'_>) -> Answer {
    let replies = if call.is(2, "ON") {
        call.out.ok();
        Replies::On
    } else if call.is(2, "OFF") {
        Replies::Off
    } else if call.is(2, "SKIP") {
        match call.client().replies {
            Replies::Off => Replies::Off,
            _ => Replies::SkipNext,
        }
    } else {
        return Err(Failure::SYNTAX);
    };
    call.client().replies = replies;
    Ok(())
}

fn on_or_off(call: &Call<'_>) -> Result<bool, Failure> {
    match (call.is(2, "ON"), call.is(2, "OFF")) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(Failure::SYNTAX),
    }
}

fn no_evict(call: &mut Call<'_>) -> Answer {
    call.client().no_evict = on_or_off(call)?;
    call.out.ok();
    Ok(())
}

fn no_touch(call: &mut Call<'_>) -> Answer {
    call.client().no_touch = on_or_off(call)?;
    call.out.ok();
    Ok(())
}

fn pause(call: &mut Call<'_>) -> Answer {
    let writes_only = match call.args.len() {
        3 => false,
        4 if call.is(3, "ALL") => false,
        4 if call.is(3, "WRITE") => true,
        4 => {
            return Err(Failure::new("ERR CLIENT PAUSE mode must be WRITE or ALL"));
        }
        _ => return Err(wrong_arguments(call)),
    };
    let timeout = Failure::new("ERR timeout is not an integer or out of range");
    let ms = call.integer(2).map_err(|_| timeout.clone())?;
    let ms = u64::try_from(ms).map_err(|_| Failure::new("ERR timeout is negative"))?;
    let until = Instant::now()
        .checked_add(Duration::from_millis(ms))
        .ok_or(timeout)?;
    let before = call.world.pause;
    call.world.pause = Some(Pause {
        until: before.map_or(until, |pause| pause.until.max(until)),
        writes_only: writes_only && before.is_none_or(|pause| pause.writes_only),
    });
    call.out.ok();
    Ok(())
}

fn unpause(call: &mut Call<'_>) -> Answer {
    call.world.end_pause();
    call.out.ok();
    Ok(())
}

fn unblock(call: &mut Call<'_>) -> Answer {
    let with_error = match call.args.len() {
        3 => false,
        4 if call.is(3, "TIMEOUT") => false,
        4 if call.is(3, "ERROR") => true,
        _ => {
            return Err(Failure::new(
                "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
            ));
        }
    };
    let id = call.integer(2)?;
    let token = u64::try_from(id)
        .ok()
        .and_then(|id| call.world.token_of(id));
    let waits = token.filter(|&token| {
        let waiting = &call.world.clients[token].waiting;
        matches!(waiting, Some(Waiting::Keys { .. }))
    });
    if let Some(token) = waits {
        if with_error {
            let row = call.world.clients[token].last_row;
            call.world.stats.count_error("UNBLOCKED");
            if let Some(row) = row {
                call.world.stats.rows[row.id].failed += 1;
            }
        }
        stop_waiting(call.world, token, |wait, out| {
            if with_error {
                out.error("UNBLOCKED client unblocked via CLIENT UNBLOCK")
            } else {
                wait.otherwise.write(out)
            }
        });
    }
    call.out.integer(waits.is_some().into());
    Ok(())
}

fn wrong_arguments(call: &Call<'_>) -> Failure {
    Failure::of(format!(
        "ERR unknown subcommand or wrong number of arguments for '{}'. Try CLIENT HELP.",
        String::from_utf8_lossy(call.args[1])
    ))
}

fn help(call: &mut Call<'_>) -> Answer {
    super::help_of(call, "CLIENT", SUBCOMMANDS)
}

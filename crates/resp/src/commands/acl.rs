//! ACL: accounts and what they may do. They live as long as the process.

use super::super::acl::{Refused, User, hex};
use super::super::call::Call;
use super::super::dispatch;
use super::super::failure::{Answer, Failure};
use super::super::index::Table;
use super::super::out::Out;
use super::super::table::{ADMIN, CATEGORY_NAMES, Command, LOADING, NOSCRIPT, STALE};
use std::sync::Arc;

const OWN: u32 = NOSCRIPT | LOADING | STALE;
const OTHERS: u32 = ADMIN | OWN;

pub const SUBCOMMANDS: &[Command] = &[
    Command::plain("cat", -2, OWN, cat)
        .says("6.0.0", "The categories, or the commands of one.")
        .written("[categoryname]"),
    Command::plain("deluser", -3, OTHERS, deluser)
        .says("6.0.0", "Removes accounts.")
        .written("username..."),
    Command::plain("dryrun", -4, OTHERS, dryrun)
        .says(
            "7.0.0",
            "Whether an account may run a command, without running it.",
        )
        .written("username command [arg...]"),
    Command::plain("genpass", -2, OWN, genpass)
        .says("6.0.0", "A password nobody can guess.")
        .written("[bits]"),
    Command::plain("getuser", 3, OTHERS, getuser)
        .says("6.0.0", "What an account may do.")
        .written("username"),
    Command::plain("help", 2, LOADING | STALE, help).says("6.0.0", "What the subcommands do."),
    Command::plain("list", 2, OTHERS, list).says("6.0.0", "All accounts with their rules."),
    Command::plain("load", 2, OTHERS, no_file)
        .says("6.0.0", "Refused: there is no file of accounts."),
    Command::plain("log", -2, OTHERS, log)
        .says("6.0.0", "What was refused lately, and to whom.")
        .written("[count|RESET]"),
    Command::plain("save", 2, OTHERS, no_file)
        .says("6.0.0", "Refused: there is no file of accounts."),
    Command::plain("setuser", -3, OTHERS, setuser)
        .says("6.0.0", "Makes or changes an account.")
        .written("username [rule...]"),
    Command::plain("users", 2, OTHERS, users).says("6.0.0", "The names of all accounts."),
    Command::plain("whoami", 2, OWN, whoami).says("6.0.0", "The account of this connection."),
];

fn whoami(call: &mut Call<'_>) -> Answer {
    let name = call.client().user.name.clone();
    call.out.bulk(&name);
    Ok(())
}

fn users(call: &mut Call<'_>) -> Answer {
    call.out.array(call.world.acl.users().count());
    for user in call.world.acl.users() {
        call.out.bulk(&user.name);
    }
    Ok(())
}

fn list(call: &mut Call<'_>) -> Answer {
    call.out.array(call.world.acl.users().count());
    for user in call.world.acl.users() {
        let name = String::from_utf8_lossy(&user.name);
        let line = format!("user {name} {}", user.description());
        call.out.bulk(line.as_bytes());
    }
    Ok(())
}

fn cat(call: &mut Call<'_>) -> Answer {
    let Some(name) = call.args.get(2) else {
        call.out.array(CATEGORY_NAMES.len());
        for (_, name) in CATEGORY_NAMES {
            call.out.bulk(name.as_bytes());
        }
        return Ok(());
    };
    if call.args.len() > 3 {
        return Err(wrong_arguments(call));
    }
    let wanted = name.to_ascii_lowercase();
    let Some((bit, _)) = CATEGORY_NAMES
        .iter()
        .find(|(_, name)| name.as_bytes() == wanted)
    else {
        return Err(Failure::of(format!(
            "ERR Unknown category '{}'",
            String::from_utf8_lossy(name)
        )));
    };
    let rows = Table::get().rows().iter();
    let rows: Vec<_> = rows
        .filter(|row| row.command.subcommands.is_empty() || row.full_name == "command")
        .filter(|row| row.command.all_categories() & bit != 0)
        .collect();
    call.out.array(rows.len());
    for row in rows {
        call.out.bulk(row.full_name.as_bytes());
    }
    Ok(())
}

fn getuser(call: &mut Call<'_>) -> Answer {
    let Some(user) = call.world.acl.get(call.args[2]) else {
        call.out.null();
        return Ok(());
    };
    let out = &mut *call.out;
    out.map(6);
    out.bulk(b"flags");
    let mut flags = vec![if user.on { "on" } else { "off" }];
    flags.extend(user.nopass.then_some("nopass"));
    flags.extend(user.sanitizes_text());
    out.set(flags.len());
    for flag in flags {
        out.bulk(flag.as_bytes());
    }
    out.bulk(b"passwords");
    out.array(user.passwords.len());
    for hash in &user.passwords {
        out.bulk(hex(hash).as_bytes());
    }
    permissions(out, &user.root);
    out.bulk(b"selectors");
    out.array(user.selectors.len());
    for selector in &user.selectors {
        out.map(3);
        permissions(out, selector);
    }
    Ok(())
}

fn permissions(out: &mut Out, permissions: &super::super::acl::Permissions) {
    for (name, text) in [
        ("commands", permissions.commands_text()),
        ("keys", permissions.keys_text()),
        ("channels", permissions.channels_text()),
    ] {
        out.bulk(name.as_bytes());
        out.bulk(text.as_bytes());
    }
}

fn setuser(call: &mut Call<'_>) -> Answer {
    let name = call.args[2];
    if name
        .iter()
        .any(|byte| byte.is_ascii_whitespace() || *byte == 0)
    {
        return Err(Failure::new(
            "ERR Usernames can't contain spaces or null characters",
        ));
    }
    let mut user = match call.world.acl.get(name) {
        Some(user) => User::clone(user),
        None => with_default_channels(call, User::new(name)),
    };
    for rule in rules(&call.args[3..])? {
        let is_reset = rule.eq_ignore_ascii_case(b"reset");
        user.follow(&rule).map_err(|bad| {
            Failure::of(format!(
                "ERR Error in ACL SETUSER modifier '{}': {bad}",
                String::from_utf8_lossy(&rule)
            ))
        })?;
        if is_reset {
            user = with_default_channels(call, user);
        }
    }
    let user = Arc::new(user);
    call.world.acl.put(user.clone());
    hold_to(call, &user);
    call.out.ok();
    Ok(())
}

fn with_default_channels(call: &Call<'_>, mut user: User) -> User {
    user.root.all_channels = call.world.acl.channels_by_default;
    user
}

/// Rules with those of a selector put together, if it was given in pieces.
fn rules(args: &[&[u8]]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut rules: Vec<Vec<u8>> = Vec::new();
    let mut open = false;
    for arg in args {
        match (open, rules.last_mut()) {
            (true, Some(rule)) => {
                rule.push(b' ');
                rule.extend_from_slice(arg);
            }
            _ => {
                rules.push(arg.to_vec());
                open = arg.starts_with(b"(");
            }
        }
        if arg.ends_with(b")") {
            open = false;
        }
    }
    match (open, rules.last()) {
        (true, Some(rule)) => Err(Failure::of(format!(
            "ERR Unmatched parenthesis in acl selector starting at '{}'.",
            String::from_utf8_lossy(rule.split(|byte| *byte == b' ').next().unwrap_or_default())
        ))),
        _ => Ok(rules),
    }
}

/// Connections of an account follow its new rules at once; one that hears what it may not hear any
/// more is closed.
fn hold_to(call: &mut Call<'_>, user: &Arc<User>) {
    use maru_cache::Selector;
    let this = call.token;
    for (token, client) in &mut call.world.clients {
        if client.user.name != user.name {
            continue;
        }
        client.user = user.clone();
        let mut names = client.ear.iter().flat_map(|ear| ear.names());
        let permissions = || std::iter::once(&user.root).chain(&user.selectors);
        let may_hear = names.all(|(selector, name)| {
            permissions().any(|it| it.may_hear(name, selector == Selector::Pattern))
        });
        if !may_hear {
            if token == this {
                client.closing = true
            } else {
                client.dead = true
            }
            call.world.dirty.push(token);
        }
    }
}

fn deluser(call: &mut Call<'_>) -> Answer {
    let mut removed = 0;
    if call.args[2..].contains(&&b"default"[..]) {
        return Err(Failure::new("ERR The 'default' user cannot be removed"));
    }
    for name in &call.args[2..] {
        if !call.world.acl.remove(name) {
            continue;
        }
        removed += 1;
        let this = call.token;
        for (token, client) in &mut call.world.clients {
            if client.user.name == *name {
                if token == this {
                    client.closing = true
                } else {
                    client.dead = true
                }
                call.world.dirty.push(token);
            }
        }
    }
    call.out.integer(removed);
    Ok(())
}

fn genpass(call: &mut Call<'_>) -> Answer {
    const MAX_BITS: i64 = 4096;
    let bits = match call.args.len() {
        2 => 256,
        3 => call.integer(2).ok().filter(|bits| (1..=MAX_BITS).contains(bits)).ok_or(
            Failure::new(
                "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up \
                 to 4096",
            ),
        )?,
        _ => return Err(wrong_arguments(call)),
    };
    let digits = (bits as usize).div_ceil(4);
    let mut random = vec![0; digits.div_ceil(2)];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::of(format!("ERR there is no randomness: {error}")))?;
    call.out.bulk(&hex(&random).as_bytes()[..digits]);
    Ok(())
}

fn dryrun(call: &mut Call<'_>) -> Answer {
    let Some(user) = call.world.acl.get(call.args[2]) else {
        return Err(Failure::of(format!(
            "ERR User '{}' not found",
            String::from_utf8_lossy(call.args[2])
        )));
    };
    let request = &call.args[3..];
    let row = match Table::get().find(request[0]) {
        None => {
            return Err(Failure::of(format!(
                "ERR Command '{}' not found",
                String::from_utf8_lossy(request[0])
            )));
        }
        Some(_) => dispatch::find(request)?,
    };
    let (what, object) = match user.may(row, request) {
        Ok(()) => {
            call.out.ok();
            return Ok(());
        }
        Err((Refused::Command, _)) => ("run", row.full_name.as_bytes()),
        Err((Refused::Key | Refused::Channel, at)) => ("access", request[at]),
    };
    let kind = match user.may(row, request) {
        Err((Refused::Key, _)) => "key",
        Err((Refused::Channel, _)) => "channel",
        _ => "command",
    };
    let object = String::from_utf8_lossy(object);
    let text = format!("This user has no permissions to {what} the '{object}' {kind}");
    call.out.bulk(text.as_bytes());
    Ok(())
}

fn log(call: &mut Call<'_>) -> Answer {
    if call.args.len() > 3 {
        return Err(wrong_arguments(call));
    }
    if call.is(2, "RESET") {
        call.world.acl.journal.entries.clear();
        call.out.ok();
        return Ok(());
    }
    let count = match call.args.len() {
        3 => usize::try_from(call.integer(2)?).unwrap_or(0),
        _ => 10,
    };
    let entries = &call.world.acl.journal.entries;
    call.out.array(count.min(entries.len()));
    for entry in entries.iter().take(count) {
        let out = &mut *call.out;
        out.map(7);
        out.bulk(b"count");
        out.integer(entry.count as i64);
        let context = if entry.in_transaction {
            "multi"
        } else {
            "toplevel"
        };
        for (name, text) in [
            ("reason", entry.reason.name().as_bytes()),
            ("context", context.as_bytes()),
            ("object", &entry.object),
            ("username", &entry.user),
        ] {
            out.bulk(name.as_bytes());
            out.bulk(text);
        }
        out.bulk(b"age-seconds");
        out.double(entry.at.elapsed().as_millis() as f64 / 1000.0);
        out.bulk(b"client-info");
        out.bulk(entry.client.as_bytes());
    }
    Ok(())
}

fn no_file(_: &mut Call<'_>) -> Answer {
    Err(Failure::new(
        "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL \
         SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order \
         to store users in the Redis configuration.",
    ))
}

fn wrong_arguments(call: &Call<'_>) -> Failure {
    Failure::of(format!(
        "ERR unknown subcommand or wrong number of arguments for '{}'. Try ACL HELP.",
        String::from_utf8_lossy(call.args[1])
    ))
}

fn help(call: &mut Call<'_>) -> Answer {
    super::help_of(call, "ACL", SUBCOMMANDS)
}

//! The conversation itself: who is there, in which protocol, on which database.

use super::super::acl::Reason;
use super::super::call::Call;
use super::super::client::Replies;
use super::super::failure::{Answer, Failure};
use super::super::number;
use super::super::out::Protocol;
use super::super::table::category::CONNECTION;
use super::super::table::{ALLOW_BUSY, Command, FAST, LOADING, NO_AUTH, NOSCRIPT, STALE};
use super::super::world::REDIS_VERSION;
use super::client::is_name;

const FIRST: u32 = NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY;

pub const COMMANDS: &[Command] = &[
    Command::plain("auth", -2, FIRST, auth)
        .of(CONNECTION)
        .says("1.0.0", "Says who is there, with a password.")
        .written("[username] password"),
    Command::family("client", super::client::SUBCOMMANDS)
        .says("2.4.0", "Connections, this one and others."),
    Command::plain("echo", 2, LOADING | STALE | FAST, echo)
        .of(CONNECTION)
        .says("1.0.0", "Answers what it was given.")
        .written("message"),
    Command::plain("hello", -1, FIRST, hello)
        .of(CONNECTION)
        .says("6.0.0", "Chooses the protocol, and may say who is there.")
        .written("[protover [AUTH {username password}] [SETNAME clientname]]"),
    Command::plain("ping", -1, FAST, ping)
        .of(CONNECTION)
        .says("1.0.0", "Answers PONG, or what it was given.")
        .written("[message]"),
    Command::plain("quit", -1, FIRST, quit)
        .of(CONNECTION)
        .says("1.0.0", "Closes the connection."),
    Command::plain("reset", 1, FIRST, reset)
        .of(CONNECTION)
        .says(
            "6.2.0",
            "Forgets everything that was said on the connection.",
        ),
    Command::plain("select", 2, LOADING | STALE | FAST, select)
        .of(CONNECTION)
        .says("1.0.0", "Goes on with another database.")
        .written("index"),
];

const WRONG_PASSWORD: Failure =
    Failure::new("WRONGPASS invalid username-password pair or user is disabled.");

fn ping(call: &mut Call<'_>) -> Answer {
    if call.args.len() > 2 {
        return Err(Failure::new(
            "ERR wrong number of arguments for 'ping' command",
        ));
    }
    let text = call.args.get(1).copied();
    let client = call.client();
    if client.subscriptions() > 0 && client.protocol == Protocol::Resp2 {
        call.out.array(2);
        call.out.bulk(b"pong");
        call.out.bulk(text.unwrap_or_default());
        return Ok(());
    }
    match text {
        Some(text) => call.out.bulk(text),
        None => call.out.simple("PONG"),
    }
    Ok(())
}

fn echo(call: &mut Call<'_>) -> Answer {
    call.out.bulk(call.args[1]);
    Ok(())
}

fn select(call: &mut Call<'_>) -> Answer {
    let db = super::keys::database(call, 1)?;
    call.client().db = db;
    call.out.ok();
    Ok(())
}

fn quit(call: &mut Call<'_>) -> Answer {
    call.out.ok();
    call.client().closing = true;
    Ok(())
}

fn auth(call: &mut Call<'_>) -> Answer {
    let secret = call.args.last().copied().unwrap_or_default();
    if sign_in_elsewhere(call, secret) {
        call.out.ok();
        return Ok(());
    }
    let (name, password) = match call.args {
        [_, password] => {
            if call.world.acl.default_user().nopass {
                return Err(Failure::new(
                    "ERR AUTH <password> called without any password configured for the default user. Are you sure \
                     your configuration is correct?",
                ));
            }
            (&b"default"[..], *password)
        }
        [_, name, password] => (*name, *password),
        _ => return Err(Failure::SYNTAX),
    };
    sign_in(call, name, password)?;
    call.out.ok();
    Ok(())
}

/// Whether the secret is of somebody who reads streams that are no keys.
fn sign_in_elsewhere(call: &mut Call<'_>, secret: &[u8]) -> bool {
    let elsewhere = call.world.elsewhere.as_ref();
    let Some(reader) = elsewhere.and_then(|elsewhere| elsewhere.sign_in(secret)) else {
        return false;
    };
    let client = call.client();
    client.user = super::super::elsewhere::user_of(&reader);
    client.reader = Some(std::sync::Arc::new(reader));
    client.known = true;
    client.db = 0;
    true
}

fn sign_in(call: &mut Call<'_>, name: &[u8], password: &[u8]) -> Answer {
    if sign_in_elsewhere(call, password) {
        return Ok(());
    }
    let Some(user) = call.world.acl.sign_in(name, password) else {
        call.world
            .note_refusal(call.token, Reason::Auth, call.args[0], Some(name));
        return Err(WRONG_PASSWORD);
    };
    let client = call.client();
    client.user = user;
    client.reader = None;
    client.known = true;
    Ok(())
}

fn hello(call: &mut Call<'_>) -> Answer {
    let args = call.args;
    let mut protocol = None;
    if let Some(version) = args.get(1) {
        protocol = match number::integer(version) {
            None => {
                return Err(Failure::new(
                    "ERR Protocol version is not an integer or out of range",
                ));
            }
            Some(2) => Some(Protocol::Resp2),
            Some(3) => Some(Protocol::Resp3),
            Some(_) => return Err(Failure::new("NOPROTO unsupported protocol version")),
        };
    }
    let (mut account, mut name) = (None, None);
    let mut at = 2;
    while at < args.len() {
        let left = args.len() - at - 1;
        if call.is(at, "AUTH") && left >= 2 {
            account = Some((args[at + 1], args[at + 2]));
            at += 3;
        } else if call.is(at, "SETNAME") && left >= 1 {
            name = Some(args[at + 1]);
            at += 2;
        } else {
            return Err(Failure::of(format!(
                "ERR Syntax error in HELLO option '{}'",
                String::from_utf8_lossy(args[at])
            )));
        }
    }
    if let Some((user, password)) = account {
        sign_in(call, user, password)?;
    }
    if !call.client().known {
        return Err(Failure::new(
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH \
             <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the \
             same time",
        ));
    }
    if let Some(name) = name {
        call.client().name = is_name(name)?.to_vec();
    }
    if let Some(protocol) = protocol {
        call.client().protocol = protocol;
        call.out.protocol = protocol;
    }
    let id = call.client().id;
    let out = &mut *call.out;
    out.map(7);
    out.bulk(b"server");
    out.bulk(b"redis");
    out.bulk(b"version");
    out.bulk(REDIS_VERSION.as_bytes());
    out.bulk(b"proto");
    out.integer(if out.is_resp3() { 3 } else { 2 });
    out.bulk(b"id");
    out.integer(id as i64);
    out.bulk(b"mode");
    out.bulk(b"standalone");
    out.bulk(b"role");
    out.bulk(b"master");
    out.bulk(b"modules");
    out.array(0);
    Ok(())
}

fn reset(call: &mut Call<'_>) -> Answer {
    super::client::track_no_more(call);
    let world = &mut *call.world;
    let user = world.acl.default_user();
    let client = &mut world.clients[call.token];
    client.known = user.on && user.nopass;
    client.user = user;
    client.reader = None;
    client.db = 0;
    client.name.clear();
    client.queue = None;
    client.watch = None;
    super::pubsub::hear_nothing(client);
    world.monitors -= usize::from(std::mem::take(&mut client.is_monitor));
    client.replies = Replies::On;
    client.no_evict = false;
    client.no_touch = false;
    client.protocol = Protocol::Resp2;
    call.out.protocol = Protocol::Resp2;
    call.out.simple("RESET");
    Ok(())
}

//! CONFIG: settings, told and changed.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::settings::BadSetting;
use super::super::super::table::{ADMIN, Command, LOADING, NOSCRIPT, STALE};
use super::super::super::world::Stats;
use crate::cache::{Fsync, Happenings, Policy, glob};
use std::collections::BTreeMap;
use std::sync::Arc;

const FLAGS: u32 = ADMIN | NOSCRIPT | LOADING | STALE;

pub const SUBCOMMANDS: &[Command] = &[
    Command::plain("get", -3, FLAGS, get).says("2.0.0", "Settings whose names match a pattern."),
    Command::plain("help", 2, LOADING | STALE, help).says("5.0.0", "What the subcommands do."),
    Command::plain("resetstat", 2, FLAGS, resetstat).says("2.0.0", "Counts anew."),
    Command::plain("rewrite", 2, FLAGS, rewrite)
        .says("2.8.0", "Refused: settings that last are maru's own."),
    Command::plain("set", -4, FLAGS, set).says("2.0.0", "Changes settings until the next start."),
];

/// All settings: those of the door, and those of the cache.
fn all(call: &Call<'_>) -> BTreeMap<&'static str, String> {
    let mut all = call.world.settings.all();
    let cache = call.cache;
    let fsync = match cache.fsync() {
        Some(Fsync::Always) => "always",
        Some(Fsync::EverySec) => "everysec",
        Some(Fsync::No) | None => "no",
    };
    let persistent = cache.disk_status().is_some();
    // Only that there is a password is told.
    let password = match call.world.acl.default_user().nopass {
        true => String::new(),
        false => "***".to_owned(),
    };
    all.extend([
        ("maxmemory", cache.max_bytes().unwrap_or(0).to_string()),
        ("maxmemory-policy", cache.policy().name().to_owned()),
        ("notify-keyspace-events", cache.told().letters()),
        ("appendfsync", fsync.to_owned()),
        (
            "appendonly",
            if persistent { "yes" } else { "no" }.to_owned(),
        ),
        ("port", call.world.port.to_string()),
        ("bind", call.world.bind.clone()),
        ("requirepass", password),
    ]);
    all
}

fn get(call: &mut Call<'_>) -> Answer {
    let all = all(call);
    let patterns: Vec<Vec<u8>> = call.args[2..]
        .iter()
        .map(|pattern| pattern.to_ascii_lowercase())
        .collect();
    let matching = all.iter().filter(|(name, _)| {
        patterns
            .iter()
            .any(|pattern| glob::matches(pattern, name.as_bytes()))
    });
    let found: Vec<(&&str, &String)> = matching.collect();
    call.out.map(found.len());
    for (name, value) in found {
        call.out.bulk(name.as_bytes());
        call.out.bulk(value.as_bytes());
    }
    Ok(())
}

fn set(call: &mut Call<'_>) -> Answer {
    if !call.args.len().is_multiple_of(2) {
        return Err(Failure::new(
            "ERR wrong number of arguments for 'config|set' command",
        ));
    }
    let pairs: Vec<(&[u8], &[u8])> = call.args[2..]
        .chunks(2)
        .map(|pair| (pair[0], pair[1]))
        .collect();
    for (at, (name, _)) in pairs.iter().enumerate() {
        let twice = pairs[..at]
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(name));
        if twice {
            return Err(Failure::of(format!(
                "ERR CONFIG SET failed (possibly related to argument '{}') - duplicate parameter",
                String::from_utf8_lossy(name)
            )));
        }
    }
    for (name, value) in pairs {
        set_one(call, name, value).map_err(|bad| Failure::of(bad.to_string()))?;
    }
    call.out.ok();
    Ok(())
}

fn set_one(call: &mut Call<'_>, name: &[u8], value: &[u8]) -> Result<(), BadSetting> {
    let text = String::from_utf8_lossy(value);
    let bad = |name: &str, why| Err(BadSetting::Value(name.to_owned(), why));
    match name.to_ascii_lowercase().as_slice() {
        b"notify-keyspace-events" => match Happenings::parse(value) {
            Some(happenings) => call.cache.tell(happenings),
            None => {
                return bad(
                    "notify-keyspace-events",
                    "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
                );
            }
        },
        b"maxmemory" => match super::super::super::settings::memory(&text) {
            Some(bytes) => call
                .cache
                .set_max_bytes(Some(bytes).filter(|bytes| *bytes > 0)),
            None => return bad("maxmemory", "argument must be a memory value"),
        },
        b"maxmemory-policy" => match Policy::parse(&text) {
            Some(policy) => call.cache.set_policy(policy),
            None => {
                return bad(
                    "maxmemory-policy",
                    "argument(s) must be one of the following: volatile-lru, volatile-lfu, volatile-random, \
                     volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction",
                );
            }
        },
        b"requirepass" => {
            let mut user = (*call.world.acl.default_user()).clone();
            let password = value;
            if password.is_empty() {
                return bad(
                    "requirepass",
                    "the password is set where the server is started (--resp-password-file), and only there taken away",
                );
            }
            user.nopass = false;
            user.passwords = vec![super::super::super::acl::sha256(password)];
            call.world.acl.put(Arc::new(user));
        }
        _ => return call.world.settings.set(name, value),
    }
    Ok(())
}

fn resetstat(call: &mut Call<'_>) -> Answer {
    let looked_at = call.world.stats.looked_at;
    call.world.stats = Stats {
        looked_at,
        ..Stats::new()
    };
    call.out.ok();
    Ok(())
}

fn rewrite(_: &mut Call<'_>) -> Answer {
    Err(Failure::new(
        "ERR The server is running without a config file",
    ))
}

fn help(call: &mut Call<'_>) -> Answer {
    super::super::help_of(call, "CONFIG", SUBCOMMANDS)
}

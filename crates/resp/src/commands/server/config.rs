//! CONFIG: settings, told and changed.

use super::super::super::acl::sha256;
use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::settings::{self, BadSetting, Change, SETTINGS, Setting};
use super::super::super::table::{ADMIN, Command, LOADING, NOSCRIPT, STALE};
use super::super::super::world::Stats;
use super::packing;
use maru_cache::{Fsync, Happenings, Policy, Txn, glob};
use std::collections::BTreeMap;
use std::sync::Arc;

const FLAGS: u32 = ADMIN | NOSCRIPT | LOADING | STALE;

pub const SUBCOMMANDS: &[Command] = &[
    Command::plain("get", -3, FLAGS, get)
        .says("2.0.0", "Settings whose names match a pattern.")
        .written("parameter..."),
    Command::plain("help", 2, LOADING | STALE, help).says("5.0.0", "What the subcommands do."),
    Command::roaming("resetstat", 2, FLAGS, resetstat, resetstat_within)
        .says("2.0.0", "Counts anew."),
    Command::plain("rewrite", 2, FLAGS, rewrite)
        .says("2.8.0", "Refused: settings that last are maru's own."),
    Command::plain("set", -4, FLAGS, set)
        .says("2.0.0", "Changes settings until the next start.")
        .written("{parameter value}..."),
];

/// What a setting says: those of the door know their own, the cache knows the others.
fn value(call: &Call<'_>, name: &str) -> String {
    let cache = call.cache;
    match name {
        "maxmemory" => cache.max_bytes().unwrap_or(0).to_string(),
        "maxmemory-policy" => cache.policy().name().to_owned(),
        "notify-keyspace-events" => cache.told().letters(),
        "appendfsync" => match cache.fsync() {
            Some(Fsync::Always) => "always".to_owned(),
            Some(Fsync::EverySec) => "everysec".to_owned(),
            Some(Fsync::No) | None => "no".to_owned(),
        },
        "appendonly" if cache.disk_status().is_some() => "yes".to_owned(),
        "appendonly" => "no".to_owned(),
        "auto-aof-rewrite-percentage" => cache.rewrite_rule().0.to_string(),
        "auto-aof-rewrite-min-size" => cache.rewrite_rule().1.to_string(),
        "port" => call.world.port.to_string(),
        "bind" => call.world.bind.clone(),
        // Only that there is a password is told.
        "requirepass" if call.world.acl.default_user().nopass => String::new(),
        "requirepass" => "***".to_owned(),
        name => call.world.settings.get(name).to_owned(),
    }
}

fn get(call: &mut Call<'_>) -> Answer {
    let mut found: BTreeMap<&str, String> = BTreeMap::new();
    for pattern in &call.args[2..] {
        let pattern = pattern.to_ascii_lowercase();
        for setting in SETTINGS {
            for name in [setting.name, setting.alias] {
                let matches = match setting.change {
                    Change::Hidden => pattern == name.as_bytes(),
                    _ => glob::matches(&pattern, name.as_bytes()),
                };
                if matches && !name.is_empty() {
                    found.insert(name, value(call, setting.name));
                }
            }
        }
    }
    call.out.map(found.len());
    for (name, value) in found {
        call.out.bulk(name.as_bytes());
        call.out.bulk(value.as_bytes());
    }
    Ok(())
}

/// All settings are changed, or none.
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
    let mut found: Vec<(&Setting, &[u8])> = Vec::new();
    for (name, value) in pairs {
        let shown = || String::from_utf8_lossy(name).into_owned();
        let Some(setting) = settings::find(name) else {
            return Err(failure(BadSetting::Unknown(shown())));
        };
        let bad = |why: &str| failure(BadSetting::Value(shown(), why.to_owned()));
        match setting.change {
            Change::Never => return Err(bad("can't set immutable config")),
            Change::Protected => return Err(bad("can't set protected config")),
            Change::Any | Change::Hidden => {}
        }
        if found.iter().any(|(other, _)| std::ptr::eq(*other, setting)) {
            return Err(bad("duplicate parameter"));
        }
        found.push((setting, value));
    }
    let mut changed = call.world.settings.clone();
    for (setting, value) in &found {
        check(call, setting, value)
            .and_then(|()| changed.set(setting, value))
            .map_err(|why| failure(BadSetting::Value(setting.name.to_owned(), why)))?;
    }
    changed.take_effect(Some(&mut call.world.acl));
    call.world.settings = changed;
    for (setting, value) in found {
        apply(call, setting, value);
    }
    call.out.ok();
    Ok(())
}

fn failure(bad: BadSetting) -> Failure {
    Failure::of(bad.to_string())
}

/// Whether a setting that is not only the door's can be changed.
fn check(call: &Call<'_>, setting: &Setting, wanted: &[u8]) -> Result<(), String> {
    let now = value(call, setting.name);
    let is_same = now.as_bytes().eq_ignore_ascii_case(wanted);
    let why = match setting.name {
        "notify-keyspace-events" if Happenings::parse(wanted).is_none() => {
            "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."
        }
        "port" if !is_same => {
            "Unable to listen on this port: the address is chosen where the server is started (--resp-listen)"
        }
        "bind" if !is_same => {
            "Failed to bind to specified addresses: the address is chosen where the server is started (--resp-listen)"
        }
        "appendonly" if !is_same => "the cache is always kept on disk beside the chat's own data",
        "requirepass" if wanted.is_empty() && !is_local(call) => {
            "others than this machine can reach this port, so it keeps its password"
        }
        _ => return Ok(()),
    };
    Err(why.to_owned())
}

/// Whether only this machine can reach the port.
fn is_local(call: &Call<'_>) -> bool {
    let address = call.world.bind.parse::<std::net::IpAddr>();
    address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// What the cache and the accounts have to learn.
fn apply(call: &mut Call<'_>, setting: &Setting, value: &[u8]) {
    let text = String::from_utf8_lossy(value);
    match setting.name {
        "notify-keyspace-events" => {
            call.cache
                .tell(Happenings::parse(value).unwrap_or_default());
        }
        "maxmemory" => {
            let bytes = settings::memory(&text).filter(|bytes| *bytes > 0);
            call.cache.set_max_bytes(bytes);
            // Room is made at once; what cannot be, is refused at the next write.
            if !call.in_exec {
                let _ = call.cache.make_room();
            }
        }
        "appendfsync" => call
            .cache
            .set_fsync(match text.to_ascii_lowercase().as_str() {
                "always" => Fsync::Always,
                "no" => Fsync::No,
                _ => Fsync::EverySec,
            }),
        "auto-aof-rewrite-percentage" => {
            let (_, min_bytes) = call.cache.rewrite_rule();
            let percent = text.parse().unwrap_or(0);
            call.cache.set_rewrite_rule(percent, min_bytes);
        }
        "auto-aof-rewrite-min-size" => {
            let (percent, _) = call.cache.rewrite_rule();
            let min_bytes = settings::memory(&text).unwrap_or(0);
            call.cache.set_rewrite_rule(percent, min_bytes);
        }
        "maxmemory-policy" => {
            if let Some(policy) = Policy::parse(&text) {
                call.cache.set_policy(policy);
            }
        }
        "maxmemory-samples" => call.cache.set_samples(text.parse().unwrap_or(1)),
        "lfu-log-factor" | "lfu-decay-time" => {
            let number = |name| call.world.settings.get(name).parse().unwrap_or(0);
            call.cache
                .set_counting(number("lfu-log-factor"), number("lfu-decay-time"));
        }
        "requirepass" => {
            let mut user = (*call.world.acl.default_user()).clone();
            user.nopass = value.is_empty();
            let password = Some(value).filter(|value| !value.is_empty());
            user.passwords = password.map(sha256).into_iter().collect();
            call.world.acl.put(Arc::new(user));
        }
        name if packing::is_one(name) => packing::set(call, name, value),
        _ => {}
    }
}

fn resetstat(call: &mut Call<'_>) -> Answer {
    call.cache.reset_stats();
    reset_own(call)
}

fn resetstat_within(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    txn.reset_stats();
    reset_own(call)
}

fn reset_own(call: &mut Call<'_>) -> Answer {
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

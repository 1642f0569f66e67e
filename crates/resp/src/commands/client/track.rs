//! Client-side caching: what a connection wants to be told.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::number;
use super::super::super::tracking::Tracking;
use maru_cache::Txn;

pub fn tracking(call: &mut Call<'_>) -> Answer {
    begin(call, None)
}

pub fn tracking_within(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    begin(call, Some(txn))
}

fn begin(call: &mut Call<'_>, within: Option<&mut Txn<'_>>) -> Answer {
    let mut wanted = Tracking::default();
    let mut at = 3;
    while at < call.args.len() {
        let has_value = at + 1 < call.args.len();
        if call.is(at, "REDIRECT") && has_value {
            at += 1;
            if wanted.redirect.is_some() {
                return Err(Failure::new(
                    "ERR A client can only redirect to a single other client",
                ));
            }
            let id = number::integer(call.args[at]).ok_or(Failure::new("ERR Invalid client ID"))?;
            let id = u64::try_from(id)
                .ok()
                .filter(|id| call.world.token_of(*id).is_some());
            wanted.redirect = Some(id.ok_or(Failure::new(
                "ERR The client ID you want redirect to does not exist",
            ))?);
        } else if call.is(at, "BCAST") {
            wanted.broadcast = true;
        } else if call.is(at, "OPTIN") {
            wanted.opt_in = true;
        } else if call.is(at, "OPTOUT") {
            wanted.opt_out = true;
        } else if call.is(at, "NOLOOP") {
            wanted.no_loop = true;
        } else if call.is(at, "PREFIX") && has_value {
            at += 1;
            wanted.prefixes.push(call.args[at].to_vec());
        } else {
            return Err(Failure::SYNTAX);
        }
        at += 1;
    }
    if call.is(2, "OFF") {
        track_no_more(call);
        call.out.ok();
        return Ok(());
    }
    if !call.is(2, "ON") {
        return Err(Failure::SYNTAX);
    }
    agree(call, &wanted)?;
    if wanted.broadcast {
        let client = &mut call.world.clients[call.token];
        let before = client.tracking.as_deref_mut();
        let mut prefixes = before.map_or_else(Vec::new, |it| std::mem::take(&mut it.prefixes));
        if wanted.prefixes.is_empty() {
            wanted.prefixes.push(Vec::new());
        }
        prefixes.append(&mut wanted.prefixes);
        prefixes.sort();
        prefixes.dedup();
        wanted.prefixes = prefixes;
    }
    super::super::super::tracking::begin(call.world, call.cache, within, call.token, wanted);
    call.out.ok();
    Ok(())
}

/// Whether the options go together, and with those that are in force.
fn agree(call: &Call<'_>, wanted: &Tracking) -> Answer {
    let before = call.world.clients[call.token].tracking.as_ref();
    if !wanted.broadcast && !wanted.prefixes.is_empty() {
        return Err(Failure::new(
            "ERR PREFIX option requires BCAST mode to be enabled",
        ));
    }
    if before.is_some_and(|before| before.broadcast != wanted.broadcast) {
        return Err(Failure::new(
            "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling \
             it with a different mode.",
        ));
    }
    if wanted.broadcast && (wanted.opt_in || wanted.opt_out) {
        return Err(Failure::new(
            "ERR OPTIN and OPTOUT are not compatible with BCAST",
        ));
    }
    if wanted.opt_in && wanted.opt_out {
        return Err(Failure::new(
            "ERR You can't use both OPTIN and OPTOUT options at the same time",
        ));
    }
    let switched = before.is_some_and(|before| {
        (wanted.opt_in && before.opt_out) || (wanted.opt_out && before.opt_in)
    });
    if switched {
        return Err(Failure::new(
            "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling \
             it with a different mode.",
        ));
    }
    let known = before.map_or(&[][..], |before| &before.prefixes);
    for (at, one) in wanted.prefixes.iter().enumerate() {
        let overlaps = |other: &&Vec<u8>| one.starts_with(other) || other.starts_with(one);
        let text = |prefix: &[u8]| String::from_utf8_lossy(prefix).into_owned();
        // Naming one again changes nothing.
        if let Some(other) = known.iter().filter(|it| *it != one).find(overlaps) {
            return Err(Failure::of(format!(
                "ERR Prefix '{}' overlaps with an existing prefix '{}'. Prefixes for a single client must not overlap.",
                text(one),
                text(other)
            )));
        }
        if let Some(other) = wanted.prefixes[at + 1..].iter().find(overlaps) {
            return Err(Failure::of(format!(
                "ERR Prefix '{}' overlaps with another provided prefix '{}'. Prefixes for a single client must not \
                 overlap.",
                text(one),
                text(other)
            )));
        }
    }
    Ok(())
}

/// Ends tracking for this connection.
pub fn track_no_more(call: &mut Call<'_>) {
    super::super::super::tracking::off(call.world, call.token);
}

pub fn caching(call: &mut Call<'_>) -> Answer {
    let wanted = match (call.is(2, "YES"), call.is(2, "NO")) {
        (true, _) => true,
        (_, true) => false,
        _ => return Err(Failure::SYNTAX),
    };
    let tracking = &mut call.world.clients[call.token].tracking;
    match (tracking, wanted) {
        (Some(tracking), true) if tracking.opt_in => tracking.caching = Some(true),
        (Some(tracking), false) if tracking.opt_out => tracking.caching = Some(false),
        (_, true) => {
            return Err(Failure::new(
                "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
            ));
        }
        (_, false) => {
            return Err(Failure::new(
                "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
            ));
        }
    }
    call.out.ok();
    Ok(())
}

pub fn getredir(call: &mut Call<'_>) -> Answer {
    let redirect = match &call.world.clients[call.token].tracking {
        None => -1,
        Some(tracking) => tracking.redirect.unwrap_or(0) as i64,
    };
    call.out.integer(redirect);
    Ok(())
}

pub fn info(call: &mut Call<'_>) -> Answer {
    let world = &*call.world;
    let tracking = world.clients[call.token].tracking.as_deref();
    let mut flags = vec![if tracking.is_some() { "on" } else { "off" }];
    if let Some(tracking) = tracking {
        for (is_set, flag) in [
            (tracking.broadcast, "bcast"),
            (tracking.opt_in, "optin"),
            (
                tracking.opt_in && tracking.caching == Some(true),
                "caching-yes",
            ),
            (tracking.opt_out, "optout"),
            (
                tracking.opt_out && tracking.caching == Some(false),
                "caching-no",
            ),
            (tracking.no_loop, "noloop"),
            (tracking.redirect_is_broken, "broken_redirect"),
        ] {
            if is_set {
                flags.push(flag);
            }
        }
    }
    let out = &mut *call.out;
    out.map(3);
    out.bulk(b"flags");
    out.set(flags.len());
    for flag in flags {
        out.bulk(flag.as_bytes());
    }
    out.bulk(b"redirect");
    out.integer(match tracking {
        None => -1,
        Some(tracking) => tracking.redirect.unwrap_or(0) as i64,
    });
    out.bulk(b"prefixes");
    let prefixes = tracking.map_or(&[][..], |tracking| &tracking.prefixes);
    out.array(prefixes.len());
    for prefix in prefixes {
        out.bulk(prefix);
    }
    Ok(())
}

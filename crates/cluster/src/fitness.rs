//! What a Redis must be to hold the log of a cluster.

use crate::address::Address;
use crate::enter::EnterError;
use crate::link::Link;
use crate::members::{self, CLOCK};
use redis::cmd;

/// What a server must be, whatever it holds.
pub fn expect_fit(link: &mut Link, redis: &Address) -> Result<(), EnterError> {
    if let Some(why) = link.server.unfit() {
        return Err(EnterError::Refused(format!("the Redis at {redis} {why}")));
    }
    if link.server.is_replica {
        return Err(EnterError::Refused(format!(
            "the Redis at {redis} is a replica; name the one that takes writes, or its Sentinels"
        )));
    }
    if link.server.text.to_lowercase().contains("keydb") {
        return Err(EnterError::Refused(format!(
            "the Redis at {redis} is KeyDB, which cannot number entries as the log needs; use Redis 7.0, Valkey 8 or newer"
        )));
    }
    // Nil: understood, and nothing made.
    let mut probe = cmd("XADD");
    probe.arg("maru:probe:stream").arg("NOMKSTREAM").arg("0-*");
    let probed = link.ask::<redis::Value>(probe.arg("p").arg(""));
    if let Err(fault) = probed {
        return Err(EnterError::Refused(format!(
            "the Redis at {redis} does not number entries as the log needs (XADD NOMKSTREAM 0-*): {fault}; use Redis 7.0, Valkey 8 or newer"
        )));
    }
    advise(link);
    let (seconds, micros): (u64, u64) = link.ask(&cmd("TIME"))?;
    let theirs = seconds * 1_000 + micros / 1_000;
    let apart = theirs.abs_diff(members::now_ms());
    if apart > CLOCK.as_millis() as u64 {
        return Err(EnterError::Refused(format!(
            "this machine's clock and the Redis's are {} seconds apart; at most 5 are allowed: set the clocks right (NTP)",
            apart / 1_000
        )));
    }
    Ok(())
}

/// What an acknowledgement of this Redis is worth; the nodes' own disks keep what it loses.
fn advise(link: &mut Link) {
    let setting: Option<(String, String)> =
        link.ask(cmd("CONFIG").arg("GET").arg("appendfsync")).ok();
    let sync = setting.map_or(String::new(), |(_, value)| value);
    match (link.server.appends, sync.as_str()) {
        (true, "always" | "everysec") => {
            tracing::info!(
                appendfsync = sync,
                "the Redis keeps an append-only file; what it loses in a crash, the nodes put back"
            );
        }
        (true, _) => tracing::warn!(
            "the Redis leaves it to the system when its append-only file reaches the disk; appendfsync everysec loses less"
        ),
        (false, _) => tracing::warn!(
            "the Redis keeps no append-only file: after each of its restarts the nodes put the log back; set appendonly yes"
        ),
    }
    if link.server.policy.starts_with("volatile-") && link.server.max_memory > 0 {
        tracing::warn!(
            policy = link.server.policy,
            "the Redis evicts keys that have a deadline: sessions and leases have one"
        );
    }
}

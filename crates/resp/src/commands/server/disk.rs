//! Snapshots.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use std::time::{Duration, Instant};

/// SAVE gives up waiting after this; the snapshot may still come.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn bgsave(call: &mut Call<'_>) -> Answer {
    match call.args.len() {
        1 => {}
        2 if call.is(1, "SCHEDULE") => {}
        _ => return Err(Failure::SYNTAX),
    }
    if call.cache.is_rewriting() {
        if call.args.len() == 2 {
            call.cache.rewrite();
            call.out.simple("Background saving scheduled");
            return Ok(());
        }
        return Err(Failure::new("ERR Background save already in progress"));
    }
    call.cache.rewrite();
    call.out.simple("Background saving started");
    Ok(())
}

pub fn bgrewriteaof(call: &mut Call<'_>) -> Answer {
    if call.cache.is_rewriting() {
        return Err(Failure::new(
            "ERR Background append only file rewriting already in progress",
        ));
    }
    call.cache.rewrite();
    // A transaction holds the locks that it would wait for.
    let begins = if call.in_exec { "scheduled" } else { "started" };
    call.out
        .simple(&format!("Background append only file rewriting {begins}"));
    Ok(())
}

/// All clients wait meanwhile, as they do for Redis.
pub fn save(call: &mut Call<'_>) -> Answer {
    if call.cache.disk_status().is_some() {
        snapshot(call)?;
        let cache = call.cache;
        call.world.saves = cache.disk_status().unwrap_or_default().rewrites;
        call.world.changes_at_save = cache.stats().changes;
        call.world.saved();
    }
    call.out.ok();
    Ok(())
}

/// Waits for a snapshot that begins now.
pub fn snapshot(call: &mut Call<'_>) -> Answer {
    let started = Instant::now();
    let wait = || {
        if started.elapsed() > PATIENCE {
            Err(Failure::new("ERR the snapshot takes too long; it goes on"))
        } else {
            std::thread::sleep(Duration::from_millis(1));
            Ok(())
        }
    };
    while call.cache.is_rewriting() {
        wait()?;
    }
    let before = call.cache.disk_status().unwrap_or_default();
    call.cache.rewrite();
    loop {
        let now = call.cache.disk_status().unwrap_or_default();
        if now.rewrites > before.rewrites {
            return Ok(());
        }
        if now.failed_rewrites > before.failed_rewrites {
            let why = now.error.unwrap_or_else(|| "is the disk full?".to_owned());
            return Err(Failure::of(format!("ERR the snapshot failed: {why}")));
        }
        wait()?;
    }
}

pub fn lastsave(call: &mut Call<'_>) -> Answer {
    call.out.integer(call.world.saved_at_unix_s as i64);
    Ok(())
}

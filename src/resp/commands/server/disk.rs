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
    call.cache.rewrite();
    call.out.simple("Background saving started");
    Ok(())
}

pub fn bgrewriteaof(call: &mut Call<'_>) -> Answer {
    call.cache.rewrite();
    call.out
        .simple("Background append only file rewriting started");
    Ok(())
}

/// All clients wait meanwhile, as they do for Redis.
pub fn save(call: &mut Call<'_>) -> Answer {
    let Some(before) = call.cache.disk_status() else {
        call.out.ok();
        return Ok(());
    };
    call.cache.rewrite();
    let started = Instant::now();
    loop {
        let now = call.cache.disk_status().unwrap_or_default();
        if now.rewrites > before.rewrites {
            call.world.saved();
            call.out.ok();
            return Ok(());
        }
        if let Some(error) = now.error {
            return Err(Failure::of(format!("ERR the snapshot failed: {error}")));
        }
        if started.elapsed() > PATIENCE {
            return Err(Failure::new("ERR the snapshot takes too long; it goes on"));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub fn lastsave(call: &mut Call<'_>) -> Answer {
    call.out.integer(call.world.saved_at_unix_s as i64);
    Ok(())
}

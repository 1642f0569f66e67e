//! Several commands as one step.

use super::super::call::Call;
use super::super::client::Queue;
use super::super::failure::{Answer, Failure};
use super::super::table::category::TRANSACTION;
use super::super::table::{
    ALLOW_BUSY, Command, FAST, Keys, LOADING, NOSCRIPT, SKIP_SLOWLOG, STALE,
};

const FLAGS: u32 = NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY;

pub const COMMANDS: &[Command] = &[
    Command::plain("discard", 1, FLAGS, discard)
        .of(TRANSACTION)
        .says("2.0.0", "Forgets the commands queued since MULTI."),
    Command::plain("exec", 1, NOSCRIPT | LOADING | STALE | SKIP_SLOWLOG, exec)
        .of(TRANSACTION)
        .says("1.2.0", "Runs the commands queued since MULTI as one step."),
    Command::plain("multi", 1, FLAGS, multi)
        .of(TRANSACTION)
        .says("1.2.0", "Queues the commands that follow, until EXEC."),
    Command::plain("unwatch", 1, FLAGS, unwatch)
        .of(TRANSACTION)
        .says("2.2.0", "Forgets the watched keys."),
    Command::plain("watch", -2, FLAGS, watch)
        .on(Keys::ALL)
        .of(TRANSACTION)
        .says(
            "2.2.0",
            "Lets the next EXEC fail if one of the keys is changed before it.",
        )
        .written("key..."),
];

fn multi(call: &mut Call<'_>) -> Answer {
    let client = call.client();
    if client.queue.is_some() {
        return Err(Failure::new("ERR MULTI calls can not be nested"));
    }
    client.queue = Some(Queue::default());
    call.out.ok();
    Ok(())
}

fn discard(call: &mut Call<'_>) -> Answer {
    let client = call.client();
    if client.queue.take().is_none() {
        return Err(Failure::new("ERR DISCARD without MULTI"));
    }
    client.watch = None;
    call.out.ok();
    Ok(())
}

/// Without MULTI; with it, the dispatcher runs the queue.
fn exec(_: &mut Call<'_>) -> Answer {
    Err(Failure::new("ERR EXEC without MULTI"))
}

fn watch(call: &mut Call<'_>) -> Answer {
    if call.client().queue.is_some() {
        return Err(Failure::new("ERR WATCH inside MULTI is not allowed"));
    }
    let (args, cache) = (call.args, call.cache);
    let client = call.client();
    let watch = client.watch.get_or_insert_with(|| cache.watch());
    for key in &args[1..] {
        watch.add(client.db, key);
    }
    call.out.ok();
    Ok(())
}

fn unwatch(call: &mut Call<'_>) -> Answer {
    call.client().watch = None;
    call.out.ok();
    Ok(())
}

//! What is known about streams and their groups.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::groups::no_group;
use super::{entry, id};
use maru_cache::{Group, Stream, StreamId, Txn};

/// Without a number, the whole picture shows so many entries of each kind.
const SHOWN: usize = 10;

pub fn stream(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[2];
    // Redis looks at the key first.
    txn.stream(key)?.ok_or(Failure::NO_SUCH_KEY)?;
    let full = shown(call)?;
    let now_ms = txn.now_unix_ms();
    let stream = txn.stream(key)?.ok_or(Failure::NO_SUCH_KEY)?;
    call.out.map(if full.is_some() { 9 } else { 10 });
    // How Redis's tree would branch is not known here: its smallest figure for so many leaves.
    let blocks = stream.nodes();
    for (name, value) in [
        ("length", stream.len() as u64),
        ("radix-tree-keys", blocks as u64),
        (
            "radix-tree-nodes",
            if blocks == 0 { 1 } else { blocks as u64 + 1 },
        ),
    ] {
        call.out.bulk(name.as_bytes());
        call.out.integer(value as i64);
    }
    for (name, value) in [
        ("last-generated-id", stream.last_id()),
        ("max-deleted-entry-id", stream.max_deleted_id()),
    ] {
        call.out.bulk(name.as_bytes());
        id(call, value);
    }
    call.out.bulk(b"entries-added");
    call.out.integer(stream.added() as i64);
    call.out.bulk(b"recorded-first-entry-id");
    id(call, stream.first_id());
    match full {
        None => brief(call, stream),
        Some(count) => whole(call, stream, count, now_ms),
    }
    Ok(())
}

/// `[FULL [COUNT count]]`: how many entries, of the whole picture.
fn shown(call: &Call<'_>) -> Result<Option<usize>, Failure> {
    let counted = match call.args.len() {
        3 => return Ok(None),
        length => length == 6 && call.is(4, "COUNT"),
    };
    if !call.is(3, "FULL") || (call.args.len() != 4 && !counted) {
        return Err(Failure::of(format!(
            "ERR unknown subcommand or wrong number of arguments for '{}'. Try XINFO HELP.",
            String::from_utf8_lossy(call.args[1])
        )));
    }
    let count = if counted { call.integer(5)? } else { -1 };
    Ok(Some(match usize::try_from(count) {
        Err(_) => SHOWN,
        Ok(0) => usize::MAX,
        Ok(count) => count,
    }))
}

fn brief(call: &mut Call<'_>, stream: &Stream) {
    call.out.bulk(b"groups");
    call.out.count(stream.groups().len());
    let mut all = stream.range(StreamId::MIN, StreamId::MAX);
    let first = all.next();
    let last = all.next_back().or(first);
    for (name, found) in [("first-entry", first), ("last-entry", last)] {
        call.out.bulk(name.as_bytes());
        match found {
            Some((at, fields)) => entry(call, at, fields),
            None => call.out.null(),
        }
    }
}

fn whole(call: &mut Call<'_>, stream: &Stream, count: usize, now_ms: u64) {
    call.out.bulk(b"entries");
    let from = call.out.bytes.len();
    let mut shown = 0;
    for (at, fields) in stream.range(StreamId::MIN, StreamId::MAX).take(count) {
        entry(call, at, fields);
        shown += 1;
    }
    call.out.wrap_array(from, shown);
    call.out.bulk(b"groups");
    call.out.array(stream.groups().len());
    for (name, group) in stream.groups() {
        call.out.map(7);
        call.out.bulk(b"name");
        call.out.bulk(name);
        place(call, stream, group);
        call.out.bulk(b"pel-count");
        call.out.count(group.pending().len());
        call.out.bulk(b"pending");
        call.out.array(group.pending().len().min(count));
        for (at, pending) in group.pending().iter().take(count) {
            call.out.array(4);
            id(call, *at);
            call.out.bulk(&pending.consumer);
            call.out.integer(pending.delivered_ms as i64);
            call.out.integer(pending.count as i64);
        }
        call.out.bulk(b"consumers");
        call.out.array(group.consumers().len());
        for (name, consumer) in group.consumers() {
            call.out.map(4);
            call.out.bulk(b"name");
            call.out.bulk(name);
            call.out.bulk(b"seen-time");
            call.out.integer(consumer.seen_ms.min(now_ms) as i64);
            call.out.bulk(b"pel-count");
            call.out.count(consumer.pending().len());
            call.out.bulk(b"pending");
            call.out.array(consumer.pending().len().min(count));
            for at in consumer.pending().iter().take(count) {
                let pending = group.pending().get(at);
                call.out.array(3);
                id(call, *at);
                call.out
                    .integer(pending.map_or(0, |p| p.delivered_ms) as i64);
                call.out.integer(pending.map_or(0, |p| p.count) as i64);
            }
        }
    }
}

/// Where a group is: what it got last, how many it has read, how many it has before it.
fn place(call: &mut Call<'_>, stream: &Stream, group: &Group) {
    call.out.bulk(b"last-delivered-id");
    id(call, group.last_id());
    call.out.bulk(b"entries-read");
    match group.read() {
        Some(read) => call.out.integer(read as i64),
        None => call.out.null(),
    }
    call.out.bulk(b"lag");
    match lag(stream, group) {
        Some(lag) => call.out.integer(lag),
        None => call.out.null(),
    }
}

/// Less than nothing, where more is said to have been read than there was.
fn lag(stream: &Stream, group: &Group) -> Option<i64> {
    if stream.added() == 0 {
        return Some(0);
    }
    let read = match group.read() {
        Some(read) if !stream.has_gaps_from(group.last_id()) => read,
        _ => stream.read_up_to(group.last_id())?,
    };
    Some((stream.added() as i64).wrapping_sub(read as i64))
}

pub fn groups(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let stream = txn.stream(call.args[2])?.ok_or(Failure::NO_SUCH_KEY)?;
    call.out.array(stream.groups().len());
    for (name, group) in stream.groups() {
        call.out.map(6);
        call.out.bulk(b"name");
        call.out.bulk(name);
        call.out.bulk(b"consumers");
        call.out.count(group.consumers().len());
        call.out.bulk(b"pending");
        call.out.count(group.pending().len());
        place(call, stream, group);
    }
    Ok(())
}

pub fn consumers(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (key, name) = (call.args[2], call.args[3]);
    let now_ms = txn.now_unix_ms();
    let stream = txn.stream(key)?.ok_or(Failure::NO_SUCH_KEY)?;
    let group = stream.group(name).ok_or_else(|| no_group(name, key))?;
    call.out.array(group.consumers().len());
    for (name, consumer) in group.consumers() {
        call.out.map(3);
        call.out.bulk(b"name");
        call.out.bulk(name);
        call.out.bulk(b"pending");
        call.out.count(consumer.pending().len());
        call.out.bulk(b"idle");
        call.out
            .integer(now_ms.saturating_sub(consumer.seen_ms) as i64);
    }
    Ok(())
}

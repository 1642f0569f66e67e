//! Taking over what others hold.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::groups::make_consumer;
use super::pending::nothing;
use super::{entry, id, ids};
use maru_cache::{StreamId, Txn};

struct Asked {
    delivered_ms: u64,
    times: Option<u64>,
    force: bool,
    only_ids: bool,
    last_id: Option<StreamId>,
}

/// Milliseconds without use, from an argument.
fn idle(call: &Call<'_>, at: usize, name: &str) -> Result<u64, Failure> {
    let ms = call
        .integer(at)
        .map_err(|_| Failure::of(format!("ERR Invalid min-idle-time argument for {name}")))?;
    Ok(u64::try_from(ms).unwrap_or(0))
}

fn options(call: &Call<'_>, from: usize, now_ms: u64) -> Result<Asked, Failure> {
    let mut asked = Asked {
        delivered_ms: now_ms,
        times: None,
        force: false,
        only_ids: false,
        last_id: None,
    };
    let mut at = from;
    while at < call.args.len() {
        let more = at + 1 < call.args.len();
        match () {
            () if call.is(at, "FORCE") => asked.force = true,
            () if call.is(at, "JUSTID") => asked.only_ids = true,
            () if call.is(at, "IDLE") && more => {
                let ms = call
                    .integer(at + 1)
                    .map_err(|_| Failure::new("ERR Invalid IDLE option argument for XCLAIM"))?;
                asked.delivered_ms = now_ms.saturating_sub(u64::try_from(ms).unwrap_or(0));
                at += 1;
            }
            () if call.is(at, "TIME") && more => {
                let ms = call
                    .integer(at + 1)
                    .map_err(|_| Failure::new("ERR Invalid TIME option argument for XCLAIM"))?;
                asked.delivered_ms = u64::try_from(ms).unwrap_or(now_ms);
                at += 1;
            }
            () if call.is(at, "RETRYCOUNT") && more => {
                let times = call.integer(at + 1).map_err(|_| {
                    Failure::new("ERR Invalid RETRYCOUNT option argument for XCLAIM")
                })?;
                asked.times = u64::try_from(times).ok();
                at += 1;
            }
            () if call.is(at, "LASTID") && more => {
                asked.last_id = Some(ids::strict(call.args[at + 1], 0)?);
                at += 1;
            }
            () => {
                let text = String::from_utf8_lossy(call.args[at]);
                return Err(Failure::of(format!(
                    "ERR Unrecognized XCLAIM option '{text}'"
                )));
            }
        }
        at += 1;
    }
    // Time only goes forward.
    asked.delivered_ms = asked.delivered_ms.min(now_ms);
    Ok(asked)
}

/// `key group consumer min-idle-time id [id …] [options]`.
pub fn xclaim(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (key, group_name, consumer) = (call.args[1], call.args[2], call.args[3]);
    let known = txn
        .stream(key)?
        .is_some_and(|stream| stream.group(group_name).is_some());
    if !known {
        return Err(nothing(key, group_name));
    }
    let idle_ms = idle(call, 4, "XCLAIM")?;
    let mut wanted = Vec::new();
    let mut at = 5;
    while let Some(text) = call.args.get(at)
        && let Ok(id) = ids::strict(text, 0)
    {
        wanted.push(id);
        at += 1;
    }
    let now_ms = txn.now_unix_ms();
    let asked = options(call, at, now_ms)?;
    let group = txn.stream(key)?.and_then(|stream| stream.group(group_name));
    let place = group.map(|group| (group.last_id(), group.read()));
    if let (Some(last_id), Some((before, read))) = (asked.last_id, place)
        && last_id > before
    {
        txn.put_group(key, group_name, last_id, read)?;
    }
    let from = call.out.bytes.len();
    let mut claimed = 0;
    for at in wanted {
        let Some(stream) = txn.stream(key)? else {
            break;
        };
        let held = stream
            .group(group_name)
            .and_then(|group| group.pending().get(&at));
        let held = held.map(|pending| (pending.delivered_ms, pending.count));
        if !stream.contains(at) {
            // What is deleted can be claimed by nobody, and held by nobody.
            if held.is_some() {
                txn.remove_pending(key, group_name, at)?;
            }
            continue;
        }
        let times = match held {
            Some((delivered_ms, _)) if now_ms.saturating_sub(delivered_ms) < idle_ms => continue,
            Some((_, times)) => times,
            None if asked.force => 1,
            None => continue,
        };
        let times = match (asked.times, asked.only_ids) {
            (Some(times), _) => times,
            (None, true) => times,
            (None, false) => times + 1,
        };
        seen(txn, key, group_name, consumer, now_ms)?;
        show(call, txn, key, at, asked.only_ids)?;
        claimed += 1;
        txn.put_pending(key, group_name, consumer, at, asked.delivered_ms, times)?;
    }
    call.out.wrap_array(from, claimed);
    Ok(())
}

/// Who takes something over is made on the way.
fn seen(txn: &mut Txn<'_>, key: &[u8], group: &[u8], consumer: &[u8], now_ms: u64) -> Answer {
    if !make_consumer(txn, key, group, consumer)? {
        txn.put_consumer(key, group, consumer, now_ms)?;
    }
    Ok(())
}

fn show(call: &mut Call<'_>, txn: &mut Txn<'_>, key: &[u8], at: StreamId, only_id: bool) -> Answer {
    let stream = txn.stream(key)?;
    match stream.and_then(|stream| stream.get(at)) {
        Some(fields) if !only_id => entry(call, at, fields),
        _ => id(call, at),
    }
    Ok(())
}

/// Looked at for each entry that is wanted.
const LOOKS: usize = 10;

/// `key group consumer min-idle-time start [COUNT count] [JUSTID]`.
pub fn xautoclaim(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (key, group_name, consumer) = (call.args[1], call.args[2], call.args[3]);
    let idle_ms = idle(call, 4, "XAUTOCLAIM")?;
    let start = ids::start(call.args[5])?;
    let (mut count, mut only_ids) = (100, false);
    let mut at = 6;
    while at < call.args.len() {
        if call.is(at, "COUNT") && at + 1 < call.args.len() {
            let given = call.integer(at + 1).ok();
            let given = given.filter(|count| (1..=i64::MAX / 16 / LOOKS as i64).contains(count));
            count = given.ok_or(Failure::new("ERR COUNT must be > 0"))? as usize;
            at += 2;
        } else if call.is(at, "JUSTID") {
            only_ids = true;
            at += 1;
        } else {
            return Err(Failure::SYNTAX);
        }
    }
    let known = txn
        .stream(key)?
        .is_some_and(|stream| stream.group(group_name).is_some());
    if !known {
        return Err(nothing(key, group_name));
    }
    let now_ms = txn.now_unix_ms();
    let mut held: Vec<(StreamId, u64, u64)> = Vec::new();
    if let Some(group) = txn.stream(key)?.and_then(|stream| stream.group(group_name)) {
        let ahead = group.pending().range(start..);
        let ahead = ahead.take(count.saturating_mul(LOOKS).saturating_add(1));
        held.extend(ahead.map(|(id, pending)| (*id, pending.delivered_ms, pending.count)));
    }
    let mut looks = count.saturating_mul(LOOKS);
    let (mut claimed, mut deleted) = (0, Vec::new());
    let mut ahead = held.into_iter().peekable();
    call.out.array(3);
    let cursor_at = call.out.bytes.len();
    while looks > 0
        && count > 0
        && let Some((at, delivered_ms, times)) = ahead.next()
    {
        looks -= 1;
        if !txn.stream(key)?.is_some_and(|stream| stream.contains(at)) {
            txn.remove_pending(key, group_name, at)?;
            deleted.push(at);
            count -= 1;
            continue;
        }
        if now_ms.saturating_sub(delivered_ms) < idle_ms {
            continue;
        }
        seen(txn, key, group_name, consumer, now_ms)?;
        show(call, txn, key, at, only_ids)?;
        let times = if only_ids { times } else { times + 1 };
        txn.put_pending(key, group_name, consumer, at, now_ms, times)?;
        claimed += 1;
        count -= 1;
    }
    call.out.wrap_array(cursor_at, claimed);
    let entries = call.out.bytes.split_off(cursor_at);
    let next = ahead.peek().map_or(StreamId::MIN, |(at, ..)| *at);
    id(call, next);
    call.out.bytes.extend_from_slice(&entries);
    call.out.array(deleted.len());
    for at in deleted {
        id(call, at);
    }
    Ok(())
}

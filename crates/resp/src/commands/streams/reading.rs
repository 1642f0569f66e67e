//! Reading entries, and waiting for them.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::groups::make_consumer;
use super::{entry, id, ids};
use maru_cache::{Stream, StreamId, Txn, ValueType};
use std::time::{Duration, Instant};

pub fn range(call: &mut Call<'_>, txn: &mut Txn<'_>, backwards: bool) -> Answer {
    let (first, last) = if backwards { (3, 2) } else { (2, 3) };
    let (start, end) = (ids::start(call.args[first])?, ids::end(call.args[last])?);
    let mut count = None;
    let mut at = 4;
    while at < call.args.len() {
        if !call.is(at, "COUNT") || at + 1 >= call.args.len() {
            return Err(Failure::SYNTAX);
        }
        count = Some(usize::try_from(call.integer(at + 1)?).unwrap_or(0));
        at += 2;
    }
    let stream = txn.stream(call.args[1])?;
    if count == Some(0) && stream.is_some() {
        call.out.null_array();
        return Ok(());
    }
    let take = count.unwrap_or(usize::MAX);
    let from = call.out.bytes.len();
    let mut found = 0;
    let mut show = |item: (StreamId, maru_cache::Fields<'_>)| {
        entry(call, item.0, item.1);
        found += 1;
    };
    match (stream, backwards) {
        (None, _) => {}
        (Some(stream), false) => stream.range(start, end).take(take).for_each(&mut show),
        (Some(stream), true) => stream
            .range(start, end)
            .rev()
            .take(take)
            .for_each(&mut show),
    }
    call.out.wrap_array(from, found);
    Ok(())
}

/// Where to read on in a stream.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    After(StreamId),
    /// What is new to the group.
    New,
}

struct Asked<'a> {
    group: Option<(&'a [u8], &'a [u8])>,
    count: usize,
    /// `Some(None)`: for ever.
    block: Option<Option<Instant>>,
    no_ack: bool,
    keys: Vec<&'a [u8]>,
    /// Where the ids begin among the arguments.
    ids_at: usize,
}

impl<'a> Asked<'a> {
    fn parse(call: &Call<'a>, grouped: bool) -> Result<Asked<'a>, Failure> {
        let mut asked = Asked {
            group: None,
            count: usize::MAX,
            block: None,
            no_ack: false,
            keys: Vec::new(),
            ids_at: 0,
        };
        let mut at = 1;
        while at < call.args.len() {
            let left = call.args.len() - at - 1;
            if call.is(at, "BLOCK") && left > 0 {
                if call.world.scripting.running.is_some() {
                    let name = String::from_utf8_lossy(call.args[0]);
                    return Err(Failure::of(format!(
                        "ERR {name} command is not allowed with BLOCK option from scripts"
                    )));
                }
                asked.block = Some(block(call, at + 1)?);
                at += 1;
            } else if call.is(at, "COUNT") && left > 0 {
                let count = call.integer(at + 1)?;
                asked.count = usize::try_from(count)
                    .ok()
                    .filter(|&count| count > 0)
                    .unwrap_or(usize::MAX);
                at += 1;
            } else if call.is(at, "STREAMS") && left > 0 {
                if !left.is_multiple_of(2) {
                    return Err(Failure::new(
                        "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.",
                    ));
                }
                asked.keys = call.args[at + 1..at + 1 + left / 2].to_vec();
                asked.ids_at = at + 1 + left / 2;
                break;
            } else if call.is(at, "GROUP") && left >= 2 {
                if !grouped {
                    return Err(Failure::new(
                        "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.",
                    ));
                }
                asked.group = Some((call.args[at + 1], call.args[at + 2]));
                at += 2;
            } else if call.is(at, "NOACK") {
                if !grouped {
                    return Err(Failure::new(
                        "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
                    ));
                }
                asked.no_ack = true;
            } else {
                return Err(Failure::SYNTAX);
            }
            at += 1;
        }
        if asked.keys.is_empty() {
            return Err(Failure::SYNTAX);
        }
        if grouped && asked.group.is_none() {
            return Err(Failure::new("ERR Missing GROUP option for XREADGROUP"));
        }
        Ok(asked)
    }

    fn wait(&self, call: &mut Call<'_>, resolved: Option<Vec<Vec<u8>>>) {
        match self.block {
            None => call.out.null_array(),
            Some(until) => {
                let keys = self.keys.iter().map(|key| key.to_vec()).collect();
                call.wait_for(ValueType::Stream, keys, until);
                if let Some(wait) = &mut call.wait {
                    wait.args = resolved;
                }
            }
        }
    }
}

fn block(call: &Call<'_>, at: usize) -> Result<Option<Instant>, Failure> {
    let ms = call
        .integer(at)
        .map_err(|_| Failure::new("ERR timeout is not an integer or out of range"))?;
    let ms = u64::try_from(ms).map_err(|_| Failure::new("ERR timeout is negative"))?;
    Ok(match ms {
        0 => None,
        ms => Instant::now().checked_add(Duration::from_millis(ms)),
    })
}

pub fn xread(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let asked = Asked::parse(call, false)?;
    let mut after = Vec::with_capacity(asked.keys.len());
    for (index, key) in asked.keys.iter().enumerate() {
        let stream = if call.passes_over(txn, key, ValueType::Stream) {
            None
        } else {
            txn.stream(key)?
        };
        after.push(match call.args[asked.ids_at + index] {
            b"$" => stream.map_or(StreamId::MIN, Stream::last_id),
            b">" => {
                return Err(Failure::new(
                    "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
                ));
            }
            text => ids::strict(text, 0)?,
        });
    }
    let start = call.out.bytes.len();
    let mut answered = 0;
    for (key, after) in asked.keys.iter().zip(&after) {
        let Some(from) = after.next() else { continue };
        if call.passes_over(txn, key, ValueType::Stream) {
            continue;
        }
        let Some(stream) = txn.stream(key)? else {
            continue;
        };
        let mut found = stream
            .range(from, StreamId::MAX)
            .take(asked.count)
            .peekable();
        if found.peek().is_none() {
            continue;
        }
        begin_stream(call, key);
        let from = call.out.bytes.len();
        let mut count = 0;
        for (at, fields) in found {
            entry(call, at, fields);
            count += 1;
        }
        call.out.wrap_array(from, count);
        answered += 1;
    }
    if answered == 0 {
        // "$" means now, also when it is looked at again later.
        let mut args: Vec<Vec<u8>> = call.args.iter().map(|arg| arg.to_vec()).collect();
        for (arg, after) in args[asked.ids_at..].iter_mut().zip(&after) {
            *arg = after.to_string().into_bytes();
        }
        asked.wait(call, Some(args));
    } else {
        begin_answer(call, start, answered);
    }
    Ok(())
}

/// A stream's part of the answer begins: its key, in an array of two where there are no maps.
fn begin_stream(call: &mut Call<'_>, key: &[u8]) {
    if !call.out.is_resp3() {
        call.out.array(2);
    }
    call.out.bulk(key);
}

fn begin_answer(call: &mut Call<'_>, start: usize, streams: usize) {
    if call.out.is_resp3() {
        let rest = call.out.bytes.split_off(start);
        call.out.map(streams);
        call.out.bytes.extend_from_slice(&rest);
    } else {
        call.out.wrap_array(start, streams);
    }
}

pub fn xreadgroup(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let asked = Asked::parse(call, true)?;
    let (group, consumer) = asked.group.ok_or(Failure::SYNTAX)?;
    let mut froms = Vec::with_capacity(asked.keys.len());
    let mut keys = Vec::with_capacity(asked.keys.len());
    for (index, key) in asked.keys.iter().enumerate() {
        if let Some(filled) = call.woken_by {
            if filled != *key {
                continue;
            }
            if txn.kind(key) != Some(ValueType::Stream) {
                return Err(Failure::new("UNBLOCKED the stream key no longer exists"));
            }
        }
        let known = txn
            .stream(key)?
            .is_some_and(|stream| stream.group(group).is_some());
        if !known && call.woken_by.is_some() {
            return Err(Failure::new(
                "NOGROUP the consumer group this client was blocked on no longer exists",
            ));
        }
        if !known {
            return Err(Failure::of(format!(
                "NOGROUP No such key '{}' or consumer group '{}' in XREADGROUP with GROUP option",
                String::from_utf8_lossy(key),
                String::from_utf8_lossy(group)
            )));
        }
        keys.push(*key);
        froms.push(match call.args[asked.ids_at + index] {
            b">" => From::New,
            b"$" => {
                return Err(Failure::new(
                    "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
                ));
            }
            text => From::After(ids::strict(text, 0)?),
        });
    }
    let start = call.out.bytes.len();
    let mut answered = 0;
    for (key, from) in keys.into_iter().zip(froms) {
        let has_new = txn.stream(key)?.is_some_and(|stream| {
            let group = stream.group(group);
            group.is_some_and(|group| stream.last_id() > group.last_id())
        });
        if from == From::New && !has_new {
            continue;
        }
        if !make_consumer(txn, key, group, consumer)? {
            let now_ms = txn.now_unix_ms();
            txn.put_consumer(key, group, consumer, now_ms)?;
        }
        match from {
            From::New => {
                if hand_out(call, txn, &asked, key, group, consumer)? {
                    answered += 1;
                }
            }
            From::After(after) => {
                begin_stream(call, key);
                history(call, txn, &asked, key, group, consumer, after)?;
                answered += 1;
            }
        }
    }
    if answered == 0 {
        asked.wait(call, None);
    } else {
        begin_answer(call, start, answered);
    }
    Ok(())
}

/// Entries that are new to the group, into the hands of the consumer.
fn hand_out(
    call: &mut Call<'_>,
    txn: &mut Txn<'_>,
    asked: &Asked<'_>,
    key: &[u8],
    group_name: &[u8],
    consumer: &[u8],
) -> Result<bool, Failure> {
    let now_ms = txn.now_unix_ms();
    let Some(stream) = txn.stream(key)? else {
        return Ok(false);
    };
    let Some(group) = stream.group(group_name) else {
        return Ok(false);
    };
    let (mut last_id, mut read) = (group.last_id(), group.read());
    let Some(from) = last_id.next() else {
        return Ok(false);
    };
    let mut given = Vec::new();
    let header = call.out.bytes.len();
    begin_stream(call, key);
    let start = call.out.bytes.len();
    for (at, fields) in stream.range(from, StreamId::MAX).take(asked.count) {
        entry(call, at, fields);
        read = match read {
            Some(read) if !stream.has_gaps_from(at) => Some(read + 1),
            _ => stream.read_up_to(at),
        };
        last_id = at;
        given.push(at);
    }
    if given.is_empty() {
        call.out.bytes.truncate(header);
        return Ok(false);
    }
    call.out.wrap_array(start, given.len());
    txn.put_group(key, group_name, last_id, read)?;
    if !asked.no_ack {
        for at in given {
            txn.put_pending(key, group_name, consumer, at, now_ms, 1)?;
        }
    }
    Ok(true)
}

/// What the consumer holds already, after an id.
fn history(
    call: &mut Call<'_>,
    txn: &mut Txn<'_>,
    asked: &Asked<'_>,
    key: &[u8],
    group_name: &[u8],
    consumer: &[u8],
    after: StreamId,
) -> Answer {
    let now_ms = txn.now_unix_ms();
    let mut again = Vec::new();
    let start = call.out.bytes.len();
    let mut count = 0;
    if let (Some(stream), Some(from)) = (txn.stream(key)?, after.next())
        && let Some(group) = stream.group(group_name)
        && let Some(holder) = group.consumers().get(consumer)
    {
        for &at in holder.pending().range(from..).take(asked.count) {
            count += 1;
            match stream.get(at) {
                Some(fields) => {
                    entry(call, at, fields);
                    let times = group.pending().get(&at).map_or(0, |pending| pending.count);
                    again.push((at, times + 1));
                }
                None => {
                    call.out.array(2);
                    id(call, at);
                    call.out.null_array();
                }
            }
        }
    }
    call.out.wrap_array(start, count);
    for (at, times) in again {
        txn.put_pending(key, group_name, consumer, at, now_ms, times)?;
    }
    Ok(())
}

//! What a group handed out: acknowledging and looking.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::{id, ids};
use maru_cache::{StreamId, Txn};

pub fn xack(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (key, group) = (call.args[1], call.args[2]);
    let known = txn
        .stream(key)?
        .is_some_and(|stream| stream.group(group).is_some());
    if !known {
        call.out.integer(0);
        return Ok(());
    }
    let ids: Result<Vec<_>, _> = call.args[3..]
        .iter()
        .map(|text| ids::strict(text, 0))
        .collect();
    let mut acknowledged = 0;
    for id in ids? {
        acknowledged += i64::from(txn.remove_pending(key, group, id)?);
    }
    call.out.integer(acknowledged);
    Ok(())
}

/// Why a key and a group are no answer.
pub fn nothing(key: &[u8], group: &[u8]) -> Failure {
    Failure::of(format!(
        "NOGROUP No such key '{}' or consumer group '{}'",
        String::from_utf8_lossy(key),
        String::from_utf8_lossy(group)
    ))
}

/// `key group [[IDLE ms] start end count [consumer]]`.
pub fn xpending(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    if call.args.len() == 3 {
        return summary(call, txn);
    }
    if !(6..=9).contains(&call.args.len()) {
        return Err(Failure::SYNTAX);
    }
    let mut at = 3;
    let mut idle_ms = 0;
    if call.is(3, "IDLE") {
        idle_ms = call.integer(4)?;
        if call.args.len() < 8 {
            return Err(Failure::SYNTAX);
        }
        at = 5;
    }
    // What follows is not looked at.
    let consumer = call.args.get(at + 3).copied();
    let count = call.integer(at + 2)?;
    let (start, end) = (ids::start(call.args[at])?, ids::end(call.args[at + 1])?);
    let (key, group_name) = (call.args[1], call.args[2]);
    let now_ms = txn.now_unix_ms();
    let group = txn.stream(key)?.and_then(|stream| stream.group(group_name));
    let group = group.ok_or_else(|| nothing(key, group_name))?;
    let from = call.out.bytes.len();
    let mut found = 0;
    let count = usize::try_from(count).unwrap_or(0);
    let range = if start <= end {
        start..=end
    } else {
        StreamId::MAX..=StreamId::MAX
    };
    let in_range = group
        .pending()
        .range(range)
        .filter(|(id, _)| **id >= start && **id <= end);
    let wanted = in_range.filter(|(_, pending)| {
        consumer.is_none_or(|consumer| *pending.consumer == *consumer)
            && now_ms as i64 - pending.delivered_ms as i64 >= idle_ms
    });
    for (at, pending) in wanted.take(count) {
        call.out.array(4);
        id(call, *at);
        call.out.bulk(&pending.consumer);
        call.out
            .integer(now_ms.saturating_sub(pending.delivered_ms) as i64);
        call.out.integer(pending.count as i64);
        found += 1;
    }
    call.out.wrap_array(from, found);
    Ok(())
}

fn summary(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (key, group_name) = (call.args[1], call.args[2]);
    let group = txn.stream(key)?.and_then(|stream| stream.group(group_name));
    let group = group.ok_or_else(|| nothing(key, group_name))?;
    call.out.array(4);
    call.out.count(group.pending().len());
    let mut ids = group.pending().keys();
    let (Some(first), last) = (ids.next(), ids.next_back()) else {
        call.out.null();
        call.out.null();
        call.out.null_array();
        return Ok(());
    };
    id(call, *first);
    id(call, *last.unwrap_or(first));
    let holders = group.consumers().iter();
    let holders: Vec<_> = holders
        .filter(|(_, holder)| !holder.pending().is_empty())
        .collect();
    call.out.array(holders.len());
    for (name, holder) in holders {
        call.out.array(2);
        call.out.bulk(name);
        call.out.bulk(holder.pending().len().to_string().as_bytes());
    }
    Ok(())
}

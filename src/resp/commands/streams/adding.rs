//! Entries come, and the oldest go.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::number;
use super::{id, ids};
use crate::cache::{Happenings, Keep, NewId, StreamId, Trim, Txn};

/// Without a limit of its own, trimming roughly stops after so many.
const ROUGHLY_AT_ONCE: usize = 10_000;

/// `MAXLEN | MINID [= | ~] threshold [LIMIT count]` from an argument on; answers where it ends.
fn trim(call: &Call<'_>, at: usize) -> Result<(Trim, usize), Failure> {
    let by_length = call.is(at, "MAXLEN");
    let mut next = at + 1;
    let mut roughly = false;
    if let Some(sign @ (b"=" | b"~")) = call.args.get(next).copied()
        && next + 1 < call.args.len()
    {
        roughly = sign == b"~";
        next += 1;
    }
    let threshold = call.args.get(next).ok_or(Failure::SYNTAX)?;
    let keep = if by_length {
        let count = call.integer(next)?;
        let count = usize::try_from(count);
        Keep::Newest(count.map_err(|_| Failure::new("ERR The MAXLEN argument must be >= 0."))?)
    } else {
        Keep::From(ids::strict(threshold, 0)?)
    };
    next += 1;
    Ok((
        Trim {
            keep,
            roughly,
            limit: if roughly { ROUGHLY_AT_ONCE } else { 0 },
        },
        next,
    ))
}

fn limit(call: &Call<'_>, at: usize) -> Result<usize, Failure> {
    let limit = call.integer(at)?;
    usize::try_from(limit).map_err(|_| Failure::new("ERR The LIMIT argument must be >= 0."))
}

pub fn xadd(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (mut make, mut trimming, mut limited) = (true, None, None);
    let mut at = 2;
    let new = loop {
        let Some(&text) = call.args.get(at) else {
            return Err(wrong_number("xadd"));
        };
        let left = call.args.len() - at - 1;
        if call.is(at, "NOMKSTREAM") {
            make = false;
            at += 1;
        } else if (call.is(at, "MAXLEN") || call.is(at, "MINID")) && left > 0 {
            if trimming.is_some() {
                return Err(Failure::new(
                    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
                ));
            }
            let (asked, next) = trim(call, at)?;
            trimming = Some(asked);
            at = next;
        } else if call.is(at, "LIMIT") && left > 0 {
            limited = Some(limit(call, at + 1)?);
            at += 2;
        } else {
            break new_id(text)?;
        }
    };
    let trimming = with_limit(trimming, limited)?;
    let fields = &call.args[at + 1..];
    if fields.is_empty() || !fields.len().is_multiple_of(2) {
        return Err(wrong_number("xadd"));
    }
    if new == NewId::Exactly(StreamId::MIN) {
        return Err(Failure::new(
            "ERR The ID specified in XADD must be greater than 0-0",
        ));
    }
    let key = call.args[1];
    if txn.stream(key)?.is_none() && !make {
        call.out.null();
        return Ok(());
    }
    let added = txn.xadd(key, new, fields)?;
    if let Some(trimming) = trimming {
        txn.xtrim(key, trimming)?;
    }
    id(call, added);
    Ok(())
}

fn new_id(text: &[u8]) -> Result<NewId, Failure> {
    if text == b"*" {
        return Ok(NewId::Now);
    }
    match text.strip_suffix(b"-*") {
        Some(ms) => number::unsigned(ms).map(NewId::Next).ok_or(ids::INVALID),
        None => ids::strict(text, 0).map(NewId::Exactly),
    }
}

fn wrong_number(name: &str) -> Failure {
    Failure::of(format!(
        "ERR wrong number of arguments for '{name}' command"
    ))
}

fn with_limit(trim: Option<Trim>, limit: Option<usize>) -> Result<Option<Trim>, Failure> {
    match (trim, limit) {
        (None, Some(1..)) => Err(Failure::new(
            "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
        )),
        (None, Some(0)) | (Some(Trim { roughly: false, .. }), Some(_)) => Err(Failure::new(
            "ERR syntax error, LIMIT cannot be used without the special ~ option",
        )),
        (Some(trim), Some(limit)) => Ok(Some(Trim { limit, ..trim })),
        (trim, None) => Ok(trim),
    }
}

pub fn xtrim(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    if !call.is(2, "MAXLEN") && !call.is(2, "MINID") {
        return Err(Failure::SYNTAX);
    }
    let (asked, mut at) = trim(call, 2)?;
    let mut limited = None;
    while at < call.args.len() {
        if call.is(at, "MAXLEN") || call.is(at, "MINID") {
            return Err(Failure::new(
                "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
            ));
        }
        if !call.is(at, "LIMIT") || at + 1 >= call.args.len() {
            return Err(Failure::SYNTAX);
        }
        limited = Some(limit(call, at + 1)?);
        at += 2;
    }
    let removed = match with_limit(Some(asked), limited)? {
        Some(trim) => txn.xtrim(call.args[1], trim)?,
        None => 0,
    };
    call.out.integer(removed as i64);
    Ok(())
}

pub fn xdel(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    if txn.stream(call.args[1])?.is_none() {
        call.out.integer(0);
        return Ok(());
    }
    let ids: Result<Vec<_>, _> = call.args[2..]
        .iter()
        .map(|text| ids::strict(text, 0))
        .collect();
    let removed = txn.xdel(call.args[1], &ids?)?;
    call.out.integer(removed as i64);
    Ok(())
}

/// `key last-id [ENTRIESADDED n] [MAXDELETEDID id]`.
pub fn xsetid(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[1];
    let last_id = ids::strict(call.args[2], 0)?;
    let (mut added, mut max_deleted) = (None, None);
    let mut at = 3;
    while at < call.args.len() {
        if at + 1 >= call.args.len() {
            return Err(Failure::SYNTAX);
        }
        if call.is(at, "ENTRIESADDED") {
            let count = u64::try_from(call.integer(at + 1)?);
            added = Some(count.map_err(|_| Failure::new("ERR entries_added must be positive"))?);
        } else if call.is(at, "MAXDELETEDID") {
            let id = ids::strict(call.args[at + 1], 0)?;
            if last_id < id {
                return Err(Failure::new(
                    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
                ));
            }
            max_deleted = Some(id);
        } else {
            return Err(Failure::SYNTAX);
        }
        at += 2;
    }
    let Some(stream) = txn.stream(key)? else {
        return Err(Failure::NO_SUCH_KEY);
    };
    if last_id < stream.max_deleted_id() {
        return Err(Failure::new(
            "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
        ));
    }
    if let Some((newest, _)) = stream.range(StreamId::MIN, StreamId::MAX).next_back() {
        if last_id < newest {
            return Err(Failure::new(
                "ERR The ID specified in XSETID is smaller than the target stream top item",
            ));
        }
        if added.is_some_and(|added| added < stream.len() as u64) {
            return Err(Failure::new(
                "ERR The entries_added specified in XSETID is smaller than the target stream length",
            ));
        }
    }
    let added = added.unwrap_or(stream.added());
    let max_deleted = max_deleted
        .filter(|id| *id != StreamId::MIN)
        .unwrap_or(stream.max_deleted_id());
    txn.xmark(key, last_id, added, max_deleted)?;
    txn.tell(Happenings::STREAM, "xsetid", key);
    call.out.ok();
    Ok(())
}

//! Entries come, and the oldest go.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::number;
use super::{id, ids};
use maru_cache::{Happenings, Keep, NewId, Packing, StreamId, Trim, Txn};

/// Without a limit of its own, trimming roughly stops after so many heaps of entries.
const NODES_AT_ONCE: usize = 100;

/// Options before the id of a new entry, or all that XTRIM is told.
#[derive(Default)]
struct Options {
    keep: Option<Keep>,
    roughly: bool,
    limit: Option<usize>,
    no_stream_made: bool,
}

impl Options {
    /// `[NOMKSTREAM] [MAXLEN | MINID [= | ~] threshold [LIMIT count]]`; answers what follows, where
    /// something may.
    fn parse(call: &Call<'_>, adds: bool) -> Result<(Options, usize), Failure> {
        let mut options = Options::default();
        let mut at = 2;
        while at < call.args.len() {
            let more = at + 1 < call.args.len();
            if more && (call.is(at, "MAXLEN") || call.is(at, "MINID")) {
                at = options.keep(call, at)?;
            } else if more && call.is(at, "LIMIT") {
                let limit = usize::try_from(call.integer(at + 1)?);
                let limit =
                    limit.map_err(|_| Failure::new("ERR The LIMIT argument must be >= 0."))?;
                options.limit = Some(limit);
                at += 2;
            } else if adds && call.is(at, "NOMKSTREAM") {
                options.no_stream_made = true;
                at += 1;
            } else if adds {
                break;
            } else {
                return Err(Failure::SYNTAX);
            }
        }
        Ok((options, at))
    }

    /// One of the two ways to say what stays.
    fn keep(&mut self, call: &Call<'_>, at: usize) -> Result<usize, Failure> {
        if self.keep.is_some() {
            return Err(Failure::new(
                "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
            ));
        }
        let sign = call.args[at + 1];
        let signed = matches!(sign, b"=" | b"~") && at + 2 < call.args.len();
        self.roughly = signed && sign == b"~";
        let next = at + 1 + usize::from(signed);
        self.keep = Some(if call.is(at, "MAXLEN") {
            let count = usize::try_from(call.integer(next)?);
            Keep::Newest(count.map_err(|_| Failure::new("ERR The MAXLEN argument must be >= 0."))?)
        } else {
            Keep::From(ids::strict(call.args[next], 0)?)
        });
        Ok(next + 1)
    }

    /// What is to be trimmed, if anything is.
    fn trim(&self, packing: Packing) -> Result<Option<Trim>, Failure> {
        let Some(keep) = self.keep else {
            return match self.limit {
                Some(1..) => Err(Failure::new(
                    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
                )),
                Some(0) => Err(LIMIT_WITHOUT),
                None => Ok(None),
            };
        };
        let limit = match self.limit {
            Some(_) if !self.roughly => return Err(LIMIT_WITHOUT),
            Some(limit) => limit,
            None if self.roughly => match packing.node_entries {
                0 => 100 * NODES_AT_ONCE,
                entries => entries.saturating_mul(NODES_AT_ONCE).min(1_000_000),
            },
            None => 0,
        };
        let roughly = self.roughly;
        Ok(Some(Trim {
            keep,
            roughly,
            limit,
        }))
    }
}

const LIMIT_WITHOUT: Failure =
    Failure::new("ERR syntax error, LIMIT cannot be used without the special ~ option");

pub fn xadd(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (options, at) = Options::parse(call, true)?;
    let new = match call.args.get(at) {
        Some(text) => Some(new_id(text)?),
        None => None,
    };
    let trimming = options.trim(txn.packing())?;
    let fields = call.args.get(at + 1..).unwrap_or_default();
    let (Some(new), false) = (new, fields.is_empty() || !fields.len().is_multiple_of(2)) else {
        return Err(Failure::new(
            "ERR wrong number of arguments for 'xadd' command",
        ));
    };
    if new == NewId::Exactly(StreamId::MIN) {
        return Err(Failure::new(
            "ERR The ID specified in XADD must be greater than 0-0",
        ));
    }
    let key = call.args[1];
    if txn.stream(key)?.is_none() && options.no_stream_made {
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

pub fn xtrim(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (options, _) = Options::parse(call, false)?;
    let trim = match options.trim(txn.packing()) {
        Err(failure) if options.keep.is_some() || options.limit != Some(0) => return Err(failure),
        Ok(Some(trim)) => trim,
        _ => {
            return Err(Failure::new(
                "ERR syntax error, XTRIM must be called with a trimming strategy",
            ));
        }
    };
    let removed = txn.xtrim(call.args[1], trim)?;
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

//! What a write did, as it is kept on disk: outcomes, not commands, so that loading needs no clock.
//!
//! One byte of kind, then fields; integers as LEB128, byte strings with their length before them.

mod steps;
mod wire;

#[cfg(test)]
mod tests;

use super::slot::{Slot, View};
use super::values::Change;
use std::borrow::Cow;
use wire::{
    put_bytes, put_deadline, put_number, take_byte, take_bytes, take_deadline, take_number,
    unzigzag,
};

/// One change of one key, or a mark of a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Effect<'a> {
    /// The key now holds this string, whatever it held.
    Set {
        db: u8,
        key: &'a [u8],
        text: Cow<'a, [u8]>,
        deadline_unix_ms: Option<u64>,
    },
    /// The key is gone. In a snapshot: the collection of this key follows.
    Remove { db: u8, key: &'a [u8] },
    /// The key's collection took this step; an empty one is no key.
    Change {
        db: u8,
        key: &'a [u8],
        change: Change<'a>,
    },
    /// The key ends then, or never.
    Deadline {
        db: u8,
        key: &'a [u8],
        unix_ms: Option<u64>,
    },
    /// The database is empty.
    Flush { db: u8 },
    /// Two databases have each other's keys.
    Swap { one: u8, other: u8 },
    /// A library of functions has this text, or is gone.
    Library {
        name: &'a [u8],
        code: Option<&'a [u8]>,
    },
    /// Snapshot: what follows is this shard, after all log entries up to `seq`.
    ShardAt { shard: u8, seq: u64 },
    /// Snapshot: the end, with the number of keys.
    End { keys: u64 },
    /// Log: all bytes of this file before this offset had been synced.
    Synced { file_bytes: u64 },
}

const STRING: u8 = 1;
const INTEGER: u8 = 2;
const REMOVE: u8 = 3;
const DEADLINE: u8 = 4;
const FLUSH: u8 = 5;
const SWAP: u8 = 6;
const LIBRARY: u8 = 7;
const LIBRARY_GONE: u8 = 8;
const HASH_SET: u8 = 16;
const HASH_REMOVE: u8 = 17;
const SET_ADD: u8 = 18;
const SET_REMOVE: u8 = 19;
const LIST_PUSH_FRONT: u8 = 20;
const LIST_PUSH_BACK: u8 = 21;
const LIST_POP_FRONT: u8 = 22;
const LIST_POP_BACK: u8 = 23;
const LIST_PUT: u8 = 24;
const LIST_INSERT: u8 = 25;
const LIST_REMOVE: u8 = 26;
const RANKED_SET: u8 = 27;
const RANKED_REMOVE: u8 = 28;
const TEXT_WRITE: u8 = 29;
const STREAM: u8 = 30;
const SHARD_AT: u8 = 0xf0;
const END: u8 = 0xf1;
const SYNCED: u8 = 0xf2;

/// The bytes are no effect that this version knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl<'a> Effect<'a> {
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Effect::Set {
                db,
                key,
                text: value,
                deadline_unix_ms,
            } => text(out, *db, key, value, *deadline_unix_ms),
            Effect::Remove { db, key } => {
                out.extend([REMOVE, *db]);
                put_bytes(out, key);
            }
            Effect::Deadline { db, key, unix_ms } => {
                out.extend([DEADLINE, *db]);
                put_bytes(out, key);
                put_deadline(out, *unix_ms);
            }
            Effect::Change { db, key, change } => {
                out.extend([change_kind(change), *db]);
                put_bytes(out, key);
                put_change(out, change);
            }
            Effect::Flush { db } => out.extend([FLUSH, *db]),
            Effect::Swap { one, other } => out.extend([SWAP, *one, *other]),
            Effect::Library { name, code } => {
                out.push(if code.is_some() {
                    LIBRARY
                } else {
                    LIBRARY_GONE
                });
                put_bytes(out, name);
                if let Some(code) = code {
                    put_bytes(out, code);
                }
            }
            Effect::ShardAt { shard, seq } => {
                out.extend([SHARD_AT, *shard]);
                put_number(out, *seq);
            }
            Effect::End { keys } => {
                out.push(END);
                put_number(out, *keys);
            }
            Effect::Synced { file_bytes } => {
                out.push(SYNCED);
                put_number(out, *file_bytes);
            }
        }
    }

    /// Takes one effect off the front.
    pub fn decode(from: &mut &'a [u8]) -> Result<Effect<'a>, Malformed> {
        Ok(match take_byte(from)? {
            kind @ (STRING | INTEGER) => {
                let db = take_byte(from)?;
                let key = take_bytes(from)?;
                let deadline_unix_ms = take_deadline(from)?;
                let text = match kind {
                    STRING => Cow::Borrowed(take_bytes(from)?),
                    _ => Cow::Owned(unzigzag(take_number(from)?).to_string().into_bytes()),
                };
                Effect::Set {
                    db,
                    key,
                    text,
                    deadline_unix_ms,
                }
            }
            REMOVE => Effect::Remove {
                db: take_byte(from)?,
                key: take_bytes(from)?,
            },
            DEADLINE => Effect::Deadline {
                db: take_byte(from)?,
                key: take_bytes(from)?,
                unix_ms: take_deadline(from)?,
            },
            FLUSH => Effect::Flush {
                db: take_byte(from)?,
            },
            SWAP => Effect::Swap {
                one: take_byte(from)?,
                other: take_byte(from)?,
            },
            LIBRARY => Effect::Library {
                name: take_bytes(from)?,
                code: Some(take_bytes(from)?),
            },
            LIBRARY_GONE => Effect::Library {
                name: take_bytes(from)?,
                code: None,
            },
            SHARD_AT => Effect::ShardAt {
                shard: take_byte(from)?,
                seq: take_number(from)?,
            },
            END => Effect::End {
                keys: take_number(from)?,
            },
            SYNCED => Effect::Synced {
                file_bytes: take_number(from)?,
            },
            kind @ HASH_SET..=STREAM => Effect::Change {
                db: take_byte(from)?,
                key: take_bytes(from)?,
                change: take_change(kind, from)?,
            },
            _ => return Err(Malformed),
        })
    }
}

/// All that makes a key what it is now, from nothing or from anything.
pub(super) fn whole(out: &mut Vec<u8>, db: u8, slot: &Slot) {
    let key = slot.key();
    let deadline = slot.deadline().map(|deadline| deadline.unix_ms);
    match slot.view() {
        View::Text(bytes) => text(out, db, key, bytes, deadline),
        View::Other(collection) => {
            Effect::Remove { db, key }.encode(out);
            collection.each_change(|change| Effect::Change { db, key, change }.encode(out));
            if deadline.is_some() {
                let unix_ms = deadline;
                Effect::Deadline { db, key, unix_ms }.encode(out);
            }
        }
    }
}

fn change_kind(change: &Change<'_>) -> u8 {
    match change {
        Change::TextWrite { .. } => TEXT_WRITE,
        Change::HashSet { .. } => HASH_SET,
        Change::HashRemove { .. } => HASH_REMOVE,
        Change::SetAdd { .. } => SET_ADD,
        Change::SetRemove { .. } => SET_REMOVE,
        Change::ListPush { front: true, .. } => LIST_PUSH_FRONT,
        Change::ListPush { front: false, .. } => LIST_PUSH_BACK,
        Change::ListPop { front: true } => LIST_POP_FRONT,
        Change::ListPop { front: false } => LIST_POP_BACK,
        Change::ListPut { .. } => LIST_PUT,
        Change::ListInsert { .. } => LIST_INSERT,
        Change::ListRemove { .. } => LIST_REMOVE,
        Change::RankedSet { .. } => RANKED_SET,
        Change::RankedRemove { .. } => RANKED_REMOVE,
        Change::Stream(_) => STREAM,
    }
}

fn put_change(out: &mut Vec<u8>, change: &Change<'_>) {
    match change {
        Change::TextWrite { offset, bytes } => {
            put_number(out, *offset);
            put_bytes(out, bytes);
        }
        Change::HashSet { field, value } => {
            put_bytes(out, field);
            put_bytes(out, value);
        }
        Change::HashRemove { field: name }
        | Change::SetAdd { member: name }
        | Change::SetRemove { member: name }
        | Change::RankedRemove { member: name }
        | Change::ListPush { value: name, .. } => put_bytes(out, name),
        Change::Stream(step) => steps::put(out, step),
        Change::ListPop { .. } => {}
        Change::ListPut { index, value } | Change::ListInsert { index, value } => {
            put_number(out, *index);
            put_bytes(out, value);
        }
        Change::ListRemove { index } => put_number(out, *index),
        Change::RankedSet { member, score } => {
            put_bytes(out, member);
            out.extend_from_slice(&score.to_le_bytes());
        }
    }
}

fn take_change<'a>(kind: u8, from: &mut &'a [u8]) -> Result<Change<'a>, Malformed> {
    Ok(match kind {
        TEXT_WRITE => Change::TextWrite {
            offset: take_number(from)?,
            bytes: take_bytes(from)?,
        },
        HASH_SET => Change::HashSet {
            field: take_bytes(from)?,
            value: take_bytes(from)?,
        },
        HASH_REMOVE => Change::HashRemove {
            field: take_bytes(from)?,
        },
        SET_ADD => Change::SetAdd {
            member: take_bytes(from)?,
        },
        SET_REMOVE => Change::SetRemove {
            member: take_bytes(from)?,
        },
        LIST_PUSH_FRONT | LIST_PUSH_BACK => Change::ListPush {
            front: kind == LIST_PUSH_FRONT,
            value: take_bytes(from)?,
        },
        LIST_POP_FRONT | LIST_POP_BACK => Change::ListPop {
            front: kind == LIST_POP_FRONT,
        },
        LIST_PUT => Change::ListPut {
            index: take_number(from)?,
            value: take_bytes(from)?,
        },
        LIST_INSERT => Change::ListInsert {
            index: take_number(from)?,
            value: take_bytes(from)?,
        },
        LIST_REMOVE => Change::ListRemove {
            index: take_number(from)?,
        },
        RANKED_SET => Change::RankedSet {
            member: take_bytes(from)?,
            score: take_score(from)?,
        },
        RANKED_REMOVE => Change::RankedRemove {
            member: take_bytes(from)?,
        },
        STREAM => Change::Stream(steps::take(from)?),
        _ => return Err(Malformed),
    })
}

fn take_score(from: &mut &[u8]) -> Result<f64, Malformed> {
    let (bytes, rest) = from.split_first_chunk().ok_or(Malformed)?;
    *from = rest;
    let score = f64::from_le_bytes(*bytes);
    if score.is_nan() {
        Err(Malformed)
    } else {
        Ok(score)
    }
}

/// [`Effect::Set`] from borrowed parts.
pub(super) fn text(out: &mut Vec<u8>, db: u8, key: &[u8], text: &[u8], deadline: Option<u64>) {
    out.extend([STRING, db]);
    put_bytes(out, key);
    put_deadline(out, deadline);
    put_bytes(out, text);
}

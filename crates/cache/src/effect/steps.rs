//! Steps of streams as bytes.

use super::super::values::{StreamId, StreamStep};
use super::Malformed;
use super::wire::{put_bytes, put_number, take_byte, take_bytes, take_number};

const ADD: u8 = 0;
const REMOVE: u8 = 1;
const TRIM: u8 = 2;
const MARK: u8 = 3;
const GROUP_PUT: u8 = 4;
const GROUP_REMOVE: u8 = 5;
const CONSUMER_PUT: u8 = 6;
const CONSUMER_REMOVE: u8 = 7;
const PENDING_PUT: u8 = 8;
const PENDING_REMOVE: u8 = 9;

pub(super) fn put(out: &mut Vec<u8>, step: &StreamStep<'_>) {
    match *step {
        StreamStep::Add { id, fields } => {
            out.push(ADD);
            put_id(out, id);
            put_bytes(out, fields);
        }
        StreamStep::Remove { id, by_hand } => {
            out.push(if by_hand { REMOVE } else { TRIM });
            put_id(out, id);
        }
        StreamStep::Mark {
            last_id,
            added,
            max_deleted_id,
        } => {
            out.push(MARK);
            put_id(out, last_id);
            put_number(out, added);
            put_id(out, max_deleted_id);
        }
        StreamStep::GroupPut {
            group,
            last_id,
            read,
        } => {
            out.push(GROUP_PUT);
            put_bytes(out, group);
            put_id(out, last_id);
            // 0 is "not known".
            put_number(out, read.map_or(0, |read| read.saturating_add(1)));
        }
        StreamStep::GroupRemove { group } => {
            out.push(GROUP_REMOVE);
            put_bytes(out, group);
        }
        StreamStep::ConsumerPut {
            group,
            consumer,
            seen_ms,
        } => {
            out.push(CONSUMER_PUT);
            put_bytes(out, group);
            put_bytes(out, consumer);
            put_number(out, seen_ms);
        }
        StreamStep::ConsumerRemove { group, consumer } => {
            out.push(CONSUMER_REMOVE);
            put_bytes(out, group);
            put_bytes(out, consumer);
        }
        StreamStep::PendingPut {
            group,
            consumer,
            id,
            delivered_ms,
            count,
        } => {
            out.push(PENDING_PUT);
            put_bytes(out, group);
            put_bytes(out, consumer);
            put_id(out, id);
            put_number(out, delivered_ms);
            put_number(out, count);
        }
        StreamStep::PendingRemove { group, id } => {
            out.push(PENDING_REMOVE);
            put_bytes(out, group);
            put_id(out, id);
        }
    }
}

pub(super) fn take<'a>(from: &mut &'a [u8]) -> Result<StreamStep<'a>, Malformed> {
    Ok(match take_byte(from)? {
        ADD => StreamStep::Add {
            id: take_id(from)?,
            fields: take_bytes(from)?,
        },
        kind @ (REMOVE | TRIM) => StreamStep::Remove {
            id: take_id(from)?,
            by_hand: kind == REMOVE,
        },
        MARK => StreamStep::Mark {
            last_id: take_id(from)?,
            added: take_number(from)?,
            max_deleted_id: take_id(from)?,
        },
        GROUP_PUT => StreamStep::GroupPut {
            group: take_bytes(from)?,
            last_id: take_id(from)?,
            read: take_number(from)?.checked_sub(1),
        },
        GROUP_REMOVE => StreamStep::GroupRemove {
            group: take_bytes(from)?,
        },
        CONSUMER_PUT => StreamStep::ConsumerPut {
            group: take_bytes(from)?,
            consumer: take_bytes(from)?,
            seen_ms: take_number(from)?,
        },
        CONSUMER_REMOVE => StreamStep::ConsumerRemove {
            group: take_bytes(from)?,
            consumer: take_bytes(from)?,
        },
        PENDING_PUT => StreamStep::PendingPut {
            group: take_bytes(from)?,
            consumer: take_bytes(from)?,
            id: take_id(from)?,
            delivered_ms: take_number(from)?,
            count: take_number(from)?,
        },
        PENDING_REMOVE => StreamStep::PendingRemove {
            group: take_bytes(from)?,
            id: take_id(from)?,
        },
        _ => return Err(Malformed),
    })
}

fn put_id(out: &mut Vec<u8>, id: StreamId) {
    put_number(out, id.ms);
    put_number(out, id.seq);
}

fn take_id(from: &mut &[u8]) -> Result<StreamId, Malformed> {
    Ok(StreamId {
        ms: take_number(from)?,
        seq: take_number(from)?,
    })
}

//! Streams in dumps: entries in listpacks, then groups with what they handed out.

use super::super::super::failure::{Answer, Failure};
use super::format::{Reader, Writer};
use super::packs::{self, Listpack};
use maru_cache::{Fields, Group, Stream, StreamId, Txn, parse_integer};
use std::collections::BTreeMap;

/// Entries that are written into one listpack.
const TOGETHER: usize = 100;
/// This entry is gone.
const DELETED: i64 = 1;
/// This entry has the fields of the first one.
const SAME_FIELDS: i64 = 2;
/// How many entries a group has read is not known.
const UNKNOWN: u64 = u64::MAX;

/// Which of Redis's forms, by what it can tell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Redis 5 and 6.
    Entries,
    /// Redis 7.0: also what was ever added and deleted.
    Counted,
    /// Redis 7.2: also when consumers last got something.
    Active,
}

pub fn write(out: &mut Writer, stream: &Stream) {
    let entries: Vec<(StreamId, Fields<'_>)> = stream.range(StreamId::MIN, StreamId::MAX).collect();
    out.length(entries.len().div_ceil(TOGETHER));
    for together in entries.chunks(TOGETHER) {
        let Some((first, _)) = together.first() else {
            continue;
        };
        out.text(&raw(*first));
        out.text(&pack(together));
    }
    out.length(entries.len());
    for id in [stream.last_id(), stream.first_id(), stream.max_deleted_id()] {
        out.id(id);
    }
    out.number(stream.added());
    out.length(stream.groups().len());
    for (name, group) in stream.groups() {
        out.text(name);
        write_group(out, group);
    }
}

/// Entries relative to the first one; fields that are the same are not repeated.
fn pack(entries: &[(StreamId, Fields<'_>)]) -> Vec<u8> {
    let mut out = Listpack::new();
    let Some((start, first)) = entries.first() else {
        return out.finish();
    };
    let names: Vec<&[u8]> = first.items().step_by(2).collect();
    out.push_number(entries.len() as i64);
    out.push_number(0);
    out.push_number(names.len() as i64);
    names.iter().for_each(|name| out.push(name));
    out.push_number(0);
    for (id, fields) in entries {
        let same = fields.items().step_by(2).eq(names.iter().copied());
        out.push_number(if same { SAME_FIELDS } else { 0 });
        out.push_number(id.ms.wrapping_sub(start.ms) as i64);
        out.push_number(id.seq.wrapping_sub(start.seq) as i64);
        let pairs = fields.count() as i64 / 2;
        if same {
            fields
                .items()
                .skip(1)
                .step_by(2)
                .for_each(|value| out.push(value));
            out.push_number(pairs + 3);
        } else {
            out.push_number(pairs);
            fields.items().for_each(|item| out.push(item));
            out.push_number(2 * pairs + 4);
        }
    }
    out.finish()
}

fn write_group(out: &mut Writer, group: &Group) {
    out.id(group.last_id());
    out.number(group.read().unwrap_or(UNKNOWN));
    out.length(group.pending().len());
    for (id, pending) in group.pending() {
        out.raw(&raw(*id));
        out.raw(&pending.delivered_ms.to_le_bytes());
        out.number(pending.count);
    }
    out.length(group.consumers().len());
    for (name, consumer) in group.consumers() {
        out.text(name);
        out.raw(&consumer.seen_ms.to_le_bytes());
        out.length(consumer.pending().len());
        consumer.pending().iter().for_each(|id| out.raw(&raw(*id)));
    }
}

fn raw(id: StreamId) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&id.ms.to_be_bytes());
    bytes[8..].copy_from_slice(&id.seq.to_be_bytes());
    bytes
}

fn from_raw(bytes: [u8; 16]) -> StreamId {
    let number = u128::from_be_bytes(bytes);
    StreamId {
        ms: (number >> 64) as u64,
        seq: number as u64,
    }
}

/// A stream as it was read.
pub struct Held {
    entries: Vec<(StreamId, Vec<Vec<u8>>)>,
    last_id: StreamId,
    max_deleted_id: StreamId,
    added: u64,
    groups: Vec<HeldGroup>,
}

struct HeldGroup {
    name: Vec<u8>,
    last_id: StreamId,
    /// `None`: to be guessed from the entries.
    read: Option<u64>,
    pending: BTreeMap<StreamId, (u64, u64)>,
    consumers: Vec<(Vec<u8>, u64, Vec<StreamId>)>,
}

/// `None`: bad data.
pub fn read(from: &mut Reader<'_>, form: Form) -> Option<Held> {
    let mut entries = Vec::new();
    for _ in 0..from.length()? {
        let start = from_raw(from.text()?.try_into().ok()?);
        unpack(&from.text()?, start, &mut entries)?;
    }
    if !entries.is_sorted_by(|(a, _), (b, _)| a < b) || from.length()? != entries.len() {
        return None;
    }
    let last_id = from.id()?;
    if entries.last().is_some_and(|(id, _)| *id > last_id) {
        return None;
    }
    let (max_deleted_id, added) = match form {
        Form::Entries => (StreamId::MIN, entries.len() as u64),
        Form::Counted | Form::Active => {
            from.id()?;
            (from.id()?, from.number()?)
        }
    };
    let mut held = Held {
        entries,
        last_id,
        max_deleted_id,
        added,
        groups: Vec::new(),
    };
    for _ in 0..from.length()? {
        let group = read_group(from, form)?;
        if held.groups.iter().any(|other| other.name == group.name) {
            return None;
        }
        held.groups.push(group);
    }
    Some(held)
}

fn read_group(from: &mut Reader<'_>, form: Form) -> Option<HeldGroup> {
    let mut group = HeldGroup {
        name: from.text()?,
        last_id: from.id()?,
        read: None,
        pending: BTreeMap::new(),
        consumers: Vec::new(),
    };
    if form > Form::Entries {
        group.read = Some(from.number()?);
    }
    for _ in 0..from.length()? {
        let id = from_raw(from.array()?);
        let delivered_ms = u64::from_le_bytes(from.array()?);
        if group
            .pending
            .insert(id, (delivered_ms, from.number()?))
            .is_some()
        {
            return None;
        }
    }
    let mut given = 0;
    for _ in 0..from.length()? {
        let name = from.text()?;
        let seen_ms = u64::from_le_bytes(from.array()?);
        if form == Form::Active {
            from.take(8)?;
        }
        let mut holds = Vec::new();
        for _ in 0..from.length()? {
            let id = from_raw(from.array()?);
            group.pending.contains_key(&id).then(|| holds.push(id))?;
        }
        given += holds.len();
        group.consumers.push((name, seen_ms, holds));
    }
    // What was handed out is in somebody's hands.
    (given == group.pending.len()).then_some(group)
}

/// The entries of one listpack.
fn unpack(
    bytes: &[u8],
    start: StreamId,
    entries: &mut Vec<(StreamId, Vec<Vec<u8>>)>,
) -> Option<()> {
    let mut items = packs::listpack(bytes)?.into_iter();
    let (live, deleted) = (number(&mut items)?, number(&mut items)?);
    let names: Vec<Vec<u8>> = {
        let count = usize::try_from(number(&mut items)?).ok()?;
        items.by_ref().take(count).collect()
    };
    if number(&mut items)? != 0 {
        return None;
    }
    let (mut found, mut gone) = (0, 0);
    while let Some(flags) = items.next() {
        let flags = parse_integer(&flags)?;
        let id = StreamId {
            ms: start.ms.wrapping_add(number(&mut items)? as u64),
            seq: start.seq.wrapping_add(number(&mut items)? as u64),
        };
        let mut fields = Vec::new();
        if flags & SAME_FIELDS != 0 {
            for name in &names {
                fields.extend([name.clone(), items.next()?]);
            }
        } else {
            for _ in 0..number(&mut items)? {
                fields.extend([items.next()?, items.next()?]);
            }
        }
        number(&mut items)?;
        match flags & DELETED {
            0 => {
                found += 1;
                entries.push((id, fields));
            }
            _ => gone += 1,
        }
    }
    (found == live && gone == deleted).then_some(())
}

fn number(items: &mut impl Iterator<Item = Vec<u8>>) -> Option<i64> {
    parse_integer(&items.next()?)
}

impl Held {
    pub fn put(self, txn: &mut Txn<'_>, key: &[u8]) -> Answer {
        for (id, fields) in &self.entries {
            let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
            txn.put_entry(key, *id, &fields)?;
        }
        txn.xmark(key, self.last_id, self.added, self.max_deleted_id)?;
        for group in self.groups {
            group.put(txn, key)?;
        }
        Ok(())
    }
}

impl HeldGroup {
    fn put(self, txn: &mut Txn<'_>, key: &[u8]) -> Result<(), Failure> {
        let read = match self.read {
            Some(UNKNOWN) => None,
            Some(read) => Some(read),
            None => txn
                .stream(key)?
                .and_then(|stream| stream.read_up_to(self.last_id)),
        };
        txn.put_group(key, &self.name, self.last_id, read)?;
        for (consumer, seen_ms, holds) in self.consumers {
            txn.put_consumer(key, &self.name, &consumer, seen_ms)?;
            for id in holds {
                let (delivered_ms, count) = self.pending.get(&id).copied().unwrap_or_default();
                txn.put_pending(key, &self.name, &consumer, id, delivered_ms, count)?;
            }
        }
        Ok(())
    }
}

//! Messages of an older file: ordered by time, numbered, with the tables that follow from them. Every
//! table is filled in the order of its keys, which leaves its pages full.

use super::old;
use crate::Result;
use crate::records::{
    FollowRecord, MemberRecord, MessageLocation, MessageRecord, PinRecord, ReadPosition, Tail,
    ThreadRecord,
};
use crate::table::Readable;
use crate::tables::WriteTables;
use maru_domain::{MemberRole, MessageId, NotificationLevel, RoomId, Timestamp, UserId, limits};
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable};
use std::collections::BTreeMap;

/// Progress is said after so many messages.
const SAID_EVERY: usize = 100_000;

#[derive(Default)]
struct Carried {
    /// (message, room, time)
    places: Vec<(u64, u64, i64)>,
    /// (author, room, message, whether it is a post)
    authored: Vec<(u64, u64, u64, bool)>,
    /// (user, room, message, root of its thread or itself)
    mentions: Vec<(u64, u64, u64, u64)>,
    /// (root, time, reply, author, whether it is deleted, whether it is history)
    replies: Vec<(u64, i64, u64, u64, bool, bool)>,
    /// Root to room and author.
    roots: BTreeMap<u64, (u64, u64)>,
    clock: i64,
}

type OldMessages = ReadOnlyTable<(u64, u64), &'static [u8]>;

pub fn carry(old: &ReadTransaction, tables: &mut WriteTables<'_>) -> Result<()> {
    let messages = old.open_table(old::MESSAGES)?;
    let mut carried = Carried::default();
    let rooms = tables.rooms.rows()?.map(|row| Ok(row?.0));
    for room in rooms.collect::<Result<Vec<_>>>()? {
        carry_room(&messages, room, tables, &mut carried)?;
    }
    carried.places.sort_unstable();
    for &(id, room, at) in &carried.places {
        let room = RoomId(room);
        tables.places.put(id, &MessageLocation { room, at })?;
    }
    carried.authored.sort_unstable();
    let (mut whose, mut own) = ((0, 0), 0);
    for &(author, room, id, is_post) in &carried.authored {
        if whose != (author, room) {
            (whose, own) = ((author, room), 0);
        }
        own += u32::from(is_post);
        tables.authored.put((author, room, id), &own)?;
    }
    carried.mentions.sort_unstable();
    for &(user, room, id, root) in &carried.mentions {
        tables.mentions.put((user, room, id), &root)?;
        tables.mentioned.put((user, id), &room)?;
    }
    threads(&mut carried, tables)?;
    members(old, &messages, tables)?;
    nonces(old, &messages, tables)?;
    let clock = u64::try_from(carried.clock).unwrap_or(0);
    tables.meta.put("at", &clock)
}

/// A room's messages in the order of time. Posts keep their order even where a clock went back.
fn carry_room(
    messages: &OldMessages,
    room: u64,
    tables: &mut WriteTables<'_>,
    carried: &mut Carried,
) -> Result<()> {
    let mut order = Vec::new();
    let mut last = i64::MIN;
    for row in messages.range((room, 0)..=(room, u64::MAX))? {
        let (key, bytes) = row?;
        let id = key.value().1;
        let message = old::Message::read(bytes.value(), id)?;
        let is_post = message.external_id.is_none();
        let at = if is_post {
            last = last.max(message.sent_at.0);
            carried.clock = carried.clock.max(last);
            last
        } else {
            message.sent_at.0
        };
        order.push((at, id));
    }
    order.sort_unstable();
    let mut tail = Tail::default();
    for (at, id) in order {
        let Some(bytes) = messages.get((room, id))? else {
            continue;
        };
        let message = old::Message::read(bytes.value(), id)?;
        let root = root_of(messages, room, message.reply_to)?;
        tail.ordinal += u64::from(message.external_id.is_none() && root.is_none());
        if !message.deleted && root.is_none() {
            (tail.at, tail.message) = (at, MessageId(id));
        }
        let place = (room, at, id);
        let record = carry_message(tables, carried, place, message, tail.ordinal, root)?;
        tables.messages.put(place, &record)?;
        if carried.places.len().is_multiple_of(SAID_EVERY) {
            tracing::info!(
                messages = carried.places.len(),
                "the state's messages are carried over"
            );
        }
    }
    if tail != Tail::default() {
        tables.tails.put(room, &tail)?;
    }
    Ok(())
}

fn carry_message(
    tables: &mut WriteTables<'_>,
    carried: &mut Carried,
    (room, at, id): (u64, i64, u64),
    message: old::Message,
    ordinal: u64,
    root: Option<(u64, u64)>,
) -> Result<MessageRecord> {
    let is_history = message.external_id.is_some();
    let is_post = !is_history && root.is_none();
    let author = message.author.0;
    carried.places.push((id, room, at));
    carried.authored.push((author, room, id, is_post));
    if message.deleted && is_post {
        tables.deleted.put((room, ordinal), &author)?;
    }
    if !is_history {
        let named = message.mentions.iter().filter(|user| user.0 != author);
        let root = root.map_or(id, |(root, _)| root);
        carried
            .mentions
            .extend(named.map(|user| (user.0, room, id, root)));
    }
    if let Some((root, root_author)) = root {
        let reply = (root, at, id, author, message.deleted, is_history);
        carried.replies.push(reply);
        carried.roots.insert(root, (room, root_author));
    }
    if message.pinned {
        let (at, user) = (Timestamp(at), message.author);
        tables.pins.put((room, id), &PinRecord { at, user })?;
    }
    let mut order = 0;
    for reaction in &message.reactions {
        for user in &reaction.user_ids {
            let key = (id, reaction.emoji.as_str(), user.0);
            tables.reactions.put(key, &order)?;
            order += 1;
        }
    }
    Ok(MessageRecord {
        author: message.author,
        ordinal,
        text: message.text,
        sent_at: (message.sent_at.0 != at).then_some(message.sent_at),
        edited_at: message.edited_at,
        client_id: message.client_id,
        external_id: message.external_id,
        reply_to: root.map(|(root, _)| MessageId(root)),
        mentions: message.mentions,
        mention_ranges: message.mention_ranges,
        deleted: message.deleted,
        pinned: message.pinned,
        has_thread: message.thread.is_some(),
        has_reactions: order > 0,
        has_files: false,
        has_previews: false,
        is_history,
        also_in_room: false,
        calls: None,
    })
}

/// The beginning of the thread in the same room, with its author: imported replies could answer
/// replies, and messages of other rooms.
fn root_of(
    messages: &OldMessages,
    room: u64,
    reply_to: Option<MessageId>,
) -> Result<Option<(u64, u64)>> {
    let mut root = None;
    let mut next = reply_to;
    while let Some(MessageId(id)) = next {
        let Some(bytes) = messages.get((room, id))? else {
            break;
        };
        let message = old::Message::read(bytes.value(), id)?;
        root = Some((id, message.author.0));
        // Answers are younger than what they answer.
        next = message.reply_to.filter(|above| above.0 < id);
    }
    Ok(root)
}

fn threads(carried: &mut Carried, tables: &mut WriteTables<'_>) -> Result<()> {
    carried.replies.sort_unstable();
    let mut threads: BTreeMap<u64, ThreadRecord> = BTreeMap::new();
    let mut follows = BTreeMap::new();
    for &(root, at, id, author, is_deleted, is_history) in &carried.replies {
        let Some(&(room, root_author)) = carried.roots.get(&root) else {
            continue;
        };
        let thread = threads.entry(root).or_insert_with(|| ThreadRecord {
            room: RoomId(room),
            ..ThreadRecord::default()
        });
        thread.ordinal += u32::from(!is_history);
        if !is_deleted {
            thread.count += 1;
            thread.last_at = Timestamp(at);
        }
        tables.replies.put((root, at, id), &thread.ordinal)?;
        follows.insert((root, author), ());
        follows.insert((root, root_author), ());
    }
    for (root, thread) in &threads {
        tables.threads.put(*root, thread)?;
        let mut first = None;
        if let Some(place) = tables.places.get(*root)? {
            let key = (place.room.0, place.at, *root);
            first = tables.messages.get(key)?.map(|record| (key, record));
        }
        if let Some((key, mut record)) = first.filter(|(_, record)| !record.has_thread) {
            record.has_thread = true;
            tables.messages.put(key, &record)?;
        }
    }
    for (root, user) in follows.into_keys() {
        let read = threads.get(&root).map_or(0, |thread| thread.ordinal);
        tables
            .follows
            .put((root, user), &FollowRecord { on: true, read })?;
        tables.followed.put((user, root), &())?;
    }
    Ok(())
}

fn members(
    old: &ReadTransaction,
    messages: &OldMessages,
    tables: &mut WriteTables<'_>,
) -> Result<()> {
    // The ordinals of a room's posts follow their ids.
    let (mut room_at_hand, mut posts) = (0, Vec::new());
    for row in old.open_table(old::MEMBERS)?.iter()? {
        let (key, bytes) = row?;
        let (room, user) = key.value();
        let member: old::Member = old::decode("members", user, bytes.value())?;
        if room_at_hand != room {
            (room_at_hand, posts) = (room, Vec::new());
            for row in messages.range((room, 0)..=(room, u64::MAX))? {
                let (key, bytes) = row?;
                let id = key.value().1;
                let message = old::Message::read(bytes.value(), id)?;
                let is_reply = root_of(messages, room, message.reply_to)?.is_some();
                if message.external_id.is_none() && !is_reply {
                    posts.push(id);
                }
            }
        }
        let last = member.last_read.0;
        let own = tables
            .authored
            .range((user, room, 0)..=(user, room, last))?
            .next_back()
            .transpose()?
            .map_or(0, |(_, own)| own);
        let read = ReadPosition {
            message: member.last_read,
            at: tables.places.get(last)?.map_or(0, |place| place.at),
            ordinal: posts.partition_point(|&id| id <= last) as u64,
            own,
            newest: member.last_read,
            is_set_back: false,
        };
        let record = MemberRecord {
            role: member.role,
            joined_at: member.joined_at,
            joined_seq: member.joined_seq,
            read,
            level: NotificationLevel::default(),
        };
        if member.role == MemberRole::Owner {
            tables.owners.put((room, user), &())?;
        }
        tables.members.put((room, user), &record)?;
    }
    Ok(())
}

/// Rows of 24 bytes: a hash that says nothing here, and the message.
fn nonces(
    old: &ReadTransaction,
    messages: &OldMessages,
    tables: &mut WriteTables<'_>,
) -> Result<()> {
    let mut recent = 0;
    for row in old.open_table(old::NONCES)?.iter()? {
        let (_, entries) = row?;
        for entry in entries.value().chunks_exact(24) {
            let mut id = [0; 8];
            id.copy_from_slice(&entry[16..]);
            let id = u64::from_le_bytes(id);
            let Some(place) = tables.places.get(id)? else {
                continue;
            };
            let Some(bytes) = messages.get((place.room.0, id))? else {
                continue;
            };
            let message = old::Message::read(bytes.value(), id)?;
            if let Some(client_id) = message.client_id {
                let author = UserId(message.author.0);
                let at = Timestamp(place.at);
                crate::nonces::put(tables, author, &client_id, at, MessageId(id))?;
                recent += 1;
            }
        }
    }
    tracing::debug!(
        recent,
        period_ms = limits::NONCE_PERIOD_MS,
        "client ids are carried over"
    );
    Ok(())
}

//! Pages of a room's history, oldest first.

use super::lookup::{Located, Lookup};
use super::views::Views;
use crate::Result;
use crate::records::{MessageLocation, MessageRecord};
use crate::table::{Readable, Rows};
use crate::tables::Tables;
use maru_domain::{Author, Message, MessageId, RoomId, UserId};
use std::collections::BTreeMap;
use std::ops::Bound;

/// Which page. Without any position: the newest messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct HistoryQuery {
    /// Messages older than this one.
    pub before: Option<MessageId>,
    /// Messages newer than this one.
    pub after: Option<MessageId>,
    /// This message in the middle (or where it would be).
    pub around: Option<MessageId>,
    pub limit: usize,
    /// Without replies that stand in their threads alone.
    pub folded: bool,
}

/// A page of messages, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    pub messages: Vec<Message>,
    pub more_before: bool,
    pub more_after: bool,
}

impl super::reader::Reader {
    /// Messages by their ids, after one: with where they lie, where they still do.
    pub fn posts_after(
        &self,
        after: MessageId,
        limit: usize,
    ) -> Result<Vec<(MessageId, Option<Located>)>> {
        let rows = self.tables().places().range(after.0.saturating_add(1)..)?;
        let ids = rows.take(limit).map(|row| Ok(MessageId(row?.0)));
        ids.collect::<Result<Vec<_>>>()?
            .into_iter()
            .map(|id| Ok((id, self.tables().located(id)?)))
            .collect()
    }
}

/// A position in the order of a room.
pub(super) type At = (i64, u64);

const FIRST: At = (i64::MIN, 0);
const LAST: At = (i64::MAX, u64::MAX);

type Messages<'a> = Rows<'a, (u64, i64, u64), MessageRecord>;

pub(super) fn page(view: &impl Views, room: RoomId, page: HistoryQuery) -> Result<History> {
    let at = |id: Option<MessageId>| id.map(|id| position(view, room, id)).transpose();
    let (before, after, around) = (at(page.before)?, at(page.after)?, at(page.around)?);
    // The page lies in (after, before); its anchor says from which end it is filled.
    let low = after.map_or(Bound::Included(FIRST), Bound::Excluded);
    let high = before.map_or(Bound::Included(LAST), Bound::Excluded);
    let mut rows = Vec::new();
    if matches!((after, before), (Some(after), Some(before)) if after >= before) {
        // Nothing can lie in between.
    } else if let Some(middle) = around {
        let from = later(low, Bound::Included(middle));
        take(
            between(view, room, from, high)?,
            page.limit / 2 + 1,
            page.folded,
            &mut rows,
        )?;
        let mut older = Vec::new();
        let left = page.limit.saturating_sub(rows.len());
        let to = earlier(high, Bound::Excluded(middle));
        take(
            between(view, room, low, to)?.rev(),
            left,
            page.folded,
            &mut older,
        )?;
        older.reverse();
        older.append(&mut rows);
        rows = older;
        rows.truncate(page.limit);
    } else if after.is_some() {
        take(
            between(view, room, low, high)?,
            page.limit,
            page.folded,
            &mut rows,
        )?;
    } else {
        take(
            between(view, room, low, high)?.rev(),
            page.limit,
            page.folded,
            &mut rows,
        )?;
        rows.reverse();
    }
    let key = |row: &Located| (row.place.at, row.id.0);
    // An empty page stands at its anchor.
    let anchor = after.or(before).or(around).unwrap_or(FIRST);
    let first = rows.first().map_or(anchor, key);
    let last = rows.last().map_or(anchor, key);
    let is_empty = rows.is_empty();
    let up_to = match (is_empty, after) {
        (true, Some(after)) => Bound::Included(after),
        _ => Bound::Excluded(first),
    };
    let from = match (is_empty, before) {
        (true, Some(before)) if after.is_none() => Bound::Included(before),
        _ => Bound::Excluded(last),
    };
    Ok(History {
        more_before: any(view, room, (Bound::Included(FIRST), up_to), page.folded)?,
        more_after: any(view, room, (from, Bound::Included(LAST)), page.folded)?,
        messages: with_authors(view, rows)?,
    })
}

/// Where a message lies, or would lie: an id that is not in the room stands for its time, which is
/// that of the post before it.
fn position(view: &impl Lookup, room: RoomId, id: MessageId) -> Result<At> {
    if let Some(place) = view.places().get(id.0)?
        && place.room == room
    {
        return Ok((place.at, id.0));
    }
    let mut before = view.places().range(..id.0)?.rev();
    Ok(before
        .next()
        .transpose()?
        .map_or(FIRST, |(_, place)| (place.at, id.0)))
}

fn later(a: Bound<At>, b: Bound<At>) -> Bound<At> {
    let rank = |bound: &Bound<At>| match bound {
        Bound::Included(at) => (*at, 0),
        Bound::Excluded(at) => (*at, 1),
        Bound::Unbounded => (FIRST, 0),
    };
    if rank(&a) >= rank(&b) { a } else { b }
}

fn earlier(a: Bound<At>, b: Bound<At>) -> Bound<At> {
    let rank = |bound: &Bound<At>| match bound {
        Bound::Included(at) => (*at, 1),
        Bound::Excluded(at) => (*at, 0),
        Bound::Unbounded => (LAST, 1),
    };
    if rank(&a) <= rank(&b) { a } else { b }
}

fn between(
    view: &impl Lookup,
    room: RoomId,
    low: Bound<At>,
    high: Bound<At>,
) -> Result<Messages<'_>> {
    let key = |bound: Bound<At>| bound.map(|(at, id)| (room.0, at, id));
    if is_empty(low, high) {
        return view
            .messages()
            .range((room.0, i64::MAX, u64::MAX)..(room.0, i64::MAX, u64::MAX));
    }
    view.messages().range((key(low), key(high)))
}

/// Ranges that end before they begin are none to redb.
fn is_empty(low: Bound<At>, high: Bound<At>) -> bool {
    match (low, high) {
        (Bound::Included(low), Bound::Included(high)) => low > high,
        (Bound::Excluded(low) | Bound::Included(low), Bound::Excluded(high))
        | (Bound::Excluded(low), Bound::Included(high)) => low >= high,
        _ => false,
    }
}

/// The first few of what comes, in the order in which it comes.
fn take(
    from: impl Iterator<Item = Result<((u64, i64, u64), MessageRecord)>>,
    limit: usize,
    folded: bool,
    rows: &mut Vec<Located>,
) -> Result<()> {
    if limit == 0 {
        return Ok(());
    }
    let end = rows.len() + limit;
    for row in from {
        let ((room, at, id), record) = row?;
        if folded && record.is_folded() {
            continue;
        }
        rows.push(Located {
            id: MessageId(id),
            place: MessageLocation {
                room: RoomId(room),
                at,
            },
            record,
        });
        if rows.len() >= end {
            break;
        }
    }
    Ok(())
}

fn any(
    view: &impl Lookup,
    room: RoomId,
    (low, high): (Bound<At>, Bound<At>),
    folded: bool,
) -> Result<bool> {
    for row in between(view, room, low, high)? {
        let (_, record) = row?;
        if !(folded && record.is_folded()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Many messages have few authors.
pub(super) fn with_authors(view: &impl Views, rows: Vec<Located>) -> Result<Vec<Message>> {
    let mut authors: BTreeMap<UserId, Author> = BTreeMap::new();
    let mut messages = Vec::with_capacity(rows.len());
    for found in rows {
        let id = found.record.author;
        let author = match authors.get(&id) {
            Some(author) => author.clone(),
            None => {
                let author = view.author(id)?;
                authors.insert(id, author.clone());
                author
            }
        };
        messages.push(view.message_by(found, author)?);
    }
    Ok(messages)
}

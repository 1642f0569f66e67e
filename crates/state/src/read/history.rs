//! Pages of a room's history, oldest first.

use super::views;
use crate::Result;
use crate::read::Views;
use crate::records::MessageRecord;
use maru_domain::{Author, Message, MessageId, RoomId, UserId};
use redb::{AccessGuard, ReadableTable, StorageError};
use std::collections::BTreeMap;

/// Which page. Without any position: the newest messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page {
    /// Messages older than this one.
    pub before: Option<MessageId>,
    /// Messages newer than this one.
    pub after: Option<MessageId>,
    /// This message in the middle (or where it would be).
    pub around: Option<MessageId>,
    pub limit: usize,
}

/// A page of messages, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    pub messages: Vec<Message>,
    pub more_before: bool,
    pub more_after: bool,
}

pub(super) fn page(view: &impl Views, room: RoomId, page: Page) -> Result<History> {
    // The page lies in (after, before); its anchor says from which end it is filled.
    let low = page.after.map_or(0, |id| id.0.saturating_add(1));
    let high = page.before.map_or(u64::MAX, |id| id.0.saturating_sub(1));
    let between = |low: u64, high: u64| view.messages().range((room.0, low)..=(room.0, high));
    let mut rows = Vec::new();
    if page.before == Some(MessageId(0)) || low > high {
        // nothing can lie in between
    } else if let Some(middle) = page.around {
        take(between(middle.0, high)?, page.limit / 2 + 1, &mut rows)?;
        let mut older = Vec::new();
        if middle.0 > low {
            let left = page.limit.saturating_sub(rows.len());
            take(between(low, middle.0 - 1)?.rev(), left, &mut older)?;
        }
        older.reverse();
        older.append(&mut rows);
        rows = older;
        rows.truncate(page.limit);
    } else if page.after.is_some() {
        take(between(low, high)?, page.limit, &mut rows)?;
    } else {
        take(between(low, high)?.rev(), page.limit, &mut rows)?;
        rows.reverse();
    }
    let (first, last) = match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => (first.0, last.0),
        // An empty page stands at its anchor.
        _ => {
            let at = page
                .after
                .or(page.before)
                .or(page.around)
                .map_or(0, |id| id.0);
            let (first, last) = (at.saturating_add(u64::from(page.after.is_some())), at);
            (
                first,
                if page.before.is_some() {
                    last.saturating_sub(1)
                } else {
                    last
                },
            )
        }
    };
    Ok(History {
        more_before: first > 0 && any(view, room, 0, first - 1)?,
        more_after: last < u64::MAX && any(view, room, last + 1, u64::MAX)?,
        messages: with_authors(view, room, rows)?,
    })
}

type Row = (u64, MessageRecord);

type Found<'a> = std::result::Result<
    (AccessGuard<'a, (u64, u64)>, AccessGuard<'a, &'static [u8]>),
    StorageError,
>;

/// Decodes what comes, in the order in which it comes.
fn take<'a>(
    from: impl Iterator<Item = Found<'a>>,
    limit: usize,
    rows: &mut Vec<Row>,
) -> Result<()> {
    for row in from.take(limit) {
        let (key, bytes) = row?;
        rows.push((key.value().1, MessageRecord::decode(bytes.value())?));
    }
    Ok(())
}

fn any(view: &impl Views, room: RoomId, low: u64, high: u64) -> Result<bool> {
    if low > high {
        return Ok(false);
    }
    let mut rows = view.messages().range((room.0, low)..=(room.0, high))?;
    Ok(rows.next().transpose()?.is_some())
}

/// Many messages have few authors.
pub(super) fn with_authors(
    view: &impl Views,
    room: RoomId,
    rows: Vec<Row>,
) -> Result<Vec<Message>> {
    let mut authors: BTreeMap<UserId, Author> = BTreeMap::new();
    let mut messages = Vec::with_capacity(rows.len());
    for (id, record) in rows {
        let author = match authors.get(&record.author) {
            Some(author) => author.clone(),
            None => {
                let author = view.author(record.author)?;
                authors.insert(record.author, author.clone());
                author
            }
        };
        messages.push(views::message(room, MessageId(id), record, author));
    }
    Ok(messages)
}

//! Filters that are typed among the words of a search, resolved for the one who asks.

use crate::domain::{Refusal, RoomId, User, UserId, names};
use crate::search::language::{Asked, Misunderstood, Name};
use crate::search::{self, Query};
use crate::state::Reader;

/// Narrows a question by what is typed in its text.
pub fn narrow(
    read: &Reader,
    viewer: UserId,
    asked: Asked,
    query: &mut Query,
) -> Result<(), Refusal> {
    if let Some(name) = &asked.from {
        query.author = Some(person(read, viewer, name)?);
    }
    if let Some(name) = &asked.to {
        query.mentions = Some(person(read, viewer, name)?);
    }
    if let Some(name) = &asked.room {
        query.room = Some(room(read, viewer, name)?);
    }
    query.has = query.has.and(asked.has);
    query.after_ms = query.after_ms.max(asked.after_ms);
    query.before_ms = match (query.before_ms, asked.before_ms) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    query.without.extend(asked.without);
    query.text = asked.words;
    Ok(())
}

pub fn refused(error: &Misunderstood) -> Refusal {
    Refusal::invalid("q", format!("{error}."))
}

/// By user name, or by a display name that only one person has.
fn person(read: &Reader, viewer: UserId, name: &Name) -> Result<UserId, Refusal> {
    if name.is_caller() {
        return Ok(viewer);
    }
    if let Some(account) = read.account_by_name(&name.text)? {
        return Ok(account.user.id);
    }
    let key = names::key(&name.text);
    let is_meant = |user: &User| names::key(&user.display_name) == key;
    let mut found = read.users()?.into_iter().filter(is_meant);
    match (found.next(), found.next()) {
        (Some(user), None) => Ok(user.id),
        (Some(_), Some(_)) => Err(unknown(
            name,
            "more than one person has this name; use the user name",
        )),
        (None, _) => Err(unknown(name, "there is nobody of this name")),
    }
}

/// A room that the caller may not read does not exist here either.
fn room(read: &Reader, viewer: UserId, name: &Name) -> Result<RoomId, Refusal> {
    let found = read.room_by_name(&name.text)?;
    match found {
        Some(room) if read.can_read(viewer, room)? => Ok(room),
        _ => Err(unknown(name, "there is no room of this name")),
    }
}

fn unknown(name: &Name, why: &str) -> Refusal {
    refused(&Misunderstood {
        place: name.place,
        message: format!("`{}`: {why}", name.text),
    })
}

/// What is typed, with the days of a caller who is so many minutes before UTC.
pub fn parse(text: &str, offset_minutes: i32) -> Result<Asked, Refusal> {
    let clock = search::language::Clock::now(offset_minutes);
    search::language::parse(text, clock).map_err(|error| refused(&error))
}

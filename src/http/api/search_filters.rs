//! Filters that are typed among the words of a search, resolved for the one who asks.

use crate::domain::{Refusal, RoomId, UserId};
use crate::search::Query;
use crate::search::language::{self, Asked, Clock, Misunderstood, Name, Span};
use crate::state::Reader;

/// Narrows a question by what is typed in its text.
pub fn narrow(
    read: &Reader,
    viewer: UserId,
    asked: Asked,
    query: &mut Query,
) -> Result<(), Refusal> {
    if let Some(name) = &asked.from {
        query.author = Some(person(read, viewer, name, "from")?);
    }
    if let Some(name) = &asked.to {
        query.mentions = Some(person(read, viewer, name, "to")?);
    }
    if let Some(name) = &asked.room {
        query.room = Some(room(read, viewer, name)?);
    }
    query.has = query.has.and(asked.has);
    if asked.saved {
        query.among = Some(read.saved_ids(viewer)?);
    }
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
    // A question is short.
    let unit = |at: u32| u16::try_from(at).unwrap_or(u16::MAX);
    Refusal {
        place: Some([unit(error.place.start), unit(error.place.end)]),
        ..Refusal::invalid("q", format!("{error}."))
    }
}

/// By user name, or by a display name that only one person has.
fn person(
    read: &Reader,
    viewer: UserId,
    name: &Name,
    field: &'static str,
) -> Result<UserId, Refusal> {
    if name.is_caller() {
        return Ok(viewer);
    }
    if let Some(account) = read.account_by_name(&name.text)? {
        return Ok(account.user.id);
    }
    let mut found = read.users_called(&name.text)?.into_iter();
    match (found.next(), found.next()) {
        (Some(user), None) => Ok(user),
        (Some(_), Some(_)) => Err(unknown(
            name,
            field,
            "more than one person has this name; use the user name",
        )),
        (None, _) => Err(unknown(name, field, "there is nobody of this name")),
    }
}

/// A room that the caller may not read does not exist here either.
fn room(read: &Reader, viewer: UserId, name: &Name) -> Result<RoomId, Refusal> {
    let found = read.room_by_name(&name.text)?;
    match found {
        Some(room) if read.can_read(viewer, room)? => Ok(room),
        _ => Err(unknown(name, "in", "there is no room of this name")),
    }
}

/// A name that did not stand in the words came as a parameter.
fn unknown(name: &Name, field: &'static str, why: &str) -> Refusal {
    let message = format!("`{}`: {why}", name.text);
    if name.place == Span::default() {
        Refusal::invalid(field, format!("{message}."))
    } else {
        refused(&Misunderstood {
            place: name.place,
            message,
        })
    }
}

/// What is typed, with the filters that came as parameters, and the days of a caller who is so
/// many minutes before UTC.
pub fn parse(
    text: &str,
    parameters: &[(&'static str, Option<&String>)],
    offset_minutes: i32,
) -> Result<Asked, Refusal> {
    let clock = Clock::now(offset_minutes);
    let mut asked = language::parse(text, clock).map_err(|error| refused(&error))?;
    for (field, value) in parameters {
        if let Some(value) = value {
            let taken = language::take_alone(&mut asked, field, value, clock);
            taken.map_err(|message| Refusal::invalid(field, format!("{message}.")))?;
        }
    }
    Ok(asked)
}

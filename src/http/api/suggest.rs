//! Suggestions while somebody types a search.

use super::people::Finder;
use super::search::refused;
use crate::domain::{Author, Refusal, RoomId, UserId, names};
use crate::http::{answers::Shown, app::App, guard::Caller, parts::Query};
use crate::search::Readable;
use crate::state::{self, Reader};
use serde::{Deserialize, Serialize};
use std::time::Instant;
use utoipa::{IntoParams, ToSchema};

/// Rooms and people that are suggested.
const NAMES: usize = 8;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SuggestQuery {
    /// What was typed so far; at most 256 characters.
    #[serde(default)]
    q: String,
}

/// Every word stands in a message that the caller may read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions {
    /// What was typed with its last word completed.
    completions: Vec<String>,
    /// Words that stand beside those that were typed.
    related: Vec<String>,
    rooms: Vec<RoomName>,
    users: Vec<Author>,
    /// What the latest messages are about.
    popular: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RoomName {
    id: RoomId,
    name: String,
}

pub async fn complete(
    app: App,
    caller: Caller,
    Query(asked): Query<SuggestQuery>,
) -> Result<Shown<Suggestions>, Refusal> {
    let viewer = caller.user.id;
    let index = app.services().search.clone();
    let metrics = app.services().metrics.clone();
    let engine = app.engine().clone();
    let suggestions = &app.services().load.suggestions;
    let found = suggestions.run(viewer, move || {
        let read = engine.read()?;
        let readable = Readable {
            public: true,
            rooms: read.readable_private(viewer)?,
        };
        let began = Instant::now();
        let words = index.suggest(&asked.q, &readable);
        metrics.searched("suggest", began.elapsed());
        let words = words.map_err(refused)?;
        let typed = names::key(asked.q.trim());
        let finder = Finder::new(&asked.q)?;
        Ok(Suggestions {
            completions: words.completions,
            related: words.related,
            rooms: rooms(&read, viewer, &typed)?,
            users: users(&read, &finder)?,
            popular: words.popular,
        })
    });
    found.await.map(Shown)
}

fn rooms(read: &Reader, viewer: UserId, typed: &str) -> state::Result<Vec<RoomName>> {
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let rooms = read.room_names(viewer)?.into_iter();
    Ok(best(rooms, typed, |(_, name)| names::key(name))
        .map(|(id, name)| RoomName { id, name })
        .collect())
}

fn users(read: &Reader, finder: &Finder) -> state::Result<Vec<Author>> {
    if finder.is_empty() {
        return Ok(Vec::new());
    }
    let users = finder.best(read.users()?, NAMES).into_iter();
    Ok(users
        .map(|user| Author {
            id: user.id,
            username: user.username,
            display_name: user.display_name,
            avatar: user.avatar,
        })
        .collect())
}

/// The first few whose name has what was typed: those that begin with it before the others.
fn best<T>(
    all: impl Iterator<Item = T>,
    typed: &str,
    name: impl Fn(&T) -> String,
) -> impl Iterator<Item = T> {
    let mut found: Vec<(bool, T)> = all
        .filter_map(|one| {
            let name = name(&one);
            let begins = name.lines().any(|line| line.starts_with(typed));
            name.contains(typed).then_some((!begins, one))
        })
        .collect();
    found.sort_by_key(|(inside, _)| *inside);
    found.into_iter().take(NAMES).map(|(_, one)| one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_begin_so_come_first() {
        let names = ["new york", "york", "yorkshire", "leeds"];
        let found: Vec<_> = best(names.into_iter(), "york", |name| (*name).to_owned()).collect();
        assert_eq!(found, ["york", "yorkshire", "new york"]);
    }
}

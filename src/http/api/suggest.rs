//! Suggestions while somebody types a search.

use super::people::Finder;
use super::search::refused;
use super::suggest_filters::Typed;
use crate::domain::{Author, Refusal, RoomId, User};
use crate::http::{answers::Shown, app::App, guard::Caller, names::NamedRoom, parts::Query};
use crate::search::{Readable, SUGGESTIONS, Talk};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Instant};
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

/// Every word stands in a message that the caller may read, and every search was made by several
/// people and finds something for the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions {
    /// What was typed with its last word completed.
    completions: Vec<String>,
    /// What was typed with its last filter completed.
    filters: Vec<String>,
    /// Words that stand beside those that were typed.
    related: Vec<String>,
    /// Rooms of such a name, then rooms where it is talked about.
    rooms: Vec<RoomName>,
    users: Vec<Author>,
    /// What at least three people searched for lately, then what the latest public messages are
    /// about.
    popular: Vec<String>,
    /// Only the searches of these.
    searches: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RoomName {
    pub id: RoomId,
    pub name: String,
    /// How many of the messages that were looked at stand in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<usize>,
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
    let names = Arc::clone(&app.services().names);
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
        let typed = Typed::of(&asked.q);
        let name = typed.name(asked.q.trim());
        let finder = Finder::new(name)?;
        let public = names.public_rooms(&read)?;
        let private = names.private_rooms(&read, viewer)?;
        let all_rooms = || public.iter().chain(&private);
        let mut named = best(&finder, all_rooms(), name.is_empty() && typed.is_filter());
        let mut users = finder.users(&read, &names.people(&read)?, NAMES)?;
        let filters = typed.completions(&named, &users);
        if finder.is_empty() {
            users.clear();
        }
        if name.is_empty() {
            named.clear();
        }
        Ok(Suggestions {
            completions: words.completions,
            filters,
            related: words.related,
            rooms: rooms(named, &words.rooms, |id| {
                all_rooms().find(|room| room.id == id).cloned()
            }),
            users: users.into_iter().map(author).collect(),
            popular: popular(&words.searches, words.popular),
            searches: words.searches,
        })
    });
    found.await.map(Shown)
}

fn author(user: User) -> Author {
    Author {
        id: user.id,
        username: user.username,
        display_name: user.display_name,
        avatar: user.avatar,
    }
}

/// Searches first, each once.
pub fn popular(searches: &[String], words: Vec<String>) -> Vec<String> {
    let mut all = searches.to_vec();
    for word in words {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    all.truncate(SUGGESTIONS);
    all
}

/// By name, then by what is said in them. A room without a name is a conversation, and is not told.
pub fn rooms(
    named: Vec<NamedRoom>,
    talks: &[Talk],
    room: impl Fn(RoomId) -> Option<NamedRoom>,
) -> Vec<RoomName> {
    let shown = |room: NamedRoom, matches| RoomName {
        id: room.id,
        name: room.name.into(),
        matches,
    };
    let matches = |id: RoomId| {
        let talk = talks.iter().find(|talk| talk.room == id);
        talk.map(|talk| talk.messages)
    };
    let mut rooms: Vec<RoomName> = named
        .into_iter()
        .map(|room| {
            let matches = matches(room.id);
            shown(room, matches)
        })
        .collect();
    for talk in talks {
        if rooms.iter().any(|room| room.id == talk.room) {
            continue;
        }
        if let Some(room) = room(talk.room) {
            rooms.push(shown(room, Some(talk.messages)));
        }
    }
    rooms.truncate(NAMES);
    rooms
}

/// Rooms that may be meant, the likeliest first.
fn best<'a>(
    finder: &Finder,
    all: impl Iterator<Item = &'a NamedRoom>,
    any: bool,
) -> Vec<NamedRoom> {
    let mut found: Vec<(u8, &NamedRoom)> = all
        .filter_map(|room| {
            let rank = if any {
                Some(0)
            } else {
                finder.rank_name(&room.key)
            };
            Some((rank?, room))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    let found = found.into_iter().take(NAMES);
    found.map(|(_, room)| room.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_found_by_half_a_name() {
        let all: Vec<NamedRoom> = ["new york", "york", "개발팀", "yorkshire"]
            .iter()
            .zip(1..)
            .map(|(name, id)| NamedRoom::of((RoomId(id), (*name).to_owned())))
            .collect();
        let found = |typed: &str| -> Vec<String> {
            let finder = Finder::new(typed).expect("short");
            let best = best(&finder, all.iter(), false).into_iter();
            best.map(|room| room.name.into()).collect()
        };
        assert_eq!(found("york"), ["york", "yorkshire", "new york"]);
        for typed in ["ㄱㅂㅌ", "개ㅂ", "갭", "roqkf"] {
            assert_eq!(found(typed), ["개발팀"], "{typed}");
        }
    }
}

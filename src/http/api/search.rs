//! Search: only what the caller may read is counted, found or shown.

use super::{messages::page_size, search_filters};
use crate::domain::{Code, Message, Refusal, RoomId, Timestamp, UserId};
use crate::http::{answers::Shown, app::App, guard::Caller, parts::Query};
use crate::search::{self, Has, Readable, SearchError, Sort, language::Clock, query::QUERY_CHARS};
use crate::state::{HistoryQuery, Reader};
use serde::{Deserialize, Serialize};
use std::time::Instant;
use utoipa::{IntoParams, ToSchema};

/// Messages on each side of a hit.
const CONTEXT: usize = 5;
/// Korea is so many minutes before UTC.
const KOREA_MINUTES: i32 = 540;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    /// Words, phrases in quotation marks, `-word` for what must not be there, and filters: `from:`,
    /// `in:`, `to:`, `before:`, `after:`, `on:`, `has:`, `is:`; at most 256 characters.
    #[serde(default)]
    q: String,
    /// Only in this room.
    #[param(value_type = Option<u64>)]
    room_id: Option<RoomId>,
    /// Only by this person.
    #[param(value_type = Option<u64>)]
    author_id: Option<UserId>,
    /// Only what names this person.
    #[param(value_type = Option<u64>)]
    mentions_id: Option<UserId>,
    /// A word, or a phrase in quotation marks, that must not be there.
    without: Option<String>,
    /// How many minutes the caller's days begin before those of UTC, for `on:어제` and the like in
    /// `q`. 540 (Korea) where it is left out.
    #[param(minimum = -1440, maximum = 1440)]
    utc_offset_minutes: Option<i32>,
    /// Only what was sent at this time or later: RFC 3339, or a day such as 2026-11-22.
    after: Option<String>,
    /// Only what was sent before this time.
    before: Option<String>,
    /// Only by this person: a user name, a display name that only one person has, or `me`.
    from: Option<String>,
    /// Only what names this person, as in `from`.
    to: Option<String>,
    /// Only in the room of this name.
    r#in: Option<String>,
    /// Only of this day, week, month or year: 2026-10-01, 10월 1일, 어제, 지난주, 이번달, 3일전.
    on: Option<String>,
    /// As `on`.
    during: Option<String>,
    /// Only with all of these, separated by commas: file, image, link, reaction, mention, pin,
    /// reply, thread.
    has: Option<String>,
    /// Only with all of these, separated by commas: pinned, saved, thread, reply.
    is: Option<String>,
    /// So many messages before and behind each hit come with it; at most 5.
    context: Option<usize>,
    /// The best first, or the newest.
    #[serde(default)]
    #[param(inline)]
    sort: Order,
    /// 1 to 100; 50 where it is left out.
    limit: Option<usize>,
    /// Where the page before ended.
    cursor: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    #[default]
    Relevance,
    Newest,
}

/// A page of what was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchPage {
    /// How many there are on all pages.
    total: u64,
    took_ms: u64,
    hits: Vec<SearchHit>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    /// What was looked for because `q` was found nowhere: the keys on the other layout, or the
    /// nearest words.
    #[serde(skip_serializing_if = "Option::is_none")]
    interpreted_as: Option<String>,
    /// What was perhaps meant, where what was typed found little and this finds more.
    #[serde(skip_serializing_if = "Option::is_none")]
    did_you_mean: Option<String>,
    /// Where nothing was found: what else there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<Instead>,
    /// The index is behind or being rebuilt: there may be more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    partial: bool,
}

/// What to look for instead.
#[derive(Debug, Serialize, ToSchema)]
pub struct Instead {
    /// What at least three people searched for lately and finds something for the caller.
    searches: Vec<String>,
    /// What the latest public messages are about.
    words: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SearchHit {
    message: Message,
    /// Comparable within one search only.
    score: f32,
    /// Ranges in UTF-16 units of `message.text`.
    highlights: Vec<[u32; 2]>,
    /// What stands around it in its room, where `context` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Around>,
}

/// Messages before and behind a hit, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Around {
    before: Vec<Message>,
    after: Vec<Message>,
}

impl Around {
    fn of(read: &Reader, message: &Message, limit: usize) -> Result<Around, Refusal> {
        let page =
            |page: HistoryQuery| Ok::<_, Refusal>(read.history(message.room_id, page)?.messages);
        let limit_only = HistoryQuery {
            limit,
            ..HistoryQuery::default()
        };
        Ok(Around {
            before: page(HistoryQuery {
                before: Some(message.id),
                ..limit_only
            })?,
            after: page(HistoryQuery {
                after: Some(message.id),
                ..limit_only
            })?,
        })
    }
}

pub async fn find(
    app: App,
    caller: Caller,
    Query(asked): Query<SearchQuery>,
) -> Result<Shown<SearchPage>, Refusal> {
    let began = Instant::now();
    if asked.q.chars().count() > QUERY_CHARS {
        return Err(refused(SearchError::TooLong));
    }
    let offset_minutes = asked.utc_offset_minutes.unwrap_or(KOREA_MINUTES);
    if offset_minutes.abs() > 24 * 60 {
        let message = "`utc_offset_minutes` is at most a day.";
        return Err(Refusal::invalid("utc_offset_minutes", message));
    }
    let question = asked.q.clone();
    let context = asked.context.unwrap_or(0);
    if context > CONTEXT {
        return Err(Refusal {
            limit: Some(CONTEXT as u64),
            ..Refusal::invalid("context", format!("`context` is at most {CONTEXT}."))
        });
    }
    let parameters = [
        ("from", asked.from.as_ref()),
        ("to", asked.to.as_ref()),
        ("in", asked.r#in.as_ref()),
        ("on", asked.on.as_ref()),
        ("during", asked.during.as_ref()),
        ("has", asked.has.as_ref()),
        ("is", asked.is.as_ref()),
    ];
    let typed = search_filters::parse(&asked.q, &parameters, offset_minutes)?;
    let time = |field, text: String| time(field, &text, offset_minutes);
    let mut query = search::Query {
        text: String::new(),
        room: asked.room_id,
        author: asked.author_id,
        mentions: asked.mentions_id,
        without: asked.without.into_iter().collect(),
        after_ms: asked.after.map(|text| time("after", text)).transpose()?,
        before_ms: asked.before.map(|text| time("before", text)).transpose()?,
        has: Has::NOTHING,
        among: None,
        sort: match asked.sort {
            Order::Relevance => Sort::Relevance,
            Order::Newest => Sort::Newest,
        },
        limit: page_size(asked.limit)?,
        cursor: asked
            .cursor
            .map(|seal| unsealed(&app, &caller, &seal))
            .transpose()?,
    };
    let viewer = caller.user.id;
    let index = app.services().search.clone();
    let metrics = app.services().metrics.clone();
    let engine = app.engine().clone();
    let searches = &app.services().load.searches;
    let found = searches.run(viewer, move || {
        let read = engine.read()?;
        search_filters::narrow(&read, viewer, typed, &mut query)?;
        if let Some(room) = query.room
            && !read.can_read(viewer, room)?
        {
            return Err(Refusal::not_found("room"));
        }
        let readable = Readable {
            public: true,
            rooms: read.readable_private(viewer)?,
        };
        drop(read);
        let began = Instant::now();
        let page = index.query(&query, &readable);
        metrics.searched("search", began.elapsed());
        let page = page.map_err(refused)?;
        let instead = match (page.total, query.cursor.is_none()) {
            (0, true) => {
                let told = index.suggest("", &readable).map_err(refused)?;
                Some(Instead {
                    searches: told.searches,
                    words: told.popular,
                })
            }
            (_, true) => {
                index.note_search(viewer, &query.text);
                None
            }
            _ => None,
        };
        // Opened after the index answered: every hit is there, as it is now.
        let hits = resolve(&engine.read()?, viewer, &page, context)?;
        Ok(SearchPage {
            total: page.total,
            took_ms: 0,
            hits,
            cursor: page.cursor,
            interpreted_as: page.interpreted_as,
            did_you_mean: page.did_you_mean,
            instead,
            partial: page.partial,
        })
    });
    let mut page = found.await?;
    page.cursor = page
        .cursor
        .map(|cursor| sealed(&app, &caller, &cursor))
        .transpose()?;
    let now = app.engine().now().0;
    app.services()
        .stats
        .searched(now, viewer, &question, page.total);
    page.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Shown(page))
}

/// A cursor holds counts, so it goes out under a seal, and comes back from the same person only.
fn sealed(app: &App, caller: &Caller, cursor: &str) -> Result<String, Refusal> {
    let tokens = app.services().sessions.tokens();
    tokens
        .seal(&purpose(caller), cursor)
        .ok_or_else(|| Refusal::new(Code::Unavailable, "The key signs nothing; try again."))
}

fn unsealed(app: &App, caller: &Caller, seal: &str) -> Result<String, Refusal> {
    let tokens = app.services().sessions.tokens();
    let cursor = tokens.unseal(&purpose(caller), seal);
    cursor
        .map(str::to_owned)
        .ok_or_else(|| refused(SearchError::BadCursor))
}

fn purpose(caller: &Caller) -> String {
    format!("search of {}", caller.user.id.0)
}

/// The messages as they are now. What was deleted or left since is not shown.
fn resolve(
    read: &Reader,
    viewer: UserId,
    page: &search::ResultPage,
    context: usize,
) -> Result<Vec<SearchHit>, Refusal> {
    let mut hits = Vec::with_capacity(page.hits.len());
    for hit in &page.hits {
        let message = read.message_for(viewer, hit.id)?;
        let Some(message) = message.filter(|message| !message.deleted) else {
            continue;
        };
        let around = || Around::of(read, &message, context);
        hits.push(SearchHit {
            context: (context > 0).then(around).transpose()?,
            highlights: page.marker.ranges(&message.text),
            score: hit.score,
            message,
        });
    }
    Ok(hits)
}

pub fn refused(error: SearchError) -> Refusal {
    match error {
        SearchError::TooLong => Refusal::too_long("q", QUERY_CHARS, "characters"),
        SearchError::BadCursor => Refusal::invalid("cursor", error.to_string()),
        SearchError::Unavailable(_) => Refusal {
            retry_after_s: Some(5),
            ..Refusal::new(Code::Unavailable, error.to_string())
        },
    }
}

/// A time, a day (which begins at midnight in UTC), or the beginning of 어제 where the caller is.
fn time(field: &'static str, text: &str, offset_minutes: i32) -> Result<i64, Refusal> {
    Timestamp::parse(text)
        .or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")))
        .map(|at| at.0)
        .or_else(|| {
            let is_korean = !text.is_ascii();
            let clock = Clock::now(offset_minutes);
            search::language::start_of(text, clock).filter(|_| is_korean)
        })
        .ok_or_else(|| {
            Refusal::invalid(
                field,
                format!(
                    "`{field}` is a time such as 2026-11-22T09:30:00Z, or a day such as 2026-11-22."
                ),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_moments_or_days() {
        assert_eq!(time("after", "1970-01-02", 0), Ok(86_400_000));
        assert_eq!(time("after", "1970-01-01T00:00:01Z", 0), Ok(1_000));
        assert!(time("after", "yesterday", 0).is_err());
        assert!(time("after", "지난주", 540).is_ok());
        assert!(time("after", "언젠가", 540).is_err());
    }
}

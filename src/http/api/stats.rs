//! Figures for dashboards.

use super::stats_csv;
use crate::domain::{Refusal, RoomKind, Timestamp};
use crate::http::{
    answers::{self, Plain},
    app::App,
    guard::Caller,
    parts::Query,
    stats::{
        self, DAY_MS, Figures, PEOPLE,
        speed::{Speed, Took},
    },
};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use utoipa::{IntoParams, ToSchema};

const USUAL_DAYS: i64 = 30;
const MOST_DAYS: i64 = 3_660;
const SHOWN: usize = 50;
/// So many days are told hour by hour.
const SPEED_DAYS_BY_HOUR: i64 = 7;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct StatsQuery {
    /// The first day, such as 2026-11-01; thirty days ago where it is left out.
    from: Option<String>,
    /// The last day; today where it is left out.
    to: Option<String>,
    /// `json`, or `csv` for one of the tables.
    format: Option<String>,
    /// Of `csv`: `days` (where it is left out), `rooms`, `words`, `hours`, `speed`.
    table: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StatsPage {
    pub from: String,
    pub to: String,
    pub totals: Totals,
    pub days: Vec<DayRow>,
    /// Messages by day of the week (Monday first) and hour.
    pub hours: Vec<Vec<u64>>,
    pub rooms: Vec<RoomRow>,
    /// Of rooms that everybody may read, where three people wrote them.
    pub words: Vec<WordRow>,
    pub searches: Searches,
    pub storage: Storage,
    pub speed: SpeedFigures,
}

/// Of this node: how long posts and other commands waited for their durable outcome, and those who
/// listen for what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpeedFigures {
    /// Of all days that are asked for.
    pub latency: Took,
    pub delivery: Took,
    /// Hours for up to seven days, as far as they are kept (31 days), else days; those in which
    /// nothing happened are left out.
    pub rows: Vec<SpeedRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SpeedRow {
    /// When the hour began, or the day.
    pub at: String,
    /// From a command's arrival to its durable outcome.
    pub latency: Took,
    /// From there to the queues of all who listen, a batch at a time.
    pub delivery: Took,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Totals {
    users: u64,
    messages: u64,
    active_1d: usize,
    active_7d: usize,
    active_30d: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DayRow {
    pub date: String,
    pub messages: u64,
    /// People who wrote.
    pub active: usize,
    pub searches: u64,
}

/// A room that everybody may read; all others together have no name.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomRow {
    pub room_id: Option<u64>,
    pub name: Option<String>,
    pub messages: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WordRow {
    pub word: String,
    pub count: u64,
    /// In as many days before.
    pub before: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Searches {
    total: u64,
    without_result: u64,
    /// What three people looked for in vain.
    questions: Vec<Question>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Question {
    q: String,
    count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Storage {
    log_bytes: u64,
    events_bytes: u64,
    files_bytes: u64,
}

pub async fn show(
    app: App,
    caller: Caller,
    Query(query): Query<StatsQuery>,
) -> Result<Plain, Refusal> {
    let today = stats::day_of(app.engine().now().0);
    let to = query
        .to
        .as_deref()
        .map(|text| day("to", text))
        .transpose()?
        .unwrap_or(today);
    let from = query
        .from
        .as_deref()
        .map(|text| day("from", text))
        .transpose()?;
    let from = from.unwrap_or(to - USUAL_DAYS + 1);
    if from > to || to - from > MOST_DAYS {
        return Err(Refusal::invalid(
            "from",
            "`from` is not after `to`, and at most ten years before it.",
        ));
    }
    let (engine, figures) = (app.engine().clone(), app.services().stats.clone());
    let lists = &app.services().load.lists;
    let page = lists.run(caller.user.id, move || {
        let state = engine.read()?;
        let mut names: HashMap<u64, Option<String>> = HashMap::new();
        let users = state.user_count()?;
        let files_bytes = state.files_bytes()?;
        let metrics = engine.metrics();
        use std::sync::atomic::Ordering::Relaxed;
        let storage = Storage {
            log_bytes: metrics.log_bytes.load(Relaxed),
            events_bytes: metrics.journal_bytes.load(Relaxed),
            files_bytes,
        };
        let mut page = figures.read(&engine, |figures| {
            page(figures, (from, to, today), users, storage)
        })?;
        // Names of public rooms only; the rest is one sum.
        let mut rest = 0;
        let mut rooms = Vec::new();
        for row in std::mem::take(&mut page.rooms) {
            let id = row.room_id.unwrap_or(0);
            if let std::collections::hash_map::Entry::Vacant(entry) = names.entry(id) {
                let record = state.room_record(crate::domain::RoomId(id))?;
                let name = record.filter(|record| record.kind == RoomKind::Public);
                entry.insert(name.map(|record| record.name));
            }
            match names.get(&id).cloned().flatten() {
                Some(name) => rooms.push(RoomRow {
                    name: Some(name),
                    ..row
                }),
                None => rest += row.messages,
            }
        }
        rooms.sort_by_key(|row| std::cmp::Reverse(row.messages));
        rooms.truncate(SHOWN);
        if rest > 0 {
            rooms.push(RoomRow {
                room_id: None,
                name: None,
                messages: rest,
            });
        }
        page.rooms = rooms;
        Ok(page)
    });
    let page = page.await?;
    match query.format.as_deref() {
        None | Some("json") => Ok(Plain {
            response: answers::json(StatusCode::OK, &page),
        }),
        Some("csv") => stats_csv::csv(&page, query.table.as_deref().unwrap_or("days")),
        Some(_) => Err(Refusal::invalid("format", "`format` is json or csv.")),
    }
}

fn speed(figures: &Figures, from: i64, to: i64) -> SpeedFigures {
    let mut all = Speed::default();
    for (_, day) in figures.days.range(from..=to) {
        all.add(&day.speed);
    }
    let row = |at: String, speed: &Speed| SpeedRow {
        at,
        latency: speed.latency.took(),
        delivery: speed.delivery.took(),
    };
    let hours = stats::hours_of(from, to);
    let by_hour = to - from < SPEED_DAYS_BY_HOUR;
    let rows = if by_hour {
        let hours = figures.speed.range(hours);
        hours
            .map(|(hour, speed)| row(Timestamp(hour * stats::HOUR_MS).to_string(), speed))
            .collect()
    } else {
        let days = figures.days.range(from..=to);
        let days = days.filter(|(_, day)| !day.speed.is_empty());
        days.map(|(number, day)| row(date(*number), &day.speed))
            .collect()
    };
    SpeedFigures {
        latency: all.latency.took(),
        delivery: all.delivery.took(),
        rows,
    }
}

fn page(
    figures: &Figures,
    (from, to, today): (i64, i64, i64),
    users: u64,
    storage: Storage,
) -> StatsPage {
    let active = |days: i64| {
        let range = figures.days.range(today - days + 1..=today);
        let people: HashSet<_> = range.flat_map(|(_, day)| day.authors.iter()).collect();
        people.len()
    };
    let mut hours = vec![vec![0; 24]; 7];
    let mut rooms: BTreeMap<u64, u64> = BTreeMap::new();
    let (mut total, mut without_result) = (0, 0);
    let mut days = Vec::new();
    for number in from..=to {
        let day = figures.days.get(&number);
        if let Some(day) = day {
            // 1970-01-01 was a Thursday.
            let weekday = usize::try_from((number + 3).rem_euclid(7)).unwrap_or(0);
            for (hour, count) in day.hours.iter().enumerate() {
                hours[weekday][hour] += u64::from(*count);
            }
            for (room, count) in &day.rooms {
                *rooms.entry(room.0).or_default() += u64::from(*count);
            }
            total += day.searches;
            without_result += day.searches_without_result;
        }
        days.push(DayRow {
            date: date(number),
            messages: day.map_or(0, |day| day.messages),
            active: day.map_or(0, |day| day.authors.len()),
            searches: day.map_or(0, |day| day.searches),
        });
    }
    let length = to - from + 1;
    let before: HashMap<String, u64> = figures
        .popular(from - length..=from - 1)
        .into_iter()
        .collect();
    let words = figures.popular(from..=to).into_iter().take(SHOWN);
    let questions = figures
        .questions
        .iter()
        .filter(|(_, said)| said.people.len() >= PEOPLE);
    let mut questions: Vec<Question> = questions
        .map(|(q, said)| Question {
            q: q.clone(),
            count: said.count,
        })
        .collect();
    questions.sort_by_key(|question| std::cmp::Reverse(question.count));
    questions.truncate(SHOWN);
    StatsPage {
        from: date(from),
        to: date(to),
        totals: Totals {
            users,
            messages: figures.days.values().map(|day| day.messages).sum(),
            active_1d: active(1),
            active_7d: active(7),
            active_30d: active(30),
        },
        days,
        hours,
        rooms: rooms
            .into_iter()
            .map(|(id, messages)| RoomRow {
                room_id: Some(id),
                name: None,
                messages,
            })
            .collect(),
        words: words
            .map(|(word, count)| WordRow {
                before: before.get(&word).copied().unwrap_or(0),
                word,
                count,
            })
            .collect(),
        searches: Searches {
            total,
            without_result,
            questions,
        },
        storage,
        speed: speed(figures, from, to),
    }
}

/// A day of the calendar.
fn day(field: &'static str, text: &str) -> Result<i64, Refusal> {
    let head = text.get(..10).unwrap_or(text);
    Timestamp::parse(&format!("{head}T00:00:00Z"))
        .map(|at| at.0.div_euclid(DAY_MS))
        .ok_or_else(|| Refusal::invalid(field, format!("`{field}` is a day such as 2026-11-22.")))
}

fn date(day: i64) -> String {
    let text = Timestamp(day.saturating_mul(DAY_MS)).to_string();
    text.get(..10).unwrap_or_default().to_owned()
}

//! Figures for administrators: kept as messages come, read in one go.
//!
//! Messages are taken up by their ids, each once; what was there at the start is taken up once,
//! behind everything else. Days are Korea's.

mod kept;
pub mod speed;

use crate::domain::{MessageId, Refusal, RoomId, RoomKind, UserId};
use crate::engine::Engine;
use crate::metrics::{Metrics, Timer};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use speed::Speed;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

pub const HOUR_MS: i64 = 60 * 60 * 1000;
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// Korea is nine hours before UTC.
const OFFSET_MS: i64 = 9 * HOUR_MS;
const PAGE: usize = 2_000;
/// Words of a day, and days of words, that are kept.
const WORDS: usize = 4_000;
const WORD_DAYS: i64 = 90;
/// Hours whose speed is kept; after that the days know it.
const SPEED_HOURS: i64 = 31 * 24;
/// Questions without an answer that are kept.
const QUESTIONS: usize = 1_000;
/// A word or question is shown when so many people wrote it.
pub const PEOPLE: usize = 3;

/// Clones are the same.
#[derive(Clone)]
pub struct Stats {
    figures: Arc<Mutex<Figures>>,
    latency: Timer,
    delivery: Timer,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Figures {
    /// Messages up to this one are counted.
    taken: MessageId,
    pub days: BTreeMap<i64, Day>,
    pub words: BTreeMap<i64, HashMap<String, Said>>,
    /// Something that the file does not know.
    #[serde(skip)]
    has_news: bool,
    /// The last use of a token that the file knows.
    #[serde(skip)]
    newest_use: i64,
    #[serde(skip)]
    public: HashMap<RoomId, bool>,
    pub questions: BTreeMap<String, Said>,
    /// Of this node, by hour from 1970.
    #[serde(default)]
    pub speed: BTreeMap<i64, Speed>,
}

/// One day, counted from 1970 by Korea's clock.
#[derive(Default, Serialize, Deserialize)]
pub struct Day {
    pub messages: u64,
    pub hours: [u32; 24],
    pub authors: HashSet<UserId>,
    pub rooms: HashMap<RoomId, u32>,
    pub searches: u64,
    pub searches_without_result: u64,
    #[serde(default)]
    pub speed: Speed,
}

/// How often, and by whom: a few people are enough to know.
#[derive(Default, Clone, Serialize, Deserialize)]
pub struct Said {
    pub count: u64,
    pub people: BTreeSet<UserId>,
}

impl Said {
    fn add(&mut self, who: UserId) {
        self.count += 1;
        if self.people.len() < PEOPLE {
            self.people.insert(who);
        }
    }
}

pub fn day_of(at_ms: i64) -> i64 {
    (at_ms + OFFSET_MS).div_euclid(DAY_MS)
}

/// The hours of some days, counted from 1970.
pub fn hours_of(from: i64, to: i64) -> std::ops::Range<i64> {
    let begins = |day: i64| (day * DAY_MS - OFFSET_MS).div_euclid(HOUR_MS);
    begins(from)..begins(to + 1)
}

impl Stats {
    fn of(figures: Figures, metrics: &Metrics) -> Stats {
        Stats {
            figures: Arc::new(Mutex::new(figures)),
            latency: metrics.acknowledged.clone(),
            delivery: metrics.fanout.clone(),
        }
    }

    /// What was timed since it was asked last counts for this hour.
    fn take_speed(&self, figures: &mut Figures, now_ms: i64) {
        let speed = Speed::take_of(&self.latency, &self.delivery);
        if !speed.is_empty() {
            figures.has_news = true;
            figures.take_speed(now_ms, &speed);
        }
    }

    /// Takes up what was written since, then reads. Blocks.
    pub fn read<T>(&self, engine: &Engine, read: impl FnOnce(&Figures) -> T) -> Result<T, Refusal> {
        let now_ms = engine.now().0;
        self.take_speed(&mut self.figures.lock(), now_ms);
        loop {
            // Searches are noted between two pages.
            let mut figures = self.figures.lock();
            let state = engine.read()?;
            if figures.taken.0 > state.seq().next().id() {
                // The state was put back to before what is counted.
                figures.begin_anew();
            }
            let page = state.posts_after(figures.taken, PAGE)?;
            let Some((last, _)) = page.last() else {
                return Ok(read(&figures));
            };
            figures.taken = *last;
            figures.has_news = true;
            for (_, found) in page {
                let Some(found) = found else { continue };
                let room = found.place.room;
                let is_public = match figures.public.get(&room) {
                    Some(known) => *known,
                    None => {
                        let record = state.room_record(room)?;
                        let public = record.is_some_and(|record| record.kind == RoomKind::Public);
                        figures.public.insert(room, public);
                        public
                    }
                };
                if !found.record.deleted {
                    let text = is_public.then_some(found.record.text.as_str());
                    figures.take(found.place.at, room, found.record.author, text);
                }
            }
        }
    }

    /// A search was done, and found so much.
    pub fn searched(&self, at_ms: i64, who: UserId, question: &str, found: u64) {
        let mut figures = self.figures.lock();
        figures.has_news = true;
        let day = figures.days.entry(day_of(at_ms)).or_default();
        day.searches += 1;
        if found > 0 {
            return;
        }
        day.searches_without_result += 1;
        let question: String = question.trim().to_lowercase().chars().take(80).collect();
        let has_room = figures.questions.len() < QUESTIONS;
        if !question.is_empty() && (has_room || figures.questions.contains_key(&question)) {
            figures.questions.entry(question).or_default().add(who);
        }
    }
}

impl Figures {
    /// All but searches and speed, which stand nowhere else.
    fn begin_anew(&mut self) {
        self.taken = MessageId(0);
        self.words.clear();
        for day in self.days.values_mut() {
            *day = Day {
                searches: day.searches,
                searches_without_result: day.searches_without_result,
                speed: std::mem::take(&mut day.speed),
                ..Day::default()
            };
        }
    }

    fn take_speed(&mut self, at_ms: i64, speed: &Speed) {
        self.days.entry(day_of(at_ms)).or_default().speed.add(speed);
        let hour = at_ms.div_euclid(HOUR_MS);
        self.speed.entry(hour).or_default().add(speed);
        self.speed.retain(|of, _| *of > hour - SPEED_HOURS);
    }

    fn take(&mut self, at_ms: i64, room: RoomId, author: UserId, text: Option<&str>) {
        let number = day_of(at_ms);
        let hour = (at_ms + OFFSET_MS).rem_euclid(DAY_MS) / HOUR_MS;
        let day = self.days.entry(number).or_default();
        day.messages += 1;
        if let Some(hour) = usize::try_from(hour)
            .ok()
            .and_then(|hour| day.hours.get_mut(hour))
        {
            *hour += 1;
        }
        day.authors.insert(author);
        *day.rooms.entry(room).or_default() += 1;
        let Some(text) = text else { return };
        let newest = self.words.keys().next_back().copied().unwrap_or(number);
        if number < newest - WORD_DAYS {
            return;
        }
        let words = self.words.entry(number).or_default();
        for word in words_of(text) {
            if words.len() < WORDS || words.contains_key(&word) {
                words.entry(word).or_default().add(author);
            }
        }
        self.words.retain(|day, _| *day >= newest - WORD_DAYS);
    }

    /// Words of some days, most frequent first, that enough people wrote.
    pub fn popular(&self, days: std::ops::RangeInclusive<i64>) -> Vec<(String, u64)> {
        let mut all: HashMap<&str, Said> = HashMap::new();
        for (_, words) in self.words.range(days) {
            for (word, said) in words {
                let sum = all.entry(word).or_default();
                sum.count += said.count;
                sum.people.extend(said.people.iter().copied());
            }
        }
        let shown = all
            .into_iter()
            .filter(|(_, said)| said.people.len() >= PEOPLE);
        let mut shown: Vec<(String, u64)> = shown
            .map(|(word, said)| (word.to_owned(), said.count))
            .collect();
        shown.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        shown
    }
}

/// Each word once, without Korean particles.
fn words_of(text: &str) -> BTreeSet<String> {
    const PARTICLES: [&str; 14] = [
        "에서는",
        "에서",
        "으로",
        "까지",
        "부터",
        "은",
        "는",
        "이",
        "가",
        "을",
        "를",
        "에",
        "의",
        "도",
    ];
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| {
        let length = word.chars().count();
        (2..=30).contains(&length) && !word.chars().all(|c| c.is_ascii_digit())
    });
    words
        .take(200)
        .map(|word| {
            let bare = PARTICLES.iter().find_map(|tail| word.strip_suffix(tail));
            let bare = bare.filter(|bare| bare.chars().count() >= 2);
            bare.unwrap_or(word).to_lowercase()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_bare_and_shown_when_several_people_wrote_them() {
        let words: Vec<String> = words_of("배포는 금요일에! Deploy 42 배포")
            .into_iter()
            .collect();
        assert_eq!(words, ["deploy", "금요일", "배포"]);
        let mut figures = Figures::default();
        for person in 1..=3 {
            figures.take(0, RoomId(1), UserId(person), Some("배포를 한다"));
            figures.take(0, RoomId(1), UserId(1), Some("혼잣말"));
        }
        assert_eq!(
            figures.popular(-1..=1),
            [("배포".to_owned(), 3), ("한다".to_owned(), 3)]
        );
        assert_eq!(figures.days[&0].hours[9], 6);
        assert_eq!(figures.days[&0].authors.len(), 3);
    }

    #[test]
    fn speed_of_hours_is_kept_for_a_month_and_of_days_for_ever() {
        let (metrics, _) = Metrics::new();
        let mut figures = Figures::default();
        let hours = SPEED_HOURS + 100;
        for hour in 0..hours {
            metrics
                .acknowledged
                .observe(std::time::Duration::from_millis(1));
            let speed = Speed::take_of(&metrics.acknowledged, &metrics.fanout);
            figures.take_speed(hour * HOUR_MS, &speed);
        }
        assert_eq!(figures.speed.len() as i64, SPEED_HOURS);
        let days: u64 = figures
            .days
            .values()
            .map(|day| day.speed.latency.took().count)
            .sum();
        assert_eq!(days as i64, hours);
        figures.begin_anew();
        assert_eq!(figures.days[&0].speed.latency.took().count, 15);
    }
}

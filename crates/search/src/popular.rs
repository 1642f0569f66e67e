//! What people search for. Told only when several of them did: what one person looks for, and what
//! two do, is nobody's business.

use maru_domain::{UserId, fold::folded};
use parking_lot::Mutex;
use std::collections::HashMap;

/// So many people must have searched for the same.
pub const PEOPLE: usize = 3;
/// What was searched longer ago counts no more.
const WINDOW_MS: i64 = 14 * 24 * 3_600_000;
/// Searches that are remembered; beyond, those that nobody repeated go first.
const SEARCHES: usize = 4_096;
/// People of one search that are remembered.
const PEOPLE_MAX: usize = 64;
/// Longer texts are no searches that others repeat.
const CHARS: usize = 40;

/// A search with who did it, and when they did last.
pub type SearchedText = (String, Vec<(UserId, i64)>);

/// Who searched for what, and when. In memory; who holds it may keep it and bring it back.
#[derive(Default)]
pub struct Searched {
    texts: Mutex<HashMap<String, Vec<(UserId, i64)>>>,
}

impl Searched {
    /// Somebody searched and found something.
    pub fn note(&self, person: UserId, text: &str, now_ms: i64) {
        let Some(text) = plain(text) else { return };
        let mut texts = self.texts.lock();
        let people = texts.entry(text).or_default();
        people.retain(|(other, _)| *other != person);
        if people.len() == PEOPLE_MAX {
            people.remove(0);
        }
        people.push((person, now_ms));
        if texts.len() > SEARCHES {
            forget(&mut texts);
        }
    }

    pub fn all(&self) -> Vec<SearchedText> {
        let texts = self.texts.lock();
        let all = texts
            .iter()
            .map(|(text, people)| (text.clone(), people.clone()));
        all.collect()
    }

    /// As an earlier process knew them.
    pub fn restore(&self, all: Vec<SearchedText>) {
        self.texts.lock().extend(all);
    }

    /// What several people searched for lately, what most of them did first.
    pub fn popular(&self, now_ms: i64) -> Vec<String> {
        let texts = self.texts.lock();
        let counted = texts.iter().map(|(text, people)| {
            let lately = people.iter().filter(|(_, at)| now_ms - at < WINDOW_MS);
            (lately.count(), text)
        });
        let mut told: Vec<(usize, &String)> = counted.filter(|(n, _)| *n >= PEOPLE).collect();
        told.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        told.into_iter().map(|(_, text)| text.clone()).collect()
    }
}

/// Half of the searches, those that the fewest people repeated and that are the oldest.
fn forget(texts: &mut HashMap<String, Vec<(UserId, i64)>>) {
    let weight = |people: &[(UserId, i64)]| (people.len(), people.last().map_or(0, |(_, at)| *at));
    let mut weights: Vec<(usize, i64)> = texts.values().map(|people| weight(people)).collect();
    weights.sort_unstable();
    let least = weights[weights.len() / 2];
    texts.retain(|_, people| weight(people) > least);
}

/// The same search, however it was spaced and spelt. `None`: too long, or quoted.
fn plain(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = folded(&words.join(" "));
    let fits = !text.is_empty() && !text.contains('"') && text.chars().count() <= CHARS;
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_people_make_a_search_popular() {
        let searched = Searched::default();
        for person in [1, 2, 1, 2, 1] {
            searched.note(UserId(person), " 배포  일정", 1_000);
            searched.note(UserId(person), "연봉", 1_000);
        }
        assert_eq!(searched.popular(1_000), [""; 0]);
        searched.note(UserId(3), "배포 일정", 2_000);
        assert_eq!(searched.popular(2_000), ["배포 일정"]);
        // Old searches of two of them count no more.
        assert_eq!(searched.popular(1_500 + WINDOW_MS), [""; 0]);
    }

    #[test]
    fn memory_is_bounded() {
        let searched = Searched::default();
        for person in 0..3 {
            searched.note(UserId(person), "배포", 10_000_000);
        }
        for n in 0..3 * SEARCHES {
            searched.note(UserId(9), &format!("찾기 {n}"), n as i64);
        }
        assert!(searched.texts.lock().len() <= SEARCHES);
        assert_eq!(searched.popular(10_000_000), ["배포"]);
    }
}

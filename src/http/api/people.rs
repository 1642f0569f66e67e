//! Finding people by what is half typed: by user name or display name, first consonants, a syllable
//! in the making, the keyboard left in the other language.

use crate::domain::{Code, Refusal, User, UserId, limits, names};
use crate::http::names::Person;
use crate::search::hangul;
use crate::state::{self, Reader};

/// What is typed into a finder is short.
const TYPED_BYTES: usize = 2_048;

/// What somebody typed.
pub struct Finder {
    typed: String,
    /// What the same keys mean in the other language.
    swapped: Option<String>,
}

impl Finder {
    /// An `@` or `#` in front is left out.
    pub fn new(typed: &str) -> Result<Finder, Refusal> {
        if typed.len() > TYPED_BYTES {
            return Err(Refusal::too_long("q", TYPED_BYTES, "bytes"));
        }
        let typed = names::key(typed.trim().trim_start_matches(['@', '#']));
        Ok(Finder {
            // One letter of the other keyboard means too much.
            swapped: hangul::swap_layout(&typed).filter(|_| typed.chars().count() > 1),
            typed,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }

    /// The people who may be meant, the likeliest first.
    pub fn best(&self, people: &[Person], limit: usize) -> Vec<UserId> {
        let rank = |person: &Person| {
            let keys = [&person.display_key, &person.username_key];
            keys.iter().filter_map(|key| self.rank_name(key)).min()
        };
        let mut found: Vec<(u8, UserId)> = people
            .iter()
            .filter_map(|person| Some((rank(person)?, person.id)))
            .collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.truncate(limit);
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// As [`Finder::best`], with all that is known of them.
    pub fn users(
        &self,
        read: &Reader,
        people: &[Person],
        limit: usize,
    ) -> state::Result<Vec<User>> {
        let found = self.best(people, limit).into_iter();
        found.filter_map(|id| read.user(id).transpose()).collect()
    }

    /// 0 is best.
    pub fn rank_name(&self, name: &str) -> Option<u8> {
        let swapped = self.swapped.as_deref();
        if name.starts_with(&self.typed) {
            Some(u8::from(name.len() > self.typed.len()))
        } else if hangul::begins(name, &self.typed) {
            Some(2)
        } else if name.contains(&self.typed) || hangul::find(name, &self.typed).is_some() {
            Some(3)
        } else if swapped.is_some_and(|swapped| hangul::begins(name, swapped)) {
            Some(4)
        } else {
            None
        }
    }
}

/// How many people one answer has, or why that is no number for it.
pub fn page_size(limit: Option<usize>) -> Result<usize, Refusal> {
    match limit {
        None => Ok(limits::PEOPLE),
        Some(limit) if (1..=limits::PEOPLE).contains(&limit) => Ok(limit),
        Some(_) => Err(Refusal {
            limit: Some(limits::PEOPLE as u64),
            ..Refusal::invalid(
                "limit",
                format!("`limit` is a number from 1 to {}.", limits::PEOPLE),
            )
        }),
    }
}

/// Ids with commas between them.
pub fn ids(text: &str) -> Result<Vec<u64>, Refusal> {
    let wrong = || Refusal::invalid("ids", "`ids` are numbers with commas between them.");
    let ids: Vec<u64> = text
        .split(',')
        .map(|id| id.parse().map_err(|_| wrong()))
        .collect::<Result<_, Refusal>>()?;
    if ids.len() > limits::PEOPLE {
        Err(Refusal {
            limit: Some(limits::PEOPLE as u64),
            ..Refusal::new(Code::BadLength, "Ask for fewer `ids` at once.")
        })
    } else {
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(typed: &str) -> Vec<String> {
        let people = [
            ("minsu", "김민수"),
            ("jiwon", "박지원"),
            ("kim", "Kim Minji"),
            ("server", "서버"),
        ];
        let known: Vec<Person> = people
            .iter()
            .zip(0..)
            .map(|((name, display), id)| Person {
                id: UserId(id),
                display_key: names::key(display).into(),
                username_key: names::key(name).into(),
            })
            .collect();
        let finder = Finder::new(typed).expect("short");
        let best = finder.best(&known, 10).into_iter();
        best.map(|id| people[id.0 as usize].0.to_owned()).collect()
    }

    #[test]
    fn half_typed_names_are_found_likeliest_first() {
        for typed in ["김ㅁ", "ㄱㅁㅅ", "기", "rlaals", "김미", "민수", "@MINSU"] {
            assert_eq!(found(typed), ["minsu"], "{typed}");
        }
        assert_eq!(found("min"), ["minsu", "kim"]);
        assert_eq!(found("kim"), ["kim"]);
        assert_eq!(found("서버"), ["server"]);
    }

    #[test]
    fn ids_are_numbers() {
        assert_eq!(ids("1,22").ok(), Some(vec![1, 22]));
        for wrong in ["", "1,", "a", "-1", "1, 2"] {
            assert!(ids(wrong).is_err(), "{wrong:?}");
        }
    }
}

//! Finding people by what is half typed: by user name or display name, first consonants, a syllable
//! in the making, the keyboard left in the other language.

use crate::domain::{Code, Refusal, User, limits, names};
use crate::search::hangul;

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

    /// The people who may be meant, the likeliest first; disabled accounts are not.
    pub fn best(&self, users: Vec<User>, limit: usize) -> Vec<User> {
        let mut found: Vec<(u8, User)> = users
            .into_iter()
            .filter(|user| !user.disabled)
            .filter_map(|user| Some((self.rank(&user)?, user)))
            .collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.truncate(limit);
        found.into_iter().map(|(_, user)| user).collect()
    }

    fn rank(&self, user: &User) -> Option<u8> {
        let display = names::key(&user.display_name);
        let username = names::key(&user.username);
        [display, username]
            .iter()
            .filter_map(|name| self.rank_name(name))
            .min()
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
    match ids.len() > limits::PEOPLE {
        true => Err(Refusal {
            limit: Some(limits::PEOPLE as u64),
            ..Refusal::new(Code::BadLength, "Ask for fewer `ids` at once.")
        }),
        false => Ok(ids),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Role, Timestamp, UserId};

    fn found(typed: &str) -> Vec<String> {
        let people = [
            ("minsu", "김민수"),
            ("jiwon", "박지원"),
            ("kim", "Kim Minji"),
            ("server", "서버"),
        ];
        let users = people.iter().enumerate().map(|(id, (name, display))| User {
            id: UserId(id as u64),
            username: (*name).into(),
            display_name: (*display).into(),
            role: Role::Member,
            created_at: Timestamp(0),
            disabled: *name == "server",
            bot: false,
            status: None,
            avatar: None,
        });
        let finder = Finder::new(typed).expect("short");
        let best = finder.best(users.collect(), 10);
        best.into_iter().map(|user| user.username).collect()
    }

    #[test]
    fn half_typed_names_are_found_likeliest_first() {
        for typed in ["김ㅁ", "ㄱㅁㅅ", "기", "rlaals", "김미", "민수", "@MINSU"] {
            assert_eq!(found(typed), ["minsu"], "{typed}");
        }
        assert_eq!(found("min"), ["minsu", "kim"]);
        assert_eq!(found("kim"), ["kim"]);
        assert_eq!(found("서버"), [""; 0], "disabled accounts are not offered");
    }

    #[test]
    fn ids_are_numbers() {
        assert_eq!(ids("1,22").ok(), Some(vec![1, 22]));
        for wrong in ["", "1,", "a", "-1", "1, 2"] {
            assert!(ids(wrong).is_err(), "{wrong:?}");
        }
    }
}

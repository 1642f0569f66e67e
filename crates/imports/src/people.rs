//! Names for the people of a file.

use crate::out::{Options, one_line};
use std::collections::HashMap;

/// The people of a file: each source id has one name here, and no two have the same.
#[derive(Debug, Default)]
pub struct People {
    by_id: HashMap<String, String>,
    taken: HashMap<String, String>,
}

impl People {
    /// The user name for somebody; known ids keep theirs.
    pub fn name(&mut self, id: &str, wanted: &str, options: &Options, aliases: &[&str]) -> String {
        if let Some(name) = self.by_id.get(id) {
            return name.clone();
        }
        let mapped = std::iter::once(id)
            .chain(std::iter::once(wanted))
            .chain(aliases.iter().copied())
            .find_map(|key| options.users.get(key));
        let name = match mapped {
            Some(mapped) => mapped.clone(),
            None => self.free(wanted, id),
        };
        self.taken.insert(name.to_lowercase(), id.to_owned());
        self.by_id.insert(id.to_owned(), name.clone());
        name
    }

    pub fn find(&self, id: &str) -> Option<&String> {
        self.by_id.get(id)
    }

    fn free(&self, wanted: &str, id: &str) -> String {
        let wanted = user_name(wanted);
        let wanted = if wanted.is_empty() {
            user_name(id)
        } else {
            wanted
        };
        let wanted = if wanted.is_empty() {
            "unknown".to_owned()
        } else {
            wanted
        };
        let mut name = wanted.clone();
        let mut n = 2;
        while self.taken.contains_key(&name.to_lowercase()) {
            name = format!("{wanted}_{n}");
            n += 1;
        }
        name
    }
}

/// A name without what user names may not have.
fn user_name(name: &str) -> String {
    let words = one_line(name, 60);
    words
        .chars()
        .map(|c| match c {
            c if c.is_whitespace() || "@#/\\:;,<>\"'`&?%".contains(c) => '_',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_never_share_a_name() {
        let mut people = People::default();
        let options = Options {
            users: [("U3".to_owned(), "boss".to_owned())].into(),
            ..Options::default()
        };
        assert_eq!(people.name("U1", "Kim Lee", &options, &[]), "Kim_Lee");
        assert_eq!(people.name("U2", "kim_lee", &options, &[]), "kim_lee_2");
        assert_eq!(people.name("U1", "other", &options, &[]), "Kim_Lee");
        assert_eq!(people.name("U3", "x", &options, &[]), "boss");
        assert_eq!(people.name("U4", "", &options, &[]), "U4");
    }
}

//! Filters of a search while they are typed: their names, and what may stand behind them.

use crate::domain::User;
use crate::http::names::NamedRoom;

/// Of one kind.
const SHOWN: usize = 8;

const NAMES: [(&str, &str); 9] = [
    ("from:", "보낸사람:"),
    ("in:", "방:"),
    ("to:", "받는사람:"),
    ("has:", "포함:"),
    ("is:", "is:"),
    ("before:", "이전:"),
    ("after:", "이후:"),
    ("on:", "날짜:"),
    ("during:", "날짜:"),
];
const HAS: [&str; 7] = [
    "file", "image", "link", "reaction", "mention", "pin", "thread",
];
const HAS_KO: [&str; 7] = ["파일", "사진", "링크", "반응", "언급", "고정", "스레드"];
const IS: [&str; 4] = ["pinned", "saved", "thread", "reply"];
const DAYS: [&str; 7] = [
    "오늘",
    "어제",
    "그제",
    "이번주",
    "지난주",
    "이번달",
    "지난달",
];

/// The last piece of what is typed.
pub struct Typed<'a> {
    before: &'a str,
    piece: &'a str,
    /// Of a filter: its name with the colon, and what stands behind it.
    filter: Option<(&'a str, &'a str)>,
}

impl<'a> Typed<'a> {
    pub fn of(text: &'a str) -> Typed<'a> {
        let start = text
            .char_indices()
            .rfind(|(_, c)| c.is_whitespace())
            .map_or(0, |(at, c)| at + c.len_utf8());
        let (before, piece) = text.split_at(start);
        let filter = piece.find(':').map(|at| piece.split_at(at + 1));
        let known = |name: &str| {
            let name = name.to_lowercase();
            NAMES.iter().any(|(en, ko)| *en == name || *ko == name)
        };
        Typed {
            before,
            piece,
            filter: filter.filter(|(name, _)| known(name)),
        }
    }

    pub fn is_filter(&self) -> bool {
        self.filter.is_some()
    }

    /// What stands behind the name of a filter, without its mark; the whole text where none is
    /// typed.
    pub fn name<'b>(&'b self, whole: &'b str) -> &'b str {
        match self.filter {
            Some((_, value)) => value.trim_start_matches(['"', '@', '#']),
            None => whole,
        }
    }

    /// The text with its last piece completed.
    pub fn completions(&self, rooms: &[NamedRoom], people: &[User]) -> Vec<String> {
        let Some((name, value)) = self.filter else {
            return self.names();
        };
        let typed = value.trim_start_matches(['"', '@', '#']).to_lowercase();
        let begun = |values: &[&str]| -> Vec<String> {
            let meant = values
                .iter()
                .filter(|v| **v != typed && crate::search::hangul::begins(v, &typed));
            meant.map(|v| (*v).to_owned()).collect()
        };
        let values = match &name.to_lowercase()[..] {
            "has:" => begun(&HAS).into_iter().chain(begun(&HAS_KO)).collect(),
            "포함:" => begun(&HAS_KO),
            "is:" => begun(&IS),
            "before:" | "after:" | "on:" | "during:" | "이전:" | "이후:" | "날짜:" => {
                begun(&DAYS)
            }
            "in:" | "방:" => rooms.iter().map(|room| quoted('#', &room.name)).collect(),
            _ => {
                let me = "me".starts_with(&typed).then(|| "me".to_owned());
                let people = people.iter();
                me.into_iter()
                    .chain(people.map(|user| format!("@{}", user.username)))
                    .collect::<Vec<_>>()
            }
        };
        let values = values.into_iter().take(SHOWN);
        values
            .map(|value| format!("{}{name}{value}", self.before))
            .collect()
    }

    fn names(&self) -> Vec<String> {
        let piece = self.piece.to_lowercase();
        if piece.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (en, ko) in NAMES {
            let begun = [en, ko].into_iter().find(|name| {
                name.starts_with(&piece) || crate::search::hangul::begins(name, &piece)
            });
            let whole = begun.map(|name| format!("{}{name}", self.before));
            found.extend(whole.filter(|text| !found.contains(text)));
        }
        found
    }
}

/// A name that has spaces in quotation marks.
fn quoted(mark: char, name: &str) -> String {
    if name.contains(char::is_whitespace) {
        format!("\"{name}\"")
    } else {
        format!("{mark}{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RoomId;

    #[test]
    fn filters_are_completed() {
        let rooms = [(1, "개발팀"), (2, "운영 회의")];
        let rooms = rooms.map(|(id, name)| NamedRoom::of((RoomId(id), name.to_owned())));
        let completed = |text: &str| Typed::of(text).completions(&rooms, &[]);
        assert_eq!(completed("배포 fr"), ["배포 from:"]);
        assert_eq!(completed("ㅂㄴ"), ["보낸사람:", "받는사람:"]);
        assert_eq!(completed("배포 has:l"), ["배포 has:link"]);
        assert_eq!(completed("has:ㅍ"), ["has:파일"]);
        assert_eq!(completed("on:지"), ["on:지난주", "on:지난달"]);
        assert_eq!(completed("in:"), ["in:#개발팀", "in:\"운영 회의\""]);
        assert_eq!(completed("from:m"), ["from:me"]);
        assert_eq!(completed("10:30"), [""; 0]);
        assert_eq!(completed(""), [""; 0]);
    }
}

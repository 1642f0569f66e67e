//! Addresses in a text.

use crate::domain::limits;

/// The first web addresses of a text, each once. What stands in code is an example and no link.
pub fn of(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            continue;
        }
        if is_code {
            continue;
        }
        // Every second part lies between backticks.
        for part in line.split('`').step_by(2) {
            for link in in_plain(part) {
                if !found.iter().any(|one| one == link) {
                    found.push(link.to_owned());
                }
            }
        }
    }
    found.truncate(limits::PREVIEWS_PER_MESSAGE);
    found
}

fn in_plain(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let at = rest
                .match_indices("http")
                .map(|(at, _)| at)
                .find(|&at| begins(&rest[at..]) && !rest[..at].ends_with(is_word))?;
            let from = &rest[at..];
            let end = from.find(ends).unwrap_or(from.len());
            let link = trimmed(&from[..end]);
            rest = &from[end..];
            let host = link.find("://").map_or(link.len(), |at| at + 3);
            if link.len() > host && link.len() <= limits::URL_BYTES {
                return Some(link);
            }
        }
    })
}

fn begins(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_/@.+-".contains(c)
}

/// Where an address ends. Particles follow it without a space, so it has no Hangul in it.
fn ends(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || "<>\"`\\|^".contains(c)
        || matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2010}'..='\u{206f}' | '\u{3000}'..='\u{318f}'
            | '\u{ac00}'..='\u{d7ff}' | '\u{ff00}'..='\u{ff65}')
}

/// Without the punctuation of the sentence around it.
fn trimmed(link: &str) -> &str {
    let mut link = link;
    loop {
        let shorter =
            link.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '~', '\'', '&']);
        let closes = |close, open| {
            shorter.ends_with(close)
                && shorter.matches(close).count() > shorter.matches(open).count()
        };
        let unpaired = closes(')', '(') || closes(']', '[') || closes('}', '{');
        let next = if unpaired {
            &shorter[..shorter.len() - 1]
        } else {
            shorter
        };
        if next.len() == link.len() {
            return link;
        }
        link = next;
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn links_are_found_as_people_write_them() {
        for (text, links) in [
            ("https://a.example/b", vec!["https://a.example/b"]),
            ("보세요(https://a.example/b).", vec!["https://a.example/b"]),
            ("https://a.example를 보고", vec!["https://a.example"]),
            (
                "[글](https://a.example/x_(y))",
                vec!["https://a.example/x_(y)"],
            ),
            (
                "a http://b.example, http://b.example",
                vec!["http://b.example"],
            ),
            ("`https://a.example` x", vec![]),
            (
                "```\nhttps://a.example\n```\nhttp://b.example",
                vec!["http://b.example"],
            ),
            ("xhttps://a.example https:// http", vec![]),
            (
                "http://1.example http://2.example http://3.example http://4.example",
                vec!["http://1.example", "http://2.example", "http://3.example"],
            ),
        ] {
            assert_eq!(of(text), links, "{text}");
        }
    }
}

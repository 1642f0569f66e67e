//! Addresses in a text.

use crate::domain::{limits, link};

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
            for found_here in link::all(part) {
                if found_here.len() <= limits::URL_BYTES && !found.contains(&found_here) {
                    found.push(found_here);
                }
            }
        }
    }
    found.truncate(limits::PREVIEWS_PER_MESSAGE);
    found
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
                "https://ko.wikipedia.org/wiki/한글 참고",
                vec!["https://ko.wikipedia.org/wiki/한글"],
            ),
            ("https://한글.한국은", vec!["https://한글.한국"]),
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

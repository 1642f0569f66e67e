//! What a page says of itself: its title, and what it tells those who link to it (Open Graph).

use crate::domain::Preview;
use encoding_rs::{Encoding, UTF_8};
use html5gum::{DefaultEmitter, Token, Tokenizer};
use std::borrow::Cow;

/// A page names its encoding so early, or by its header.
const NAMED_WITHIN_BYTES: usize = 1_024;

/// The words of a page, as far as its head goes.
#[derive(Debug, Default, PartialEq)]
struct Words {
    title: Option<String>,
    og_title: Option<String>,
    description: Option<String>,
    og_description: Option<String>,
    site: Option<String>,
    /// Where its picture is, as the page writes it.
    picture: Option<String>,
}

/// What a page says, and where its picture is.
pub struct Said {
    pub preview: Preview,
    pub picture: Option<String>,
}

/// `charset` is what the answer's header says.
pub fn said(url: &str, body: &[u8], charset: Option<&str>) -> Option<Said> {
    let words = words(&text(body, charset));
    let title = words.og_title.or(words.title)?;
    let description = words.og_description.or(words.description);
    let preview = Preview::of(url, &title, description.as_deref(), words.site.as_deref())?;
    let picture = words.picture;
    Some(Said { preview, picture })
}

fn text<'a>(body: &'a [u8], charset: Option<&str>) -> Cow<'a, str> {
    let named = charset
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .or_else(|| named_within(&body[..body.len().min(NAMED_WITHIN_BYTES)]));
    // A mark at the beginning says more than any name.
    let (text, _, _) = named.unwrap_or(UTF_8).decode(body);
    text
}

/// `<meta charset="euc-kr">`, or the same in the older form.
fn named_within(head: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let at = head.find("charset=")? + "charset=".len();
    let label = head[at..].trim_start_matches(['"', '\'', ' ']);
    let end = label
        .find(|c: char| !c.is_ascii_alphanumeric() && !"-_:".contains(c))
        .unwrap_or(label.len());
    Encoding::for_label(&label.as_bytes()[..end])
}

fn words(html: &str) -> Words {
    let mut words = Words::default();
    let mut emitter = DefaultEmitter::<()>::default();
    // Titles and scripts hold text, not tags.
    emitter.naively_switch_states(true);
    let mut is_title = false;
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::StartTag(tag) => match &**tag.name {
                b"title" => is_title = words.title.is_none(),
                b"meta" => {
                    let value = |name: &[u8]| {
                        let value = tag.attributes.get(name)?;
                        Some(String::from_utf8_lossy(value).into_owned())
                    };
                    let name = value(b"property").or_else(|| value(b"name"));
                    if let (Some(name), Some(content)) = (name, value(b"content")) {
                        words.hear(&name, content);
                    }
                }
                // The head is over.
                b"body" => break,
                _ => {}
            },
            Token::EndTag(tag) => match &**tag.name {
                b"head" => break,
                b"title" => is_title = false,
                _ => {}
            },
            Token::String(text) if is_title => {
                let title = words.title.get_or_insert_default();
                title.push_str(&String::from_utf8_lossy(&text));
            }
            _ => {}
        }
    }
    words
}

impl Words {
    /// Of several the first counts.
    fn hear(&mut self, name: &str, content: String) {
        let words = match name.trim().to_ascii_lowercase().as_str() {
            "og:title" | "twitter:title" => &mut self.og_title,
            "og:description" | "twitter:description" => &mut self.og_description,
            "description" => &mut self.description,
            "og:site_name" | "application-name" => &mut self.site,
            "og:image" | "og:image:url" | "og:image:secure_url" | "twitter:image" => {
                &mut self.picture
            }
            _ => return,
        };
        if words.is_none() && !content.trim().is_empty() {
            *words = Some(content);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(html: &str) -> Option<(String, Option<String>, Option<String>)> {
        let found = said("https://a.example", html.as_bytes(), None)?.preview;
        Some((found.title, found.description, found.site))
    }

    #[test]
    fn a_page_is_called_as_it_calls_itself() {
        let head = "<!doctype html><head><title>제목 &amp; <b>글</b></title>\
            <meta name=description content='설명'></head>";
        let title = ("제목 & <b>글</b>".to_owned(), Some("설명".to_owned()), None);
        assert_eq!(words(head), Some(title));
        let graph = "<meta property='og:title' content=\"열린 제목\"><title>다른</title>\
            <meta property=og:site_name content=자리><meta property=og:title content=둘째>";
        let open = ("열린 제목".to_owned(), None, Some("자리".to_owned()));
        assert_eq!(words(graph), Some(open));
        let hidden = "<script>'<title>x</title>'</script><!-- <title>y</title> -->";
        for nothing in [hidden, "", "<title> </title>", "<body><title>z</title>"] {
            assert_eq!(words(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn older_korean_pages_are_read_in_their_encoding() {
        let page = "<meta charset=\"euc-kr\"><title>한글</title>";
        let (bytes, _, _) = encoding_rs::EUC_KR.encode(page);
        let of =
            |charset| said("https://a.example", &bytes, charset).map(|found| found.preview.title);
        assert_eq!(of(None).as_deref(), Some("한글"));
        assert_eq!(of(Some("EUC-KR")).as_deref(), Some("한글"));
    }

    #[test]
    fn broken_pages_are_read_as_far_as_they_go() {
        let cut = "<title>반쯤";
        assert_eq!(words(cut).map(|said| said.0).as_deref(), Some("반쯤"));
        for hostile in [
            "<".repeat(50_000),
            "<meta ".repeat(20_000),
            "<!--".repeat(10_000),
        ] {
            assert_eq!(words(&hostile), None);
        }
    }
}

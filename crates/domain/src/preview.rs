//! What a page says of itself, shown below a message that links to it.

use super::{MessageId, Refusal, limits, text};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct as _};
use unicode_segmentation::UnicodeSegmentation as _;
use utoipa::ToSchema;

/// A page that a message links to, in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub struct Preview {
    /// As the message has it.
    pub url: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the site calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The page's picture, made small by the server: `GET /messages/{id}/previews/{n}/picture`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PreviewPicture>,
}

/// How large the small picture of a page is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub struct PreviewPicture {
    pub width: u32,
    pub height: u32,
    /// Names the content on the disk; never told.
    #[serde(default)]
    #[schema(ignore)]
    pub content: String,
    #[serde(default)]
    #[schema(ignore)]
    pub size: u64,
}

/// In JSON what is not there is left out. The log and the state know fields by their place, so
/// there every field is written.
impl Serialize for Preview {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = !serializer.is_human_readable();
        let said = |words: &Option<String>| usize::from(all || words.is_some());
        let pictures = usize::from(all || self.picture.is_some());
        let count = 2 + said(&self.description) + said(&self.site) + pictures;
        let mut preview = serializer.serialize_struct("Preview", count)?;
        preview.serialize_field("url", &self.url)?;
        preview.serialize_field("title", &self.title)?;
        if all || self.description.is_some() {
            preview.serialize_field("description", &self.description)?;
        }
        if all || self.site.is_some() {
            preview.serialize_field("site", &self.site)?;
        }
        if all || self.picture.is_some() {
            preview.serialize_field("picture", &self.picture)?;
        }
        preview.end()
    }
}

/// In JSON without what names it on the disk.
impl Serialize for PreviewPicture {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = !serializer.is_human_readable();
        let count = if all { 4 } else { 2 };
        let mut picture = serializer.serialize_struct("PreviewPicture", count)?;
        picture.serialize_field("width", &self.width)?;
        picture.serialize_field("height", &self.height)?;
        if all {
            picture.serialize_field("content", &self.content)?;
            picture.serialize_field("size", &self.size)?;
        }
        picture.end()
    }
}

/// What may be done with previews.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PreviewCommand {
    /// Of links in a message, as the server found them; those that are no longer in it are left out.
    Set {
        message: MessageId,
        previews: Vec<Preview>,
    },
    /// The message shows none, now and later.
    Hide { message: MessageId },
}

impl Preview {
    /// What a page says, cut to what is shown of it; `None` where it says no title.
    pub fn of(
        url: &str,
        title: &str,
        description: Option<&str>,
        site: Option<&str>,
    ) -> Option<Preview> {
        let title = shown(title, limits::PREVIEW_TITLE_GRAPHEMES);
        let cut = |words: Option<&str>, graphemes| {
            let words = shown(words.unwrap_or_default(), graphemes);
            (!words.is_empty()).then_some(words)
        };
        (!title.is_empty() && url.len() <= limits::URL_BYTES).then(|| Preview {
            url: url.to_owned(),
            title,
            description: cut(description, limits::PREVIEW_DESCRIPTION_GRAPHEMES),
            site: cut(site, limits::PREVIEW_SITE_GRAPHEMES),
            picture: None,
        })
    }
}

impl PreviewCommand {
    pub fn checked(self) -> Result<PreviewCommand, Refusal> {
        match self {
            PreviewCommand::Set { previews, .. }
                if previews.len() > limits::PREVIEWS_PER_MESSAGE =>
            {
                let most = limits::PREVIEWS_PER_MESSAGE;
                Err(Refusal::too_long("previews", most, "previews"))
            }
            PreviewCommand::Set { message, previews } => {
                let again = |one: Preview| {
                    let (description, site) = (one.description.as_deref(), one.site.as_deref());
                    let picture = one.picture.clone();
                    Preview::of(&one.url, &one.title, description, site)
                        .map(|preview| Preview { picture, ..preview })
                };
                Ok(PreviewCommand::Set {
                    message,
                    previews: previews.into_iter().filter_map(again).collect(),
                })
            }
            hide @ PreviewCommand::Hide { .. } => Ok(hide),
        }
    }
}

/// One line in NFC, without what controls or turns its direction, at most so long.
fn shown(words: &str, graphemes: usize) -> String {
    let mut line = String::new();
    for word in words.split_whitespace() {
        let plain: String = word.chars().filter(|&c| !is_control(c)).collect();
        if !plain.is_empty() && !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&plain);
        // More than any limit in bytes: a page may say a lot.
        if line.len() > limits::PREVIEW_BYTES {
            break;
        }
    }
    let line = text::nfc(line);
    let mut cut = String::new();
    for (n, cluster) in line.graphemes(true).enumerate() {
        if n + 1 == graphemes || cut.len() + cluster.len() > limits::PREVIEW_BYTES {
            cut.push('…');
            break;
        }
        cut.push_str(cluster);
    }
    cut
}

fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_says_is_one_line_of_a_bounded_length() {
        let said = Preview::of(
            "https://a.example",
            " 한글\n\n \u{202e}제목 ",
            Some(""),
            None,
        );
        let said = said.expect("a title");
        assert_eq!(said.title, "한글 제목");
        assert_eq!((said.description, said.site), (None, None));
        let long = Preview::of("https://a.example", &"가".repeat(5_000), None, None);
        let title = long.expect("a title").title;
        assert_eq!(
            title.graphemes(true).count(),
            limits::PREVIEW_TITLE_GRAPHEMES
        );
        assert!(title.ends_with('…'));
        let marks = format!("a{}", "\u{301}".repeat(4_000));
        let stacked = Preview::of("https://a.example", &marks, None, None);
        assert!(stacked.is_none_or(|one| one.title.len() <= 2 * limits::PREVIEW_BYTES));
        assert_eq!(
            Preview::of("https://a.example", " \u{feff} ", None, None),
            None
        );
    }
}

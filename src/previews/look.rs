//! Pages are asked, within bounds, and what they said is remembered for a while.

use super::page;
use super::picture::Pictures;
use crate::domain::Preview;
use crate::outbound::{Answer, Bounds, Client, Request, header};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// What a page says of itself stands at its beginning.
const BOUNDS: Bounds = Bounds {
    connect: Duration::from_secs(3),
    total: Duration::from_secs(6),
    body_bytes: 512 << 10,
    cut: true,
    redirects: 3,
};
const REMEMBERED: usize = 1_000;
const REMEMBERED_FOR: Duration = Duration::from_secs(60 * 60);
/// A page that is not there now may be there soon.
const NOTHING_FOR: Duration = Duration::from_secs(10 * 60);

pub struct Looker {
    client: Client,
    own_url: Option<String>,
    pictures: Pictures,
    /// By address: until when, and what the page says, if it says something.
    known: Mutex<HashMap<String, (Instant, Option<Preview>)>>,
}

impl Looker {
    pub fn new(client: Client, own_url: Option<String>, pictures: Pictures) -> Looker {
        Looker {
            client,
            own_url,
            pictures,
            known: Mutex::default(),
        }
    }

    pub async fn preview(&self, url: &str) -> Option<Preview> {
        if self
            .own_url
            .as_ref()
            .is_some_and(|own| url.starts_with(own.as_str()))
        {
            return None;
        }
        if let Some(known) = self.remembered(url) {
            return known;
        }
        let request = Request::get(url)
            .header("accept", "text/html,application/xhtml+xml")
            .bounds(BOUNDS);
        let found = match self.client.send(request).await {
            Ok(answer) => match read(url, &answer) {
                Some(said) => Some(self.with_picture(said, &answer).await),
                None => None,
            },
            Err(error) => {
                // The address is a person's: it stays out of the log.
                tracing::debug!(
                    is_passing = error.is_passing(),
                    "a page cannot be looked at"
                );
                None
            }
        };
        self.remember(url, found.clone());
        found
    }

    /// What was found a while ago, as long as its picture is still there.
    fn remembered(&self, url: &str) -> Option<Option<Preview>> {
        let known = self.known.lock();
        let (until, found) = known.get(url)?;
        let picture = found.as_ref().and_then(|found| found.picture.as_ref());
        let is_there = picture.is_none_or(|picture| self.pictures.stays(&picture.content));
        (*until > Instant::now() && is_there).then(|| found.clone())
    }

    async fn with_picture(&self, said: page::Said, answer: &Answer) -> Preview {
        let picture = match said.picture {
            Some(address) => self.pictures.fetch(&self.client, answer, &address).await,
            None => None,
        };
        Preview {
            picture,
            ..said.preview
        }
    }

    fn remember(&self, url: &str, found: Option<Preview>) {
        let now = Instant::now();
        let mut known = self.known.lock();
        if known.len() >= REMEMBERED {
            known.retain(|_, (until, _)| *until > now);
        }
        if known.len() >= REMEMBERED {
            let first = known.iter().min_by_key(|(_, (until, _))| *until);
            if let Some(url) = first.map(|(url, _)| url.clone()) {
                known.remove(&url);
            }
        }
        let lasts = match found {
            Some(_) => REMEMBERED_FOR,
            None => NOTHING_FOR,
        };
        known.insert(url.to_owned(), (now + lasts, found));
    }
}

fn read(url: &str, answer: &Answer) -> Option<page::Said> {
    let kind = answer.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.to_ascii_lowercase();
    let is_page = ["text/html", "application/xhtml+xml"]
        .iter()
        .any(|page| kind.starts_with(page));
    if !answer.status.is_success() || !is_page {
        return None;
    }
    let charset = kind.split_once("charset=").map(|(_, named)| {
        let named = named.trim_matches(['"', '\'', ' ']);
        named
            .split(';')
            .next()
            .unwrap_or_default()
            .trim_matches('"')
    });
    page::said(url, &answer.body, charset)
}

//! How long a search takes: the first page for words of the history, and for what was said a
//! moment ago.
use super::http::Http;
use super::report::Latency;
use super::setup::Account;
use super::target::Target;
use anyhow::{Context, Result, bail};
use hdrhistogram::Histogram;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::Write;
use std::time::Instant;

/// Where words are taken from: the largest page that there is.
const ROOMS: usize = 20;
const MESSAGES_PER_ROOM: usize = 100;

#[derive(Debug, Serialize)]
pub struct Searched {
    /// Different words.
    words: usize,
    hits: u64,
    history_ms: Latency,
    just_said_ms: Latency,
}

pub fn run(target: &Target, account: &Account, room: u64, searches: u32) -> Result<Searched> {
    let mut http = Http::connect(target, Some(&account.token))?;
    let words = words(&mut http)?;
    if words.is_empty() {
        bail!("nothing was said yet that could be searched for; import a history first");
    }
    let (mut history_us, mut just_said_us) = (Histogram::new(3)?, Histogram::new(3)?);
    let mut hits = 0;
    // Steps that do not share a factor with most lengths: neighbours are not asked for in a row.
    let order = (0..searches as usize).map(|at| &words[at * 7919 % words.len()]);
    for (at, word) in order.enumerate() {
        if at % 2 == 0 {
            let (total, us) = ask(&mut http, word)?;
            hits += total;
            history_us.record(us)?;
        } else {
            let fresh = format!("{word}{at}");
            http.call(
                "POST",
                &format!("/rooms/{room}/messages"),
                Some(&json!({ "text": fresh })),
            )?;
            let (total, us) = ask(&mut http, &fresh)?;
            if total == 0 {
                bail!("`{fresh}` was said, but not found");
            }
            just_said_us.record(us)?;
        }
    }
    Ok(Searched {
        words: words.len(),
        hits,
        history_ms: Latency::of(&history_us),
        just_said_ms: Latency::of(&just_said_us),
    })
}

fn ask(http: &mut Http, text: &str) -> Result<(u64, u64)> {
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let began = Instant::now();
    let page = http.call("GET", &format!("/search?q={encoded}&limit=20"), None)?;
    let us = began.elapsed().as_micros() as u64;
    let total = page["total"].as_u64().context("an answer without total")?;
    Ok((total, us))
}

/// Words of the latest messages of some rooms, in a fixed order.
fn words(http: &mut Http) -> Result<Vec<String>> {
    let path = format!("/rooms/directory?limit={ROOMS}");
    let rooms = http.call("GET", &path, None)?;
    let rooms = rooms["rooms"].as_array().or(rooms.as_array());
    let mut words = BTreeSet::new();
    for room in rooms.into_iter().flatten().take(ROOMS) {
        let path = format!("/rooms/{}/messages?limit={MESSAGES_PER_ROOM}", room["id"]);
        let page = http.call("GET", &path, None)?;
        let messages = page["messages"].as_array().into_iter().flatten();
        for text in messages.filter_map(|message| message["text"].as_str()) {
            words.extend(
                text.split(|c: char| !c.is_alphanumeric())
                    .filter(|word| (2..=8).contains(&word.chars().count()))
                    .map(str::to_owned),
            );
        }
    }
    Ok(words.into_iter().collect())
}

impl Searched {
    pub fn print(&self, json: bool) -> Result<()> {
        let mut out = std::io::stdout().lock();
        if json {
            serde_json::to_writer(&mut out, self)?;
            writeln!(out)?;
            return Ok(());
        }
        writeln!(out, "{:<22}{}", "different words", self.words)?;
        Latency::print(
            &mut out,
            &[
                ("of the history", &self.history_ms),
                ("just said", &self.just_said_ms),
            ],
        )
    }
}

//! Real messages: every word of a line finds the line.

use super::source::{House, everybody, query, start};
use flate2::read::GzDecoder;
use maru::domain::MessageId;
use maru::search::analyzer::Analyzer;
use maru::search::{Query, Search};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::sync::Arc;

/// The texts of the large corpus, if it is there.
pub fn corpus() -> Option<Vec<String>> {
    let path = "../shared/corpus/talk-ko-50k.jsonl.gz";
    let Ok(file) = std::fs::File::open(path) else {
        println!("skipped: there is no {path}");
        return None;
    };
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    let text = |line: String| {
        let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        line["text"].as_str().expect("text").to_owned()
    };
    Some(lines.map(|l| text(l.expect("reads"))).collect())
}

pub fn index(texts: &[String]) -> (tempfile::TempDir, Arc<House>, Vec<MessageId>, Search) {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let ids = texts.iter().map(|t| house.say(t)).collect();
    let search = start(dir.path(), &house);
    (dir, house, ids, search)
}

/// All pages.
fn all_hits(search: &Search, text: &str) -> Vec<MessageId> {
    let mut hits = Vec::new();
    let mut query = query(text);
    loop {
        let page = search.query(&query, &everybody()).expect("answers");
        hits.extend(page.hits.iter().map(|h| h.id));
        match page.cursor {
            Some(cursor) => {
                query = Query {
                    cursor: Some(cursor),
                    ..query
                }
            }
            None => {
                assert_eq!(hits.len() as u64, page.total, "{text}");
                return hits;
            }
        }
    }
}

/// Asks for every word, as it stands in a dictionary. Returns those that do not find
/// their message.
fn missed(texts: &[String], ids: &[MessageId], search: &Search) -> (usize, Vec<String>) {
    let mut asked: HashMap<String, Vec<usize>> = HashMap::new();
    for (line, text) in texts.iter().enumerate() {
        for sense in Analyzer::plain().analyze(text).senses {
            // Marked ones are not asked for by themselves.
            if sense.starts_with(char::is_alphanumeric) {
                asked.entry(sense).or_default().push(line);
            }
        }
    }
    let mut pairs = 0;
    let mut missed = Vec::new();
    for (term, lines) in asked {
        let mut hits = all_hits(search, &term);
        hits.sort_unstable();
        pairs += lines.len();
        for line in lines {
            if hits.binary_search(&ids[line]).is_err() {
                missed.push(format!("{term}: {}", texts[line]));
            }
        }
    }
    missed.sort_unstable();
    (pairs, missed)
}

#[test]
fn every_word_finds_its_message() {
    let texts: Vec<String> = include_str!("fixtures/talk-ko.txt")
        .lines()
        .map(str::to_owned)
        .collect();
    let (_dir, _house, ids, search) = index(&texts);
    let (pairs, missed) = missed(&texts, &ids, &search);
    assert!(pairs > 1500, "{pairs}");
    assert_eq!(missed, Vec::<String>::new());
}

#[test]
fn nearly_every_word_of_the_corpus_finds_its_message() {
    let Some(texts) = corpus() else { return };
    // Every seventeenth: words do not grow rarer by more of them, only the test longer.
    let texts: Vec<String> = texts.into_iter().step_by(17).collect();
    let (_dir, _house, ids, search) = index(&texts);
    let (pairs, missed) = missed(&texts, &ids, &search);
    println!("{} of {pairs} missed", missed.len());
    for line in missed.iter().take(40) {
        println!("{line}");
    }
    assert!(missed.len() * 1000 < pairs, "{} of {pairs}", missed.len());
}

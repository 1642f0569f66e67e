//! Asks Maru every need of a judged half: `search-eval DIR OUT.json [--explain QUERY]`.
//!
//! DIR holds what `judge.py` wrote. OUT gets `{"Maru": [[ids in order] per need]}`.

use maru_domain::{MessageId, RoomId, Seq, UserId};
use maru_search::{
    Change, Doc, DocumentSource, Documents, Has, Position, Query, Readable, Search, Step,
};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Texts(Vec<Doc>);

impl Texts {
    fn at(&self) -> Position {
        Position {
            epoch: 1,
            seq: Seq(self.0.len() as u64 + 1),
        }
    }
}

impl DocumentSource for Texts {
    fn head(&self) -> Position {
        self.at()
    }

    fn changes_since(&self, after: Position, _: usize) -> io::Result<Step> {
        Ok(Step::Changes {
            changes: Vec::<Change>::new(),
            upto: after,
        })
    }

    fn everything(&self) -> io::Result<(Position, Documents)> {
        Ok((self.at(), Box::new(self.0.clone().into_iter().map(Ok))))
    }
}

fn read(dir: &Path) -> Vec<Doc> {
    let lines = fs::read_to_string(dir.join("texts.jsonl")).expect("texts.jsonl");
    let doc = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let id = line["id"].as_u64().expect("id");
        Doc {
            id: MessageId(id),
            room: RoomId(1),
            author: UserId(1),
            public: true,
            // All of one moment: what is newer must not decide.
            sent_at_ms: 1_700_000_000_000,
            text: line["text"].as_str().expect("text").into(),
            has: Has::NOTHING,
            mentions: Vec::new(),
            files: Vec::new(),
        }
    };
    lines.lines().map(doc).collect()
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, dir, out, rest @ ..] = &args[..] else {
        panic!("search-eval DIR OUT.json [QUERY …]");
    };
    let docs = read(Path::new(dir));
    let texts: Vec<Arc<str>> = docs.iter().map(|d| d.text.clone()).collect();
    let index = Path::new(dir).join("index");
    let source = Arc::new(Texts(docs));
    let head = source.at().seq;
    let search = Search::start(index, source).expect("starts");
    let began = Instant::now();
    while !search.wait_visible(head, Duration::from_millis(50)) {
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("index ready after {:?}", began.elapsed());
    if !rest.is_empty() {
        for text in rest {
            show(&search, text, &texts);
        }
        return;
    }
    let needs = fs::read_to_string(Path::new(dir).join("needs.json")).expect("needs.json");
    let needs: Vec<serde_json::Value> = serde_json::from_str(&needs).expect("JSON");
    let runs: Vec<Vec<u64>> = needs
        .iter()
        .map(|need| all(&search, need["query"].as_str().expect("query")))
        .collect();
    let run = serde_json::json!({ "Maru": runs });
    fs::write(out, run.to_string()).expect("writes");
}

/// The first hits of one question, with their texts.
fn show(search: &Search, text: &str, texts: &[Arc<str>]) {
    let page = ask(search, text, None);
    println!("== {text}: {}", page.total);
    for hit in page.hits.iter().take(12) {
        println!("{:8.3} {}", hit.score, texts[hit.id.0 as usize - 1]);
    }
}

fn ask(search: &Search, text: &str, cursor: Option<String>) -> maru_search::ResultPage {
    let query = Query {
        text: text.to_owned(),
        limit: 100,
        cursor,
        ..Query::default()
    };
    let everybody = Readable {
        public: true,
        rooms: Vec::new(),
    };
    search.query(&query, &everybody).expect("answers")
}

fn all(search: &Search, text: &str) -> Vec<u64> {
    let mut ids = Vec::new();
    let mut cursor = None;
    loop {
        let page = ask(search, text, cursor);
        ids.extend(page.hits.iter().map(|hit| hit.id.0));
        cursor = page.cursor;
        if cursor.is_none() {
            return ids;
        }
    }
}

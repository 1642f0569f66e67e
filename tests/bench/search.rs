//! Search over many messages: `search-bench TEXTS.jsonl.gz [MESSAGES]`, a release build.
//!
//! The texts are repeated in other orders until there are as many messages, in 5,000 rooms; the
//! caller is in 50 of them, of which one in ten is public.

use flate2::read::GzDecoder;
use maru_domain::{MessageId, RoomId, Seq, UserId};
use maru_search::{
    Change, Doc, DocumentSource, Documents, Has, Position, Query, Readable, Search, Sort, Step,
};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const ROOMS: u64 = 5_000;
const PUBLIC_ONE_IN: u64 = 10;

struct House {
    texts: Vec<Arc<str>>,
    messages: u64,
    later: Mutex<Vec<Doc>>,
}

impl House {
    fn doc(&self, n: u64, text: Arc<str>) -> Doc {
        // Some order that is always the same.
        let room = 1 + n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % ROOMS;
        Doc {
            id: MessageId(Seq(n + 1).id()),
            room: RoomId(room),
            author: UserId(1 + n % 997),
            public: room.is_multiple_of(PUBLIC_ONE_IN),
            sent_at_ms: 1_700_000_000_000 + n as i64 * 1_000,
            text,
            has: Has::NOTHING,
            mentions: Vec::new(),
            files: Vec::new(),
        }
    }

    fn head_seq(&self) -> u64 {
        self.messages + self.later.lock().expect("lock").len() as u64
    }

    fn say(&self, text: &str) {
        let mut later = self.later.lock().expect("lock");
        let mut doc = self.doc(self.messages + later.len() as u64, text.into());
        doc.public = true;
        later.push(doc);
    }

    fn at(&self, seq: u64) -> Position {
        Position {
            epoch: 1,
            seq: Seq(seq),
        }
    }
}

impl DocumentSource for House {
    fn head(&self) -> Position {
        self.at(self.head_seq())
    }

    fn changes_since(&self, after: Position, max: usize) -> io::Result<Step> {
        let later = self.later.lock().expect("lock");
        let start = (after.seq.0 - self.messages) as usize;
        let docs = later.iter().skip(start).take(max).cloned();
        let changes: Vec<Change> = docs.map(Change::Put).collect();
        let upto = self.at(after.seq.0 + changes.len() as u64);
        Ok(Step::Changes { changes, upto })
    }

    fn everything(&self) -> io::Result<(Position, Documents)> {
        let count = self.texts.len() as u64;
        let docs: Vec<Doc> = (0..self.messages)
            .map(|n| {
                let at = n.wrapping_mul(7_919) + n / count;
                self.doc(n, self.texts[(at % count) as usize].clone())
            })
            .collect();
        Ok((self.at(self.messages), Box::new(docs.into_iter().map(Ok))))
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().expect("search-bench TEXTS.jsonl.gz [MESSAGES]");
    let messages = args
        .next()
        .map_or(1_000_000, |n| n.parse().expect("a number"));
    let lines = BufReader::new(GzDecoder::new(File::open(path).expect("opens"))).lines();
    let text = |line: io::Result<String>| -> Arc<str> {
        let line: serde_json::Value = serde_json::from_str(&line.expect("reads")).expect("JSON");
        line["text"].as_str().expect("text").into()
    };
    let texts: Vec<Arc<str>> = lines.map(text).collect();
    let bytes: u64 = (0..messages)
        .map(|n| texts[n as usize % texts.len()].len() as u64)
        .sum();
    let house = Arc::new(House {
        texts,
        messages,
        later: Mutex::default(),
    });
    let dir = tempfile::tempdir().expect("a directory");
    let began = Instant::now();
    let search = Search::start(dir.path().join("index"), house.clone()).expect("starts");
    while !search.wait_visible(Seq(messages), Duration::from_millis(200)) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let took = began.elapsed();
    let per_s = messages as f64 / took.as_secs_f64();
    println!("built in {took:?}: {per_s:.0} messages/s");
    let size = size_of(&dir.path().join("index"));
    println!(
        "index {size} bytes, {:.2} times the text",
        size as f64 / bytes as f64
    );
    resident("after the build");
    drop(search);
    let began = Instant::now();
    let search = Search::start(dir.path().join("index"), house.clone()).expect("starts");
    let readable = Readable {
        public: true,
        rooms: (0..50).map(|n| RoomId(1 + n * 99)).collect(),
    };
    let common = [
        "영화", "연기", "음악", "재미", "좋다", "보다", "감동", "배우",
    ];
    let several = [
        "연기 좋다",
        "음악 감동",
        "배우 연기력",
        "시간 아깝다",
        "공포 영화",
        "마지막 장면",
    ];
    let rare = [
        "송강호",
        "의사소통",
        "\"시간 가는줄\"",
        "ㅈㅇㄱ",
        "rkaehr",
        "설겆이",
        "ㅋㅋ",
    ];
    ask(&search, "영화", Sort::Relevance, &readable);
    println!("first answer after a start: {:?}", began.elapsed());
    for (what, questions) in [
        ("common", &common[..]),
        ("several", &several),
        ("rare", &rare),
    ] {
        for sort in [Sort::Relevance, Sort::Newest] {
            let mut times = Vec::new();
            for _ in 0..20 {
                for text in questions {
                    let began = Instant::now();
                    ask(&search, text, sort, &readable);
                    times.push((began.elapsed(), *text));
                }
            }
            report(&format!("first page, {what}, {sort:?}"), times);
        }
    }
    let mut times = Vec::new();
    for _ in 0..20 {
        for text in ["영", "ㅇ", "ㅇㅎ", "연기 ㅈ", "rka", "감독", "배우 연"] {
            let began = Instant::now();
            search.suggest(text, &readable).expect("suggests");
            times.push((began.elapsed(), text));
        }
    }
    report("suggestions", times);
    let mut times = Vec::new();
    for n in 0..100 {
        house.say(&format!("방금 한 말 {n}"));
        search.notify();
        let began = Instant::now();
        assert!(!ask(&search, "방금", Sort::Newest, &readable).partial);
        times.push((began.elapsed(), "방금"));
    }
    report("first page just after a message", times);
    resident("at the end");
    let index = dir.path().join("index");
    let (mut size, mut same) = (size_of(&index), 0);
    // Nothing changed for a while: what is merged behind is merged.
    while same < 4 {
        std::thread::sleep(Duration::from_secs(5));
        let now = size_of(&index);
        same = if now == size { same + 1 } else { 0 };
        size = now;
    }
    println!(
        "index when its segments are merged {size} bytes, {:.2} times the text",
        size as f64 / bytes as f64
    );
    resident("then");
}

fn size_of(path: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(path).expect("reads");
    let sizes = entries.map(|entry| {
        let entry = entry.expect("reads");
        let about = entry.metadata().expect("reads");
        if about.is_dir() {
            size_of(&entry.path())
        } else {
            about.len()
        }
    });
    sizes.sum()
}

fn ask(search: &Search, text: &str, sort: Sort, readable: &Readable) -> maru_search::ResultPage {
    let query = Query {
        text: text.to_owned(),
        sort,
        limit: 20,
        ..Query::default()
    };
    search.query(&query, readable).expect("answers")
}

fn report(what: &str, mut times: Vec<(Duration, &str)>) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    let (slowest, text) = at(100);
    println!(
        "{what}: p50 {:?}, p95 {:?}, max {slowest:?} ({text})",
        at(50).0,
        at(95).0
    );
}

fn resident(when: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon"));
    println!(
        "{when}: {}",
        line.unwrap_or("resident memory is not known here")
    );
}

//! Figures over the large corpus: `cargo test --release --test it figures -- --ignored --nocapture`.

use super::corpus::{corpus, index};
use super::source::{ask, everybody};
use maru::search::analyzer::{Analyzer, WordKind};
use std::time::{Duration, Instant};

#[test]
#[ignore = "measures; meant for a release build"]
fn figures() {
    let Some(texts) = corpus() else { return };
    let bytes: usize = texts.iter().map(String::len).sum();
    let started = Instant::now();
    let words: usize = texts
        .iter()
        .map(|t| Analyzer::plain().analyze(t).words.len())
        .sum();
    let analysed = started.elapsed();
    println!(
        "analysis: {} messages, {bytes} bytes, {words} words in {analysed:?}",
        texts.len()
    );
    let started = Instant::now();
    let (dir, house, _ids, search) = index(&texts);
    println!("built in {:?}", started.elapsed());

    let mut questions: Vec<String> = Vec::new();
    for text in texts.iter().step_by(97) {
        let words = Analyzer::plain().analyze(text).words;
        let mut terms = words
            .into_iter()
            .filter(|w| matches!(w.kind, WordKind::Noun | WordKind::Verb))
            .map(|w| w.term);
        questions.extend(terms.next());
        if let (Some(a), Some(b)) = (terms.next(), terms.next()) {
            questions.push(format!("{a} {b}"));
        }
    }
    for word in [
        "영화",
        "재미",
        "ㅋㅋ",
        "정말 좋다",
        "이",
        "보다",
        "최고의 영화",
        "\"정말 재미\"",
    ] {
        questions.push(word.to_owned());
    }
    let mut times = Vec::new();
    let mut slowest = (Duration::ZERO, String::new());
    for question in &questions {
        let started = Instant::now();
        let page = ask(&search, question).expect("answers");
        let took = started.elapsed();
        assert!(!page.partial);
        if took > slowest.0 {
            slowest = (took, format!("{question} ({} hits)", page.total));
        }
        times.push(took);
    }
    report("first page", &mut times);
    println!("slowest: {slowest:?}");

    let mut times = Vec::new();
    for question in questions.iter().step_by(5) {
        let started = Instant::now();
        search.suggest(question, &everybody()).expect("suggests");
        times.push(started.elapsed());
    }
    report("suggestions", &mut times);

    let mut times = Vec::new();
    for n in 0..200 {
        house.say(&format!("방금 한 말 {n}"));
        search.notify();
        let started = Instant::now();
        assert!(!ask(&search, "방금").expect("answers").partial);
        times.push(started.elapsed());
    }
    report("first page just after a message", &mut times);

    let files = std::fs::read_dir(dir.path().join("index")).expect("reads");
    let size: u64 = files
        .map(|f| f.expect("reads").metadata().expect("reads").len())
        .sum();
    println!("index: {size} bytes");
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: usize| times[times.len() * part / 100];
    println!(
        "{what}: {} times, p50 {:?}, p95 {:?}, max {:?}",
        times.len(),
        at(50),
        at(95),
        times[times.len() - 1]
    );
}

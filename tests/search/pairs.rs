//! Needs with one sentence each that is to be found or not: `eval/pairs.tsv`. All sentences stand in
//! one index, so each is also a stranger to all other needs.

use super::source::{House, ask, start};
use std::collections::BTreeMap;

/// So many of the needs must be met, of either half.
const LEAST: f64 = 0.85;

#[test]
fn needs_are_met() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let lines = include_str!("eval/pairs.tsv").lines();
    let rows: Vec<Vec<&str>> = lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect();
    let ids: Vec<_> = rows.iter().map(|row| house.say(row[4])).collect();
    let search = start(dir.path(), &house);
    // By half and kind: met, all.
    let mut counts: BTreeMap<(&str, &str), [usize; 2]> = BTreeMap::new();
    let mut missed = Vec::new();
    for (row, id) in rows.iter().zip(ids) {
        let [kind, half, query, wanted, sentence] = row[..] else {
            panic!("{row:?}");
        };
        let page = ask(&search, query).expect("answers");
        let found = page.hits.iter().any(|hit| hit.id == id);
        let met = found == (wanted == "+");
        for kind in [kind, "all"] {
            let count = counts.entry((half, kind)).or_default();
            count[0] += usize::from(met);
            count[1] += 1;
        }
        if !met {
            missed.push(format!("{half} {kind} {query} {wanted} {sentence}"));
        }
    }
    for ((half, kind), [met, all]) in &counts {
        println!("{half} {kind}: {met} of {all}");
    }
    println!("{}", missed.join("\n"));
    for half in ["t", "f"] {
        let [met, all] = counts[&(half, "all")];
        assert!(met as f64 >= LEAST * all as f64, "{half}: {met} of {all}");
    }
}

//! The load generator against the server it comes with.

use super::run::{Place, line};
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn it_searches_and_leaves_nothing_behind() {
    let place = Place::new();
    let server = place.serve_with(&["--signup", "open"]);
    let bench = |more: &[&str]| {
        let mut args = vec!["bench", server.url.as_str(), "--json"];
        args.extend(more);
        place.run(&args)
    };
    let err = bench(&["--searches", "4"]).failed(1);
    assert!(err.contains("import a history first"), "{err}");

    let history: String = (0..50)
        .map(|n| line(&n.to_string(), &format!("마루에 모인 사람 {n}")))
        .collect();
    place.file("history", &history);
    place.run(&["import", "history"]).ok();
    let before = place.run(&["export"]).ok();

    let done = json(&bench(&["--searches", "20"]).ok());
    assert!(done["hits"].as_u64() >= Some(10), "{done}");
    assert!(done["just_said_ms"]["p95"].as_f64() > Some(0.0), "{done}");

    assert_eq!(place.run(&["export"]).ok(), before);
    assert_eq!(server.stop().status, 0);
}

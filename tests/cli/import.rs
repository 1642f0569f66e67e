use super::run::{Place, line};
use std::io::Write;

fn count(place: &Place) -> usize {
    place.run(&["export"]).ok().lines().count()
}

#[test]
fn the_same_id_twice_is_one_message() {
    let place = Place::new();
    let text = [line("1", "하나"), line("2", "둘"), line("1", "하나 더")].concat();
    place.file("history", &text);
    let done = place.run(&["import", "history"]).ok();
    assert!(
        done.starts_with("2 messages loaded, 1 were there already"),
        "{done}"
    );
    let done = place.run_with(&["import", "-"], &text).ok();
    assert!(
        done.starts_with("0 messages loaded, 3 were there already"),
        "{done}"
    );
    assert_eq!(count(&place), 2);
}

#[test]
fn one_bad_line_and_nothing_is_kept() {
    let place = Place::new();
    let text = [line("1", "하나"), "{\"id\":\n".to_owned(), line("3", "셋")].concat();
    place.file("history", &text);
    let err = place.run(&["import", "history"]).failed(1);
    assert!(
        err.contains("line 2") && err.contains("nothing was loaded"),
        "{err}"
    );
    assert_eq!(count(&place), 0);
    assert!(
        place.run(&["user", "list"]).ok().lines().count() == 1,
        "no user was made either"
    );

    let done = place.run(&["import", "history", "--skip-bad-lines"]).ok();
    assert!(
        done.starts_with("2 messages loaded") && done.contains("1 bad lines"),
        "{done}"
    );
    assert_eq!(count(&place), 2);
}

#[test]
fn gzip_is_known_by_its_bytes_and_a_torn_one_is_refused() {
    let place = Place::new();
    let text: String = (0..500)
        .map(|n| line(&n.to_string(), "마루에 모였다"))
        .collect();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).expect("packs");
    let packed = packed.finish().expect("packs");
    std::fs::write(place.dir.path().join("torn"), &packed[..packed.len() / 2]).expect("written");
    place.run(&["import", "torn"]).failed(1);
    assert_eq!(count(&place), 0);
    std::fs::write(place.dir.path().join("whole"), &packed).expect("written");
    assert!(
        place
            .run(&["import", "whole"])
            .ok()
            .starts_with("500 messages loaded")
    );
}

#[test]
fn what_was_exported_can_be_loaded_again() {
    let first = Place::new();
    let answer = line("2", "답").replace("\"id\"", "\"reply_to\":\"1\",\"id\"");
    first.file("history", &[line("1", "물음"), answer].concat());
    first.run(&["import", "history"]).ok();
    let exported = first.run(&["export"]).ok();
    assert!(exported.contains(r#""reply_to":"1""#), "{exported}");

    let second = Place::new();
    let loaded = second.run_with(&["import", "-"], &exported).ok();
    assert!(loaded.starts_with("2 messages loaded"), "{loaded}");
    assert_eq!(second.run(&["export"]).ok(), exported);
    assert!(
        second
            .run(&["check"])
            .ok()
            .contains("2 of them in the index")
    );
}

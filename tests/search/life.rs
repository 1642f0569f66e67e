//! The index follows, comes back after a crash, and is built anew when it must.

use super::source::{House, ask, found, settle, start};
use std::fs;
use std::path::Path;
use std::time::Duration;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("reads") {
        let entry = entry.expect("reads");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("copies");
        }
    }
}

#[test]
fn what_was_just_said_is_found() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let search = start(dir.path(), &house);
    for n in 1..=40 {
        let id = house.say(&format!("방금 한 말 {n}"));
        if n % 3 == 0 {
            search.notify();
        }
        let page = ask(&search, &format!("말 {n}")).expect("answers");
        assert!(!page.partial);
        assert!(page.hits.iter().any(|h| h.id == id), "{n}");
    }
    assert_eq!(search.visible_seq(), maru::domain::Seq(40));
}

#[test]
fn catches_up_after_a_crash() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    house.say("처음 문장");
    let search = start(dir.path(), &house);
    assert_eq!(house.builds(), 1);
    // What a crash leaves: the files of the last commit, beside a log that went on.
    let crashed = tempfile::tempdir().expect("a directory");
    copy(&dir.path().join("index"), &crashed.path().join("index"));
    for _ in 0..2500 {
        house.say("나중 문장");
    }
    drop(search);
    let search = start(crashed.path(), &house);
    assert_eq!(ask(&search, "문장").expect("answers").total, 2501);
    assert_eq!(house.builds(), 1, "nothing had to be built anew");
}

#[test]
fn a_restart_builds_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let id = house.say("다시 켜도 있다");
    drop(start(dir.path(), &house));
    let search = start(dir.path(), &house);
    assert_eq!(found(&search, "다시"), [id]);
    assert_eq!(house.builds(), 1);
}

#[test]
fn every_damage_is_noticed() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    for n in 0..50 {
        house.say(&format!("문장 번호 {n}"));
    }
    drop(start(dir.path(), &house));
    let index = dir.path().join("index");
    let files: Vec<_> = fs::read_dir(index.join("1"))
        .expect("reads")
        .map(|e| e.expect("reads").file_name())
        .filter(|name| {
            let name = name.to_string_lossy();
            !name.ends_with(".lock") && name != ".managed.json" && name != "words.json"
        })
        .collect();
    assert!(files.len() > 4, "{files:?}");
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 3] = [
        ("flipped", |path| {
            let mut bytes = fs::read(path).expect("reads");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x40;
            fs::write(path, bytes).expect("writes");
        }),
        ("cut", |path| {
            let bytes = fs::read(path).expect("reads");
            fs::write(path, &bytes[..bytes.len() * 2 / 3]).expect("writes");
        }),
        ("gone", |path| fs::remove_file(path).expect("removes")),
    ];
    for file in &files {
        for (what, damage) in damages {
            let hurt = tempfile::tempdir().expect("a directory");
            copy(&index, &hurt.path().join("index"));
            damage(&hurt.path().join("index/1").join(file));
            let builds = house.builds();
            let search = start(hurt.path(), &house);
            assert_eq!(ask(&search, "문장").expect("answers").total, 50);
            assert_eq!(house.builds(), builds + 1, "{what} {file:?}");
        }
    }
}

#[test]
fn another_version_or_history_is_built_anew() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    house.say("문장");
    drop(start(dir.path(), &house));
    let meta = dir.path().join("index/1/meta.json");
    let text = fs::read_to_string(&meta).expect("reads");
    let other = text.replace("\\\"schema\\\":", "\\\"schema\\\":1");
    assert_ne!(text, other, "{text}");
    fs::write(&meta, other).expect("writes");
    let search = start(dir.path(), &house);
    assert_eq!(house.builds(), 2);
    assert_eq!(ask(&search, "문장").expect("answers").total, 1);
    drop(search);

    house.set_epoch(9);
    let search = start(dir.path(), &house);
    while house.builds() < 3 {
        std::thread::yield_now();
    }
    settle(&search, &house);
    assert_eq!(ask(&search, "문장").expect("answers").total, 1);
}

#[test]
fn an_index_deleted_under_its_feet_comes_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    house.say("문장");
    let search = start(dir.path(), &house);
    fs::remove_dir_all(dir.path().join("index")).expect("removes");
    house.say("또 한 문장");
    search.notify();
    while house.builds() < 2 || ask(&search, "문장").expect("answers").partial {
        search.wait_visible(house.head_seq(), Duration::from_millis(10));
    }
    assert_eq!(ask(&search, "문장").expect("answers").total, 2);
}

#[test]
fn reindex_builds_anew() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    house.say("문장");
    let search = start(dir.path(), &house);
    search.rebuild();
    while house.builds() < 2 {
        std::thread::yield_now();
    }
    settle(&search, &house);
    assert_eq!(ask(&search, "문장").expect("answers").total, 1);
}

#[test]
fn a_new_generation_is_built_while_the_old_one_answers() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    for n in 0..2_000 {
        house.say(&format!("문장 번호 {n}"));
    }
    let search = start(dir.path(), &house);
    search.reindex();
    // Until it takes over, what is said meanwhile is found, too.
    let mut said = 0;
    while search.progress().is_renewing() {
        let id = house.say("그사이에 한 말");
        said += 1;
        let page = ask(&search, "그사이").expect("answers");
        assert_eq!(page.total, said);
        assert!(page.hits.iter().any(|hit| hit.id == id));
    }
    assert!(said > 0);
    assert!(search.wait_settled(Duration::from_secs(60)));
    assert_eq!(house.builds(), 2);
    assert_eq!(ask(&search, "그사이").expect("answers").total, said);
    assert_eq!(search.progress().generation, 2);
    assert!(!dir.path().join("index/1").exists());
    drop(search);
    let search = start(dir.path(), &house);
    assert_eq!(ask(&search, "그사이").expect("answers").total, said);
    assert_eq!(house.builds(), 2);
}

#[test]
fn the_index_of_an_older_version_makes_room() {
    let dir = tempfile::tempdir().expect("a directory");
    let index = dir.path().join("index");
    fs::create_dir_all(&index).expect("made");
    fs::write(index.join("meta.json"), "{}").expect("written");
    let house = House::new();
    house.say("문장");
    let search = start(dir.path(), &house);
    assert_eq!(ask(&search, "문장").expect("answers").total, 1);
    assert!(!index.join("meta.json").exists());
}

#[test]
fn a_source_that_cannot_be_read_costs_no_index() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    house.say("문장");
    let search = start(dir.path(), &house);
    house.set_failing(true);
    house.say("또 한 문장");
    search.notify();
    while house.failures() == 0 {
        std::thread::yield_now();
    }
    let page = ask(&search, "문장").expect("answers");
    assert!(page.partial);
    assert_eq!(page.total, 1);
    house.set_failing(false);
    settle(&search, &house);
    assert_eq!(ask(&search, "문장").expect("answers").total, 2);
    assert_eq!(house.builds(), 1);
}

//! `maru check` on a stopped directory: it looks first, changes nothing, and `--repair` sets aside.

use crate::crash::{Server, call};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

fn check(dir: &Path, repair: bool) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maru"));
    command.arg("check").arg("--data-dir").arg(dir);
    if repair {
        command.arg("--repair");
    }
    command.output().expect("runs")
}

fn said(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&all).into_owned()
}

/// Every file but the lock, which names whoever has the directory.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for part in [".", "log", "keys", "cache", "events"] {
        for item in std::fs::read_dir(dir.join(part)).expect("listed") {
            let path = item.expect("listed").path();
            if path.is_file() && !path.ends_with("lock") {
                let bytes = std::fs::read(&path).expect("read");
                all.insert(path.display().to_string(), bytes);
            }
        }
    }
    all
}

/// A directory with a hundred messages, killed, with the token of its administrator and the room.
async fn killed() -> (TempDir, String, u64) {
    let dir = TempDir::new().expect("a directory");
    let server = Server::start(dir.path());
    let (token, room) = server.settle().await;
    for n in 0..100 {
        let text = json!({ "text": format!("{n}번째 글") });
        let path = format!("/rooms/{room}/messages");
        let (status, _) = call(server.address, &token, "POST", &path, Some(&text))
            .await
            .expect("answers");
        assert_eq!(status, 201);
    }
    server.kill();
    (dir, token, room)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_is_named_and_nothing_is_changed() {
    let (dir, ..) = killed().await;
    // A start leaves a checkpoint, so that the state has everything.
    Server::start(dir.path()).kill();
    let state = dir.path().join("state.redb");
    let mut bytes = std::fs::read(&state).expect("read");
    let needle = "42번째 글".as_bytes();
    let at = bytes
        .windows(needle.len())
        .rposition(|window| window == needle);
    let at = at.expect("it stands there");
    bytes[at..at + 8].fill(b'?');
    std::fs::write(&state, &bytes).expect("written");
    let before = files(dir.path());
    let output = check(dir.path(), false);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("state.redb"), "{text}");
    let after = files(dir.path());
    assert!(before == after, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_log_is_set_aside_and_what_is_whole_is_kept() {
    let (dir, token, room) = killed().await;
    let log = dir.path().join("log/00000000000000000001.log");
    let mut bytes = std::fs::read(&log).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 16].fill(b'?');
    std::fs::write(&log, &bytes).expect("written");
    let text = said(&check(dir.path(), false));
    assert!(
        text.contains("log") && text.contains("damaged at byte"),
        "{text}"
    );
    let output = check(dir.path(), true);
    let text = said(&output);
    assert!(text.contains("log.damaged"), "{text}");
    assert!(dir.path().join("log.damaged").is_dir());
    let server = Server::start(dir.path());
    let path = format!("/rooms/{room}/messages?limit=100");
    let (status, page) = call(server.address, &token, "GET", &path, None)
        .await
        .expect("answers");
    assert_eq!(status, 200);
    let messages = page["messages"].as_array().expect("messages").len();
    assert!((1..100).contains(&messages), "{messages}");
    server.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_is_well_with_what_a_kill_left() {
    let (dir, ..) = killed().await;
    let output = check(dir.path(), false);
    assert!(output.status.success(), "{}", said(&output));
}

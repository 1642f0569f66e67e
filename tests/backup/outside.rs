//! The commands, as people type them.

use crate::cli::run::{Place, line};
use crate::crash::call;
use serde_json::{Value, json};
use std::net::SocketAddr;

const PASSWORD: &str = "세 마리의 고래와 등대";

fn address(url: &str) -> SocketAddr {
    let address = url.strip_prefix("http://").expect("a URL");
    address.parse().expect("an address")
}

async fn ask(
    url: &str,
    token: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> (u16, Value) {
    call(address(url), token, method, path, body)
        .await
        .expect("answers")
}

async fn sign_in(url: &str) -> String {
    let login = json!({ "username": "kim", "password": PASSWORD });
    let (status, signed) = ask(url, "none", "POST", "/login", Some(&login)).await;
    assert_eq!(status, 200, "{signed}");
    signed["token"].as_str().expect("a token").to_owned()
}

fn settled(place: &Place) {
    let add = ["user", "add", "kim", "--role", "admin", "--password-stdin"];
    place.run_with(&add, PASSWORD).ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hot_backup_brings_everything_back_but_sessions() {
    let place = Place::new();
    settled(&place);
    let server = place.serve();
    let token = sign_in(&server.url).await;
    let text: String = (0..500)
        .map(|n| line(&n.to_string(), "마루에 모였다"))
        .collect();
    place.file("history", &text);
    place.run(&["import", "history"]).ok();
    let done = place.run(&["backup", "a.maru"]);
    assert_eq!(done.status, 0, "{done:?}");
    let said = place.run(&["backup", "verify", "a.maru"]).ok();
    assert!(said.contains("500 messages"), "{said}");
    assert_eq!(server.stop().status, 0);

    let refused = place.run(&["restore", "a.maru"]).failed(1);
    assert!(refused.contains("is not empty"), "{refused}");
    for (dir, more) in [("back", None), ("back2", Some("--keep-sessions"))] {
        let mut args = vec!["restore", "a.maru", "--data-dir", dir];
        args.extend(more);
        let said = place.run(&args).ok();
        assert!(said.contains("500 messages"), "{said}");
        let server = place.serve_with(&["--data-dir", dir]);
        let (status, _) = ask(&server.url, &token, "GET", "/me", None).await;
        assert_eq!(status, if more.is_some() { 200 } else { 401 });
        sign_in(&server.url).await;
        assert_eq!(
            place
                .run(&["export", "--data-dir", dir])
                .ok()
                .lines()
                .count(),
            500
        );
        // The index is built behind.
        let said = loop {
            let said = place.run(&["check", "--data-dir", dir]).ok();
            if !said.contains("it is being built") {
                break said;
            }
        };
        assert!(said.contains("500 of them in the index"), "{said}");
        assert_eq!(server.stop().status, 0);
    }
    // A stopped directory can be backed up as well, also to a pipe.
    let archive = place
        .command(&["backup", "-", "--data-dir", "back"])
        .output();
    let archive = archive.expect("runs").stdout;
    std::fs::write(place.dir.path().join("b.maru"), archive).expect("written");
    let said = place.run(&["backup", "verify", "b.maru"]).ok();
    assert!(said.contains("500 messages"), "{said}");
}

#[test]
fn keys_can_be_left_out() {
    let place = Place::new();
    settled(&place);
    place.run(&["backup", "a.maru", "--without-keys"]).ok();
    let said = place.run(&["backup", "verify", "a.maru"]).ok();
    assert!(said.contains("keys are not in it"), "{said}");
    place.run(&["restore", "a.maru", "--data-dir", "back"]).ok();
    assert!(!place.dir.path().join("back/keys").exists());
    assert_eq!(place.serve_with(&["--data-dir", "back"]).stop().status, 0);
    place.run(&["check", "--data-dir", "back"]).ok();
}

#[test]
fn a_key_that_goes_missing_from_a_restored_directory_is_named() {
    let place = Place::new();
    settled(&place);
    place.run(&["backup", "a.maru"]).ok();
    place.run(&["restore", "a.maru", "--data-dir", "back"]).ok();
    let keys = place.dir.path().join("back/keys");
    let key = std::fs::read_dir(&keys).expect("keys").next();
    let key = key.expect("one").expect("read").path();
    std::fs::remove_file(&key).expect("removed");
    let said = place.run(&["check", "--data-dir", "back"]);
    let name = key.file_name().expect("a name").to_string_lossy();
    let named = format!("keys/{name} is missing");
    assert!(format!("{said:?}").contains(&named), "{said:?}");
}

#[test]
fn bad_archives_are_named_and_nothing_is_left() {
    let place = Place::new();
    settled(&place);
    place.run(&["backup", "a.maru"]).ok();
    let whole = std::fs::read(place.dir.path().join("a.maru")).expect("is there");
    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 1;
    let cases = [
        ("truncated", whole[..whole.len() - 100].to_vec()),
        ("altered", altered),
        ("no backup of Maru", b"PK\x03\x04 something else".to_vec()),
        ("no backup of Maru", Vec::new()),
    ];
    for (expected, bytes) in cases {
        std::fs::write(place.dir.path().join("bad"), bytes).expect("written");
        for args in [
            &["backup", "verify", "bad"][..],
            &["restore", "bad", "--data-dir", "back"],
        ] {
            let err = place.run(args).failed(1);
            assert!(err.contains(expected), "{expected}: {err}");
            assert_eq!(err.trim_end().lines().count(), 1, "one sentence: {err}");
        }
        assert!(!place.dir.path().join("back").exists(), "nothing is left");
    }
    let err = place
        .run(&["restore", "nowhere", "--data-dir", "back"])
        .failed(1);
    assert!(err.contains("nowhere"), "{err}");
    let err = place.run(&["backup", "no/such/folder/a.maru"]).failed(1);
    assert!(err.contains("no/such/folder"), "{err}");
    assert_eq!(place.run(&["backup"]).status, 2);
}

#[test]
fn a_restore_that_was_cut_off_is_never_served() {
    let place = Place::new();
    settled(&place);
    place.run(&["backup", "a.maru"]).ok();
    let back = place.dir.path().join("back");
    std::fs::create_dir_all(back.join("restore.tmp/cache")).expect("made");
    std::fs::write(back.join("state.redb"), "half").expect("written");
    let err = place
        .run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", "back"])
        .failed(1);
    assert!(err.contains("maru restore"), "{err}");
    place.run(&["restore", "a.maru", "--data-dir", "back"]).ok();
    assert!(
        place
            .run(&["user", "list", "--data-dir", "back"])
            .ok()
            .contains("kim")
    );
}

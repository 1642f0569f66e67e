//! A second place that gets everything as it is made, and any moment out of it.

use crate::cli::run::{Place, Serving, line};
use crate::kit::Request;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;

fn address(text: &str) -> SocketAddr {
    let rest = text.split("http://").nth(1).expect("an address");
    let address = rest.split('/').next().expect("an address");
    address.trim().parse().expect("an address")
}

/// A server that replicates into the folder, with where its figures are.
pub fn serve(place: &Place, url: &str) -> (Serving, SocketAddr) {
    let more = ["--replicate", url, "--metrics-listen", "127.0.0.1:0"];
    let mut server = place.serve_with(&more);
    let metrics = address(&server.line());
    (server, metrics)
}

pub async fn figure(metrics: SocketAddr, name: &str) -> f64 {
    let text = Request::new(metrics, "GET", "/metrics").send().await.text();
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.rsplit_once(' '));
    value.map_or(f64::NAN, |(_, value)| value.parse().expect("a number"))
}

/// Everything is there, in a snapshot or behind one.
pub async fn level(metrics: SocketAddr) {
    loop {
        let lag = figure(metrics, "maru_replication_lag_commands").await;
        let snapshot = figure(metrics, "maru_replication_snapshot_timestamp_seconds").await;
        if lag == 0.0 && snapshot > 0.0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}

pub fn import(place: &Place, from: usize, to: usize) {
    let lines = (from..to).map(|n| line(&n.to_string(), "마루에 모였다"));
    place.file("history", &lines.collect::<String>());
    place.run(&["import", "history"]).ok();
}

pub fn restored(place: &Place, url: &str, more: &[&str]) -> usize {
    let mut args = vec!["restore", url, "--data-dir", "back"];
    args.extend(more);
    place.run(&args).ok();
    let count = place
        .run(&["export", "--data-dir", "back"])
        .ok()
        .lines()
        .count();
    place.run(&["check", "--data-dir", "back"]).ok();
    std::fs::remove_dir_all(place.dir.path().join("back")).expect("removed");
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_moment_comes_back() {
    let place = Place::new();
    let add = ["user", "add", "kim", "--role", "admin", "--password-stdin"];
    place.run_with(&add, "세 마리의 고래와 등대").ok();
    let url = format!("file://{}/second", place.dir.path().display());
    let (server, metrics) = serve(&place, &url);
    let door = address(&server.url);
    let login = json!({ "username": "kim", "password": "세 마리의 고래와 등대" });
    let signed = Request::new(door, "POST", "/api/v1/login")
        .json(&login)
        .send()
        .await;
    let bearer = format!("Bearer {}", signed.json["token"].as_str().expect("a token"));
    level(metrics).await;
    import(&place, 0, 40);
    let body = b"--e\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--e--\r\n";
    let sent = Request::new(door, "POST", "/api/v1/files")
        .header("authorization", &bearer)
        .bytes("multipart/form-data; boundary=e", body.to_vec())
        .send()
        .await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    level(metrics).await;
    // The clock of the log counts milliseconds: a moment that lies between the two.
    let now = || maru::engine::now();
    let between = now().plus_ms(1);
    while now() <= between {
        tokio::task::yield_now().await;
    }
    import(&place, 40, 100);
    level(metrics).await;
    drop(server);
    assert_eq!(restored(&place, &url, &[]), 100);
    assert_eq!(restored(&place, &url, &["--at", &between.to_string()]), 40);
    let contents = std::fs::read_dir(place.dir.path().join("second/files"));
    assert_eq!(contents.expect("listed").count(), 1, "the file is there");
    let err = place
        .run(&[
            "restore",
            &url,
            "--at",
            "2001-01-01T00:00:00Z",
            "--data-dir",
            "back",
        ])
        .failed(1);
    assert!(err.contains("it begins at"), "{err}");
    assert!(!place.dir.path().join("back").exists(), "nothing is left");
    let err = place
        .run(&["restore", &url, "--at", "gestern", "--data-dir", "back"])
        .failed(2);
    assert!(err.contains("is no time"), "{err}");

    // After a kill it goes on where it was; what was restored goes on in the same place.
    let (server, metrics) = serve(&place, &url);
    import(&place, 100, 120);
    level(metrics).await;
    assert_eq!(server.stop().status, 0);
    assert_eq!(restored(&place, &url, &[]), 120);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_is_away_slows_nothing_and_is_caught_up_with() {
    let place = Place::new();
    let blocked = place.file("second", "a file where a folder should be");
    let url = format!("file://{}/replica", blocked.display());
    let (server, metrics) = serve(&place, &url);
    import(&place, 0, 30);
    while figure(metrics, "maru_replication_failing").await != 1.0 {
        tokio::task::yield_now().await;
    }
    let ready = Request::new(address(&server.url), "GET", "/readyz")
        .send()
        .await;
    assert_eq!(ready.status, 200);
    std::fs::remove_file(&blocked).expect("removed");
    level(metrics).await;
    assert_eq!(figure(metrics, "maru_replication_failing").await, 0.0);
    assert_eq!(server.stop().status, 0);
    assert_eq!(restored(&place, &url, &[]), 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_a_newer_and_a_damaged_place_are_named() {
    let place = Place::new();
    let refused = |folder: &Path| {
        let url = format!("file://{}", folder.display());
        let args = ["serve", "--listen", "127.0.0.1:0", "--replicate", &url];
        place.run(&args).failed(1)
    };
    place.file("foreign/holiday.jpg", "a picture");
    let err = refused(&place.dir.path().join("foreign"));
    assert!(err.contains("holiday.jpg"), "{err}");
    let newer = r#"{"format":9,"maru":"7.7.7","server":"x"}"#;
    place.file("newer/maru-replica.json", newer);
    let err = refused(&place.dir.path().join("newer"));
    assert!(err.contains("7.7.7"), "{err}");
    let other = r#"{"format":1,"maru":"0.1.0","server":"x"}"#;
    place.file("other/maru-replica.json", other);
    let err = refused(&place.dir.path().join("other"));
    assert!(err.contains("another server"), "{err}");
    let listen = ["serve", "--listen", "127.0.0.1:0"];
    let ftp = [&listen[..], &["--replicate", "ftp://x"]].concat();
    let err = place.run(&ftp).failed(1);
    assert!(err.contains("file:///"), "{err}");

    let second = place.dir.path().join("second");
    let url = format!("file://{}", second.display());
    let (server, metrics) = serve(&place, &url);
    level(metrics).await;
    import(&place, 0, 20);
    level(metrics).await;
    assert_eq!(server.stop().status, 0);
    let epoch = std::fs::read_dir(&second)
        .expect("listed")
        .find_map(|entry| {
            let path = entry.expect("listed").path();
            (path.is_dir() && !path.ends_with("files")).then_some(path)
        });
    for entry in std::fs::read_dir(epoch.expect("an epoch")).expect("listed") {
        let path = entry.expect("listed").path();
        let whole = std::fs::read(&path).expect("read");
        let mut altered = whole.clone();
        altered[whole.len() / 2] ^= 1;
        std::fs::write(&path, &altered).expect("written");
        let err = place
            .run(&["restore", &url, "--data-dir", "back"])
            .failed(1);
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        assert!(err.contains(&name), "{name}: {err}");
        assert!(!place.dir.path().join("back").exists(), "nothing is left");
        std::fs::write(&path, &whole).expect("written");
    }
    assert_eq!(restored(&place, &url, &[]), 20);
}

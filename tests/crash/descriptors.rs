//! More connections than the process may have files open.

use super::{Server, call};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;
use std::io::Read;
use std::net::TcpStream;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_refused_before_the_log_starves() {
    const LIMIT: u64 = 200;
    let dir = TempDir::new().expect("a directory");
    let server = Server::start(dir.path());
    let (token, room) = server.settle().await;
    let limit = Rlimit {
        current: Some(LIMIT),
        maximum: Some(LIMIT),
    };
    let pid = Pid::from_child(&server.child);
    prlimit(Some(pid), Resource::Nofile, limit).expect("is set");
    let open = || {
        let files = std::fs::read_dir(format!("/proc/{}/fd", server.child.id()));
        files.expect("is listed").count() as u64
    };
    let mut held: Vec<TcpStream> = (0..LIMIT * 2)
        .map(|_| {
            let stream = TcpStream::connect(server.address).expect("connects");
            stream.set_nonblocking(true).expect("is set");
            stream
        })
        .collect();
    let mut answer = [0; 12];
    let mut is_refused =
        |mut stream: &TcpStream| stream.read(&mut answer).is_ok_and(|read| read > 0);
    while !held.iter().any(&mut is_refused) {
        tokio::task::yield_now().await;
    }
    assert!(open() <= LIMIT - LIMIT / 8, "{} are open", open());
    held.truncate(held.len() / 2);
    let path = format!("/rooms/{room}/messages");
    let text = json!({ "text": "아직 자리가 있다" });
    loop {
        match call(server.address, &token, "POST", &path, Some(&text)).await {
            Ok((201, _)) => break,
            // Those that went are closed one after the other.
            Ok((503, _)) | Err(_) => tokio::task::yield_now().await,
            Ok(other) => panic!("{other:?}"),
        }
    }
    server.kill();
}

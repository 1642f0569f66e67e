//! The real binary, killed without warning while others write to its cache and its files are being
//! written anew, with a journal kept outside.

use crate::resp::kit::{Client, Reply};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

struct Server {
    child: Child,
    redis: SocketAddr,
}

impl Server {
    fn start(dir: &Path, fsync: &str) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_maru"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "text"])
            .args(["--resp-listen", "127.0.0.1:0", "--cache-fsync", fsync])
            .arg("--data-dir")
            .arg(dir)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut said = BufReader::new(child.stderr.take().expect("is piped")).lines();
        let address = said.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, rest) = line.split_once("address=")?;
            line.contains("Redis protocol")
                .then(|| rest.split(' ').next().and_then(|a| a.parse().ok()))?
        });
        std::thread::spawn(move || said.map_while(Result::ok).for_each(drop));
        Server {
            child,
            redis: address.expect("says where it speaks the Redis protocol"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One writer's acknowledged steps, each with its moment.
type Journal = Vec<Instant>;

/// Step `n` of a writer: a string with a deadline, an element of a list, a count. `false`: the
/// server is gone.
fn step(client: &mut Client, writer: usize, n: usize, far_ms: u64) -> bool {
    let key = format!("w{writer}:{n}");
    let (value, far) = (n.to_string(), far_ms.to_string());
    let (list, count) = (format!("list{writer}"), format!("count{writer}"));
    let requests: [&[&[u8]]; 3] = [
        &[
            b"SET",
            key.as_bytes(),
            value.as_bytes(),
            b"PXAT",
            far.as_bytes(),
        ],
        &[b"RPUSH", list.as_bytes(), value.as_bytes()],
        &[b"INCR", count.as_bytes()],
    ];
    requests.iter().all(|request| {
        let sent = client.try_send(request);
        match sent.and_then(|()| client.try_read()) {
            Ok(Reply::Error(error)) => panic!("{error}"),
            Ok(_) => true,
            Err(_) => false,
        }
    })
}

/// What is there of a writer after a start: a prefix of its steps. Answers how many are whole.
fn verify(client: &mut Client, writer: usize, far_ms: u64) -> usize {
    let list = client.ask(&format!("LRANGE list{writer} 0 -1"));
    let list: Vec<String> = list.items().iter().map(Reply::text).collect();
    let expected: Vec<String> = (0..list.len()).map(|n| n.to_string()).collect();
    assert_eq!(list, expected, "neither gaps nor doubles");
    let count = match client.ask(&format!("GET count{writer}")) {
        Reply::Null => 0,
        count => count.text().parse().expect("a number"),
    };
    assert!(
        count == list.len() || count + 1 == list.len(),
        "{count} {}",
        list.len()
    );
    for n in 0..list.len() {
        assert_eq!(
            client.ask(&format!("GET w{writer}:{n}")).text(),
            n.to_string()
        );
        let ends = client.ask(&format!("PEXPIRETIME w{writer}:{n}")).text();
        assert_eq!(ends, far_ms.to_string());
    }
    count
}

fn killed_again_and_again(fsync: &str, rounds: usize, may_lose: Duration) {
    const WRITERS: usize = 3;
    let dir = TempDir::new().expect("a directory");
    let far_ms = 4_000_000_000_000;
    let mut begin = [0; WRITERS];
    for round in 0..rounds {
        let server = Server::start(dir.path(), fsync);
        let stop = AtomicBool::new(false);
        let acknowledged = AtomicUsize::new(0);
        let journals: [Mutex<Journal>; WRITERS] = Default::default();
        let mut killed_at = Instant::now();
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (journals, acknowledged) = (&journals, &acknowledged);
                let mut client = Client::connect(server.redis);
                let first = begin[writer];
                scope.spawn(move || {
                    for n in first.. {
                        if !step(&mut client, writer, n, far_ms) {
                            return;
                        }
                        journals[writer].lock().expect("whole").push(Instant::now());
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            let mut churn = Client::connect(server.redis);
            let stop = &stop;
            scope.spawn(move || {
                for request in [&[&b"BGREWRITEAOF"[..]], &[&b"BGSAVE"[..]]]
                    .into_iter()
                    .cycle()
                {
                    let sent = churn.try_send(request);
                    if stop.load(Ordering::SeqCst) || sent.and_then(|()| churn.try_read()).is_err()
                    {
                        return;
                    }
                }
            });
            while acknowledged.load(Ordering::SeqCst) < 150 + 97 * round {
                std::thread::yield_now();
            }
            killed_at = Instant::now();
            stop.store(true, Ordering::SeqCst);
            drop(server);
        });
        let server = Server::start(dir.path(), fsync);
        let mut client = Client::connect(server.redis);
        for (writer, begin) in begin.iter_mut().enumerate() {
            let found = verify(&mut client, writer, far_ms);
            let journal = journals[writer].lock().expect("whole");
            let certain = journal
                .iter()
                .filter(|at| killed_at.saturating_duration_since(**at) >= may_lose)
                .count();
            assert!(
                found >= *begin + certain,
                "round {round}, writer {writer}: {found} of {certain} after {begin}"
            );
            // What was begun and not acknowledged is begun anew.
            *begin = found;
            client.ask(&format!("LTRIM list{writer} 0 {}", found as i64 - 1));
            if found == 0 {
                client.ask(&format!("DEL list{writer}"));
            }
        }
        // Or the next kill takes this away again.
        assert_eq!(client.ask("SAVE").text(), "OK");
    }
}

#[test]
fn with_always_everything_acknowledged_is_there_after_a_kill() {
    killed_again_and_again("always", rounds(3), Duration::ZERO);
}

#[test]
fn with_everysec_at_most_the_last_second_is_missing_and_nothing_between() {
    killed_again_and_again("everysec", rounds(3), Duration::from_millis(1500));
}

/// More by hand: `MARU_CRASH_ROUNDS=25`.
fn rounds(usual: usize) -> usize {
    let asked = std::env::var("MARU_CRASH_ROUNDS").ok();
    asked.and_then(|n| n.parse().ok()).unwrap_or(usual)
}

//! The same requests to a real Redis and to this one: the answers must be the same.
//!
//! Sequences are random, and each is known by its seed. `MARU_DIFF_SEQUENCES` and `MARU_DIFF_SEED`
//! say how many and from which seed on; `MARU_DIFF_SURVEY=1` counts the differences by command instead
//! of stopping at the first. By hand, half an hour's worth:
//!
//! ```text
//! MARU_DIFF_SURVEY=1 MARU_DIFF_SEQUENCES=100000 cargo test --test it answers_are_those -- --nocapture
//! ```
mod chance;
mod compare;
mod docs;
mod dumps;
mod endings;
mod requests;
mod scripts;
mod shapes;
mod waiting;

use super::kit::{Client, Port, Reply, request};
use chance::Chance;
use compare::Said;
use requests::Maker;
use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// In all; the parts run side by side, since most of the time is blocking commands that wait.
const SEQUENCES: u64 = 2000;
const PARTS: u64 = 4;
/// So many of them are followed by pages or dumps.
const ENDINGS_ONE_IN: u64 = 4;

/// A real server on a socket of its own.
struct Redis {
    child: Child,
    dir: tempfile::TempDir,
}

impl Redis {
    fn start() -> Redis {
        let dir = tempfile::tempdir().expect("a directory");
        let socket = dir.path().join("redis.sock");
        let child = Command::new("redis-server")
            .args([
                "--port",
                "0",
                "--save",
                "",
                "--appendonly",
                "no",
                "--enable-debug-command",
                "yes",
                // Or whoever waits for a moment is looked after every 100 ms.
                "--hz",
                "500",
                "--unixsocket",
            ])
            .arg(&socket)
            .arg("--dir")
            .arg(dir.path())
            .stdout(Stdio::null())
            .spawn()
            .expect(
                "these tests compare with a real redis-server 7.0: apt-get install redis-server",
            );
        let redis = Redis { child, dir };
        let started = std::time::Instant::now();
        while UnixStream::connect(redis.socket()).is_err() {
            assert!(
                started.elapsed() < super::kit::PATIENCE,
                "redis-server does not come up"
            );
            std::thread::yield_now();
        }
        redis
    }

    fn socket(&self) -> std::path::PathBuf {
        Path::new(self.dir.path()).join("redis.sock")
    }

    fn client(&self) -> Client<UnixStream> {
        Client::over(UnixStream::connect(self.socket()).expect("it is up"))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

type Request = Vec<Vec<u8>>;

fn ask<S: std::io::Read + std::io::Write>(
    client: &mut Client<S>,
    requests: &[Request],
) -> Vec<Reply> {
    let mut bytes = Vec::new();
    for args in requests {
        let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
        bytes.extend(request(&args));
    }
    client.send_raw(&bytes);
    requests.iter().map(|_| client.read()).collect()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}

#[test]
fn answers_are_those_of_redis() {
    compare(0);
}

#[test]
fn answers_are_those_of_redis_in_the_second_part() {
    compare(1);
}

#[test]
fn answers_are_those_of_redis_in_the_third_part() {
    compare(2);
}

#[test]
fn answers_are_those_of_redis_in_the_fourth_part() {
    compare(3);
}

fn compare(part: u64) {
    let (redis, port) = (Redis::start(), Port::open());
    let version = redis.client().ask("INFO server").text();
    if !version.contains("redis_version:7.0.") {
        println!("not compared: this redis-server is no 7.0");
        return;
    }
    let survey = std::env::var_os("MARU_DIFF_SURVEY").is_some();
    let mut found: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let (mut theirs, mut ours) = (redis.client(), port.client());
    let first = number("MARU_DIFF_SEED", 1);
    let sequences = number("MARU_DIFF_SEQUENCES", SEQUENCES);
    let maker = Maker::new();
    for seed in (first..first + sequences).filter(|seed| seed % PARTS == part) {
        let requests = maker.sequence(seed);
        let protocol = if seed % 2 == 0 { "HELLO 2" } else { "HELLO 3" };
        theirs.ask(protocol);
        ours.ask(protocol);
        let expected = ask(&mut theirs, &requests);
        let answered = ask(&mut ours, &requests);
        let said = Said {
            requests: &requests,
            expected: &expected,
            answered: &answered,
        };
        let mut is_same = true;
        for (at, (expected, answered)) in expected.iter().zip(&answered).enumerate() {
            if said.is_same(at) {
                continue;
            }
            let story = story(&requests[..=at]);
            let text =
                format!("seed {seed}\n{story}  Redis: {expected:?}\n  here:  {answered:?}\n");
            assert!(survey, "an answer differs from Redis's: {text}");
            let name = String::from_utf8_lossy(&requests[at][0]).to_lowercase();
            let entry = found.entry(name).or_insert((0, text));
            entry.0 += 1;
            // What follows may differ because of this.
            is_same = false;
            break;
        }
        if is_same && (seed / PARTS).is_multiple_of(ENDINGS_ONE_IN) {
            let mut chance = Chance::new(seed);
            let ending = if chance.one_in(2) {
                endings::pages(&mut theirs, &mut ours, &mut chance)
            } else {
                endings::dumps(&mut theirs, &mut ours, &mut chance)
            };
            if let Err(text) = ending {
                let text = format!("seed {seed}, at the end: {text}");
                assert!(survey, "an answer differs from Redis's: {text}");
                found.entry("at the end".into()).or_insert((0, text)).0 += 1;
            }
        }
    }
    for (name, (count, first)) in &found {
        println!("== {name}: {count} differences, the first: {first}");
    }
    assert!(found.is_empty(), "{} commands differ", found.len());
}

/// The requests so far, those on the last one's keys in full; all of them if it is about all.
fn story(requests: &[Request]) -> String {
    let last = requests.last().expect("one at least");
    let is_about_all = matches!(last[0].as_slice(), b"EXEC" | b"DEBUG");
    let mut story = String::new();
    for (at, args) in requests.iter().enumerate() {
        let shares = args[1..]
            .iter()
            .any(|arg| arg.starts_with(b"k:") && last.contains(arg));
        let frames = [
            "multi", "exec", "select", "flushall", "hello", "swapdb", "flushdb",
        ];
        let name = String::from_utf8_lossy(&args[0]).to_lowercase();
        if is_about_all || shares || at + 1 == requests.len() || frames.contains(&name.as_str()) {
            let words = args.iter().map(|arg| String::from_utf8_lossy(arg));
            story.push_str(&format!(
                "  {at}: {}\n",
                words.collect::<Vec<_>>().join(" ")
            ));
        }
    }
    story
}

/// What a row of the table says is what Redis says of the command.
#[test]
fn rows_are_those_of_redis() {
    let (redis, port) = (Redis::start(), Port::open());
    let (mut theirs, mut ours) = (redis.client(), port.client());
    let mut wrong = Vec::new();
    for command in maru::resp::commands() {
        let ask = [&b"COMMAND"[..], b"INFO", command.name.as_bytes()];
        let (expected, answered) = (theirs.call(&ask), ours.call(&ask));
        let Reply::Array(expected) = &expected.items()[0] else {
            // Later than 7.0.
            continue;
        };
        let answered = answered.items()[0].items();
        for (at, what) in [
            "name",
            "arity",
            "flags",
            "first",
            "last",
            "step",
            "categories",
        ]
        .iter()
        .enumerate()
        {
            let (mut expected, mut answered) = (expected[at].clone(), answered[at].clone());
            if let (Reply::Array(expected), Reply::Array(answered)) = (&mut expected, &mut answered)
            {
                expected.sort_by_key(Reply::text);
                answered.sort_by_key(Reply::text);
            }
            if expected != answered {
                wrong.push(format!(
                    "{}: {what} is {expected:?}, not {answered:?}",
                    command.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! Snapshots and the append log as clients see them.

use super::kit::{Client, PATIENCE, Port};
use maru::cache::{Embedded, Options};
use maru::resp;
use std::time::Instant;
use tempfile::TempDir;

fn open(dir: &TempDir) -> Port {
    let options = Options {
        path: Some(dir.path().to_owned()),
        ..Options::default()
    };
    let cache = Embedded::open(options).expect("opens");
    Port::over(cache, resp::Options::default())
}

/// A figure of `INFO persistence`.
fn figure(client: &mut Client, name: &str) -> String {
    let info = client.ask("INFO persistence").text();
    let mut lines = info.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.expect("is told").to_owned()
}

fn until(client: &mut Client, name: &str, wanted: impl Fn(&str) -> bool) {
    let started = Instant::now();
    while !wanted(&figure(client, name)) {
        assert!(started.elapsed() < PATIENCE, "{name}");
        std::thread::yield_now();
    }
}

const EVERYTHING: [&str; 9] = [
    "SET text value PXAT 4000000000000",
    "APPEND raw one",
    "SET number 12345",
    "HSET hash a 1 b 2",
    "RPUSH list a b c",
    "SADD set 1 2 3",
    "ZADD ranked 1.5 a -inf b",
    "XADD stream 1-1 field value",
    "XGROUP CREATE stream group 0",
];

fn whole(client: &mut Client) -> Vec<String> {
    let keys = ["text", "raw", "number", "hash", "list", "set", "ranked"];
    let mut said: Vec<String> = keys
        .iter()
        .flat_map(|key| {
            [
                client.ask(&format!("DUMP {key}")),
                client.ask(&format!("PEXPIRETIME {key}")),
            ]
        })
        .map(|reply| format!("{reply:?}"))
        .collect();
    said.push(format!("{:?}", client.ask("XRANGE stream - +")));
    said.push(format!("{:?}", client.ask("XINFO GROUPS stream")));
    said
}

#[test]
fn everything_is_read_back_whole() {
    let dir = TempDir::new().expect("a directory");
    let port = open(&dir);
    let mut client = port.client();
    EVERYTHING.iter().for_each(|words| drop(client.ask(words)));
    let before = whole(&mut client);
    for command in [
        "DEBUG LOADAOF",
        "SAVE",
        "DEBUG RELOAD",
        "DEBUG RELOAD NOSAVE",
    ] {
        assert_eq!(client.ask(command).text(), "OK", "{command}");
        assert_eq!(whole(&mut client), before, "{command}");
    }
    client.ask("CONFIG SET zset-max-listpack-entries 0");
    client.ask("ZADD large 1 a");
    client.ask("DEBUG RELOAD");
    let encoding = client.ask("OBJECT ENCODING large").text();
    assert_eq!(encoding, "skiplist", "by the settings of now");
    client.ask("DEL large");
    client.ask("MULTI");
    client.ask("SET within 1");
    client.ask("DEBUG RELOAD");
    client.ask("EXEC");
    assert_eq!(client.ask("GET within").text(), "1");
    drop((client, port));
    let again = open(&dir);
    assert_eq!(whole(&mut again.client()), before, "as a start would");
}

#[test]
fn a_snapshot_is_told_while_it_is_written_and_after() {
    let dir = TempDir::new().expect("a directory");
    let port = open(&dir);
    let mut client = port.client();
    client.ask("SET key value");
    assert_eq!(figure(&mut client, "rdb_saves"), "0");
    assert_eq!(figure(&mut client, "rdb_last_bgsave_time_sec"), "-1");
    assert_eq!(client.ask("BGSAVE").text(), "Background saving started");
    until(&mut client, "rdb_saves", |saves| saves == "1");
    until(&mut client, "rdb_bgsave_in_progress", |going| going == "0");
    assert_eq!(figure(&mut client, "rdb_last_bgsave_status"), "ok");
    assert_eq!(figure(&mut client, "rdb_last_bgsave_time_sec"), "0");
    assert_eq!(client.ask("SAVE").text(), "OK");
    assert_eq!(figure(&mut client, "rdb_saves"), "2");
    assert_eq!(figure(&mut client, "rdb_changes_since_last_save"), "0");
    let started = client.ask("BGREWRITEAOF").text();
    assert_eq!(started, "Background append only file rewriting started");
    until(&mut client, "aof_rewrites", |rewrites| rewrites == "3");
    assert!(
        client
            .ask("LASTSAVE")
            .text()
            .parse::<u64>()
            .expect("seconds")
            > 1_700_000_000
    );
}

#[test]
fn when_writes_reach_the_disk_is_set_while_running() {
    let dir = TempDir::new().expect("a directory");
    let port = open(&dir);
    let mut client = port.client();
    let told = |client: &mut Client| client.ask("CONFIG GET appendfsync").items()[1].text();
    assert_eq!(told(&mut client), "everysec");
    for wanted in ["always", "no", "everysec", "always"] {
        let set = client.ask(&format!("CONFIG SET appendfsync {wanted}"));
        assert_eq!(
            (set.text().as_str(), told(&mut client).as_str()),
            ("OK", wanted)
        );
        assert_eq!(client.ask("SET key value").text(), "OK");
    }
    assert!(
        client
            .ask("CONFIG SET appendfsync sometimes")
            .text()
            .contains("one of")
    );
    // On disk is what was answered: other eyes see it without waiting.
    let copy = TempDir::new().expect("a directory");
    client.ask("SET seen at-once");
    for entry in std::fs::read_dir(dir.path()).expect("files") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("copied");
    }
    assert_eq!(open(&copy).client().ask("GET seen").text(), "at-once");
}

#[test]
fn the_log_is_rewritten_by_itself_as_it_is_set() {
    let dir = TempDir::new().expect("a directory");
    let port = open(&dir);
    let mut client = port.client();
    client.ask("CONFIG SET auto-aof-rewrite-percentage 0 auto-aof-rewrite-min-size 4kb");
    let set = client.ask("CONFIG GET auto-aof-rewrite-min-size");
    assert_eq!(set.items()[1].text(), "4096");
    for n in 0..300 {
        client.ask(&format!("SET key value-that-is-long-enough-{n}"));
    }
    let written = |size: &str| size.parse::<u64>().is_ok_and(|size| size > 10_000);
    until(&mut client, "aof_current_size", written);
    assert_eq!(figure(&mut client, "aof_rewrites"), "0");
    client.ask("CONFIG SET auto-aof-rewrite-percentage 100");
    client.ask("SET one more");
    until(&mut client, "aof_rewrites", |rewrites| rewrites == "1");
    until(&mut client, "aof_rewrite_in_progress", |going| going == "0");
    let size: u64 = figure(&mut client, "aof_current_size")
        .parse()
        .expect("bytes");
    assert!(size < 8000, "{size}");
}

#[test]
fn nothing_is_written_while_the_log_cannot_be() {
    let dir = TempDir::new().expect("a directory");
    let port = open(&dir);
    let mut client = port.client();
    client.ask("SET k v");
    // The next log cannot be made where a directory is in its place.
    let names = std::fs::read_dir(dir.path()).expect("listed");
    let names = names.map(|entry| entry.expect("listed").file_name().into_string());
    let names: Vec<String> = names.filter_map(Result::ok).collect();
    let generation = names.iter().find_map(|name| {
        let number = name.strip_prefix("tail-")?.strip_suffix(".log")?;
        number.parse::<u64>().ok()
    });
    let next = generation.expect("there is a log") + 1;
    let obstacle = dir.path().join(format!("tail-{next:010}.log"));
    std::fs::create_dir(&obstacle).expect("made");
    client.ask("BGREWRITEAOF");
    until(&mut client, "aof_last_write_status", |status| {
        status == "err"
    });
    let started = Instant::now();
    let refused = loop {
        match client.ask("SET k w").text() {
            // The port looks a few times a second.
            ok if ok == "OK" => assert!(started.elapsed() < PATIENCE, "writes go on"),
            refused => break refused,
        }
    };
    assert!(
        refused.starts_with("MISCONF Errors writing to the AOF file: "),
        "{refused}"
    );
    assert!(client.ask("PING").text().starts_with("MISCONF"));
    assert!(client.ask("GET k").text().len() == 1, "reads go on");
    client.ask("MULTI");
    assert!(client.ask("SET k x").text().starts_with("MISCONF"));
    assert!(client.ask("EXEC").text().starts_with("EXECABORT"));
    std::fs::remove_dir(&obstacle).expect("removed");
    until(&mut client, "aof_last_write_status", |status| {
        status == "ok"
    });
    let started = Instant::now();
    while client.ask("SET k y").text() != "OK" {
        assert!(started.elapsed() < PATIENCE, "writes stay refused");
    }
}

//! The stream against a real Redis: appending, following, and what is refused.

use super::kit::Redis;
use crate::log::sequencer_suite;
use maru::cluster::{Address, Entered, Hooks, Options, enter, stream};
use maru::domain::Seq;
use maru::domain::entry::RULES;
use maru::log::{Log, LogReader, MemoryLog, Sequencer};
use parking_lot::Mutex;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub fn options(url: &str, name: &str, dir: &Path) -> Options {
    Options {
        url: url.to_owned(),
        name: name.to_owned(),
        address: "http://127.0.0.1:1".to_owned(),
        secret: None,
        dir: dir.to_owned(),
        version: "test".to_owned(),
        rules: RULES,
        has_port: true,
    }
}

pub fn entered(url: &str, name: &str, dir: &Path) -> Entered {
    enter(&options(url, name, dir)).expect("enters")
}

/// A node's sequencer over a log in memory, following.
pub fn follow(entered: &Entered) -> (Box<dyn Sequencer>, LogReader) {
    let log = MemoryLog::new(entered.shared.epoch());
    let reader = log.reader();
    let log: Arc<Mutex<dyn Log>> = Arc::new(Mutex::new(log));
    let started = entered.start(log, reader.clone(), Hooks::none());
    let sequencer = started.expect("starts");
    let fine = entered.shared.wait_fine(Duration::from_secs(60));
    fine.expect("follows");
    (Box::new(sequencer), reader)
}

#[test]
fn it_keeps_the_contract() {
    let redis = Redis::start();
    let mut dirs = Vec::new();
    sequencer_suite(&mut || {
        redis.cli(&["FLUSHALL"]);
        let dir = TempDir::new().expect("a directory");
        let made = follow(&entered(&redis.url(), "a", dir.path()));
        dirs.push(dir);
        made
    });
}

#[test]
fn nobody_appends_who_has_not_seen_its_own_last_entry() {
    let redis = Redis::start();
    let address = Address::parse(&redis.url()).expect("an address");
    let mut link = address.connect().expect("connects");
    assert!(stream::begin(&mut link, "c", 7, Seq(0), &[]).expect("answers"));
    assert!(!stream::begin(&mut link, "d", 8, Seq(0), &[]).expect("answers"));
    let one = [bytes::Bytes::from_static(b"one")];
    let mut append = |epoch, own: Option<(u64, &[u8])>| {
        let digest = own.map(|(_, payload)| stream::digest(payload));
        let own = own.map(|(seq, _)| Seq(seq)).zip(digest.as_deref());
        stream::append(&mut link, epoch, own, &one).expect("answers")
    };
    use stream::Appended::{Changed, Done, OtherEpoch};
    assert_eq!(append(7, None), Done(Seq(1)));
    assert_eq!(append(7, Some((1, b"one"))), Done(Seq(2)));
    assert_eq!(append(7, Some((1, b"other"))), Changed);
    assert_eq!(append(7, Some((3, b"one"))), Changed);
    assert_eq!(append(8, Some((1, b"one"))), OtherEpoch);
    redis.cli(&["DEL", "maru:log"]);
    assert_eq!(append(7, None), Changed);
    assert_eq!(redis.cli(&["EXISTS", "maru:log"]), "0");
}

//! One suite for everybody who gives the order.
use super::kit::{EPOCH, options, pairs, payload};
use super::sick_disk::{Failure, SickDisk};
use bytes::Bytes;
use maru::domain::Seq;
use maru::log::{
    FileLog, LocalSequencer, Log, LogError, LogReader, MAX_PAYLOAD_BYTES, MemoryLog, OrderError,
    Sequencer,
};
use parking_lot::Mutex;
use std::sync::Arc;
use tempfile::TempDir;

/// A sequencer, and the log of its node.
pub type Made = (Box<dyn Sequencer>, LogReader);

fn local<L: Log + 'static>(log: L) -> Made {
    let reader = log.reader();
    (
        Box::new(LocalSequencer::new(Arc::new(Mutex::new(log)))),
        reader,
    )
}

#[test]
fn memory() {
    suite(&mut || local(MemoryLog::new(EPOCH)));
}

#[test]
fn file() {
    let mut dirs = Vec::new();
    suite(&mut || {
        let dir = TempDir::new().expect("a directory");
        let log = FileLog::open(options(dir.path())).expect("opens").log;
        dirs.push(dir);
        local(log)
    });
}

pub fn suite(make: &mut dyn FnMut() -> Made) {
    order(make());
    too_large(make());
}

/// What was given comes out of the node's own log in its order, once.
fn order((mut sequencer, log): Made) {
    let mut given = Vec::new();
    for count in [1, 64, 3, 0, 200] {
        let next = given.len() as u64 + 1;
        let batch: Vec<Bytes> = (next..next + count).map(payload).collect();
        sequencer.order(&batch).expect("is ordered");
        given.extend(batch);
        // Elsewhere the log may follow a moment later.
        let mut last = Seq(0);
        while last < Seq(given.len() as u64) {
            last = log.wait(last, std::time::Duration::from_secs(60));
        }
    }
    let read: Result<Vec<_>, LogError> = log.entries(Seq(1)).collect();
    let wanted: Vec<(Seq, Bytes)> = (1..).map(Seq).zip(given).collect();
    assert_eq!(pairs(&read.expect("is read")), wanted);
}

/// Nothing of a batch that is refused is ever read, and the next one is taken.
fn too_large((mut sequencer, log): Made) {
    let huge = Bytes::from(vec![7; MAX_PAYLOAD_BYTES + 1]);
    let refused = sequencer.order(&[payload(1), huge]).expect_err("too large");
    assert!(matches!(
        refused,
        OrderError::Refused(LogError::TooLarge { .. })
    ));
    sequencer.order(&[payload(1)]).expect("is ordered");
    log.wait(Seq(0), std::time::Duration::from_secs(60));
    assert_eq!(log.last_seq(), Seq(1));
}

/// A write that failed and was cut off again is a refusal; after a sync that failed, the entries may
/// be in the file.
#[test]
fn a_refusal_is_definite_and_a_failed_sync_is_none() {
    for (call, is_definite) in [(1, true), (2, false)] {
        let dir = TempDir::new().expect("a directory");
        let disk = Arc::<SickDisk>::default();
        let opened = FileLog::open_on(options(dir.path()), disk.clone());
        let (mut sequencer, _) = local(opened.expect("opens").log);
        sequencer.order(&[payload(1)]).expect("is ordered");
        let next = disk.calls() + call;
        disk.fail(next..next + 1, Failure::Full);
        let error = sequencer.order(&[payload(2)]).expect_err("fails");
        assert_eq!(matches!(error, OrderError::Refused(_)), is_definite);
        assert!(error.cause().is_storage_full(), "{error}");
    }
}

#[test]
fn a_disk_that_fails_puts_it_out_of_service_until_it_recovers() {
    let dir = TempDir::new().expect("a directory");
    let disk = Arc::<SickDisk>::default();
    let log = FileLog::open_on(options(dir.path()), disk.clone())
        .expect("opens")
        .log;
    let (mut sequencer, log) = local(log);
    sequencer.order(&[payload(1)]).expect("is ordered");
    disk.fail(disk.calls() + 1..u64::MAX, Failure::Error);
    // Whether it was cut off again is not known.
    let unknown = sequencer.order(&[payload(2)]).expect_err("fails");
    assert!(matches!(unknown, OrderError::Unknown(_)), "{unknown}");
    assert!(sequencer.recover().is_err());
    let refused = sequencer
        .order(&[payload(2)])
        .expect_err("is out of service");
    assert!(matches!(refused, OrderError::Refused(_)), "{refused}");
    assert!(sequencer.recover().is_err());
    disk.fail(0..0, Failure::Error);
    sequencer.recover().expect("recovers");
    sequencer.order(&[payload(2)]).expect("is ordered");
    let read: Result<Vec<_>, LogError> = log.entries(Seq(1)).collect();
    let wanted = [(Seq(1), payload(1)), (Seq(2), payload(2))];
    assert_eq!(pairs(&read.expect("is read")), wanted);
}

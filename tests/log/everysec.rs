//! Syncing behind the writer's back.
use super::kit::{append, assert_holds, copy, fill, open, options};
use super::sick_disk::{Failure, SickDisk};
use maru::log::{FileLog, Fsync, Log, LogError, Options};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_write_is_synced_soon_and_a_failure_stops_the_writer() {
    let dir = TempDir::new().expect("a directory");
    let disk = Arc::new(SickDisk::default());
    let options = Options {
        fsync: Fsync::EverySec,
        segment_bytes: 1 << 20,
        ..options(dir.path())
    };
    let mut log = FileLog::open_on(options, disk.clone()).expect("opens").log;
    let syncs = disk.syncs();
    fill(&mut log, &[3]);
    syncs.recv_timeout(PATIENCE).expect("synced by itself");
    let durable = disk.after_power_cut(dir.path(), 1);
    assert_holds(&open(durable.path()).reader(), 1, 3);

    fill(&mut log, &[3]);
    disk.fail(0..u64::MAX, Failure::Error);
    syncs.recv_timeout(PATIENCE).expect("tried by itself");
    let cause = loop {
        // The poison comes right after the sync.
        match log.sync() {
            Err(LogError::Poisoned { cause }) => break cause,
            other => other.expect_err("the disk is sick"),
        };
    };
    assert!(matches!(*cause, LogError::Io { .. }));
    assert!(matches!(
        append(&mut log, 1),
        Err(LogError::Poisoned { .. })
    ));
    assert_holds(&log.reader(), 1, 6);

    disk.fail(0..0, Failure::Error);
    log.recover().expect("recovered");
    assert_holds(&log.reader(), 1, 6);
    fill(&mut log, &[2]);
    log.sync().expect("synced");
    assert_holds(&open(copy(dir.path()).path()).reader(), 1, 8);
}

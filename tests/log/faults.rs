//! The Nth call to the disk fails: nothing acknowledged is missing, and nothing refused is read.
use super::kit::{EPOCH, options};
use super::sick_disk::{Failure, SickDisk};
use bytes::Bytes;
use maru::domain::{LogHash, Seq};
use maru::log::{FileLog, Fsync, Log, LogError, Options, RawEntry};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

#[derive(Clone, Copy, Debug)]
enum Then {
    Recover,
    Kill,
    PowerCut,
}

/// A log, and what was promised about it.
struct Run {
    dir: TempDir,
    disk: Arc<SickDisk>,
    log: FileLog,
    fsync: Fsync,
    promised: BTreeMap<Seq, Bytes>,
    /// Everything ever handed to the log.
    tried: usize,
    synced: Seq,
}

fn open_on(dir: &Path, disk: &Arc<SickDisk>, fsync: Fsync) -> Result<FileLog, LogError> {
    let options = Options {
        fsync,
        ..options(dir)
    };
    Ok(FileLog::open_on(options, disk.clone())?.log)
}

impl Run {
    fn new(fsync: Fsync) -> Run {
        let dir = TempDir::new().expect("a directory");
        let disk = Arc::new(SickDisk::default());
        let log = open_on(dir.path(), &disk, fsync).expect("opens");
        Run {
            dir,
            disk,
            log,
            fsync,
            promised: BTreeMap::new(),
            tried: 0,
            synced: Seq(0),
        }
    }

    /// Appends batches of 1 to 4 until one fails; rolls segments on its way.
    fn append(&mut self, batches: usize) -> Result<(), LogError> {
        for batch in 0..batches {
            let count = batch % 4 + 1;
            let payloads: Vec<Bytes> = (self.tried..self.tried + count)
                .map(|n| format!("attempt {n} {}", "y".repeat(n % 30)).into())
                .collect();
            self.tried += count;
            let first = self.log.append(&payloads)?;
            self.promised.extend((first.0..).map(Seq).zip(payloads));
            if self.fsync == Fsync::Never && batch % 3 == 2 {
                self.log.sync()?;
                self.synced = self.log.last_seq();
            }
            if batch % 10 == 9 {
                self.log
                    .trim(Seq(self.log.last_seq().0.saturating_sub(20)))?;
            }
        }
        Ok(())
    }

    fn entries(&self) -> Result<Vec<RawEntry>, LogError> {
        let reader = self.log.reader();
        reader.entries(reader.first_seq()).collect()
    }

    fn assert_exact(&self, what: &str) {
        let read = self.entries().expect("read");
        let first = self.log.first_seq();
        let wanted: Vec<(Seq, Bytes)> = (self.promised.range(first..))
            .map(|(seq, payload)| (*seq, payload.clone()))
            .collect();
        assert_eq!(super::kit::pairs(&read), wanted, "{what}");
        let unlike = maru::log::first_unlike(&self.log.reader(), first);
        assert_eq!(unlike.expect("read"), None, "{what}");
    }

    /// After a crash a prefix of a batch may stand behind what was promised, if it was refused
    /// without being sure.
    fn assert_kept(&mut self, what: &str, is_definite: bool) {
        let read = self.entries().expect("read");
        let first = self.log.first_seq();
        let kept: BTreeMap<Seq, Bytes> = read.into_iter().map(|e| (e.seq, e.payload)).collect();
        for (seq, payload) in self.promised.range(first..) {
            if self.fsync == Fsync::Always || *seq <= self.synced {
                assert_eq!(kept.get(seq), Some(payload), "{what}: entry {seq}");
            } else if let Some(found) = kept.get(seq) {
                assert_eq!(found, payload, "{what}: entry {seq}");
            }
        }
        let over = if is_definite { 0 } else { 4 };
        assert!(
            self.log.last_seq().0 <= self.promised.len() as u64 + over,
            "{what}: what was refused for sure is not there"
        );
        self.promised.retain(|seq, _| *seq < first);
        self.promised.extend(kept);
    }

    fn crash(&mut self, then: Then, dice: u64) {
        let left = match then {
            Then::PowerCut => self.disk.after_power_cut(self.dir.path(), dice),
            Then::Kill | Then::Recover => super::kit::copy(self.dir.path()),
        };
        self.disk = Arc::new(SickDisk::default());
        self.log = open_on(left.path(), &self.disk, self.fsync).expect("opens");
        self.dir = left;
    }
}

fn nth_failure(fsync: Fsync, nth: u64, width: u64, kind: Failure, then: Then) {
    let what = format!("{fsync}, call {nth} and {width} more, {kind:?}, {then:?}");
    let mut run = Run::new(fsync);
    let calls = run.disk.calls();
    run.disk.fail(calls + nth..calls + nth + width, kind);
    let Err(error) = run.append(60) else {
        return;
    };
    assert_eq!(
        error.is_storage_full(),
        kind == Failure::Full,
        "{what}: {error}"
    );
    // A trim that could not sync the directory changes nothing for writers.
    if let Ok(seq) = run.log.append(&["x".into()]) {
        run.promised.insert(seq, "x".into());
    } else {
        let again = run.log.append(&["x".into()]);
        assert!(matches!(again, Err(LogError::Poisoned { .. })), "{what}");
    }
    match then {
        Then::Recover => {
            let lost = fsync == Fsync::Never && kind == Failure::Loss;
            if !lost {
                run.assert_exact(&what);
            }
            let mut attempts = 0;
            while let Err(error) = run.log.recover() {
                assert!(run.log.append(&["x".into()]).is_err(), "{what}");
                attempts += 1;
                if lost && matches!(error, LogError::Damaged { .. }) {
                    return;
                }
                assert!(attempts < 40, "{what}: {error}");
            }
            run.assert_exact(&what);
        }
        Then::Kill | Then::PowerCut => {
            run.crash(then, nth);
            // What is not synced may be lost, and with it the numbers of what was promised.
            let is_definite =
                fsync == Fsync::Always && !matches!(error, LogError::Uncertain { .. });
            run.assert_kept(&what, is_definite);
        }
    }
    run.disk.fail(0..0, kind);
    // Few enough that the segment that failed is not trimmed.
    run.append(5)
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    run.assert_exact(&what);
    run.crash(Then::Kill, nth);
    run.assert_exact(&what);
    assert_eq!(run.log.epoch(), EPOCH);
}

fn every_call(fsync: Fsync) {
    for then in [Then::Recover, Then::Kill, Then::PowerCut] {
        for (kind, stride) in [(Failure::Error, 1), (Failure::Loss, 3), (Failure::Full, 5)] {
            for nth in (1..=200).step_by(stride) {
                nth_failure(fsync, nth, 1, kind, then);
            }
            // Recovering fails a few times, too.
            for nth in (1..=60).step_by(3 * stride) {
                nth_failure(fsync, nth, 4, kind, then);
                nth_failure(fsync, nth, 25, kind, then);
            }
        }
    }
}

#[test]
fn always() {
    every_call(Fsync::Always);
}

#[test]
fn never() {
    every_call(Fsync::Never);
}

/// Not a failure at all: the power goes between two calls.
#[test]
fn power_cuts() {
    for fsync in [Fsync::Always, Fsync::Never] {
        for dice in 1..=150_u64 {
            let mut run = Run::new(fsync);
            run.append(dice as usize % 40 + 1).expect("appended");
            run.crash(Then::PowerCut, dice.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            run.assert_kept(&format!("{fsync} {dice}"), false);
            run.append(5).expect("appended");
            run.assert_exact(&format!("{fsync} {dice}"));
        }
    }
}

/// Cutting and resetting fail in the middle; what is left opens, and is a prefix.
#[test]
fn the_nth_call_of_a_cut_fails() {
    for nth in 1..=12 {
        for (reset, to) in [(false, 35), (false, 0), (true, 500), (true, 1)] {
            let what = format!("call {nth}, reset {reset}, to {to}");
            let mut run = Run::new(Fsync::Always);
            run.append(8).expect("appended");
            let change = |log: &mut FileLog| {
                if reset {
                    log.reset(Seq(to), LogHash::NONE)
                } else {
                    log.truncate_after(Seq(to.min(7)))
                }
            };
            let calls = run.disk.calls();
            run.disk.fail(calls + nth..calls + nth + 1, Failure::Error);
            if change(&mut run.log).is_ok() {
                continue;
            }
            let killed = super::kit::copy(run.dir.path());
            let left = open_on(killed.path(), &Arc::default(), Fsync::Always);
            let left = left.unwrap_or_else(|error| panic!("{what}: {error}"));
            let reader = left.reader();
            for entry in reader.entries(reader.first_seq()) {
                let entry = entry.expect("read");
                assert_eq!(Some(&entry.payload), run.promised.get(&entry.seq), "{what}");
            }

            run.log.recover().expect("recovered");
            change(&mut run.log).unwrap_or_else(|error| panic!("{what}: {error}"));
            let last = if reset { to - 1 } else { to.min(7) };
            assert_eq!(run.log.last_seq(), Seq(last), "{what}");
            run.promised.retain(|seq, _| !reset && seq.0 <= last);
            run.append(4).expect("appended");
            run.assert_exact(&what);
            run.crash(Then::Kill, nth);
            run.assert_exact(&what);
        }
    }
}

//! Random histories against a list in memory.
use super::kit::{copy, opened, options, pairs};
use bytes::Bytes;
use maru::domain::{LogHash, Seq};
use maru::log::{Fsync, Log, LogError, Options, RawEntry, ReadLimit};
use proptest::prelude::*;
use std::path::Path;
use tempfile::TempDir;

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<usize>),
    /// Positions as a share of what is there, in 255ths.
    Trim(u8),
    TruncateAfter(u8),
    Read(u8, usize),
    Reset(u64),
    BeginEpoch(u64),
    Sync,
    Reopen,
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => prop::collection::vec(0..200_usize, 0..8).prop_map(Step::Append),
        2 => prop::collection::vec(0..40_000_usize, 1..4).prop_map(Step::Append),
        2 => any::<u8>().prop_map(Step::Trim),
        2 => any::<u8>().prop_map(Step::TruncateAfter),
        3 => (any::<u8>(), 1..20_usize).prop_map(|(from, count)| Step::Read(from, count)),
        1 => (1..5000_u64).prop_map(Step::Reset),
        1 => any::<u64>().prop_map(Step::BeginEpoch),
        1 => Just(Step::Sync),
        2 => Just(Step::Reopen),
        2 => Just(Step::Kill),
    ]
}

struct Model {
    first: u64,
    payloads: Vec<Bytes>,
    epoch: u64,
    made: u64,
}

impl Model {
    fn last(&self) -> u64 {
        self.first + self.payloads.len() as u64 - 1
    }

    fn share(&self, share: u8) -> u64 {
        self.first + self.payloads.len() as u64 * u64::from(share) / 255
    }

    fn entries(&self, from: u64, count: usize) -> Vec<(Seq, Bytes)> {
        let skip = (from - self.first) as usize;
        (from..)
            .zip(self.payloads.iter().skip(skip).take(count))
            .map(|(seq, payload)| (Seq(seq), payload.clone()))
            .collect()
    }
}

fn run(dir: &Path, fsync: Fsync, segment_bytes: u64, steps: Vec<Step>) {
    let mut home = None;
    let open = |dir: &Path| {
        let opened = opened(Options {
            fsync,
            segment_bytes,
            ..options(dir)
        });
        assert_eq!(opened.torn, None);
        opened.log
    };
    let mut log = open(dir);
    let mut model = Model {
        first: 1,
        payloads: Vec::new(),
        epoch: log.epoch(),
        made: 0,
    };
    for step in steps {
        match step {
            Step::Append(sizes) => {
                let batch: Vec<Bytes> = (sizes.into_iter())
                    .map(|size| {
                        model.made += 1;
                        format!("{} {}", model.made, "z".repeat(size)).into()
                    })
                    .collect();
                let first = log.append(&batch).expect("appended");
                assert_eq!(first, Seq(model.last() + 1));
                model.payloads.extend(batch);
            }
            Step::Trim(share) => {
                let before = model.share(share);
                log.trim(Seq(before)).expect("trimmed");
                let first = log.first_seq().0;
                assert!((model.first..=before.max(model.first)).contains(&first));
                model.payloads.drain(..(first - model.first) as usize);
                model.first = first;
            }
            Step::TruncateAfter(share) => {
                let keep = model.share(share) - 1;
                log.truncate_after(Seq(keep)).expect("cut");
                model.payloads.truncate((keep + 1 - model.first) as usize);
            }
            Step::Read(share, count) => {
                let from = model.share(share);
                let limit = ReadLimit {
                    entries: count,
                    size_bytes: usize::MAX,
                };
                let read = log.reader().read(Seq(from), limit).expect("read");
                assert_eq!(pairs(&read), model.entries(from, count));
            }
            Step::Reset(next) => {
                log.reset(Seq(next), LogHash::NONE).expect("reset");
                (model.first, model.payloads) = (next, Vec::new());
            }
            Step::BeginEpoch(epoch) => {
                log.begin_epoch(epoch).expect("begun");
                model.epoch = epoch;
            }
            Step::Sync => log.sync().expect("synced"),
            Step::Reopen => {
                let dir = home.as_ref().map_or(dir, TempDir::path);
                drop(log);
                log = open(dir);
            }
            Step::Kill => {
                let left = copy(home.as_ref().map_or(dir, TempDir::path));
                log = open(left.path());
                home = Some(left);
            }
        }
        assert_eq!(
            (log.first_seq().0, log.last_seq().0),
            (model.first, model.last())
        );
        assert_eq!(log.epoch(), model.epoch);
    }
    for from in model.first..=model.last() {
        let read = log.reader().read(Seq(from), ReadLimit::entries(1));
        assert_eq!(pairs(&read.expect("read")), model.entries(from, 1));
    }
    let read: Result<Vec<RawEntry>, LogError> = log.reader().entries(Seq(model.first)).collect();
    assert_eq!(
        pairs(&read.expect("read")),
        model.entries(model.first, usize::MAX)
    );
    let unlike = maru::log::first_unlike(&log.reader(), Seq(model.first));
    assert_eq!(unlike.expect("read"), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn histories(
        always in any::<bool>(),
        // Of a few entries, or so large that an index of it is kept.
        small in any::<bool>(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let dir = TempDir::new().expect("a directory");
        let fsync = if always { Fsync::Always } else { Fsync::Never };
        run(dir.path(), fsync, if small { 600 } else { 150_000 }, steps);
    }
}

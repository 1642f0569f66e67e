//! The end of the last segment as a crash or a power cut leaves it.
use super::kit::{
    EPOCH, append, assert_holds, copy, fill, open, opened, options, payload, refused, segments,
    try_open,
};
use maru::domain::{LogHash, Seq};
use maru::log::{Fsync, Log, LogError, NewEpoch, Options, TornTail};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Of a segment.
const HEADER: usize = 64;
const FRAME_HEADER: usize = 40;

/// A log as a killed process leaves it, with the bytes of its last segment.
struct Killed {
    dir: TempDir,
    last: PathBuf,
    bytes: Vec<u8>,
    /// Where entries begin in the last segment, and where the last one ends.
    places: Vec<usize>,
    first: u64,
}

fn killed(batches: &[u64]) -> Killed {
    let home = TempDir::new().expect("a directory");
    let mut log = open(home.path());
    fill(&mut log, batches);
    let dir = copy(home.path());
    let last = segments(dir.path()).pop().expect("a segment");
    let bytes = fs::read(&last).expect("read");
    let mut places = vec![HEADER];
    while let Some(len) = bytes
        .get(places[places.len() - 1] + 4..)
        .and_then(<[u8]>::first_chunk)
    {
        places.push(places[places.len() - 1] + FRAME_HEADER + u32::from_le_bytes(*len) as usize);
    }
    let first = log.last_seq().0 + 2 - places.len() as u64;
    Killed {
        dir,
        last,
        bytes,
        places,
        first,
    }
}

impl Killed {
    /// Opens it with these bytes in the last segment, writes on, opens again.
    fn assert_cut(&self, bytes: &[u8], what: &str) {
        let dir = copy(self.dir.path());
        let last = dir.path().join(self.last.file_name().expect("a name"));
        fs::write(&last, bytes).expect("written");
        let same = |end: usize| bytes.get(..end) == Some(&self.bytes[..end]);
        let kept = self
            .places
            .iter()
            .rposition(|end| same(*end))
            .expect("a header");
        let keeps = self.first + kept as u64 - 1;
        let end = self.places[kept] as u64;

        let opened = opened(options(dir.path()));
        let torn = (bytes.len() as u64 > end).then(|| TornTail {
            file: last.clone(),
            offset: end,
            dropped_bytes: bytes.len() as u64 - end,
        });
        assert_eq!(opened.torn, torn, "{what}");
        assert_eq!(opened.new_epoch, None, "{what}");
        let mut log = opened.log;
        assert_holds(&log.reader(), 1, keeps);
        assert_eq!(append(&mut log, 2).expect("appended"), Seq(keeps + 1));
        drop(log);
        assert_holds(&open(dir.path()).reader(), 1, keeps + 2);
    }
}

#[test]
fn cut_at_every_byte() {
    let killed = killed(&[5, 5, 3, 1, 2, 1]);
    for len in HEADER..=killed.bytes.len() {
        killed.assert_cut(&killed.bytes[..len], &format!("cut at {len}"));
    }
}

#[test]
fn garbage_and_zeros_from_every_byte() {
    let killed = killed(&[5, 5, 3, 1, 2, 1]);
    for from in HEADER..killed.bytes.len() {
        for (fill, more) in [(0, 0), (0, 300), (0xA7, 0), (0xFF, 77)] {
            if (fill, more) != (0, 0) && from % 3 != more % 3 {
                continue;
            }
            let mut bytes = killed.bytes.clone();
            bytes.truncate(from);
            bytes.resize(killed.bytes.len() + more, fill);
            killed.assert_cut(&bytes, &format!("{fill} from {from}, {more} more"));
        }
    }
}

#[test]
fn a_header_torn_at_every_byte_begins_an_epoch() {
    let home = TempDir::new().expect("a directory");
    let mut log = open(home.path());
    fill(&mut log, &[5, 5]);
    log.begin_epoch(EPOCH + 1).expect("begun");
    let killed = copy(home.path());
    let last = segments(killed.path()).pop().expect("a segment");
    let header = fs::read(&last).expect("read");
    for len in 0..HEADER {
        for tail in [0, HEADER - len] {
            let dir = copy(killed.path());
            let last = dir.path().join(last.file_name().expect("a name"));
            let mut bytes = header[..len].to_vec();
            bytes.resize(len + tail, 0);
            if bytes == header {
                continue;
            }
            fs::write(&last, &bytes).expect("written");
            let again = Options {
                new_epoch: EPOCH + 2,
                ..options(dir.path())
            };
            let opened = opened(again);
            assert_eq!(opened.new_epoch, Some(NewEpoch::HeaderTorn));
            let torn = opened.torn.expect("reported");
            assert_eq!((torn.offset, torn.dropped_bytes), (0, bytes.len() as u64));
            let mut log = opened.log;
            assert_eq!(log.epoch(), EPOCH + 2);
            fill(&mut log, &[4]);
            drop(log);
            assert_holds(&open(dir.path()).reader(), 1, 14);
        }
    }
}

/// The blocks of one batch reach the disk in any order.
#[test]
fn a_hole_in_the_unsynced_batch_is_torn() {
    let killed = killed(&[5, 5, 8]);
    let batch = killed.places.len() - 9;
    for hole in batch..killed.places.len() - 1 {
        let mut bytes = killed.bytes.clone();
        bytes[killed.places[hole]..killed.places[hole + 1]].fill(0);
        killed.assert_cut(&bytes, &format!("hole at {hole}"));
    }
}

#[test]
fn a_hole_before_a_later_batch_is_damage() {
    let killed = killed(&[5, 5, 3, 3, 1]);
    let batch = killed.places.len() - 2;
    for hole in 0..batch {
        for at in killed.places[hole]..killed.places[hole + 1] {
            let mut bytes = killed.bytes.clone();
            bytes[at] ^= 0x10;
            fs::write(&killed.last, bytes).expect("written");
            let error = refused(killed.dir.path());
            let LogError::Damaged {
                file,
                offset,
                remedy,
                ..
            } = &error
            else {
                panic!("{error}");
            };
            assert_eq!((file, *offset), (&killed.last, killed.places[hole] as u64));
            assert!(remedy.contains("maru restore"));
        }
    }
}

/// A length that reaches over good frames hides none of them.
#[test]
fn a_frame_in_a_payload_proves_nothing() {
    let home = TempDir::new().expect("a directory");
    let wide = |dir: &Path| Options {
        segment_bytes: 1 << 20,
        ..options(dir)
    };
    let mut log = opened(wide(home.path())).log;
    fill(&mut log, &[1, 1, 1]);
    // The very bytes of this log's frames, as somebody's text in another log.
    let frames = fs::read(&segments(home.path())[0]).expect("read")[HEADER..].to_vec();
    let other = TempDir::new().expect("a directory");
    let mut log = opened(wide(other.path())).log;
    log.append(&[frames.into()]).expect("appended");
    let dir = copy(other.path());
    let file = segments(dir.path()).pop().expect("a segment");
    let mut bytes = fs::read(&file).expect("read");
    bytes[HEADER] ^= 1;
    fs::write(&file, bytes).expect("written");
    let opened = opened(wide(dir.path()));
    assert_eq!(opened.torn.map(|torn| torn.offset), Some(HEADER as u64));
}

#[test]
fn a_power_cut_without_a_sync_begins_an_epoch() {
    for (fsync, boot, wanted) in [
        (Fsync::Always, "boot-2", None),
        (Fsync::EverySec, "boot-1", None),
        (Fsync::EverySec, "boot-2", Some(NewEpoch::UnsyncedLost)),
        (Fsync::EverySec, "", Some(NewEpoch::UnsyncedLost)),
        (Fsync::Never, "boot-1", None),
        (Fsync::Never, "boot-2", Some(NewEpoch::UnsyncedLost)),
    ] {
        let home = TempDir::new().expect("a directory");
        let mut log = opened(Options {
            fsync,
            ..options(home.path())
        })
        .log;
        fill(&mut log, &[5, 5, 5]);
        let killed = copy(home.path());
        drop(log);
        for (dir, wanted) in [(killed.path(), wanted), (home.path(), None)] {
            let again = Options {
                boot_id: Some(boot.to_owned()),
                new_epoch: EPOCH + 1,
                ..options(dir)
            };
            let opened = opened(again);
            assert_eq!(opened.new_epoch, wanted, "{fsync} {boot}");
            let epoch = if wanted.is_some() { EPOCH + 1 } else { EPOCH };
            assert_eq!(opened.log.epoch(), epoch);
            assert_holds(&opened.log.reader(), 1, 15);
        }
    }
}

/// What a clean stop left is whole: there a bad end is damage, between two frames or within one, and
/// nothing is cut before that is said.
#[test]
fn after_a_clean_stop_a_bad_end_is_damage() {
    let home = TempDir::new().expect("a directory");
    let mut log = open(home.path());
    fill(&mut log, &[5, 5]);
    drop(log);
    let last = segments(home.path()).pop().expect("a segment");
    let bytes = fs::read(&last).expect("read");
    let frame = FRAME_HEADER + payload(10).len();
    let mut flipped = bytes.clone();
    flipped[bytes.len() - frame / 2] ^= 1;
    let (short, whole) = (&bytes[..bytes.len() - 1], &bytes[..bytes.len() - frame]);
    for bad in [short, whole, &flipped] {
        fs::write(&last, bad).expect("written");
        let LogError::Damaged { file, offset, .. } = refused(home.path()) else {
            panic!("another error");
        };
        assert_eq!(file, last);
        assert_eq!(offset, (bytes.len() - frame) as u64);
        assert_eq!(fs::read(&last).expect("read"), bad, "nothing was changed");
    }
}

/// So is what the state has: it was on the disk before the state was.
#[test]
fn what_the_state_has_cannot_be_torn_off() {
    let killed = killed(&[5, 5]);
    let with = |seq| Options {
        after: (Seq(seq), LogHash::NONE),
        ..options(killed.dir.path())
    };
    let cut = killed.bytes.len() - 1;
    fs::write(&killed.last, &killed.bytes[..cut]).expect("written");
    let damaged = try_open(with(10)).map(|_| ()).expect_err("is refused");
    assert!(matches!(damaged, LogError::Damaged { .. }), "{damaged}");
    assert_holds(&opened(with(9)).log.reader(), 1, 9);
}

#[test]
fn without_files_it_begins_after_what_the_state_has() {
    let home = TempDir::new().expect("a directory");
    let before = LogHash([7; 16]);
    let mut log = opened(Options {
        after: (Seq(900), before),
        ..options(home.path())
    })
    .log;
    assert_eq!((log.last_seq(), log.last_hash()), (Seq(900), before));
    assert_eq!(append(&mut log, 3).expect("appended"), Seq(901));
    drop(log);
    let log = open(home.path());
    assert_holds(&log.reader(), 901, 903);
    assert_ne!(log.last_hash(), before);
}

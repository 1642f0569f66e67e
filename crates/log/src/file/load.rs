//! Looks at every byte of every segment, and changes none.
use super::cursor::{Cursor, Step, read_upto};
use super::segment::{
    HeaderFault, Mark, SEGMENT_HEADER, Segment, SegmentHeader, VERSION, damaged, name,
};
use super::tail;
use crate::LogError;
use maru_domain::{LogHash, Seq};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// What the directory holds.
pub struct Loaded {
    /// Without one whose header is torn.
    pub segments: Vec<Arc<Segment>>,
    pub last: Seq,
    /// Of the last entry, or what the next one goes on from.
    pub hash: LogHash,
    pub tail: Last,
}

/// The last segment.
#[derive(Clone, Copy)]
pub enum Last {
    None,
    /// The process died while making it.
    NoHeader {
        file_len: u64,
    },
    /// Good up to the segment's end; what is behind it is torn.
    Whole {
        /// What its last frame says was durable.
        durable: Seq,
        file_len: u64,
    },
}

struct Scanned {
    last: Seq,
    hash: LogHash,
    durable: Seq,
}

/// What is known of a log besides its own bytes.
#[derive(Clone, Copy)]
pub struct Known {
    /// Everything up to here was on the disk: a bad frame there is damage, however much it looks
    /// like a torn end.
    pub safe: Seq,
    /// Everything up to here is in the state as well.
    pub held: Seq,
}

impl Known {
    pub fn new(stopped_at: Option<Seq>, held: Seq) -> Known {
        Known {
            safe: stopped_at.unwrap_or(Seq(0)).max(held),
            held,
        }
    }
}

pub fn load(dir: &Path, firsts: &[Seq], known: Known) -> Result<Loaded, LogError> {
    let safe = known.safe;
    let mut loaded = Loaded {
        segments: Vec::with_capacity(firsts.len()),
        last: Seq(0),
        hash: LogHash::NONE,
        tail: Last::None,
    };
    for (at, first) in firsts.iter().enumerate() {
        let path = dir.join(name(*first));
        if at == 0 {
            loaded.last = Seq(first.0.saturating_sub(1));
        }
        if *first != loaded.last.next() {
            return Err(gap(&path, loaded.last, *first));
        }
        let is_last = at + 1 == firsts.len();
        load_one(&mut loaded, &path, *first, (is_last, safe))?;
    }
    if !firsts.is_empty() && loaded.last < safe {
        return Err(short(dir, firsts, &loaded, known));
    }
    Ok(loaded)
}

fn gap(path: &Path, last: Seq, first: Seq) -> LogError {
    let what = if first > last {
        let (from, to) = (last.next(), first.0 - 1);
        format!("the segment with entries {from} to {to} before it is missing or short")
    } else {
        format!("it begins at entry {first}, although the one before it ends at {last}")
    };
    damaged(path, 0, what)
}

/// It ends between two frames, but not where it ended once.
fn short(dir: &Path, firsts: &[Seq], loaded: &Loaded, known: Known) -> LogError {
    let file = dir.join(name(firsts[firsts.len() - 1]));
    let last = loaded.segments.last();
    let end = last.filter(|s| s.path == file).map_or(0, |s| s.end());
    let (from, to) = (loaded.last.next(), known.safe);
    let what = format!("entries {from} to {to} are missing at its end");
    if known.held < known.safe {
        return damaged(&file, end, what);
    }
    LogError::Damaged {
        file,
        offset: end,
        what,
        remedy: format!(
            "put back an intact copy of the file, or move the folder {} away: the state has these \
             entries, the server goes on from it, and clients start over",
            dir.display()
        ),
    }
}

fn load_one(
    loaded: &mut Loaded,
    path: &Path,
    first: Seq,
    (is_last, safe): (bool, Seq),
) -> Result<(), LogError> {
    let failed = |e| LogError::io(path, e);
    let file = File::options()
        .read(true)
        .write(true)
        .open(path)
        .map_err(failed)?;
    let file_len = file.metadata().map_err(failed)?.len();
    let mut bytes = [0; SEGMENT_HEADER as usize];
    let read = read_upto(&file, &mut bytes, 0).map_err(failed)?;
    let header = match SegmentHeader::decode(&bytes[..read]) {
        Ok(header) => header,
        // A header is durable before its first frame is written.
        Err(HeaderFault::Bad) if is_last && file_len <= SEGMENT_HEADER => {
            loaded.tail = Last::NoHeader { file_len };
            return Ok(());
        }
        Err(HeaderFault::Bad) => {
            return Err(damaged(
                path,
                0,
                "its header is not what was written".to_owned(),
            ));
        }
        Err(HeaderFault::Future(found)) => {
            return Err(LogError::FutureVersion {
                file: path.to_owned(),
                found,
                supported: VERSION,
            });
        }
    };
    if header.first != first {
        let what = format!("its name says {first}, its header {}", header.first);
        return Err(damaged(path, 24, what));
    }
    let segment = Segment::opened(path.to_owned(), file, header);
    if !loaded.segments.is_empty() && header.before != loaded.hash {
        let what = "it goes on from another content than the segment before it has".to_owned();
        return Err(damaged(path, 40, what));
    }
    let scanned = scan(&segment, file_len, (is_last, safe))?;
    loaded.last = scanned.last;
    loaded.hash = scanned.hash;
    loaded.tail = Last::Whole {
        durable: scanned.durable,
        file_len,
    };
    loaded.segments.push(Arc::new(segment));
    Ok(())
}

/// Finds where the good frames end; fails if they may not end there.
fn scan(
    segment: &Segment,
    file_len: u64,
    (is_last, safe): (bool, Seq),
) -> Result<Scanned, LogError> {
    let begin = Mark {
        seq: segment.header.first,
        offset: segment.header.len(),
    };
    let mut durable = Seq(begin.seq.0 - 1);
    let mut hash = segment.header.before;
    let mut cursor = Cursor::new(segment, begin, file_len);
    loop {
        let at = cursor.at;
        match cursor.step().map_err(|e| segment.io(e))? {
            Step::Frame { header, .. } => {
                segment.mark(at);
                durable = header.durable.max(durable);
                hash = header.hash;
            }
            Step::End => break,
            Step::Bad => {
                let was_durable =
                    || tail::was_durable(segment, at, file_len).map_err(|e| segment.io(e));
                if !is_last || at.seq <= safe || was_durable()? {
                    let what = format!("entry {} is not what was written", at.seq);
                    return Err(segment.damaged(at.offset, what));
                }
                break;
            }
            Step::Misplaced(found) => {
                let what = format!("entry {found} stands in the place of entry {}", at.seq);
                return Err(segment.damaged(at.offset, what));
            }
        }
    }
    segment.set_end(cursor.at.offset);
    Ok(Scanned {
        last: Seq(cursor.at.seq.0 - 1),
        hash,
        durable,
    })
}

//! A file of another program as lines of JSON on the disk, and what is in them.

use super::{BadLine, Course, Loss};
use crate::domain::Refusal;
use crate::files::{FileError, Incoming, Store};
use crate::imports::{self, Format, Options, Report};
use crate::ops::import::{ImportFile, Survey};
use crate::state::Reader;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::path::Path;

/// Lines that a file of another program may become; more is for `maru import`.
const LINES_BYTES: u64 = 8 << 30;
/// Kinds of losses that are named.
const LOSSES: usize = 100;

/// Lines of JSON on the disk, gone with this.
pub struct Lines {
    source: ImportFile,
    _file: Option<Incoming>,
}

impl Lines {
    /// From the start; breaks off when the import is given up.
    pub fn read(&self, course: &Course) -> io::Result<impl BufRead + Send + 'static> {
        let reader = self.source.read()?;
        course.follow(&self.source);
        Ok(io::BufReader::new(Stoppable {
            reader,
            course: course.clone(),
        }))
    }
}

struct Stoppable<R> {
    reader: R,
    course: Course,
}

impl<R: Read> Read for Stoppable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.course.is_cancelled() {
            return Err(io::Error::other("the import was given up"));
        }
        self.reader.read(buffer)
    }
}

/// Takes lines up to a limit, while the import goes on.
struct Bounded<W> {
    write: W,
    left: u64,
    course: Course,
}

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.course.is_cancelled() {
            return Err(io::Error::other("the import was given up"));
        }
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(|| {
            io::Error::other("it holds more than can be imported here; use `maru import`")
        })?;
        self.write.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write.flush()
    }
}

/// Reads a file of another program, or lines of Maru's own where there is no format. Blocks.
pub fn read(
    path: &Path,
    format: Option<Format>,
    options: &Options,
    store: &Store,
    course: &Course,
    state: impl FnOnce() -> Result<Reader, Refusal>,
) -> Result<(Lines, Report, Survey), String> {
    let broken = |error: FileError| format!("The lines cannot be kept: {error}.");
    let unreadable = |error: io::Error| format!("The file cannot be read: {error}.");
    let (lines, report) = match format {
        None => {
            let file = File::open(path).map_err(unreadable)?;
            let source = ImportFile::of(file).map_err(unreadable)?;
            let lines = Lines {
                source,
                _file: None,
            };
            (lines, Report::default())
        }
        Some(format) => {
            let file = store.begin().map_err(broken)?;
            let mut out = Bounded {
                write: BufWriter::new(file.open_at(0).map_err(broken)?),
                left: LINES_BYTES,
                course: course.clone(),
            };
            let report = imports::convert(format, path, options, &mut out);
            let report =
                report.map_err(|error| format!("The file cannot be imported: {error}."))?;
            out.flush().map_err(unreadable)?;
            let source = File::open(file.path()).and_then(ImportFile::of);
            let source = source.map_err(unreadable)?;
            let lines = Lines {
                source,
                _file: Some(file),
            };
            (lines, report)
        }
    };
    let mut survey = Survey::of(lines.read(course).map_err(unreadable)?).map_err(unreadable)?;
    let reader = state().map_err(|refusal| refusal.to_string())?;
    let closed = closed(&reader, &survey).map_err(|error| error.to_string())?;
    for (room, number) in closed {
        survey.bad_line(number, format!("its room {room} is private here"));
    }
    Ok((lines, report, survey))
}

/// Rooms that are not public here: history goes into public ones only.
fn closed(reader: &Reader, survey: &Survey) -> crate::state::Result<Vec<(String, u64)>> {
    let mut closed = Vec::new();
    for (room, number) in &survey.rooms {
        let Some(id) = reader.room_by_name(room)? else {
            continue;
        };
        let record = reader.room_record(id)?;
        if record.is_some_and(|record| record.kind != crate::domain::RoomKind::Public) {
            closed.push((room.clone(), *number));
        }
    }
    Ok(closed)
}

pub(super) fn counts(report: &Report, survey: &Survey) -> BTreeMap<String, u64> {
    let has_report = *report != Report::default();
    let counts = [
        (
            "messages",
            if has_report {
                report.messages
            } else {
                survey.good
            },
        ),
        ("replies", report.replies),
        ("reactions", report.reactions),
        ("pins", report.pins),
        ("rooms", report.rooms.max(survey.rooms.len() as u64)),
        ("users", report.users),
        ("files", report.files),
        ("repeated", survey.repeated),
        ("bad", survey.bad),
    ];
    counts.map(|(name, count)| (name.to_owned(), count)).into()
}

pub(super) fn losses(report: &Report, survey: &Survey) -> Vec<Loss> {
    let loss = |(what, count): (&String, &u64)| Loss {
        what: what.clone(),
        count: *count,
    };
    let mut all: Vec<Loss> = report.lost.iter().map(loss).collect();
    all.extend(survey.others.iter().map(|(field, count)| Loss {
        what: format!("lines with `{field}`, which means nothing here"),
        count: *count,
    }));
    if survey.open_replies > 0 {
        all.push(Loss {
            what: "replies to messages that are not in the file".to_owned(),
            count: survey.open_replies,
        });
    }
    all.sort_by_key(|loss| std::cmp::Reverse(loss.count));
    all.truncate(LOSSES);
    all
}

pub(super) fn bad_lines(survey: Survey) -> Vec<BadLine> {
    let line = |bad: crate::ops::import::BadLine| BadLine {
        number: bad.number,
        reason: bad.reason,
    };
    survey.first_bad.into_iter().map(line).collect()
}

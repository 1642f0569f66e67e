//! The second reading: lines to records, in a thread of its own, a batch at a time.

use super::contents::Contents;
use super::line::{Record, parse};
use super::lines::{Line, Lines};
use crate::domain::history::HistoryLine;
use crate::domain::limits;
use crate::files::Store;
use bytes::{Buf, Bytes};
use std::io::{self, BufRead, Read};
use tokio::sync::mpsc;

/// A batch becomes one entry of the log, which takes this much.
const BATCH: usize = limits::IMPORT_LINES;
const BATCH_BYTES: usize = 256 * 1024;
/// Batches that wait to be loaded; reading stops until there is room.
const BATCHES: usize = 8;

/// Records in the order of the file, with the numbers of their lines.
#[derive(Debug, Default)]
pub struct Batch {
    pub records: Vec<(u64, HistoryLine)>,
    /// Bad lines that were passed over.
    pub skipped: u64,
}

/// Why there is no further batch.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    #[error("the file cannot be read to its end: {0}")]
    Broken(#[from] io::Error),
    #[error("line {number}: {reason}")]
    BadLine { number: u64, reason: String },
}

/// Reads in a thread. The channel ends after the last batch or the first error.
pub fn feed(
    reader: impl BufRead + Send + 'static,
    skip_bad_lines: bool,
    store: Store,
) -> mpsc::Receiver<Result<Batch, FeedError>> {
    let (sender, receiver) = mpsc::channel(BATCHES);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read_all(reader, skip_bad_lines, Contents::new(store), &sender) {
            // Nobody listens any more where loading has failed already.
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

fn read_all(
    reader: impl BufRead,
    skip_bad_lines: bool,
    mut contents: Contents,
    sender: &mpsc::Sender<Result<Batch, FeedError>>,
) -> Result<(), FeedError> {
    let mut lines = Lines::new(reader);
    let mut batch = Batch::default();
    let mut size_bytes = 0;
    while let Some(line) = lines.next_line()? {
        let (number, parsed) = match line {
            Line::Bytes(number, bytes) => {
                size_bytes += bytes.len();
                (number, parse(bytes))
            }
            Line::TooLong(number) => (number, Err("it is longer than 1 MiB".to_owned())),
        };
        match parsed {
            Ok(parsed) => match parsed.record {
                Record::Line(mut line, files) => {
                    contents.give(&mut line, &files);
                    batch.records.push((number, line));
                }
                Record::File(piece) => match contents.take(piece) {
                    Ok(()) => {}
                    Err(_) if skip_bad_lines => batch.skipped += 1,
                    Err(reason) => return Err(FeedError::BadLine { number, reason }),
                },
            },
            Err(_) if skip_bad_lines => batch.skipped += 1,
            Err(reason) => return Err(FeedError::BadLine { number, reason }),
        }
        if batch.records.len() == BATCH || size_bytes >= BATCH_BYTES {
            size_bytes = 0;
            if sender
                .blocking_send(Ok(std::mem::take(&mut batch)))
                .is_err()
            {
                return Ok(());
            }
        }
    }
    let _ = sender.blocking_send(Ok(batch));
    Ok(())
}

/// A request's body as a reader for another thread.
pub struct BodyReader {
    frames: mpsc::Receiver<io::Result<Bytes>>,
    current: Bytes,
}

impl BodyReader {
    pub fn new(frames: mpsc::Receiver<io::Result<Bytes>>) -> BodyReader {
        BodyReader {
            frames,
            current: Bytes::new(),
        }
    }
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for BodyReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.current.is_empty() {
            match self.frames.blocking_recv() {
                Some(frame) => self.current = frame?,
                None => break,
            }
        }
        Ok(&self.current)
    }

    fn consume(&mut self, length: usize) {
        self.current.advance(length);
    }
}

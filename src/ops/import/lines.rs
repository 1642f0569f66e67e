//! Lines of a stream, each of bounded length.

use std::io::{self, BufRead};

/// No line that can be loaded is longer: the longest text, every byte of it escaped.
const LINE_BYTES: usize = 1 << 20;

/// The lines of a stream with their numbers, from 1. Empty ones are left out.
pub struct Lines<R> {
    reader: R,
    number: u64,
    line: Vec<u8>,
}

/// One line of the stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    Bytes(u64, &'a [u8]),
    /// Longer than any line that can be loaded; it was passed over without keeping it.
    TooLong(u64),
}

impl<R: BufRead> Lines<R> {
    pub fn new(reader: R) -> Lines<R> {
        Lines {
            reader,
            number: 0,
            line: Vec::new(),
        }
    }

    /// The next line, or `None` at the end. An error means that the stream itself is broken.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            self.line.clear();
            let Some(is_whole) = self.fill()? else {
                return Ok(None);
            };
            self.number += 1;
            if !is_whole {
                return Ok(Some(Line::TooLong(self.number)));
            }
            // Also within a file: of those that it was put together from, each has a mark.
            let has_mark = self.line.starts_with(b"\xef\xbb\xbf");
            let start = if has_mark { 3 } else { 0 };
            if !self.line[start..].trim_ascii().is_empty() {
                return Ok(Some(Line::Bytes(
                    self.number,
                    self.line[start..].trim_ascii(),
                )));
            }
        }
    }

    /// Reads to the end of the line. `None`: there was nothing; `false`: it was too long.
    fn fill(&mut self) -> io::Result<Option<bool>> {
        let (mut is_whole, mut is_empty) = (true, true);
        loop {
            let bytes = match self.reader.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if bytes.is_empty() {
                return Ok((!is_empty).then_some(is_whole));
            }
            is_empty = false;
            let end = memchr::memchr(b'\n', bytes);
            let part = &bytes[..end.unwrap_or(bytes.len())];
            is_whole &= self.line.len() + part.len() <= LINE_BYTES;
            if is_whole {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                return Ok(Some(is_whole));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], buffer: usize) -> Vec<(u64, Option<Vec<u8>>)> {
        let mut lines = Lines::new(io::BufReader::with_capacity(buffer, bytes));
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().expect("readable") {
            all.push(match line {
                Line::Bytes(number, bytes) => (number, Some(bytes.to_vec())),
                Line::TooLong(number) => (number, None),
            });
        }
        all
    }

    #[test]
    fn numbers_count_every_line_also_the_empty_ones() {
        for buffer in [1, 3, 4096] {
            let found = all(b"\xef\xbb\xbfa\r\n\n  \n\xef\xbb\xbfb\n\nlast", buffer);
            let lines = [(1, &b"a"[..]), (4, b"b"), (6, b"last")];
            let expected: Vec<_> = lines.iter().map(|(n, l)| (*n, Some(l.to_vec()))).collect();
            assert_eq!(found, expected);
        }
        assert!(all(b"", 8).is_empty() && all(b"\n\n", 8).is_empty());
    }

    #[test]
    fn a_line_without_end_costs_no_memory() {
        let mut bytes = vec![b'x'; LINE_BYTES + 1];
        bytes.extend_from_slice(b"\nshort\n");
        assert_eq!(all(&bytes, 8192), [(1, None), (2, Some(b"short".to_vec()))]);
    }
}

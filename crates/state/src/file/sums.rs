//! Checksums of the file's blocks, in a file beside it.
//!
//! redb verifies its pages only when it repairs. Here each block of 4096 bytes is verified when it
//! is read from the disk. One flipped bit is found by the checksum and put right; what is damaged
//! further reads as zeros, which is no page.
//!
//! ```text
//! file  = "MARUSUM\n"  version u32  first u32  next u32  crc32c u32  zeros up to 64  entry*
//! entry = sum u32  its complement u32
//! ```
//! `first` and `next` are the sums of the first block, before and after it was last written. If it
//! has neither, something else wrote the file, and all sums are made anew after redb has verified
//! it. The first block itself is redb's own to protect. Sums reach the disk before a commit that
//! relies on them does.

use super::overlay::BLOCK;
use crc32c::crc32c;
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

const MAGIC: &[u8; 8] = b"MARUSUM\n";
const VERSION: u32 = 1;
const HEADER: u64 = 64;
const ENTRY: u64 = 8;

#[derive(Debug)]
pub struct Sums {
    /// Entries that could not be read when it was opened.
    pub damaged: u64,
    file: File,
    state: RwLock<State>,
    first: Mutex<First>,
}

#[derive(Debug, Default)]
struct State {
    /// By block; `None` where nothing is known.
    sums: Vec<Option<u32>>,
    unsaved: BTreeSet<usize>,
}

#[derive(Debug)]
struct First {
    block: Box<[u8; BLOCK as usize]>,
    sum: u32,
}

/// What verifying found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// One bit of the block was wrong and is right now.
    Corrected,
    /// The block is not what was written.
    Damaged,
}

impl Sums {
    /// Opens or makes the file of sums. False: they are not of this file.
    pub fn open(path: &Path, data: &File) -> io::Result<(Sums, bool)> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let mut bytes = vec![0; usize::try_from(file.metadata()?.len()).unwrap_or(0)];
        file.read_exact_at(&mut bytes, 0)?;
        let mut block = Box::new([0; BLOCK as usize]);
        let there = data.metadata()?.len().min(BLOCK) as usize;
        data.read_exact_at(&mut block[..there], 0)?;
        let sum = crc32c(&block[..]);
        let is_ours = read_header(&bytes).is_some_and(|sums| sums.contains(&sum));
        let mut state = State::default();
        let mut damaged = 0;
        let name = path.display();
        if is_ours {
            let entries = bytes.get(HEADER as usize..).unwrap_or_default();
            let entries = entries.chunks_exact(ENTRY as usize);
            state.sums = entries.clone().map(read_entry).collect();
            let is_damaged = |(entry, sum): &(&[u8], &Option<u32>)| {
                sum.is_none() && entry.iter().any(|byte| *byte != 0)
            };
            let rest = bytes.get(24..HEADER as usize).unwrap_or_default();
            damaged = entries.zip(&state.sums).filter(is_damaged).count() as u64
                + u64::from(rest.iter().any(|byte| *byte != 0));
            if damaged > 0 {
                tracing::warn!(
                    "{name}: {damaged} of its checksums are damaged; what they are of is verified by other means"
                );
            }
        } else if !bytes.is_empty() {
            tracing::warn!(
                "{name} does not fit the state; the whole file is verified, and it is made anew"
            );
        }
        let sums = Sums {
            damaged,
            file,
            state: RwLock::new(state),
            first: Mutex::new(First { block, sum }),
        };
        Ok((sums, is_ours))
    }

    /// Makes all sums anew from what the file holds.
    pub fn adopt(&self, data: &File) -> io::Result<()> {
        let len = data.metadata()?.len();
        *self.state.write() = State::default();
        let mut chunk = vec![0; 64 * BLOCK as usize];
        let mut offset = 0;
        while offset < len {
            let size = ((len - offset) as usize).min(chunk.len());
            data.read_exact_at(&mut chunk[..size], offset)?;
            self.note(offset, &chunk[..size]);
            offset += size as u64;
        }
        self.file.set_len(0)?;
        let sum = self.first.lock().sum;
        self.write_header(sum, sum)?;
        self.save()
    }

    /// This is about to be written.
    pub fn note(&self, offset: u64, bytes: &[u8]) {
        let mut state = self.state.write();
        for (number, block) in whole_blocks(offset, bytes) {
            let number = number as usize;
            if state.sums.len() <= number {
                state.sums.resize(number + 1, None);
            }
            state.sums[number] = Some(crc32c(block));
            state.unsaved.insert(number);
        }
        // Partly written blocks are not known any more. There are none but the first.
        for number in broken_blocks(offset, bytes.len()) {
            if let Some(sum) = state.sums.get_mut(number as usize) {
                *sum = None;
                state.unsaved.insert(number as usize);
            }
        }
    }

    /// The first block is about to be written.
    pub fn note_first(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let Some(room) = BLOCK.checked_sub(offset).filter(|room| *room > 0) else {
            return Ok(());
        };
        let mut first = self.first.lock();
        let size = bytes.len().min(room as usize);
        first.block[offset as usize..offset as usize + size].copy_from_slice(&bytes[..size]);
        let sum = crc32c(&first.block[..]);
        let before = std::mem::replace(&mut first.sum, sum);
        self.write_header(before, sum)
    }

    /// The file ended there, and ends here now. What is new are zeros.
    pub fn resize(&self, before: u64, now: u64) {
        let [before, now] = [before, now].map(|len| len.div_ceil(BLOCK) as usize);
        let mut state = self.state.write();
        state.sums.resize(before.min(now), None);
        if now > before {
            state.sums.resize(now, Some(crc32c(&[0; BLOCK as usize])));
            state.unsaved.extend(before..now);
        }
    }

    /// Verifies what was read, and puts right what it can.
    pub fn verify(&self, offset: u64, bytes: &mut [u8]) -> Vec<(u64, Fault)> {
        let state = self.state.read();
        let known = |number: u64| state.sums.get(number as usize).copied().flatten();
        let mut faults = Vec::new();
        let from = offset.next_multiple_of(BLOCK);
        let skip = ((from - offset) as usize).min(bytes.len());
        for (number, block) in (from / BLOCK..).zip(bytes[skip..].chunks_exact_mut(BLOCK as usize))
        {
            let Some(sum) = known(number).filter(|_| number > 0) else {
                continue;
            };
            let found = crc32c(block);
            if found != sum {
                let fault = if correct(block, sum ^ found) {
                    Fault::Corrected
                } else {
                    Fault::Damaged
                };
                faults.push((number * BLOCK, fault));
            }
        }
        faults
    }

    /// Writes down what is known since the last time.
    pub fn save(&self) -> io::Result<()> {
        let mut state = self.state.write();
        let unsaved = std::mem::take(&mut state.unsaved);
        let mut run: Vec<u8> = Vec::new();
        let mut begin = 0;
        let saved = (|| {
            for number in &unsaved {
                let next = begin + run.len() / ENTRY as usize;
                if !run.is_empty() && (*number != next || run.len() > 1 << 16) {
                    self.file
                        .write_all_at(&run, HEADER + begin as u64 * ENTRY)?;
                    run.clear();
                }
                if run.is_empty() {
                    begin = *number;
                }
                let sum = state.sums.get(*number).copied().flatten();
                run.extend(sum.map_or([0; ENTRY as usize], write_entry));
            }
            self.file
                .write_all_at(&run, HEADER + begin as u64 * ENTRY)?;
            self.file.sync_data()
        })();
        if saved.is_err() {
            state.unsaved.extend(unsaved);
        }
        saved
    }

    fn write_header(&self, before: u32, next: u32) -> io::Result<()> {
        let mut header = [0; HEADER as usize];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&VERSION.to_le_bytes());
        header[12..16].copy_from_slice(&before.to_le_bytes());
        header[16..20].copy_from_slice(&next.to_le_bytes());
        let crc = crc32c(&header[..20]);
        header[20..24].copy_from_slice(&crc.to_le_bytes());
        self.file.write_all_at(&header, 0)
    }
}

fn read_header(bytes: &[u8]) -> Option<[u32; 2]> {
    let u32_at = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let is_good = bytes.get(..8)? == MAGIC
        && u32_at(8)? == VERSION
        && u32_at(20)? == crc32c(bytes.get(..20)?);
    is_good.then_some([u32_at(12)?, u32_at(16)?])
}

fn write_entry(sum: u32) -> [u8; ENTRY as usize] {
    let mut entry = [0; ENTRY as usize];
    entry[..4].copy_from_slice(&sum.to_le_bytes());
    entry[4..].copy_from_slice(&(!sum).to_le_bytes());
    entry
}

/// Nothing where the two halves do not fit.
fn read_entry(entry: &[u8]) -> Option<u32> {
    let sum = u32::from_le_bytes(*entry.first_chunk()?);
    let complement = u32::from_le_bytes(*entry[4..].first_chunk()?);
    (sum == !complement).then_some(sum)
}

fn whole_blocks(offset: u64, bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let from = offset.next_multiple_of(BLOCK);
    let skip = ((from - offset) as usize).min(bytes.len());
    let blocks = bytes[skip..].chunks_exact(BLOCK as usize);
    (from / BLOCK..)
        .zip(blocks)
        .filter(|(number, _)| *number > 0)
}

fn broken_blocks(offset: u64, len: usize) -> impl Iterator<Item = u64> {
    let end = offset + len as u64;
    let head = (!offset.is_multiple_of(BLOCK)).then_some(offset / BLOCK);
    let tail = (!end.is_multiple_of(BLOCK)).then_some(end / BLOCK);
    head.into_iter().chain(tail).filter(|number| *number > 0)
}

/// Flips the one bit whose flipping explains the difference between the sums, if there is one: the
/// checksum of a block tells each of its bits from every other.
fn correct(block: &mut [u8], difference: u32) -> bool {
    let mut bits: [u32; 8] = std::array::from_fn(|bit| shift(1 << bit));
    for at in (0..block.len()).rev() {
        if let Some(bit) = bits.iter().position(|sum| *sum == difference) {
            block[at] ^= 1 << bit;
            return true;
        }
        bits = bits.map(|sum| shift(sum & 0xff) ^ (sum >> 8));
    }
    false
}

/// What a byte does to the checksum.
fn shift(byte: u32) -> u32 {
    const CASTAGNOLI: u32 = 0x82f6_3b78;
    (0..8).fold(byte, |sum, _| {
        (sum >> 1) ^ (CASTAGNOLI & (sum & 1).wrapping_neg())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_is_put_right_and_two_are_not() {
        let good: Vec<u8> = (0..BLOCK as usize).map(|n| (n * 31 % 251) as u8).collect();
        let sum = crc32c(&good);
        for bit in (0..good.len() * 8).step_by(7) {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let found = crc32c(&bad);
            assert!(correct(&mut bad, sum ^ found), "bit {bit}");
            assert_eq!(bad, good);
            bad[bit / 8] ^= 1 << (bit % 8);
            bad[(bit / 8 + 1) % good.len()] ^= 4;
            let found = crc32c(&bad);
            assert!(!correct(&mut bad, sum ^ found), "bit {bit}");
        }
    }

    #[test]
    fn sums_are_read_as_written_and_of_no_other_file() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("sums");
        let data = tempfile::tempfile().expect("a file");
        let content: Vec<u8> = (0..10 * BLOCK).map(|n| (n / 7) as u8).collect();
        data.write_all_at(&content, 0).expect("written");
        let (sums, is_ours) = Sums::open(&path, &data).expect("opens");
        assert!(!is_ours);
        sums.adopt(&data).expect("read");

        // A flipped bit is noticed in the header's rest and in an entry.
        for at in [24, 28, 63, HEADER + 5 * ENTRY] {
            let file = File::options().read(true).write(true).open(&path);
            let file = file.expect("opens");
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).expect("read");
            for (flipped, damaged) in [(byte[0] ^ 1, 1), (byte[0], 0)] {
                file.write_all_at(&[flipped], at).expect("written");
                let (sums, is_ours) = Sums::open(&path, &data).expect("opens");
                assert_eq!((sums.damaged, is_ours), (damaged, true), "byte {at}");
            }
        }

        let (sums, is_ours) = Sums::open(&path, &data).expect("opens");
        assert!(is_ours);
        let mut read = content.clone();
        assert_eq!(sums.verify(0, &mut read), []);
        read[5 * BLOCK as usize + 3] ^= 8;
        read[7 * BLOCK as usize..][..2].copy_from_slice(&[255, 254]);
        let faults = [(5 * BLOCK, Fault::Corrected), (7 * BLOCK, Fault::Damaged)];
        assert_eq!(sums.verify(0, &mut read), faults);

        // What the file grows by is known, and what it is cut by forgotten.
        let len = data.metadata().expect("a length").len();
        data.set_len(len + 2 * BLOCK).expect("longer");
        sums.resize(len, len + 2 * BLOCK);
        sums.save().expect("written");
        let (sums, _) = Sums::open(&path, &data).expect("opens");
        let mut grown = vec![0; 2 * BLOCK as usize];
        grown[BLOCK as usize + 70] = 4;
        assert_eq!(
            sums.verify(len, &mut grown),
            [(len + BLOCK, Fault::Corrected)]
        );
        data.set_len(len).expect("shorter");
        sums.resize(len + 2 * BLOCK, len);
        grown[0] = 1;
        assert_eq!(sums.verify(len, &mut grown), []);

        // A write in order, then one by somebody else.
        let block = [9; BLOCK as usize];
        sums.note(3 * BLOCK, &block);
        data.write_all_at(&block, 3 * BLOCK).expect("written");
        sums.save().expect("written");
        sums.note_first(10, b"header").expect("written");
        let (before, is_ours) = Sums::open(&path, &data).expect("opens");
        assert!(is_ours, "killed before the first block was written");
        assert_eq!(before.verify(3 * BLOCK, &mut block.clone()), []);
        data.write_all_at(b"header", 10).expect("written");
        assert!(Sums::open(&path, &data).expect("opens").1);
        data.write_all_at(b"foreign", 10).expect("written");
        assert!(!Sums::open(&path, &data).expect("opens").1);
    }
}

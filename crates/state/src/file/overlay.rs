//! What was written since a file takes no more, in memory.

use std::collections::BTreeMap;
use std::io;

/// Reads from the file.
pub type Below<'a> = &'a dyn Fn(u64, &mut [u8]) -> io::Result<()>;

pub const BLOCK: u64 = 4096;

type Block = Box<[u8; BLOCK as usize]>;

/// Blocks that hide those of the file below.
#[derive(Debug)]
pub struct Overlay {
    pub len: u64,
    /// Of the file below, when this began; behind it there are zeros.
    below: u64,
    blocks: BTreeMap<u64, Block>,
}

impl Overlay {
    pub fn over(len: u64) -> Overlay {
        Overlay {
            len,
            below: len,
            blocks: BTreeMap::new(),
        }
    }

    pub fn set_len(&mut self, len: u64) {
        self.len = len;
        self.below = self.below.min(len);
        self.blocks.split_off(&len.div_ceil(BLOCK));
    }

    pub fn read(&self, file: Below<'_>, offset: u64, into: &mut [u8]) -> io::Result<()> {
        if offset + into.len() as u64 > self.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut done = 0;
        while done < into.len() {
            let at = offset + done as u64;
            let (number, within) = (at / BLOCK, (at % BLOCK) as usize);
            match self.blocks.get(&number) {
                Some(block) => {
                    let size = (BLOCK as usize - within).min(into.len() - done);
                    into[done..done + size].copy_from_slice(&block[within..within + size]);
                    done += size;
                }
                None => {
                    // Up to the next block that is here.
                    let next = self.blocks.range(number..).next();
                    let end = next.map_or(u64::MAX, |(number, _)| number * BLOCK);
                    let size = (end - at).min((into.len() - done) as u64) as usize;
                    self.read_below(file, at, &mut into[done..done + size])?;
                    done += size;
                }
            }
        }
        Ok(())
    }

    fn read_below(&self, file: Below<'_>, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let there = self.below.saturating_sub(offset).min(into.len() as u64) as usize;
        let (read, zeros) = into.split_at_mut(there);
        zeros.fill(0);
        if read.is_empty() {
            return Ok(());
        }
        file(offset, read)
    }

    pub fn write(&mut self, file: Below<'_>, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut done = 0;
        while done < bytes.len() {
            let at = offset + done as u64;
            let (number, within) = (at / BLOCK, (at % BLOCK) as usize);
            let size = (BLOCK as usize - within).min(bytes.len() - done);
            let mut block: Block = match self.blocks.remove(&number) {
                Some(block) => block,
                None => {
                    let mut block = Box::new([0; BLOCK as usize]);
                    if size < BLOCK as usize {
                        self.read_below(file, number * BLOCK, &mut block[..])?;
                    }
                    block
                }
            };
            block[within..within + size].copy_from_slice(&bytes[done..done + size]);
            self.blocks.insert(number, block);
            done += size;
        }
        self.len = self.len.max(offset + bytes.len() as u64);
        Ok(())
    }

    /// Blocks with their places, the first one of the file last: it says where everything is.
    pub fn blocks(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let all = self.blocks.range(1..).chain(self.blocks.range(..1));
        all.map(|(number, block)| (number * BLOCK, &block[..]))
    }
}

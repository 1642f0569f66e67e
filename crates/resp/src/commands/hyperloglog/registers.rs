//! Registers of a HyperLogLog, as Redis keeps them.

use super::super::super::failure::Failure;
use std::ops::Range;

/// `HYLL`, the encoding, three zeros, eight bytes of a cached count.
pub const HEADER_BYTES: usize = 16;
const MAGIC: &[u8] = b"HYLL";
pub const DENSE: u8 = 0;
const SPARSE: u8 = 1;
/// The last byte of the cached count: it is to be counted anew.
pub const STALE_AT: usize = 15;
pub const STALE: u8 = 0x80;
const INDEX_BITS: u32 = 14;
const REGISTERS: usize = 1 << INDEX_BITS;
pub const DENSE_BYTES: usize = HEADER_BYTES + REGISTERS * 6 / 8;
const CORRUPT: Failure = Failure::new("INVALIDOBJ Corrupted HLL object detected");

/// The longest runs of zeros, one for each part of the elements.
pub struct Registers(Vec<u8>);

impl Registers {
    pub fn new() -> Registers {
        Registers(vec![0; REGISTERS])
    }

    /// Whether it is one at all.
    pub fn check(bytes: &[u8]) -> Result<(), Failure> {
        let sound = bytes.len() >= HEADER_BYTES
            && bytes.starts_with(MAGIC)
            && (bytes[4] == SPARSE || bytes[4] == DENSE && bytes.len() == DENSE_BYTES);
        sound.then_some(()).ok_or(Failure::new(
            "WRONGTYPE Key is not a valid HyperLogLog string value.",
        ))
    }

    pub fn read(bytes: &[u8]) -> Result<Registers, Failure> {
        let (registers, rest) = Registers::read_up_to(bytes)?;
        rest.is_empty().then_some(registers).ok_or(CORRUPT)
    }

    /// With what somebody has put after them.
    pub fn read_up_to(bytes: &[u8]) -> Result<(Registers, &[u8]), Failure> {
        Registers::check(bytes)?;
        match bytes[4] {
            DENSE => Ok((Registers::dense(&bytes[HEADER_BYTES..]), &[])),
            _ => Registers::sparse(&bytes[HEADER_BYTES..]),
        }
    }

    fn dense(bytes: &[u8]) -> Registers {
        let mut registers = Registers::new();
        for (at, register) in registers.0.iter_mut().enumerate() {
            let (word, _, shift) = within(bytes, at);
            *register = (word >> shift & 0x3f) as u8;
        }
        registers
    }

    /// Runs: `00xxxxxx` zeros, `01xxxxxx yyyyyyyy` many zeros, `1vvvvvxx` equal values.
    fn sparse(mut bytes: &[u8]) -> Result<(Registers, &[u8]), Failure> {
        let mut registers = Vec::with_capacity(REGISTERS);
        let mut next = || -> Result<u8, Failure> {
            let (&first, rest) = bytes.split_first().ok_or(CORRUPT)?;
            bytes = rest;
            Ok(first)
        };
        while registers.len() < REGISTERS {
            let first = next()?;
            let (value, length) = match first >> 6 {
                0 => (0, usize::from(first & 0x3f) + 1),
                1 => {
                    let more = usize::from(next()?);
                    (0, (usize::from(first & 0x3f) << 8 | more) + 1)
                }
                _ => ((first >> 2 & 0x1f) + 1, usize::from(first & 3) + 1),
            };
            registers.extend(std::iter::repeat_n(value, length));
        }
        match registers.len() {
            REGISTERS => Ok((Registers(registers), bytes)),
            _ => Err(CORRUPT),
        }
    }

    /// One number for each.
    pub fn values(&self) -> &[u8] {
        &self.0
    }

    /// As runs while these take at most so many bytes with the header; 0 is never.
    pub fn bytes(&self, sparse_max_bytes: usize) -> Vec<u8> {
        match self.runs() {
            Some(runs) if runs.len() + HEADER_BYTES <= sparse_max_bytes => {
                [&header(SPARSE)[..], &runs].concat()
            }
            _ => self.dense_bytes(),
        }
    }

    /// In the place of what was read: all of the header stays but for the count, and so does what
    /// comes after the runs, which nothing but runs can have.
    pub fn bytes_after(
        &self,
        before: &[u8],
        rest: &[u8],
        sparse_max_bytes: usize,
    ) -> Result<Vec<u8>, Failure> {
        let mut bytes = self.bytes(sparse_max_bytes);
        if !rest.is_empty() && bytes[4] == DENSE {
            return Err(CORRUPT);
        }
        bytes.extend_from_slice(rest);
        keep_header(&mut bytes, before);
        Ok(bytes)
    }

    fn runs(&self) -> Option<Vec<u8>> {
        let mut runs = Vec::new();
        for run in self.0.chunk_by(|a, b| a == b) {
            let mut left = run.len();
            match run[0] {
                0 if left <= 64 => runs.push((left - 1) as u8),
                0 => runs.extend(((left - 1) as u16 | 0x4000).to_be_bytes()),
                value if value <= 32 => {
                    while left > 0 {
                        let length = left.min(4);
                        runs.push(0x80 | (value - 1) << 2 | (length - 1) as u8);
                        left -= length;
                    }
                }
                _ => return None,
            }
        }
        Some(runs)
    }

    pub fn dense_bytes(&self) -> Vec<u8> {
        let mut bytes = header(DENSE).to_vec();
        bytes.resize(DENSE_BYTES, 0);
        let packed = &mut bytes[HEADER_BYTES..];
        for (at, register) in self.0.iter().enumerate() {
            let (byte, shift) = (at * 6 / 8, at * 6 % 8);
            let value = u16::from(*register) << shift;
            packed[byte] |= value as u8;
            if let Some(next) = packed.get_mut(byte + 1) {
                *next |= (value >> 8) as u8;
            }
        }
        bytes
    }

    /// The register that was raised, if one was.
    pub fn add(&mut self, element: &[u8]) -> Option<usize> {
        let (index, zeros) = place(element);
        let longer = zeros > self.0[index];
        if longer {
            self.0[index] = zeros;
        }
        longer.then_some(index)
    }

    pub fn merge(&mut self, other: &Registers) {
        for (mine, other) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*other);
        }
    }

    /// Otmar Ertl's improved estimate, as Redis has it.
    pub fn count(&self) -> u64 {
        const ALPHA_INFINITE: f64 = 0.721_347_520_444_481_7;
        let mut histogram = [0u32; 64];
        for register in &self.0 {
            histogram[usize::from(*register)] += 1;
        }
        let (m, q) = (REGISTERS as f64, (64 - INDEX_BITS) as usize);
        let mut z = m * tau((m - f64::from(histogram[q + 1])) / m);
        for count in histogram[1..=q].iter().rev() {
            z += f64::from(*count);
            z *= 0.5;
        }
        z += m * sigma(f64::from(histogram[0]) / m);
        (ALPHA_INFINITE * m * m / z).round() as u64
    }
}

/// The register of an element, and its run of zeros.
fn place(element: &[u8]) -> (usize, u8) {
    let hash = murmur(element, 0xadc8_3b19);
    let index = (hash & (REGISTERS as u64 - 1)) as usize;
    // A bit at the end, so that there is always one.
    let rest = hash >> INDEX_BITS | 1 << (64 - INDEX_BITS);
    (index, rest.trailing_zeros() as u8 + 1)
}

/// The two bytes that hold a register, and how far it is shifted in them.
fn within(bytes: &[u8], register: usize) -> (u16, usize, usize) {
    let (byte, shift) = (register * 6 / 8, register * 6 % 8);
    let next = bytes.get(byte + 1).copied().unwrap_or(0);
    (u16::from(bytes[byte]) | u16::from(next) << 8, byte, shift)
}

/// Raises the register of an element where registers lie side by side; answers which bytes are
/// others now, if any are.
pub fn raise(packed: &mut [u8], element: &[u8]) -> Option<Range<usize>> {
    let (index, zeros) = place(element);
    let (word, byte, shift) = within(packed, index);
    if (word >> shift & 0x3f) as u8 >= zeros {
        return None;
    }
    let word = word & !(0x3f << shift) | u16::from(zeros) << shift;
    packed[byte] = word as u8;
    if let Some(next) = packed.get_mut(byte + 1) {
        *next = (word >> 8) as u8;
    }
    Some(byte..(byte + 2).min(packed.len()))
}

/// What the header of others tells stays, but for the count.
pub fn keep_header(bytes: &mut [u8], before: &[u8]) {
    bytes[5..HEADER_BYTES].copy_from_slice(&before[5..HEADER_BYTES]);
    bytes[STALE_AT] |= STALE;
}

fn header(encoding: u8) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..MAGIC.len()].copy_from_slice(MAGIC);
    header[4] = encoding;
    header[STALE_AT] = STALE;
    header
}

fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

/// MurmurHash64A, which is part of the format.
fn murmur(bytes: &[u8], seed: u64) -> u64 {
    const M: u64 = 0xc6a4_a793_5bd1_e995;
    let mut hash = seed ^ (bytes.len() as u64).wrapping_mul(M);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut k = chunk
            .try_into()
            .map_or(0, u64::from_le_bytes)
            .wrapping_mul(M);
        k ^= k >> 47;
        hash = (hash ^ k.wrapping_mul(M)).wrapping_mul(M);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        hash = (hash ^ u64::from_le_bytes(last)).wrapping_mul(M);
    }
    hash ^= hash >> 47;
    hash = hash.wrapping_mul(M);
    hash ^ hash >> 47
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `redis-server` 7.0.15 counts `0`, `1`, `2`, …
    #[test]
    fn counts_are_those_of_redis() {
        let mut registers = Registers::new();
        let mut counts = Vec::new();
        for number in 0..100_000u32 {
            registers.add(number.to_string().as_bytes());
            if [1, 10, 100, 1000, 10_000, 100_000].contains(&(number + 1)) {
                counts.push(registers.count());
            }
        }
        assert_eq!(counts, [1, 10, 100, 1001, 9987, 99_565]);
        let again = Registers::read(&registers.bytes(0)).expect("written above");
        assert_eq!(again.0, registers.0);
        assert_eq!(registers.bytes(3000).len(), DENSE_BYTES, "too many");
    }

    /// As `redis-server` 7.0.15 keeps one element.
    #[test]
    fn few_are_kept_as_runs() {
        let mut registers = Registers::new();
        assert_eq!(registers.bytes(3000)[HEADER_BYTES..], [0x7f, 0xff]);
        registers.add(b"0");
        let bytes = registers.bytes(3000);
        let again = Registers::read(&bytes).expect("written above");
        assert_eq!(again.0, registers.0);
        assert_eq!(bytes[HEADER_BYTES..], [0x73, 0xa8, 0x8c, 0x4c, 0x55]);
    }
}

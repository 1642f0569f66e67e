//! Counting and finding bits.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::bit;
use maru_cache::Txn;

/// Bits from one to another, both included.
type Bits = (u64, u64);

/// `start end` in bytes or bits, from the end if negative. `None`: nothing.
fn within(start: i64, end: i64, length_bytes: usize, in_bits: bool) -> Option<Bits> {
    let unit = if in_bits { 1 } else { 8 };
    let total = length_bytes as i64 * 8 / unit;
    let from_end = |at: i64| {
        if at < 0 {
            at.saturating_add(total).max(0)
        } else {
            at
        }
    };
    let (start, end) = (from_end(start), from_end(end).min(total - 1));
    (start <= end).then(|| ((start * unit) as u64, (end * unit + unit - 1) as u64))
}

fn unit(call: &Call<'_>, at: usize) -> Result<bool, Failure> {
    match () {
        () if call.is(at, "BIT") => Ok(true),
        () if call.is(at, "BYTE") => Ok(false),
        () => Err(Failure::SYNTAX),
    }
}

pub fn bitcount(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let bytes = txn.text(call.args[1])?;
    let Some(bytes) = bytes else {
        call.out.integer(0);
        return Ok(());
    };
    let bits = match call.args.len() {
        2 => within(0, -1, bytes.len(), false),
        4 | 5 => {
            let (start, end) = (call.integer(2)?, call.integer(3)?);
            // Only here, and before anything else; in BITPOS both would come to be the first byte.
            if start < 0 && end < 0 && start > end {
                None
            } else {
                let in_bits = call.args.len() == 5 && unit(call, 4)?;
                within(start, end, bytes.len(), in_bits)
            }
        }
        _ => return Err(Failure::SYNTAX),
    };
    let count = bits.map_or(0, |bits| ones(bytes, bits));
    call.out.integer(count as i64);
    Ok(())
}

fn ones(bytes: &[u8], (first, last): Bits) -> u64 {
    let (from, to) = ((first / 8) as usize, (last / 8) as usize);
    let whole: u64 = bytes[from..=to]
        .iter()
        .map(|byte| u64::from(byte.count_ones()))
        .sum();
    let head = bytes[from]
        .checked_shr(8 - (first % 8) as u32)
        .unwrap_or(0)
        .count_ones();
    let tail = (u32::from(bytes[to]) << (last % 8 + 1) & 0xff).count_ones();
    whole - u64::from(head) - u64::from(tail)
}

pub fn bitpos(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let wanted = match call.integer(2)? {
        bit @ (0 | 1) => bit as u8,
        _ => return Err(Failure::new("ERR The bit argument must be 1 or 0.")),
    };
    let bytes = txn.text(call.args[1])?;
    let Some(bytes) = bytes else {
        // Nothing is zeros without end.
        call.out.integer(if wanted == 1 { -1 } else { 0 });
        return Ok(());
    };
    let (mut end_given, mut start, mut end, mut in_bits) = (false, 0, -1, false);
    if call.args.len() > 6 {
        return Err(Failure::SYNTAX);
    }
    if call.args.len() > 3 {
        start = call.integer(3)?;
        if call.args.len() == 6 {
            in_bits = unit(call, 5)?;
        }
        if call.args.len() > 4 {
            end = call.integer(4)?;
            end_given = true;
        }
    }
    let found = match within(start, end, bytes.len(), in_bits) {
        None => -1,
        Some((first, last)) => match first_of(bytes, wanted, first, last) {
            Some(at) => at as i64,
            // Without an end, zeros follow the last byte.
            None if wanted == 0 && !end_given => bytes.len() as i64 * 8,
            None => -1,
        },
    };
    call.out.integer(found);
    Ok(())
}

fn first_of(bytes: &[u8], wanted: u8, first: u64, last: u64) -> Option<u64> {
    let none = if wanted == 1 { 0x00 } else { 0xff };
    let mut at = first;
    while at <= last {
        if at.is_multiple_of(8) && bytes[(at / 8) as usize] == none {
            at += 8;
        } else if bit(bytes, at) == wanted {
            return Some(at);
        } else {
            at += 1;
        }
    }
    None
}

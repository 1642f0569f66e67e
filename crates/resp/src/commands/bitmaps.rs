//! Strings as rows of bits.
mod fields;
mod ranges;

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::BITMAP;
use super::super::table::{Command, DENYOOM, FAST, Keys, READONLY, TELLS, WRITE, Writes};
use maru_cache::{Happenings, MAX_ITEM_BYTES, Txn};

const GROW: u32 = WRITE | DENYOOM;

pub const COMMANDS: &[Command] = &[
    Command::keyed("bitcount", -2, READONLY, Keys::ONE, ranges::bitcount)
        .of(BITMAP)
        .says("2.6.0", "How many bits are set.")
        .written("key [start:integer end:integer [BYTE|BIT]]"),
    Command::keyed("bitfield", -2, GROW | TELLS, Keys::ONE, fields::bitfield)
        .of(BITMAP)
        .says(
            "3.2.0",
            "Reads and changes integers of any width in a string.",
        )
        .written(
            "key [(GET {encoding offset}|{[OVERFLOW (WRAP|SAT|FAIL)] (SET \
             {encoding offset value}|INCRBY {encoding offset increment})})...]",
        ),
    Command::keyed(
        "bitfield_ro",
        -2,
        READONLY | FAST,
        Keys::ONE,
        fields::bitfield_ro,
    )
    .of(BITMAP)
    .says("6.0.0", "Reads integers of any width in a string.")
    .written("key [GET {encoding offset}]..."),
    Command::keyed(
        "bitop",
        -4,
        GROW,
        Keys::range(2, -1, 1).writing(Writes::First),
        bitop,
    )
    .of(BITMAP)
    .says(
        "2.6.0",
        "Combines strings bit by bit and keeps the outcome in a key.",
    )
    .written("operation destkey key..."),
    Command::keyed("bitpos", -3, READONLY, Keys::ONE, ranges::bitpos)
        .of(BITMAP)
        .says("2.8.7", "Where the first bit is that is set, or not.")
        .written("key bit [start:integer [end:integer [BYTE|BIT]]]"),
    Command::keyed("getbit", 3, READONLY | FAST, Keys::ONE, getbit)
        .of(BITMAP)
        .says("2.2.0", "One bit of a string.")
        .written("key offset"),
    Command::keyed("setbit", 4, GROW | TELLS, Keys::ONE, setbit)
        .of(BITMAP)
        .says("2.2.0", "Sets or clears one bit of a string.")
        .written("key offset value:integer"),
];

const OFFSET: Failure = Failure::new("ERR bit offset is not an integer or out of range");

/// The position of a bit; `#` counts in widths.
fn offset(call: &Call<'_>, at: usize, width: Option<u64>) -> Result<u64, Failure> {
    let (text, factor) = match (call.args[at].strip_prefix(b"#"), width) {
        (Some(text), Some(width)) => (text, width),
        _ => (call.args[at], 1),
    };
    let offset = super::super::number::integer(text).and_then(|n| u64::try_from(n).ok());
    let offset = offset.and_then(|offset| offset.checked_mul(factor));
    offset
        .filter(|offset| offset >> 3 < MAX_ITEM_BYTES as u64)
        .ok_or(OFFSET)
}

fn bit(bytes: &[u8], at: u64) -> u8 {
    let byte = usize::try_from(at / 8).ok().and_then(|at| bytes.get(at));
    byte.map_or(0, |byte| byte >> (7 - at % 8) & 1)
}

fn getbit(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let at = offset(call, 2, None)?;
    let bytes = txn.text(call.args[1])?.unwrap_or_default();
    call.out.integer(bit(bytes, at).into());
    Ok(())
}

fn setbit(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let at = offset(call, 2, None)?;
    let set = match call.integer(3) {
        Ok(bit @ (0 | 1)) => bit == 1,
        _ => return Err(Failure::new("ERR bit is not an integer or out of range")),
    };
    let key = call.args[1];
    let bytes = txn.text(key)?.unwrap_or_default();
    let before = bit(bytes, at);
    let index = (at / 8) as usize;
    let mask = 0x80 >> (at % 8);
    let byte = bytes.get(index).copied().unwrap_or(0);
    let (length, had) = (bytes.len(), byte);
    let byte = if set { byte | mask } else { byte & !mask };
    if byte != had || index >= length {
        txn.write(key, index, &[byte])?;
        txn.tell(Happenings::STRING, "setbit", key);
    } else {
        txn.opened(key);
    }
    call.out.integer(before.into());
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    And,
    Or,
    Xor,
    Not,
}

fn bitop(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let operation = match () {
        () if call.is(1, "AND") => Operation::And,
        () if call.is(1, "OR") => Operation::Or,
        () if call.is(1, "XOR") => Operation::Xor,
        () if call.is(1, "NOT") => Operation::Not,
        () => return Err(Failure::SYNTAX),
    };
    if operation == Operation::Not && call.args.len() != 4 {
        return Err(Failure::new(
            "ERR BITOP NOT must be called with a single source key.",
        ));
    }
    let mut outcome: Option<Vec<u8>> = None;
    for key in &call.args[3..] {
        let next = txn.text(key)?.unwrap_or_default().to_vec();
        outcome = Some(match outcome {
            None => next,
            Some(before) => combined(operation, before, next),
        });
    }
    let mut outcome = outcome.unwrap_or_default();
    if operation == Operation::Not {
        outcome.iter_mut().for_each(|byte| *byte = !*byte);
    }
    let target = call.args[2];
    if outcome.is_empty() {
        txn.del(&[target]);
    } else {
        txn.replace(target, &outcome)?;
        txn.tell(Happenings::STRING, "set", target);
    }
    call.out.count(outcome.len());
    Ok(())
}

/// Missing bytes are zeros.
fn combined(operation: Operation, a: Vec<u8>, b: Vec<u8>) -> Vec<u8> {
    let (mut long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    for (at, byte) in long.iter_mut().enumerate() {
        let other = short.get(at).copied().unwrap_or(0);
        match operation {
            Operation::And => *byte &= other,
            Operation::Or => *byte |= other,
            Operation::Xor | Operation::Not => *byte ^= other,
        }
    }
    long
}

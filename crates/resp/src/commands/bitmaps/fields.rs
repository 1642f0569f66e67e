//! Integers of any width within strings.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::{bit, offset};
use maru_cache::{Happenings, Txn};

#[derive(Clone, Copy)]
struct Width {
    signed: bool,
    bits: u32,
}

#[derive(Clone, Copy)]
enum Overflow {
    Wrap,
    Saturate,
    Fail,
}

#[derive(Clone, Copy)]
enum Action {
    Get,
    Set(i64),
    Add(i64),
}

struct Operation {
    action: Action,
    width: Width,
    at: u64,
    overflow: Overflow,
}

fn width(text: &[u8]) -> Result<Width, Failure> {
    const INVALID: Failure = Failure::new(
        "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
    );
    let (signed, digits) = match text {
        [b'i', digits @ ..] => (true, digits),
        [b'u', digits @ ..] => (false, digits),
        _ => return Err(INVALID),
    };
    let bits = super::super::super::number::integer(digits).ok_or(INVALID)?;
    let max = if signed { 64 } else { 63 };
    match u32::try_from(bits) {
        Ok(bits) if (1..=max).contains(&bits) => Ok(Width { signed, bits }),
        _ => Err(INVALID),
    }
}

fn parse(call: &Call<'_>, only_read: bool) -> Result<Vec<Operation>, Failure> {
    let mut operations = Vec::new();
    let mut overflow = Overflow::Wrap;
    let mut at = 2;
    while at < call.args.len() {
        let left = call.args.len() - at - 1;
        if call.is(at, "OVERFLOW") && left >= 1 {
            overflow = match () {
                () if call.is(at + 1, "WRAP") => Overflow::Wrap,
                () if call.is(at + 1, "SAT") => Overflow::Saturate,
                () if call.is(at + 1, "FAIL") => Overflow::Fail,
                () => return Err(Failure::new("ERR Invalid OVERFLOW type specified")),
            };
            at += 2;
            continue;
        }
        let takes_value = call.is(at, "SET") || call.is(at, "INCRBY");
        if !(call.is(at, "GET") && left >= 2 || takes_value && left >= 3) {
            return Err(Failure::SYNTAX);
        }
        let width = width(call.args[at + 1])?;
        let place = offset(call, at + 2, Some(width.bits.into()))?;
        let action = match () {
            () if call.is(at, "GET") => Action::Get,
            () if call.is(at, "SET") => Action::Set(call.integer(at + 3)?),
            () => Action::Add(call.integer(at + 3)?),
        };
        if only_read && takes_value {
            return Err(Failure::new(
                "ERR BITFIELD_RO only supports the GET subcommand",
            ));
        }
        operations.push(Operation {
            action,
            width,
            at: place,
            overflow,
        });
        at += if takes_value { 4 } else { 3 };
    }
    Ok(operations)
}

impl Width {
    fn read(self, bytes: &[u8], at: u64) -> i64 {
        let mut value = 0u64;
        for step in 0..u64::from(self.bits) {
            value = value << 1 | u64::from(bit(bytes, at + step));
        }
        self.cut(value.into())
    }

    /// The value that the lowest bits stand for.
    fn cut(self, value: i128) -> i64 {
        let unused = 128 - self.bits;
        if self.signed {
            (value << unused >> unused) as i64
        } else {
            ((value as u128) << unused >> unused) as i64
        }
    }

    fn range(self) -> (i128, i128) {
        if self.signed {
            (-(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1)
        } else {
            (0, (1 << self.bits) - 1)
        }
    }

    /// What is kept of a value that may not fit; `None` if it is not to be kept.
    fn fit(self, value: i128, overflow: Overflow) -> Option<i64> {
        let (least, most) = self.range();
        if (least..=most).contains(&value) {
            return Some(value as i64);
        }
        match overflow {
            Overflow::Wrap => Some(self.cut(value)),
            Overflow::Saturate => Some(value.clamp(least, most) as i64),
            Overflow::Fail => None,
        }
    }

    fn write(self, bytes: &mut Vec<u8>, at: u64, value: i64) {
        let end = (at + u64::from(self.bits)).div_ceil(8) as usize;
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        for step in 0..self.bits {
            let place = at + u64::from(step);
            let mask = 0x80 >> (place % 8);
            let byte = &mut bytes[(place / 8) as usize];
            match value >> (self.bits - 1 - step) & 1 {
                0 => *byte &= !mask,
                _ => *byte |= mask,
            }
        }
    }
}

pub fn bitfield(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let operations = parse(call, false)?;
    run(call, txn, &operations)
}

pub fn bitfield_ro(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let operations = parse(call, true)?;
    run(call, txn, &operations)
}

fn run(call: &mut Call<'_>, txn: &mut Txn<'_>, operations: &[Operation]) -> Answer {
    let key = call.args[1];
    let mut changed: Option<std::ops::Range<u64>> = None;
    let mut bytes = txn.text(key)?.unwrap_or_default().to_vec();
    // The string grows for all that write, also where nothing fits in the end.
    let writes = operations
        .iter()
        .filter(|operation| !matches!(operation.action, Action::Get));
    let writes = writes
        .map(|o| (o.at + u64::from(o.width.bits)).div_ceil(8))
        .max();
    if let Some(end) = writes
        && bytes.len() < end as usize
    {
        bytes.resize(end as usize, 0);
        changed = Some(0..end * 8);
    }
    call.out.array(operations.len());
    for operation in operations {
        let Operation { width, at, .. } = *operation;
        let before = width.read(&bytes, at);
        let (value, answer) = match operation.action {
            Action::Get => (None, Some(before)),
            Action::Set(value) => {
                // As Redis takes it: an unsigned value is the same 64 bits.
                let value = if width.signed {
                    i128::from(value)
                } else {
                    i128::from(value as u64)
                };
                let fit = width.fit(value, operation.overflow);
                (fit, fit.map(|_| before))
            }
            Action::Add(by) => {
                let fit = width.fit(i128::from(before) + i128::from(by), operation.overflow);
                (fit, fit)
            }
        };
        if let Some(value) = value.filter(|value| *value != before) {
            width.write(&mut bytes, at, value);
            let end = at + u64::from(width.bits);
            changed = Some(match changed {
                None => at..end,
                Some(before) => before.start.min(at)..before.end.max(end),
            });
        }
        match answer {
            Some(answer) => call.out.integer(answer),
            None => call.out.null(),
        }
    }
    if let Some(bits) = changed {
        let (from, to) = ((bits.start / 8) as usize, bits.end.div_ceil(8) as usize);
        txn.write(key, from, &bytes[from..to])?;
        txn.tell(Happenings::STRING, "setbit", key);
    } else if writes.is_some() {
        txn.opened(key);
    }
    Ok(())
}

//! Registers as tests want to see them.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::registers::{DENSE, HEADER_BYTES, Registers};
use maru_cache::Txn;

pub fn pfdebug(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[2];
    let bytes = txn
        .text(key)?
        .ok_or(Failure::new("ERR The specified key does not exist"))?
        .to_vec();
    Registers::check(&bytes)?;
    let is_dense = bytes[4] == DENSE;
    match () {
        () if call.is(1, "GETREG") => {
            let registers = Registers::read(&bytes)?;
            if !is_dense {
                txn.rewrite(key, &registers.dense_bytes())?;
            }
            call.out.array(registers.values().len());
            for value in registers.values() {
                call.out.integer((*value).into());
            }
        }
        () if call.is(1, "DECODE") => {
            if is_dense {
                return Err(Failure::new("ERR HLL encoding is not sparse"));
            }
            let runs = runs(&bytes[HEADER_BYTES..]);
            call.out.bulk(runs.join(" ").as_bytes());
        }
        () if call.is(1, "ENCODING") => {
            call.out.simple(if is_dense { "dense" } else { "sparse" });
        }
        () if call.is(1, "TODENSE") => {
            if !is_dense {
                txn.rewrite(key, &Registers::read(&bytes)?.dense_bytes())?;
            }
            call.out.integer((!is_dense).into());
        }
        () => {
            return Err(Failure::of(format!(
                "ERR Unknown PFDEBUG subcommand '{}'",
                String::from_utf8_lossy(call.args[1])
            )));
        }
    }
    Ok(())
}

/// Zeros, many zeros, equal values.
fn runs(mut bytes: &[u8]) -> Vec<String> {
    let mut runs = Vec::new();
    while let Some((&first, rest)) = bytes.split_first() {
        bytes = rest;
        runs.push(match (first >> 6, rest.split_first()) {
            (0, _) => format!("z:{}", (first & 0x3f) + 1),
            (1, Some((&second, rest))) => {
                bytes = rest;
                format!(
                    "Z:{}",
                    (u16::from(first & 0x3f) << 8 | u16::from(second)) + 1
                )
            }
            (1, None) => break,
            _ => format!("v:{},{}", (first >> 2 & 0x1f) + 1, (first & 3) + 1),
        });
    }
    runs
}

/// A hundred thousand different elements are counted right, to two in a hundred, and kept in both
/// ways.
pub fn pfselftest(call: &mut Call<'_>) -> Answer {
    const FAILED: Failure = Failure::new("TESTFAILED the count is wrong");
    let mut registers = Registers::new();
    for number in 0..100_000u32 {
        registers.add(&number.to_le_bytes());
        let is_small = number == 20;
        if is_small || number == 99_999 {
            let sparse_max_bytes = if is_small { usize::MAX } else { 0 };
            let again = Registers::read(&registers.bytes(sparse_max_bytes))?;
            let (count, expected) = (again.count(), u64::from(number) + 1);
            if again.values() != registers.values() || count.abs_diff(expected) > expected / 50 {
                return Err(FAILED);
            }
        }
    }
    call.out.ok();
    Ok(())
}

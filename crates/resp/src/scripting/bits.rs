//! The `bit` library: integers of 32 bits.

use super::library::{Arguments, Library, Refusal, Results};

pub const BIT: Library = &[
    ("tobit", |args, _| answer(bits(&args, 0)?)),
    ("bnot", |args, _| answer(!bits(&args, 0)?)),
    ("band", |args, _| fold(&args, |all, one| all & one)),
    ("bor", |args, _| fold(&args, |all, one| all | one)),
    ("bxor", |args, _| fold(&args, |all, one| all ^ one)),
    ("lshift", |args, _| shift(&args, |bits, by| bits << by)),
    ("rshift", |args, _| shift(&args, |bits, by| bits >> by)),
    ("arshift", |args, _| {
        shift(&args, |bits, by| ((bits as i32) >> by) as u32)
    }),
    ("rol", |args, _| shift(&args, u32::rotate_left)),
    ("ror", |args, _| shift(&args, u32::rotate_right)),
    ("bswap", |args, _| answer(bits(&args, 0)?.swap_bytes())),
    ("tohex", |args, lua| {
        let number = bits(&args, 0)?;
        let digits = match args.len() {
            0 | 1 => 8,
            _ => bits(&args, 1)? as i32,
        };
        let width = digits.unsigned_abs().min(8) as usize;
        let text = if digits < 0 {
            format!("{number:08X}")
        } else {
            format!("{number:08x}")
        };
        Results::text(lua, &text.as_bytes()[8 - width..])
    }),
];

/// An argument modulo 2^32, rounded to the nearest integer.
fn bits(args: &Arguments, at: usize) -> Result<u32, Refusal> {
    let number = args.number(at)?;
    // Adding this leaves the integer in the lowest bits of the mantissa.
    const ALIGN: f64 = 6_755_399_441_055_744.0;
    Ok((number + ALIGN).to_bits() as u32)
}

fn answer(bits: u32) -> Result<Results, Refusal> {
    Results::number(f64::from(bits as i32))
}

fn fold(args: &Arguments, join: fn(u32, u32) -> u32) -> Result<Results, Refusal> {
    let mut all = bits(args, 0)?;
    for at in (1..args.len()).rev() {
        all = join(all, bits(args, at)?);
    }
    answer(all)
}

fn shift(args: &Arguments, turn: fn(u32, u32) -> u32) -> Result<Results, Refusal> {
    answer(turn(bits(args, 0)?, bits(args, 1)? & 31))
}

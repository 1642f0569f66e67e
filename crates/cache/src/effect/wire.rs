//! Numbers and byte strings of effects.

use super::Malformed;

/// 0 is "never": no key can end at the beginning of 1970 and be alive.
pub(super) fn put_deadline(out: &mut Vec<u8>, unix_ms: Option<u64>) {
    put_number(out, unix_ms.map_or(0, |ms| ms.max(1)));
}

pub(super) fn take_deadline(from: &mut &[u8]) -> Result<Option<u64>, Malformed> {
    Ok(Some(take_number(from)?).filter(|&ms| ms != 0))
}

pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(super) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(super) fn take_byte(from: &mut &[u8]) -> Result<u8, Malformed> {
    let (&byte, rest) = from.split_first().ok_or(Malformed)?;
    *from = rest;
    Ok(byte)
}

pub(super) fn take_number(from: &mut &[u8]) -> Result<u64, Malformed> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = take_byte(from)?;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            return Err(Malformed);
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Malformed)
}

pub(super) fn take_bytes<'a>(from: &mut &'a [u8]) -> Result<&'a [u8], Malformed> {
    let length = usize::try_from(take_number(from)?).map_err(|_| Malformed)?;
    let (bytes, rest) = from.split_at_checked(length).ok_or(Malformed)?;
    *from = rest;
    Ok(bytes)
}

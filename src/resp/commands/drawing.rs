//! Drawing some of many, as the RAND commands do.

use super::super::call::Call;
use super::super::failure::Failure;
use crate::cache::Txn;

/// The argument that says how many: so many different ones, or so many (negative) with repetition.
pub fn count(call: &Call<'_>, at: usize) -> Result<i64, Failure> {
    let count = call.integer(at)?;
    if count < -i64::MAX {
        return Err(Failure::new("ERR value is out of range"));
    }
    Ok(count)
}

/// Indices below `length`. All of them, if so many are wanted, in their order.
pub fn draw(txn: &Txn<'_>, length: usize, count: i64) -> Vec<usize> {
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if length == 0 || wanted == 0 {
        return Vec::new();
    }
    if count < 0 {
        return (0..wanted).map(|_| txn.any_below(length)).collect();
    }
    if wanted >= length {
        return (0..length).collect();
    }
    txn.different_below(length, wanted)
}

//! Drawing some of many, as the RAND commands do.

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::out::Out;
use maru_cache::Txn;

/// The argument that says how many: so many different ones, or so many (negative) with repetition.
pub fn count(call: &Call<'_>, at: usize) -> Result<i64, Failure> {
    let count = call.integer(at)?;
    if count < -i64::MAX {
        return Err(Failure::new(
            "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
        ));
    }
    Ok(count)
}

/// Indices that were drawn, or are drawn as they are asked for: nobody holds a billion of them.
pub enum Drawn {
    These(std::vec::IntoIter<usize>),
    Any {
        below: usize,
        left: usize,
        dice: u64,
    },
}

/// Indices below `length`. All of them, if so many are wanted, in their order.
pub fn draw(txn: &Txn<'_>, length: usize, count: i64) -> Drawn {
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let these = if length == 0 || wanted == 0 {
        Vec::new()
    } else if count < 0 {
        return Drawn::Any {
            below: length,
            left: wanted,
            dice: txn.any_below(usize::MAX) as u64,
        };
    } else if wanted >= length {
        (0..length).collect()
    } else {
        txn.different_below(length, wanted)
    };
    Drawn::These(these.into_iter())
}

impl Iterator for Drawn {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self {
            Drawn::These(these) => these.next(),
            Drawn::Any { left: 0, .. } => None,
            Drawn::Any { below, left, dice } => {
                *left -= 1;
                *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mixed = (*dice ^ *dice >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
                Some(((mixed ^ mixed >> 31) % *below as u64) as usize)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match self {
            Drawn::These(these) => these.len(),
            Drawn::Any { left, .. } => *left,
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Drawn {}

/// Answers what was drawn, each alone or with something beside it, until that is more than the
/// client may be told.
pub fn answer<T>(
    call: &mut Call<'_>,
    drawn: Drawn,
    paired: bool,
    nth: impl Fn(usize) -> Option<T>,
    write: impl Fn(&mut Out, T),
) {
    let nested = paired && call.out.is_resp3();
    call.out.array(if paired && !nested {
        drawn.len() * 2
    } else {
        drawn.len()
    });
    for item in drawn.filter_map(nth) {
        if nested {
            call.out.array(2);
        }
        write(call.out, item);
        if call.is_too_long() {
            return;
        }
    }
}

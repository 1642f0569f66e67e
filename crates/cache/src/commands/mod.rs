//! The commands, one file for each kind of value. All are functions of [`Txn`](super::Txn): they
//! read, decide, and change through it.

mod decimal;
mod hashes;
mod keys;
mod lists;
mod making;
mod ranked;
mod roam;
mod sets;
mod streams;
mod strings;

pub use keys::ExpireWhen;
pub use lists::End;
pub use ranked::{Between, RankedOptions, RankedOutcome};
pub use streams::NewId;

use std::ops::Range;

/// Positions as Redis names them: 0 is the first, -1 the last, both ends included. What lies
/// outside is left out.
pub fn slice(start: i64, stop: i64, length: usize) -> Range<usize> {
    let length = length as i64;
    let from_end = |at: i64| {
        if at < 0 {
            at.saturating_add(length)
        } else {
            at
        }
    };
    let start = from_end(start).clamp(0, length);
    let stop = from_end(stop).saturating_add(1).clamp(start, length);
    start as usize..stop as usize
}

/// One position as Redis names it, if there is such an element.
pub fn at(index: i64, length: usize) -> Option<usize> {
    let index = if index < 0 {
        index.checked_add(length as i64)?
    } else {
        index
    };
    usize::try_from(index).ok().filter(|&index| index < length)
}

/// `count` different numbers below `below`, in the order in which they were drawn.
pub(super) fn different_below(
    below: usize,
    count: usize,
    mut random: impl FnMut() -> u64,
) -> Vec<usize> {
    // The first places of a shuffle of which only the moved places are kept.
    let mut moved = std::collections::HashMap::new();
    (0..count.min(below))
        .map(|place| {
            let other = place + (random() % (below - place) as u64) as usize;
            let chosen = moved.get(&other).copied().unwrap_or(other);
            let here = moved.get(&place).copied().unwrap_or(place);
            moved.insert(other, here);
            chosen
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{at, slice};

    #[test]
    fn positions_from_both_ends() {
        for (start, stop, expected) in [
            (0, -1, 0..5),
            (1, 2, 1..3),
            (-2, -1, 3..5),
            (-100, 100, 0..5),
            (3, 1, 3..3),
            (5, 9, 5..5),
            (i64::MIN, i64::MAX, 0..5),
            (0, i64::MIN, 0..0),
        ] {
            assert_eq!(slice(start, stop, 5), expected, "{start} {stop}");
        }
        assert_eq!(slice(0, -1, 0), 0..0);
        assert_eq!(
            [at(0, 2), at(-1, 2), at(2, 2), at(-3, 2), at(i64::MIN, 2)],
            [Some(0), Some(1), None, None, None]
        );
    }
}

//! How often something took about how long, in columns of a quarter of a doubling each.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// From a microsecond to two minutes; what takes longer is in the last.
pub const COLUMNS: usize = 27 * 4;

/// What was counted since it was taken last.
pub(crate) struct Spread([AtomicU32; COLUMNS]);

impl Default for Spread {
    fn default() -> Spread {
        Spread(std::array::from_fn(|_| AtomicU32::new(0)))
    }
}

impl Spread {
    pub fn observe(&self, took: Duration) {
        if let Some(column) = self.0.get(column(took)) {
            column.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The columns that hold something, which are empty then.
    pub fn take(&self) -> Vec<(u8, u32)> {
        (0..)
            .zip(&self.0)
            .map(|(number, column)| (number, column.swap(0, Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

fn column(took: Duration) -> usize {
    let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX >> 2);
    let us = us.clamp(1, u64::MAX >> 2);
    let doublings = us.ilog2();
    let quarter = ((us << 2) >> doublings) & 3;
    let column = doublings as usize * 4 + quarter as usize;
    column.min(COLUMNS - 1)
}

/// Where a column begins, in microseconds; it ends where the next one begins.
pub fn begins_us(column: u8) -> f64 {
    let (doublings, quarter) = (column / 4, column % 4);
    2_f64.powi(i32::from(doublings)) * (1.0 + f64::from(quarter) / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_in_the_column_that_holds_it() {
        let spread = Spread::default();
        for us in [0, 1, 2, 3, 5, 999, 1_000, 70_000, 3_000_000, 134_000_000] {
            spread.observe(Duration::from_micros(us));
            let taken = spread.take();
            assert_eq!(taken.len(), 1);
            let (column, count) = taken[0];
            assert_eq!(count, 1);
            let us = us.max(1) as f64;
            assert!(begins_us(column) <= us, "{us} {column}");
            assert!(us < begins_us(column + 1), "{us} {column}");
        }
        spread.observe(Duration::MAX);
        spread.observe(Duration::from_secs(200));
        assert_eq!(spread.take(), [((COLUMNS - 1) as u8, 2)]);
        assert!(spread.take().is_empty());
    }
}

//! How long posts wait for their acknowledgement, and listeners for what was posted: counted in
//! columns, so that any hours and days add up to what they were together.

use crate::metrics::{Timer, begins_us};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How often it took so long, by column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Columns(BTreeMap<u8, u64>);

/// Of an hour, or of a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// From a command's arrival to its durable outcome.
    pub latency: Columns,
    /// From there to the queues of all who listen, a batch at a time.
    pub delivery: Columns,
}

/// How long it took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Took {
    pub count: u64,
    /// Half of them took at most so long; absent where there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
}

impl Columns {
    fn take_of(timer: &Timer) -> Columns {
        let taken = timer.take_spread().into_iter();
        Columns(
            taken
                .map(|(column, count)| (column, count.into()))
                .collect(),
        )
    }

    pub fn add(&mut self, other: &Columns) {
        for (column, count) in &other.0 {
            *self.0.entry(*column).or_default() += count;
        }
    }

    pub fn took(&self) -> Took {
        Took {
            count: self.0.values().sum(),
            p50_ms: self.quantile_ms(0.5),
            p95_ms: self.quantile_ms(0.95),
            p99_ms: self.quantile_ms(0.99),
        }
    }

    /// As exact as a column is narrow: an eighth more or less.
    fn quantile_ms(&self, part: f64) -> Option<f64> {
        let wanted = part * self.0.values().sum::<u64>() as f64;
        let mut before = 0.0;
        for (column, count) in &self.0 {
            let here = *count as f64;
            if before + here >= wanted {
                let (from, to) = (begins_us(*column), begins_us(column.saturating_add(1)));
                let us = from + (to - from) * ((wanted - before) / here);
                // Microseconds are exact enough.
                return Some(us.round() / 1_000.0);
            }
            before += here;
        }
        None
    }
}

impl Speed {
    /// What was timed since the last time.
    pub fn take_of(latency: &Timer, delivery: &Timer) -> Speed {
        Speed {
            latency: Columns::take_of(latency),
            delivery: Columns::take_of(delivery),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.latency.0.is_empty() && self.delivery.0.is_empty()
    }

    pub fn add(&mut self, other: &Speed) {
        self.latency.add(&other.latency);
        self.delivery.add(&other.delivery);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_hours_add_up() {
        let column = |us: f64| (0..108).rev().find(|at| begins_us(*at) <= us).expect("one");
        let fast = Columns(BTreeMap::from([(column(400.0), 90)]));
        let slow = Columns(BTreeMap::from([(column(50_000.0), 10)]));
        let mut both = fast.clone();
        both.add(&slow);
        let took = both.took();
        assert_eq!(took.count, 100);
        let near = |ms: Option<f64>, wanted: f64| {
            let ms = ms.expect("some");
            assert!((wanted * 0.8..wanted * 1.25).contains(&ms), "{ms} {wanted}");
        };
        near(took.p50_ms, 0.4);
        near(took.p95_ms, 50.0);
        near(took.p99_ms, 50.0);
        assert_eq!(Columns::default().took(), Took::default());
    }
}

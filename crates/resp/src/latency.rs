//! How long commands took: of each how often, and the moments when one took very long.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Counts of durations, each known to a sixteenth.
#[derive(Clone)]
pub struct Histogram {
    counts: [u32; BUCKETS],
    pub count: u64,
}

/// Up to 2^40 nanoseconds: a quarter of an hour.
const BUCKETS: usize = 38 * 16;

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram {
            counts: [0; BUCKETS],
            count: 0,
        }
    }
}

impl Histogram {
    pub fn add(&mut self, nanos: u64) {
        let at = match nanos {
            0..16 => nanos as usize,
            _ => {
                let exponent = nanos.ilog2() as usize;
                (exponent - 3) * 16 + ((nanos >> (exponent - 4)) & 15) as usize
            }
        };
        let count = &mut self.counts[at.min(BUCKETS - 1)];
        *count = count.saturating_add(1);
        self.count += 1;
    }

    /// The longest duration that is counted in the same bucket.
    fn upper_nanos(at: usize) -> u64 {
        match at {
            0..16 => at as u64,
            _ => {
                let (exponent, part) = (at / 16 + 3, at as u64 % 16);
                ((16 + part + 1) << (exponent - 4)) - 1
            }
        }
    }

    /// So many percent took no longer than this, in nanoseconds.
    pub fn percentile(&self, percent: f64) -> u64 {
        let wanted = ((percent / 100.0 * self.count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (at, count) in self.counts.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted {
                return Histogram::upper_nanos(at);
            }
        }
        0
    }

    /// How many took no longer than a power of two of 1,024 nanoseconds, as far as that differs from
    /// the one before: microseconds, count.
    pub fn cumulative(&self) -> Vec<(u64, u64)> {
        let mut lines = Vec::new();
        let (mut at, mut seen, mut told) = (0, 0, 0);
        for power in 0..30 {
            let limit = 1024u64 << power;
            while at < BUCKETS && Histogram::upper_nanos(at) <= limit {
                seen += u64::from(self.counts[at]);
                at += 1;
            }
            if seen > told {
                lines.push((limit_us(limit), seen));
                told = seen;
            }
        }
        lines
    }
}

/// As Redis rounds it: the end of the bucket of a histogram with two digits.
fn limit_us(limit_nanos: u64) -> u64 {
    match limit_nanos.ilog2() {
        ..=14 => limit_nanos / 1000,
        exponent => (limit_nanos + (1 << (exponent - 7)) - 1) / 1000,
    }
}

/// Moments when something took longer than the threshold, by kind.
#[derive(Default)]
pub struct Spikes {
    pub events: BTreeMap<&'static str, Event>,
}

/// Spikes of one kind.
#[derive(Default)]
pub struct Event {
    /// Unix second and milliseconds; one for each second.
    pub samples: VecDeque<(u64, u64)>,
    pub max_ms: u64,
}

const MAX_SAMPLES: usize = 160;

impl Spikes {
    /// Notes that something took long.
    pub fn add(&mut self, name: &'static str, took: Duration) {
        let now_s = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let ms = took.as_millis() as u64;
        let event = self.events.entry(name).or_default();
        event.max_ms = event.max_ms.max(ms);
        if let Some((at_s, before)) = event.samples.back_mut()
            && *at_s == now_s
        {
            *before = (*before).max(ms);
            return;
        }
        if event.samples.len() == MAX_SAMPLES {
            event.samples.pop_front();
        }
        event.samples.push_back((now_s, ms));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_known_to_a_sixteenth() {
        let mut histogram = Histogram::default();
        for nanos in [0, 15, 16, 17, 1000, 1_000_000, 123_456_789, u64::MAX] {
            histogram.add(nanos);
        }
        assert_eq!(histogram.count, 8);
        for (nanos, percent) in [(17, 50.0), (1000, 62.5), (1_000_000, 75.0)] {
            let found = histogram.percentile(percent);
            assert!(
                (nanos..=nanos * 17 / 16).contains(&found),
                "{nanos}: {found}"
            );
        }
    }

    #[test]
    fn counts_are_cumulative() {
        let mut histogram = Histogram::default();
        for nanos in [500, 1500, 1500, 30_000, 100_000] {
            histogram.add(nanos);
        }
        assert_eq!(histogram.cumulative(), [(1, 1), (2, 3), (33, 4), (132, 5)]);
    }
}

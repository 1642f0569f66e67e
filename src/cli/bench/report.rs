//! The figures, for people and for machines.
use super::args::BenchArgs;
use super::load::Outcome;
use anyhow::{Result, bail};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::io::Write;
use std::time::Duration;

#[derive(Debug, Serialize)]
pub struct Report {
    url: String,
    clients: u32,
    connect_ms: f64,
    /// Only where the server's process can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<Memory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    load: Option<Summary>,
}

#[derive(Debug, Serialize)]
struct Memory {
    before_bytes: u64,
    connected_bytes: u64,
    after_bytes: u64,
    per_connection_bytes: u64,
}

#[derive(Debug, Serialize)]
struct Summary {
    rooms: u32,
    window: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    elapsed_ms: f64,
    posts: usize,
    failed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_failure: Option<String>,
    posts_per_s: f64,
    deliveries: u64,
    deliveries_expected: u64,
    deliveries_per_s: f64,
    ack_ms: Latency,
    delivery_ms: Latency,
    /// On other nodes than the posts went to.
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere_ms: Option<Latency>,
}

#[derive(Debug, Serialize)]
pub(super) struct Latency {
    p50: f64,
    p95: f64,
    p99: f64,
    max: f64,
}

impl Report {
    /// `resident`: before the clients came, with them, after the load.
    pub fn new(
        args: &BenchArgs,
        connecting: Duration,
        resident: [Option<u64>; 3],
        outcome: Option<Outcome>,
    ) -> Self {
        let memory = match resident {
            [Some(before), Some(connected), Some(after)] => Some(Memory {
                before_bytes: before,
                connected_bytes: connected,
                after_bytes: after,
                per_connection_bytes: connected.saturating_sub(before) / u64::from(args.clients),
            }),
            _ => None,
        };
        Self {
            url: args.url.clone(),
            clients: args.clients,
            connect_ms: ms(connecting),
            memory,
            load: outcome.map(|outcome| Summary::new(args, outcome)),
        }
    }

    pub fn print(&self, json: bool) -> Result<()> {
        let mut out = std::io::stdout().lock();
        if json {
            serde_json::to_writer(&mut out, self)?;
            writeln!(out)?;
            return Ok(());
        }
        writeln!(out, "{:<22}{}", "server", self.url)?;
        writeln!(
            out,
            "{:<22}{} in {:.0} ms",
            "clients",
            grouped(self.clients.into()),
            self.connect_ms
        )?;
        if let Some(memory) = &self.memory {
            writeln!(
                out,
                "{:<22}{} before, {} with clients, {} at the end; {:.1} kB a client",
                "resident memory",
                megabytes(memory.before_bytes),
                megabytes(memory.connected_bytes),
                megabytes(memory.after_bytes),
                memory.per_connection_bytes as f64 / 1000.0
            )?;
        }
        if let Some(load) = &self.load {
            load.print(&mut out)?;
        }
        Ok(())
    }

    /// A server that lost or refused something has failed.
    pub fn verdict(&self) -> Result<()> {
        let Some(load) = &self.load else {
            return Ok(());
        };
        if let Some(failure) = &load.first_failure {
            bail!(
                "{} posts were refused, the first with {failure}",
                load.failed
            );
        }
        if load.deliveries < load.deliveries_expected {
            bail!(
                "{} of {} deliveries never came",
                load.deliveries_expected - load.deliveries,
                load.deliveries_expected
            );
        }
        Ok(())
    }
}

impl Summary {
    fn new(args: &BenchArgs, outcome: Outcome) -> Self {
        let seconds = outcome.elapsed.as_secs_f64();
        Self {
            rooms: args.rooms,
            window: args.window,
            rate: args.rate,
            elapsed_ms: ms(outcome.elapsed),
            posts: outcome.posts,
            failed: outcome.failed,
            first_failure: outcome.first_failure,
            posts_per_s: (outcome.posts as f64 / seconds).round(),
            deliveries: outcome.delivered,
            deliveries_expected: outcome.expected,
            deliveries_per_s: (outcome.delivered as f64 / seconds).round(),
            ack_ms: Latency::of(&outcome.ack_us),
            delivery_ms: Latency::of(&outcome.delivery_us),
            elsewhere_ms: (!args.also.is_empty()).then(|| Latency::of(&outcome.elsewhere_us)),
        }
    }

    fn print(&self, out: &mut impl Write) -> Result<()> {
        let pace = match self.rate {
            Some(rate) => format!("paced at {rate}/s"),
            None => format!("{} in flight", self.window),
        };
        let posts = grouped(self.posts as u64);
        writeln!(
            out,
            "{:<22}{posts} to {} rooms, {pace}, in {:.2} s",
            "posts",
            self.rooms,
            self.elapsed_ms / 1000.0
        )?;
        writeln!(
            out,
            "{:<22}{}/s acknowledged",
            "",
            grouped(self.posts_per_s as u64)
        )?;
        writeln!(
            out,
            "{:<22}{} of {}",
            "deliveries",
            grouped(self.deliveries),
            grouped(self.deliveries_expected)
        )?;
        writeln!(out, "{:<22}{}/s", "", grouped(self.deliveries_per_s as u64))?;
        let mut rows = vec![
            ("acknowledgement", &self.ack_ms),
            ("delivery", &self.delivery_ms),
        ];
        if let Some(elsewhere) = &self.elsewhere_ms {
            rows.push(("on other nodes", elsewhere));
        }
        Latency::print(out, &rows)
    }
}

impl Latency {
    /// Of microseconds.
    pub(super) fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1000.0;
        Self {
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: histogram.max() as f64 / 1000.0,
        }
    }

    pub(super) fn print(out: &mut impl Write, rows: &[(&str, &Latency)]) -> Result<()> {
        writeln!(
            out,
            "{:<22}{:>10}{:>10}{:>10}{:>10}",
            "milliseconds", "p50", "p95", "p99", "max"
        )?;
        for (name, latency) in rows {
            let Latency { p50, p95, p99, max } = latency;
            writeln!(
                out,
                "{name:<22}{p50:>10.2}{p95:>10.2}{p99:>10.2}{max:>10.2}"
            )?;
        }
        Ok(())
    }
}

fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1_000_000.0)
}

/// 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}

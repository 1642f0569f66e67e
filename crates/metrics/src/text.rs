//! The text that Prometheus reads, in either of its forms.

use crate::{MetricKind, Readings, Registry};
use std::fmt::Write as _;

/// The form that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `text/plain; version=0.0.4`: every Prometheus reads it.
    Plain,
    OpenMetrics,
}

impl Format {
    /// By the request's `Accept`.
    pub fn asked(accept: Option<&str>) -> Format {
        match accept {
            Some(accept) if accept.contains("application/openmetrics-text") => Format::OpenMetrics,
            _ => Format::Plain,
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Format::Plain => "text/plain; version=0.0.4; charset=utf-8",
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// All that is registered, and the figures of this moment.
pub fn render(registry: &Registry, readings: &Readings, format: Format) -> String {
    let mut text = String::with_capacity(32 << 10);
    // Writing to memory does not fail.
    let _ = prometheus_client::encoding::text::encode(&mut text, &registry.0);
    let mut text = match format {
        Format::OpenMetrics => text.trim_end_matches("# EOF\n").to_owned(),
        Format::Plain => plain(&text),
    };
    let mut before = "";
    for reading in &readings.0 {
        if reading.name != before {
            before = reading.name;
            let (kind, family) = match (reading.kind, format) {
                (MetricKind::Gauge, _) => ("gauge", reading.name),
                (MetricKind::Counter, Format::Plain) => ("counter", reading.name),
                (MetricKind::Counter, Format::OpenMetrics) => {
                    ("counter", reading.name.trim_end_matches("_total"))
                }
            };
            let _ = writeln!(text, "# HELP {family} {}.", reading.help);
            let _ = writeln!(text, "# TYPE {family} {kind}");
        }
        let _ = match &reading.label {
            None => writeln!(text, "{} {}", reading.name, reading.value),
            Some((label, value)) => {
                let value = value.replace('\\', "\\\\").replace('"', "\\\"");
                writeln!(
                    text,
                    "{}{{{label}=\"{value}\"}} {}",
                    reading.name, reading.value
                )
            }
        };
    }
    if format == Format::OpenMetrics {
        text.push_str("# EOF\n");
    }
    text
}

/// The older form names a counter's family as its samples, and knows neither units nor an end.
fn plain(text: &str) -> String {
    let mut counters = std::collections::BTreeSet::new();
    for line in text.lines() {
        let name = line.strip_prefix("# TYPE ");
        if let Some(name) = name.and_then(|rest| rest.strip_suffix(" counter")) {
            counters.insert(name);
        }
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if line.starts_with("# UNIT ") || line == "# EOF" {
            continue;
        }
        let head = ["# TYPE ", "# HELP "]
            .into_iter()
            .find_map(|head| Some((head, line.strip_prefix(head)?.split_once(' ')?)));
        match head {
            Some((head, (name, rest))) if counters.contains(name) => {
                let _ = writeln!(out, "{head}{name}_total {rest}");
            }
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answered, Metrics};
    use std::time::Duration;

    fn rendered(format: Format) -> String {
        let (metrics, registry) = Metrics::new();
        metrics.append.observe(Duration::from_millis(3));
        metrics.refused("not_found");
        let answered = Answered {
            method: "GET",
            route: "/api/v1/rooms/{id}",
            status: 404,
        };
        metrics.answered(&answered, Duration::from_millis(2), false);
        let mut readings = Readings::default();
        readings.gauge("maru_sockets", "Open sockets", 3.0);
        readings.counter("maru_entries_total", "Commands applied", 7.0);
        let label = Some(("reason", "a \"quoted\" one".to_owned()));
        readings.add(
            "maru_closed_total",
            "Closed",
            MetricKind::Counter,
            label,
            1.0,
        );
        render(&registry, &readings, format)
    }

    #[test]
    fn both_forms_name_the_same() {
        let plain = rendered(Format::Plain);
        for line in [
            "# TYPE maru_refusals_total counter",
            "maru_refusals_total{code=\"not_found\"} 1",
            "# TYPE maru_log_append_seconds histogram",
            "maru_log_append_seconds_count 1",
            "maru_http_request_seconds_count{method=\"GET\",route=\"/api/v1/rooms/{id}\",status=\"404\"} 1",
            "# TYPE maru_entries_total counter",
            "maru_closed_total{reason=\"a \\\"quoted\\\" one\"} 1",
            "maru_sockets 3",
        ] {
            assert!(plain.lines().any(|found| found == line), "{line}\n{plain}");
        }
        assert!(!plain.contains("# EOF") && !plain.contains("# UNIT"));
        let open = rendered(Format::OpenMetrics);
        assert!(open.ends_with("maru_closed_total{reason=\"a \\\"quoted\\\" one\"} 1\n# EOF\n"));
        assert!(open.contains("# TYPE maru_refusals counter\n"));
        assert!(open.contains("# TYPE maru_entries counter\n"));
    }

    #[test]
    fn the_form_is_the_one_that_was_asked_for() {
        let asked = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
        assert_eq!(Format::asked(Some(asked)), Format::OpenMetrics);
        assert_eq!(Format::asked(Some("text/plain")), Format::Plain);
        assert_eq!(Format::asked(None), Format::Plain);
    }
}

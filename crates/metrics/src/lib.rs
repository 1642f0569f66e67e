//! What is counted and timed while the server works, and its text for Prometheus.
//!
//! [`Metrics`] is made once, with the [`Registry`] that knows all of it, and handed to whoever
//! counts. What only has to be looked up when somebody asks (sizes, lags) is told by [`Reading`]s
//! at that moment. No label ever holds a person, a room or a message.
mod reading;
mod spread;
mod text;
mod timer;

pub use reading::{MetricKind, Reading, Readings};
pub use spread::begins_us;
pub use text::{Format, render};
pub use timer::Timer;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Unit;
use std::time::Duration;

/// Everything that was registered, by name.
pub struct Registry(prometheus_client::registry::Registry);

/// One route of the API and how it was answered.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Answered {
    pub method: &'static str,
    /// As in the API's document, with `{…}` for what varies.
    pub route: &'static str,
    pub status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Refused {
    code: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Searched {
    kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Signed {
    result: &'static str,
}

/// Handles; clones count the same.
#[derive(Clone)]
pub struct Metrics {
    /// One batch into the log, with its sync.
    pub append: Timer,
    /// One sync of the log's file.
    pub fsync: Timer,
    /// Commands in one batch.
    pub batch: Histogram,
    /// One batch applied to the state.
    pub apply: Timer,
    /// The state made durable.
    pub checkpoint: Timer,
    /// From a command's arrival to its durable outcome.
    pub acknowledged: Timer,
    /// From applied to the queues of all who listen.
    pub fanout: Timer,
    http: Family<Answered, Histogram, fn() -> Histogram>,
    refusals: Family<Refused, Counter>,
    searches: Family<Searched, Histogram, fn() -> Histogram>,
    sign_ins: Family<Signed, Counter>,
    http_slow: Timer,
}

const HTTP_SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

fn request_seconds() -> Histogram {
    Histogram::new(HTTP_SECONDS)
}

fn disk_seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_05, 2.0, 18))
}

impl Metrics {
    /// Makes all of it, and the registry that knows it.
    pub fn new() -> (Metrics, Registry) {
        let slow = Duration::from_millis(500);
        let metrics = Metrics {
            append: Timer::new("a batch was appended to the log", disk_seconds(), slow),
            fsync: Timer::new("the log was synced", disk_seconds(), slow),
            batch: Histogram::new(exponential_buckets(1.0, 2.0, 11)),
            apply: Timer::new("a batch was applied to the state", disk_seconds(), slow),
            checkpoint: Timer::new(
                "the state was made durable",
                disk_seconds(),
                Duration::from_secs(5),
            ),
            fanout: Timer::new("events reached their listeners", disk_seconds(), slow),
            acknowledged: Timer::new(
                "a command was acknowledged",
                disk_seconds(),
                Duration::from_secs(2),
            ),
            http: Family::new_with_constructor(request_seconds),
            refusals: Family::default(),
            searches: Family::new_with_constructor(request_seconds),
            sign_ins: Family::default(),
            http_slow: Timer::new(
                "a request was answered",
                request_seconds(),
                Duration::from_secs(2),
            ),
        };
        let mut registry = prometheus_client::registry::Registry::with_prefix("maru");
        metrics.register(&mut registry);
        (metrics, Registry(registry))
    }

    fn register(&self, registry: &mut prometheus_client::registry::Registry) {
        let mut seconds = |name: &str, help: &str, histogram: Histogram| {
            registry.register_with_unit(name, help, Unit::Seconds, histogram);
        };
        let of = |timer: &Timer| timer.histogram();
        seconds(
            "log_append",
            "Appending one batch of commands to the log, with its sync",
            of(&self.append),
        );
        seconds("log_fsync", "One sync of the log", of(&self.fsync));
        seconds(
            "apply",
            "Applying one batch of commands to the state",
            of(&self.apply),
        );
        seconds(
            "checkpoint",
            "Making the state durable",
            of(&self.checkpoint),
        );
        seconds(
            "acknowledge",
            "From a command's arrival to its durable outcome",
            of(&self.acknowledged),
        );
        seconds(
            "fanout",
            "From an applied batch to the queues of all who listen",
            of(&self.fanout),
        );
        registry.register(
            "log_batch_commands",
            "Commands in one batch of the log",
            self.batch.clone(),
        );
        registry.register_with_unit(
            "http_request",
            "Requests from their head to the head of the answer, by route and status",
            Unit::Seconds,
            self.http.clone(),
        );
        registry.register_with_unit(
            "search",
            "Searches and suggestions",
            Unit::Seconds,
            self.searches.clone(),
        );
        registry.register(
            "refusals",
            "Requests that were refused, by the error's code",
            self.refusals.clone(),
        );
        registry.register(
            "sign_ins",
            "Tries to sign in, by result",
            self.sign_ins.clone(),
        );
    }

    /// A request was answered. `may_wait`: it is one that waits for news.
    pub fn answered(&self, answered: &Answered, took: Duration, may_wait: bool) {
        self.http
            .get_or_create(answered)
            .observe(took.as_secs_f64());
        if !may_wait {
            self.http_slow.note(took, answered.route);
        }
    }

    pub fn refused(&self, code: &'static str) {
        self.refusals.get_or_create(&Refused { code }).inc();
    }

    pub fn searched(&self, kind: &'static str, took: Duration) {
        self.searches
            .get_or_create(&Searched { kind })
            .observe(took.as_secs_f64());
    }

    /// Somebody tried to sign in.
    pub fn signed_in(&self, result: &'static str) {
        self.sign_ins.get_or_create(&Signed { result }).inc();
    }
}

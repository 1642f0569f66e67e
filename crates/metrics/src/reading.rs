//! Figures that are looked up when somebody asks.

/// What a figure does over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    Gauge,
    /// Only grows while the process lives.
    Counter,
}

/// One figure of the present moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Whole, with its unit; counters end in `_total`.
    pub name: &'static str,
    pub help: &'static str,
    pub kind: MetricKind,
    pub label: Option<(&'static str, String)>,
    pub value: f64,
}

/// Figures of one moment; those of one name stand together.
#[derive(Default)]
pub struct Readings(pub(crate) Vec<Reading>);

impl Readings {
    pub fn gauge(&mut self, name: &'static str, help: &'static str, value: f64) {
        self.add(name, help, MetricKind::Gauge, None, value);
    }

    pub fn counter(&mut self, name: &'static str, help: &'static str, value: f64) {
        self.add(name, help, MetricKind::Counter, None, value);
    }

    pub fn add(
        &mut self,
        name: &'static str,
        help: &'static str,
        kind: MetricKind,
        label: Option<(&'static str, String)>,
        value: f64,
    ) {
        self.0.push(Reading {
            name,
            help,
            kind,
            label,
            value,
        });
    }
}

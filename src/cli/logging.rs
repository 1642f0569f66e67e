//! How the server's log looks: to the standard error, with times unless the journal adds them.

use super::UsageError;
use crate::config::LogFormat;
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

pub fn start(format: LogFormat, filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::builder().parse(filter).map_err(|error| {
        UsageError(format!(
            "`log-level` must be a level or a filter such as info,maru::log=debug: {error}"
        ))
    })?;
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(filter);
    match (format, is_journal()) {
        (LogFormat::Text, false) => registry.with(lines).init(),
        (LogFormat::Text, true) => registry.with(lines.without_time()).init(),
        (LogFormat::Json, false) => registry.with(lines.json().flatten_event(true)).init(),
        (LogFormat::Json, true) => {
            registry
                .with(lines.json().flatten_event(true).without_time())
                .init();
        }
    }
    Ok(())
}

/// Whether the standard error is the stream that systemd opened to its journal.
fn is_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    let Ok(stat) = rustix::fs::fstat(std::io::stderr()) else {
        return false;
    };
    stream == format!("{}:{}", stat.st_dev, stat.st_ino)
}

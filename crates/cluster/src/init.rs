//! From one server to a cluster of one.

use crate::address::Address;
use crate::enter::EnterError;
use crate::fitness::expect_fit;
use crate::record::Record;
use crate::{random, random_name, stream};
use maru_domain::Seq;
use maru_log::{LogReader, ReadLimit};
use std::path::Path;

/// Entries that go into the stream with the beginning: the last one proves that the log is this
/// one.
const ENTRIES: u64 = 1;

/// Begins a cluster in an empty Redis where this log ends. What is written here until the server is
/// started with `--redis-url` is put behind it then.
pub fn init(url: &str, dir: &Path, log: &LogReader) -> Result<Seq, EnterError> {
    let failed = |source| EnterError::Io {
        path: dir.to_owned(),
        source,
    };
    if let Some(record) = Record::read(dir).map_err(failed)? {
        return Err(EnterError::Refused(format!(
            "the data directory is of the cluster {} already",
            record.cluster
        )));
    }
    let redis = Address::parse(url)?;
    let mut link = redis.connect()?;
    expect_fit(&mut link, &redis)?;
    let found = stream::look(&mut link, None)?;
    if !found.is_nothing() {
        return Err(EnterError::Refused(format!(
            "the Redis at {redis} is not empty: it holds {}; name another one, or another database",
            if found.cluster.is_empty() {
                "a key maru:log".to_owned()
            } else {
                format!("the cluster {}", found.cluster)
            }
        )));
    }
    let last = log.last_seq();
    let from = Seq(last.0.saturating_sub(ENTRIES - 1).max(1)).max(log.first_seq());
    let entries = log.read(from, ReadLimit::entries(ENTRIES as usize));
    let entries: Vec<_> = entries
        .map_err(|error| EnterError::Refused(error.to_string()))?
        .into_iter()
        .filter(|entry| entry.seq <= last)
        .map(|entry| (entry.seq, entry.payload))
        .collect();
    let last = entries.last().map_or(last, |(seq, _)| *seq);
    let record = Record {
        cluster: random_name().map_err(failed)?,
        node: random_name().map_err(failed)?,
        ..Record::default()
    };
    if !stream::begin(&mut link, &record.cluster, random()?, last, &entries)? {
        return Err(EnterError::Refused(
            "another node has begun a cluster there meanwhile".to_owned(),
        ));
    }
    record.write(dir).map_err(failed)?;
    Ok(last)
}

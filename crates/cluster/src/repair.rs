//! The remedy that a person chooses: the log of one data directory becomes the truth.

use crate::address::Address;
use crate::enter::EnterError;
use crate::fitness::expect_fit;
use crate::keys;
use crate::members::now_ms;
use crate::random;
use crate::record::Record;
use crate::stream::{self, Mending};
use bytes::Bytes;
use maru_domain::Seq;
use maru_log::ReadLimit;
use redis::{Value, cmd};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Entries of one step.
const STEP: ReadLimit = ReadLimit {
    entries: 500,
    size_bytes: 1 << 20,
};

/// Makes the stream anew from this directory's log. What the stream had is written into a file of
/// the directory before. Returns what was done, in sentences.
pub fn repair(url: &str, dir: &Path) -> Result<String, EnterError> {
    let failed = |source| EnterError::Io {
        path: dir.to_owned(),
        source,
    };
    let record = Record::read(dir).map_err(failed)?.ok_or_else(|| {
        EnterError::Refused(
            "this data directory is of no cluster; `maru cluster init` makes one of it".to_owned(),
        )
    })?;
    if record.joining {
        return Err(EnterError::Refused(
            "this data directory has no history yet: repair from one that has".to_owned(),
        ));
    }
    let redis = Address::parse(url)?;
    let mut link = redis.connect()?;
    expect_fit(&mut link, &redis)?;
    for (name, (word, lives)) in crate::members::registry(&mut link)? {
        if lives {
            return Err(EnterError::Refused(format!(
                "node {name} is running at {}; stop all nodes first",
                word.address
            )));
        }
    }
    let log = maru_log::inspect(&dir.join("log"), Seq(0))
        .map_err(|error| EnterError::Refused(error.to_string()))?
        .ok_or_else(|| EnterError::Refused("this data directory has no log".to_owned()))?
        .reader;
    let found = stream::look(&mut link, None)?;
    if !found.cluster.is_empty() && found.cluster != record.cluster {
        return Err(EnterError::Refused(format!(
            "this Redis holds another cluster ({})",
            found.cluster
        )));
    }
    let aside = match found.kind.as_str() {
        "none" => None,
        _ => Some(set_aside(&mut link, dir, &found.kind).map_err(failed)?),
    };
    let epoch = random()?;
    let me = format!("repair {}", record.node);
    let mut mending = Mending {
        link: &mut link,
        me: &me,
        cluster: &record.cluster,
        epoch,
    };
    if !mending.lock()? {
        return Err(EnterError::Refused(
            "a node is putting entries back right now; try again in ten seconds".to_owned(),
        ));
    }
    mending.shut(true)?;
    let (first, last) = (log.first_seq(), log.last_seq());
    let mut next = first;
    while next <= last {
        let chunk = log
            .read(next, STEP)
            .map_err(|error| EnterError::Refused(error.to_string()))?;
        let chunk: Vec<(Seq, Bytes)> = chunk
            .into_iter()
            .map(|entry| (entry.seq, entry.payload))
            .collect();
        let Some((end, _)) = chunk.last() else { break };
        next = end.next();
        mending.put(&chunk)?;
    }
    mending.open(last)?;
    let mut done = format!(
        "The stream has the entries {first} to {last} of {} in a new epoch, {epoch}.",
        dir.display()
    );
    if let Some(aside) = aside {
        done.push_str(&format!(" What it had before is in {}.", aside.display()));
    }
    done.push_str(" Start this node first; others that have other entries are to start with empty data directories.");
    Ok(done)
}

/// Every entry of the stream as a line: its id and its fields in hexadecimal.
fn set_aside(link: &mut crate::link::Link, dir: &Path, kind: &str) -> io::Result<PathBuf> {
    let path = dir.join(format!("aside-stream-{}.txt", now_ms()));
    let mut file = io::BufWriter::new(File::create(&path)?);
    if kind == "stream" {
        let mut from = "-".to_owned();
        loop {
            let mut command = cmd("XRANGE");
            command
                .arg(keys::LOG)
                .arg(&from)
                .arg("+")
                .arg("COUNT")
                .arg(500);
            let page: Vec<(String, Vec<Value>)> = link.ask(&command).map_err(io::Error::other)?;
            let Some((last, _)) = page.last() else { break };
            from = format!("({last}");
            for (id, fields) in &page {
                write!(file, "{id}")?;
                for field in fields {
                    if let Value::BulkString(bytes) = field {
                        write!(file, " {}", crate::secret::hex(bytes))?;
                    }
                }
                writeln!(file)?;
            }
        }
    } else {
        let dump: Option<Vec<u8>> = link
            .ask(cmd("DUMP").arg(keys::LOG))
            .map_err(io::Error::other)?;
        writeln!(
            file,
            "{kind} {}",
            crate::secret::hex(&dump.unwrap_or_default())
        )?;
    }
    file.into_inner()?.sync_all()?;
    Ok(path)
}

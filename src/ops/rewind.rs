//! A replica brought into an empty data directory, as of any moment that it keeps.

use super::data_dir::DataDir;
use super::replicate;
use super::restore::{self, Restored};
use crate::domain::{Entry, LogHash, Seq, Timestamp};
use crate::log::codec;
use crate::replica::{LogName, ReplicaError, ReplicaTarget, SnapshotName, entries};
use crate::state::{State, copy};
use anyhow::Context;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// redb's page cache meanwhile.
const CACHE_BYTES: usize = 64 << 20;

/// How often the names are read again while a server changes them.
const TRIES: usize = 5;

/// What was brought back.
#[derive(Debug)]
pub struct Rewound {
    pub snapshot: Restored,
    /// Entries of the log behind it.
    pub entries: u64,
    /// When the last of them was.
    pub at: Timestamp,
}

/// Everything as it was at `at`, or as far as the replica goes.
pub async fn restore(
    place: &ReplicaTarget,
    at: Option<Timestamp>,
    dir: &DataDir,
    keep_sessions: bool,
) -> anyhow::Result<Rewound> {
    let owner = replicate::owner(place).await?;
    let owner = owner.ok_or_else(|| ReplicaError::Empty {
        place: place.name(),
    })?;
    let names = place.list().await?;
    let snapshots = names.iter().filter_map(|name| SnapshotName::parse(name));
    let snapshot = snapshots
        .filter(|found| at.is_none_or(|at| found.at_ms <= at.0))
        .max();
    let snapshot = snapshot.ok_or_else(|| {
        let first = names
            .iter()
            .filter_map(|name| SnapshotName::parse(name))
            .min();
        ReplicaError::Nothing(match (at, first) {
            (Some(at), Some(first)) => {
                format!("{at}: it begins at {}", Timestamp(first.at_ms))
            }
            _ => "any time: no snapshot is whole yet".to_owned(),
        })
    })?;
    let draft = restore::begin(dir)?;
    let done = into_draft(place, at, &names, snapshot, &draft, dir, keep_sessions).await;
    if done.is_err() {
        restore::discard(&draft)?;
    }
    let rewound = done?;
    replicate::write_id(&draft, &owner.server)?;
    restore::put_in_place(&draft, dir)?;
    Ok(rewound)
}

async fn into_draft(
    place: &ReplicaTarget,
    at: Option<Timestamp>,
    names: &[String],
    snapshot: SnapshotName,
    draft: &Path,
    dir: &DataDir,
    keep_sessions: bool,
) -> anyhow::Result<Rewound> {
    let name = snapshot.text();
    let packed = draft.join("snapshot.tar.zst");
    let is_there = place.get_to(&name, &packed).await?;
    anyhow::ensure!(is_there, damaged(&name, "it is gone"));
    let archive = File::open(&packed)?;
    let unpacked = restore::unpack_state(archive, draft, dir);
    let restored = unpacked.with_context(|| format!("{name} cannot be used"))?;
    fs::remove_file(&packed)?;
    let path = draft.join("state.redb");
    let mut state = State::open(&path, CACHE_BYTES)?;
    let mut rewound = Rewound {
        snapshot: restored,
        entries: 0,
        at: Timestamp(snapshot.at_ms),
    };
    let mut names = names.to_vec();
    let mut tries = 0;
    loop {
        let mut logs: Vec<LogName> = names
            .iter()
            .filter_map(|name| LogName::parse(name))
            .filter(|found| found.epoch == snapshot.epoch && found.last > state.seq().0)
            .collect();
        logs.sort_unstable();
        let Err(error) = replay_all(place, &logs, at, &mut state, &mut rewound).await else {
            break;
        };
        // A server that still sends has made several objects one meanwhile.
        let now = place.list().await?;
        if tries == TRIES || now == names {
            return Err(error);
        }
        names = now;
        tries += 1;
    }
    state.checkpoint()?;
    drop(state);
    let arrived = copy::settle(&path, keep_sessions)?;
    for content in &arrived.contents {
        fetch(place, content, draft).await?;
    }
    Ok(rewound)
}

async fn replay_all(
    place: &ReplicaTarget,
    logs: &[LogName],
    at: Option<Timestamp>,
    state: &mut State,
    rewound: &mut Rewound,
) -> anyhow::Result<()> {
    for log in logs {
        if replay(place, *log, at, state, rewound).await? {
            break;
        }
    }
    Ok(())
}

/// Applies the entries of one object. True: the moment is reached.
async fn replay(
    place: &ReplicaTarget,
    log: LogName,
    at: Option<Timestamp>,
    state: &mut State,
    rewound: &mut Rewound,
) -> anyhow::Result<bool> {
    let name = log.text();
    let object = place.get(&name).await?;
    let object = object.ok_or_else(|| damaged(&name, "it is gone"))?;
    let read = entries::unpack(&object).map_err(|error| damaged(&name, &error.to_string()))?;
    let mut batch = Vec::with_capacity(read.len());
    let mut is_over = false;
    let mut next = state.seq().next();
    for (seq, hash, payload) in read {
        if seq < next.0 {
            continue;
        }
        anyhow::ensure!(
            seq == next.0,
            damaged(&name, &format!("entry {next} is missing"))
        );
        let decoded = codec::decode(&payload);
        let (stamp, draft) = decoded.map_err(|error| damaged(&name, &error.to_string()))?;
        if at.is_some_and(|at| draft.at > at) {
            is_over = true;
            break;
        }
        rewound.at = rewound.at.max(draft.at);
        batch.push(Entry {
            seq: Seq(seq),
            hash: LogHash(hash),
            stamp,
            draft,
        });
        next = next.next();
    }
    if !batch.is_empty() {
        state.apply(&batch)?;
        rewound.entries += batch.len() as u64;
    }
    Ok(is_over)
}

async fn fetch(place: &ReplicaTarget, content: &str, draft: &Path) -> anyhow::Result<()> {
    let name = format!("files/{content}");
    let folder = draft.join("files").join(content.get(..2).unwrap_or("00"));
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)?;
    let path = folder.join(content);
    if !place.get_to(&name, &path).await? {
        // It was missing on the server, too, or had just been taken back.
        tracing::warn!(content, "a file is not in the replica");
        let _ = fs::remove_file(&path);
        return Ok(());
    }
    let found = hash(&path)?;
    anyhow::ensure!(found == content, damaged(&name, "its content is another"));
    Ok(())
}

fn hash(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hasher) = (File::open(path)?, Sha256::new());
    let mut piece = vec![0; 128 << 10];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            let sum = hasher.finalize();
            return Ok(sum.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hasher.update(&piece[..read]);
    }
}

fn damaged(name: &str, why: &str) -> ReplicaError {
    ReplicaError::Damaged {
        name: name.to_owned(),
        why: why.to_owned(),
    }
}

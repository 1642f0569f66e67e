//! The log and backups, sent to a second place as they are made. Nothing here waits for anybody who
//! talks: a place that is away is caught up with when it is back.

mod kept;
mod merge;
mod owned;
mod status;

pub use owned::{owner, place, write_id};
pub use status::Status;

use super::backup::{BackupSource, nice};
use crate::archive::Compressed;
use crate::domain::{Command, Seq, Timestamp};
use crate::engine::Engine;
use crate::log::{LogError, LogReader, ReadLimit, codec};
use crate::replica::{
    FORMAT, GoneName, LogName, OWNER, Owner, ReplicaError, ReplicaTarget, SnapshotName, entries,
};
use anyhow::Context;
use bytes::Bytes;
use kept::goes;
use owned::own_id;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What is new is looked for this often.
const PACE: Duration = Duration::from_secs(1);
const CHUNK: ReadLimit = ReadLimit {
    entries: 20_000,
    size_bytes: 4 << 20,
};
/// A snapshot is made so often, if something happened since.
const SNAPSHOT_EVERY: Duration = Duration::from_secs(24 * 3600);
/// What is too old is looked for this often.
const PRUNE_EVERY: Duration = Duration::from_secs(24 * 3600);
/// Waits between tries, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// At the end what is left is sent, if that is quick.
const FAREWELL: Duration = Duration::from_secs(2);
/// Where a snapshot is packed, in the data directory.
const DRAFT: &str = "snapshot.tmp";

/// Sends everything there, for as long as it runs.
pub struct Replicator {
    pub place: ReplicaTarget,
    pub engine: Engine,
    pub log: LogReader,
    pub backup: BackupSource,
    pub dir: PathBuf,
    pub keep: Duration,
    pub status: Arc<Status>,
    /// Of several nodes: what they are called together, whose one replica it is.
    pub cluster: Option<String>,
    /// Of several nodes one sends.
    pub works: Box<dyn Fn() -> bool + Send + Sync>,
}

/// What is known of the place while it is followed.
struct Known {
    epoch: u64,
    shipped: Seq,
    snapshot: Option<SnapshotName>,
    files: BTreeSet<String>,
    /// Contents that the server did not have when it was looked last.
    gone: BTreeMap<String, GoneName>,
    /// Objects of the log, one after the other.
    logs: Vec<LogName>,
    pruned: Option<Instant>,
}

impl Replicator {
    /// Takes the place, or says why it is not to be had.
    pub async fn claim(&self) -> Result<(), ReplicaError> {
        let io = |why| ReplicaError::Io {
            place: self.dir.display().to_string(),
            why,
        };
        let own = own_id(&self.dir).map_err(io)?;
        let server = self.cluster.clone().unwrap_or_else(|| own.clone());
        match owner(&self.place).await? {
            Some(owner) if owner.server == server => return Ok(()),
            // It was this server's when it was alone, or was restored from it.
            Some(owner) if owner.server == own => {}
            Some(_) => {
                return Err(ReplicaError::Foreign {
                    place: self.place.name(),
                    what: "the replica of another server".to_owned(),
                });
            }
            None => {
                if let Some(name) = self.place.list().await?.first() {
                    return Err(ReplicaError::Foreign {
                        place: self.place.name(),
                        what: format!("`{name}`"),
                    });
                }
            }
        }
        let owner = Owner {
            format: FORMAT,
            maru: env!("CARGO_PKG_VERSION").to_owned(),
            server,
        };
        let text = serde_json::to_vec_pretty(&owner).unwrap_or_default();
        self.place.put(OWNER, text.into()).await
    }

    /// Runs as [`Replicator::run`] on a thread of its own, at nice 10: packing leaves the CPU to the
    /// chat. The task ends with it.
    pub fn spawn(self, stop: watch::Receiver<bool>) -> io::Result<JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = thread::Builder::new().name("replica".to_owned());
        let thread = thread.spawn(move || {
            nice();
            runtime.block_on(self.run(stop));
        })?;
        Ok(tokio::task::spawn_blocking(move || {
            if thread.join().is_err() {
                tracing::error!("the thread of the replica died; the next start sends the rest");
            }
        }))
    }

    /// Runs until `stop`; then sends what is left, if that is quick.
    async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut pause = FIRST_PAUSE;
        loop {
            if !(self.works)() {
                tokio::select! {
                    () = tokio::time::sleep(PACE) => continue,
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
            let failed = tokio::select! {
                followed = self.follow(&mut pause) => followed.err(),
                _ = stop.wait_for(|stop| *stop) => break,
            };
            if let Some(error) = failed {
                let text = format!("{error:#}");
                let is_news = {
                    let mut progress = self.status.lock();
                    let before = progress.trouble.replace(text.clone());
                    before.as_ref() != Some(&text)
                };
                if is_news {
                    tracing::warn!("the replica falls behind: {text}");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        if !(self.works)() {
            return;
        }
        let last = async {
            let mut known = self.look().await?;
            while self.ship(&mut known).await? {}
            anyhow::Ok(())
        };
        if !matches!(tokio::time::timeout(FAREWELL, last).await, Ok(Ok(()))) {
            tracing::warn!("the replica lacks the last of it; the next start sends it");
        }
    }

    async fn follow(&self, pause: &mut Duration) -> anyhow::Result<()> {
        self.claim().await?;
        let mut known = self.look().await?;
        while (self.works)() {
            if self.wants_snapshot(&known) {
                self.snapshot(&mut known).await?;
                known.pruned = None;
            }
            if known.pruned.is_none_or(|at| at.elapsed() >= PRUNE_EVERY) {
                self.prune(&mut known).await?;
                known.pruned = Some(Instant::now());
            }
            while self.ship(&mut known).await? {
                merge::merge(&self.place, &mut known.logs).await?;
            }
            *pause = FIRST_PAUSE;
            self.note(&known);
            let (log, after) = (self.log.clone(), known.shipped);
            // Others may read the log, too: the wait may end early, which costs nothing.
            tokio::task::spawn_blocking(move || log.wait(after, PACE)).await?;
            tokio::time::sleep(PACE / 4).await;
        }
        Ok(())
    }

    fn note(&self, known: &Known) {
        let mut progress = self.status.lock();
        if progress.trouble.take().is_some() {
            tracing::info!("the replica has caught up");
        }
        progress.shipped = known.shipped.0;
        progress.level = Some(Instant::now());
        progress.snapshot_ms = known.snapshot.map_or(0, |snapshot| snapshot.at_ms);
    }

    /// What is there already.
    async fn look(&self) -> anyhow::Result<Known> {
        let (epoch, names) = (self.engine.epoch(), self.place.list().await?);
        let snapshots = names.iter().filter_map(|name| SnapshotName::parse(name));
        let snapshot = snapshots.filter(|found| found.epoch == epoch).max();
        let mut shipped = Seq(snapshot.map_or(0, |snapshot| snapshot.seq));
        let mut logs: Vec<LogName> = names
            .iter()
            .filter_map(|name| LogName::parse(name))
            .filter(|found| found.epoch == epoch)
            .collect();
        logs.sort_unstable();
        for log in merge::doubles(&logs) {
            self.place.delete(&log.text()).await?;
            logs.retain(|found| *found != log);
        }
        for log in &logs {
            if log.first <= shipped.0 + 1 {
                shipped = Seq(shipped.0.max(log.last));
            }
        }
        // Those that follow each other without a gap, up to the end.
        let gap = logs
            .windows(2)
            .rposition(|two| two[0].last + 1 != two[1].first);
        logs.drain(..gap.map_or(0, |at| at + 1));
        let gone = names.iter().filter_map(|name| GoneName::parse(name));
        let files = names.iter().filter_map(|name| name.strip_prefix("files/"));
        let known = Known {
            epoch,
            shipped,
            snapshot,
            files: files.map(str::to_owned).collect(),
            gone: gone.map(|gone| (gone.content.clone(), gone)).collect(),
            logs,
            pruned: None,
        };
        let mut progress = self.status.lock();
        progress.shipped = known.shipped.0;
        progress.snapshot_ms = snapshot.map_or(0, |snapshot| snapshot.at_ms);
        Ok(known)
    }

    fn wants_snapshot(&self, known: &Known) -> bool {
        let Some(snapshot) = known.snapshot else {
            return true;
        };
        // What lies between is not in the log any more.
        let is_gap = known.shipped.next() < self.log.first_seq();
        let age_ms = self.engine.now().0.saturating_sub(snapshot.at_ms);
        let is_old = u128::try_from(age_ms).unwrap_or(0) >= SNAPSHOT_EVERY.as_millis();
        is_gap || (is_old && self.engine.status().seq.0 > snapshot.seq)
    }

    /// A backup without files, which go beside it once each.
    async fn snapshot(&self, known: &mut Known) -> anyhow::Result<()> {
        let draft = self.dir.join(DRAFT);
        let (backup, path) = (self.backup.clone(), draft.clone());
        let packed = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
            let cut = backup.cut(true, false, &mut |_, _| Ok(()))?;
            let (about, contents) = (cut.about().clone(), cut.contents().to_vec());
            let file = File::create(&path)?;
            let mut out = Compressed::new(BufWriter::new(file))?;
            let hold = cut.write_held(&mut out, &mut |_, _| Ok(()))?;
            out.finish()?.into_inner()?.sync_all()?;
            Ok((about, contents, hold))
        });
        let (about, contents, hold) = packed.await??;
        for content in contents {
            self.ship_file(known, &content).await?;
        }
        drop(hold);
        let at = Timestamp::parse(&about.created_at).context("the backup has no time")?;
        let name = SnapshotName {
            at_ms: at.0,
            epoch: about.epoch,
            seq: about.seq,
        };
        let sent = self.place.put_file(&name.text(), &draft).await;
        // It is in nobody's way if it stays: the next one takes its place.
        let _ = std::fs::remove_file(&draft);
        sent?;
        if known.shipped.next() < self.log.first_seq() || known.shipped.0 == 0 {
            known.shipped = Seq(name.seq);
        }
        known.snapshot = Some(name);
        tracing::info!(seq = name.seq, "a snapshot is in the replica");
        Ok(())
    }

    /// Sends the next entries. False: there are none.
    async fn ship(&self, known: &mut Known) -> anyhow::Result<bool> {
        let from = known.shipped.next();
        let raw = match self.log.read(from, CHUNK) {
            Ok(raw) => raw,
            // A snapshot closes the gap.
            Err(LogError::Trimmed { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let Some(last) = raw.last().map(|entry| entry.seq) else {
            return Ok(false);
        };
        for entry in &raw {
            // An entry that nobody can read has no file.
            if let Ok((_, draft)) = codec::decode(&entry.payload)
                && let Command::AddFile(file) = draft.command.itself()
            {
                self.ship_file(known, &file.content).await?;
            }
        }
        let packed = entries::pack(
            raw.iter()
                .map(|entry| (entry.seq.0, entry.hash.0, &entry.payload[..])),
        )?;
        let name = LogName {
            epoch: known.epoch,
            first: from.0,
            last: last.0,
        };
        self.place.put(&name.text(), Bytes::from(packed)).await?;
        known.shipped = last;
        if known
            .logs
            .last()
            .is_some_and(|log| log.last + 1 != name.first)
        {
            known.logs.clear();
        }
        known.logs.push(name);
        Ok(true)
    }

    async fn ship_file(&self, known: &mut Known, content: &str) -> Result<(), ReplicaError> {
        if known.files.contains(content) {
            // It is back: its time begins anew.
            if let Some(gone) = known.gone.remove(content) {
                self.place.delete(&gone.text()).await?;
            }
            return Ok(());
        }
        let path = self.backup.files.path(content);
        if !path.exists() {
            // Taken back already; a snapshot names what is there.
            return Ok(());
        }
        self.place
            .put_file(&format!("files/{content}"), &path)
            .await?;
        known.files.insert(content.to_owned());
        Ok(())
    }

    /// Takes away what is not needed for any moment that is kept.
    async fn prune(&self, known: &mut Known) -> anyhow::Result<()> {
        let keep_ms = i64::try_from(self.keep.as_millis()).unwrap_or(i64::MAX);
        let now = self.engine.now().0;
        let cutoff = now.saturating_sub(keep_ms);
        let names = self.place.list().await?;
        for name in goes(&names, cutoff) {
            self.place.delete(&name).await?;
            known.logs.retain(|log| log.text() != name);
        }
        let contents = self.engine.read()?.contents()?;
        let contents = contents.into_iter().collect();
        let found = kept::contents(&names, &contents, (now, cutoff));
        for gone in found.noted {
            self.place.put(&gone.text(), Bytes::new()).await?;
            known.gone.insert(gone.content.clone(), gone);
        }
        for name in found.gone {
            self.place.delete(&name).await?;
            if let Some(gone) = GoneName::parse(&name) {
                known.gone.remove(&gone.content);
            }
            if let Some(content) = name.strip_prefix("files/") {
                known.files.remove(content);
            }
        }
        Ok(())
    }
}

//! Back into service after a failed write or sync.
//!
//! A sync that failed is never asked again: the kernel would say that all is well. The segment is
//! cut where it was last known to be durable, and writing goes on in a new file.
use super::change::remove;
use super::segment::{Segment, parse_name};
use super::writer::FileLog;
use crate::{LogError, RawEntry, ReadLimit};
use maru_domain::Seq;
use std::fs::{self, File};
use std::sync::Arc;

/// So much must fit on the disk before writing is tried again.
const PROBE_BYTES: usize = 256 << 10;

impl FileLog {
    pub(super) fn heal(&mut self) -> Result<(), LogError> {
        let shared = self.shared.clone();
        if shared.check().is_ok() {
            return Ok(());
        }
        let _one = shared.syncing.lock();
        let healed = self.try_heal();
        if let Err(error) = &healed {
            shared.state().poison = Some(Arc::new(error.clone()));
        }
        healed
    }

    fn try_heal(&mut self) -> Result<(), LogError> {
        let shared = self.shared.clone();
        let (active, durable, visible) = {
            let state = shared.state();
            (state.active(), state.durable, state.visible)
        };
        self.remove_strays(active.header.first)?;
        self.probe()?;
        if self.carried.is_empty() {
            self.carried = self.unsynced(durable.seq, visible)?;
        }
        let cut = shared.disk.truncate(&active.file, durable.end);
        let synced = cut.and_then(|()| shared.disk.sync(&active.file));
        synced.map_err(|e| active.io(e))?;

        let first = durable.seq.next();
        let (disk, dir) = (&*shared.disk, &shared.dir);
        let (epoch, before) = (self.epoch, durable.hash);
        let fresh = Segment::create(disk, dir, first, before, epoch, &self.carried)?;
        self.carried = Vec::new();
        fresh.reserve(disk);

        let mut state = shared.state();
        active.set_end(durable.end);
        active.unmark_after(durable.seq);
        state.install(fresh);
        state.generation += 1;
        state.poison = None;
        Ok(())
    }

    /// Entries that readers have seen and no sync has covered (none with `always`).
    fn unsynced(&self, durable: Seq, visible: Seq) -> Result<Vec<RawEntry>, LogError> {
        let shared = &self.shared;
        let generation = shared.state().generation;
        let mut entries = Vec::new();
        let mut next = durable.next();
        while next <= visible {
            let read = shared.read_once(next, ReadLimit::CHUNK, generation)?;
            next.0 += read.len() as u64;
            entries.extend(read);
        }
        Ok(entries)
    }

    /// Files of segments that a failed call has made, or has not come to remove.
    pub(super) fn remove_strays(&self, active: Seq) -> Result<(), LogError> {
        let dir = &self.shared.dir;
        let failed = |e| LogError::io(dir, e);
        for item in fs::read_dir(dir).map_err(failed)? {
            let item = item.map_err(failed)?;
            let first = item.file_name().to_str().and_then(parse_name);
            if first.is_some_and(|first| first > active) {
                remove(&item.path())?;
            }
        }
        self.shared.disk.sync_dir(dir).map_err(failed)
    }

    fn probe(&self) -> Result<(), LogError> {
        let path = self.shared.dir.join("probe.tmp");
        let disk = &self.shared.disk;
        let tried = (|| {
            let file = File::create(&path)?;
            disk.write(&file, &vec![b'.'; PROBE_BYTES], 0)?;
            disk.sync(&file)
        })();
        let removed = remove(&path);
        tried.map_err(|e| LogError::io(&path, e))?;
        removed
    }
}

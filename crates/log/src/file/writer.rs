//! The writing half: one buffer, one write and one sync for a batch.
use super::frame::{self, FRAME_HEADER};
use super::last_run::LastRun;
use super::options::{Fsync, Options};
use super::segment::{Mark, Segment};
use super::shared::{Durable, Shared};
use super::syncer::Syncer;
use crate::{Log, LogError, LogReader, MAX_PAYLOAD_BYTES, RawEntry, ReadLimit, hash};
use bytes::Bytes;
use maru_domain::{LogHash, Seq};
use std::sync::Arc;

/// Beyond this the buffer of a batch is given back.
const KEPT_BUFFER_BYTES: usize = 1 << 20;

/// The log in a directory. Dropping it syncs, and notes that the run ended well.
pub struct FileLog {
    pub(super) shared: Arc<Shared>,
    pub(super) options: Options,
    pub(super) boot_id: String,
    /// Of the next entry.
    pub(super) epoch: u64,
    /// Only with [`Fsync::EverySec`].
    pub(super) syncer: Option<Syncer>,
    /// The frames of one batch.
    pub(super) buffer: Vec<u8>,
    /// Entries that a recovery under way has to bring into the next segment.
    pub(super) carried: Vec<RawEntry>,
}

impl FileLog {
    /// The policy it was opened with.
    pub fn fsync(&self) -> Fsync {
        self.options.fsync
    }

    /// The hash of the entry at `seq`; `None` where neither the entry nor the one behind it is here,
    /// and [`LogHash::NONE`] of entries that version 0.1.0 wrote.
    pub fn hash_at(&self, seq: Seq) -> Result<Option<LogHash>, LogError> {
        {
            let state = self.shared.state();
            if seq == state.visible {
                return Ok(Some(state.hash));
            }
            if seq.next() == state.first() {
                return Ok(Some(state.segments[0].header.before));
            }
            if seq < state.first() || seq > state.visible {
                return Ok(None);
            }
        }
        let found = self.shared.read(seq, ReadLimit::entries(1))?;
        Ok(found.first().map(|entry| entry.hash))
    }

    fn check_sizes(&self, batch: &[Bytes]) -> Result<(), LogError> {
        let limit_bytes = self.options.max_payload_bytes.min(MAX_PAYLOAD_BYTES);
        match batch
            .iter()
            .map(Bytes::len)
            .find(|size| *size > limit_bytes)
        {
            None => Ok(()),
            Some(size_bytes) => Err(LogError::TooLarge {
                size_bytes,
                limit_bytes,
            }),
        }
    }

    /// The segment that takes a batch of this size.
    fn segment_for(&self, size_bytes: usize) -> Result<Arc<Segment>, LogError> {
        let active = self.shared.state().active();
        let fits = active.end() + size_bytes as u64 <= self.options.segment_bytes;
        if fits || active.is_empty() {
            return Ok(active);
        }
        self.shared.sync()?;
        let started = self.try_start_segment();
        if let Err(error) = &started
            && error.is_storage_full()
            && active.has_reserved(size_bytes as u64)
            // Half made, it would stand behind entries that this one goes on to take.
            && self.remove_strays(active.header.first).is_ok()
        {
            return Ok(active);
        }
        started.map_err(|error| self.shared.poison(error))?;
        active.release(&*self.shared.disk);
        Ok(self.shared.state().active())
    }

    /// Goes on in a new segment. What is visible must be durable.
    pub(super) fn start_segment(&self) -> Result<(), LogError> {
        let started = self.try_start_segment();
        started.map_err(|error| self.shared.poison(error))
    }

    fn try_start_segment(&self) -> Result<(), LogError> {
        let shared = &self.shared;
        let (first, before) = {
            let state = shared.state();
            (state.visible.next(), state.hash)
        };
        let (disk, dir) = (&*shared.disk, &shared.dir);
        let fresh = Segment::create(disk, dir, first, before, self.epoch, &[])?;
        fresh.reserve(disk);
        shared.state().install(fresh);
        Ok(())
    }

    /// Writes the buffer behind what the segment has; on failure nothing of it counts. What is not
    /// known to be cut off again may come back if the process dies before the log has recovered.
    fn write(&self, segment: &Segment) -> Result<(), LogError> {
        let (disk, file, end) = (&self.shared.disk, &segment.file, segment.end());
        if let Err(error) = disk.write(file, &self.buffer, end) {
            // With the other policies nothing is known of the disk anyway, and a sync that fails
            // can cost what was written before.
            let cut = disk
                .truncate(file, end)
                .and_then(|()| match self.options.fsync {
                    Fsync::Always => disk.sync(file),
                    Fsync::EverySec | Fsync::Never => Ok(()),
                });
            let error = self.shared.poison(segment.io(error));
            return Err(if cut.is_ok() {
                error
            } else {
                error.uncertain()
            });
        }
        if self.options.fsync == Fsync::Always
            && let Err(error) = disk.sync(file)
        {
            let _ = disk.truncate(file, end);
            return Err(self.shared.poison(segment.io(error)).uncertain());
        }
        Ok(())
    }

    pub(super) fn note_run(
        &self,
        active: Option<Seq>,
        stopped_at: Option<Seq>,
    ) -> Result<(), LogError> {
        let run = LastRun {
            boot_id: self.boot_id.clone(),
            fsync: self.options.fsync,
            active,
            stopped_at,
        };
        run.write(&*self.shared.disk, &self.shared.dir)
    }
}

impl Log for FileLog {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn first_seq(&self) -> Seq {
        self.shared.first_seq()
    }

    fn last_seq(&self) -> Seq {
        self.shared.last_seq()
    }

    fn last_hash(&self) -> LogHash {
        self.shared.state().hash
    }

    fn append(&mut self, batch: &[Bytes]) -> Result<Seq, LogError> {
        self.check_sizes(batch)?;
        let (before, durable, mut hash) = {
            let state = self.shared.state();
            state.check()?;
            (state.visible, state.durable.seq, state.hash)
        };
        if batch.is_empty() {
            return Ok(before.next());
        }
        let size_bytes = batch
            .iter()
            .map(|payload| FRAME_HEADER + payload.len())
            .sum();
        let segment = self.segment_for(size_bytes)?;

        self.buffer.clear();
        self.buffer.reserve(size_bytes);
        let mut seq = before;
        let mut entries = Vec::with_capacity(batch.len());
        for payload in batch {
            seq = seq.next();
            hash = hash::next(hash, payload);
            let salt = segment.header.salt;
            frame::encode(&mut self.buffer, salt, seq, durable, hash, payload);
            let payload = payload.clone();
            entries.push(RawEntry { seq, hash, payload });
        }
        self.write(&segment)?;

        {
            let mut state = self.shared.state();
            let mut offset = segment.end();
            for (payload, n) in batch.iter().zip(before.next().0..) {
                segment.mark(Mark {
                    seq: Seq(n),
                    offset,
                });
                offset += (FRAME_HEADER + payload.len()) as u64;
            }
            segment.set_end(offset);
            state.visible = seq;
            state.hash = hash;
            state.recent.push(entries);
            if self.options.fsync == Fsync::Always {
                state.durable = Durable {
                    seq,
                    hash,
                    end: offset,
                };
            }
        }
        self.shared.tell();
        segment.reserve(&*self.shared.disk);
        if let Some(syncer) = &self.syncer {
            syncer.written();
        }
        if self.buffer.capacity() > KEPT_BUFFER_BYTES {
            self.buffer = Vec::new();
        }
        Ok(before.next())
    }

    fn reader(&self) -> LogReader {
        LogReader::of_file(self.shared.clone())
    }

    fn trim(&mut self, before: Seq) -> Result<(), LogError> {
        self.trim_segments(before)
    }

    fn truncate_after(&mut self, seq: Seq) -> Result<(), LogError> {
        self.cut_after(seq)
    }

    fn reset(&mut self, next: Seq, before: LogHash) -> Result<(), LogError> {
        self.start_over(next, before)
    }

    fn begin_epoch(&mut self, epoch: u64) -> Result<(), LogError> {
        self.shared.sync()?;
        let before = std::mem::replace(&mut self.epoch, epoch);
        let begun = self.start_segment();
        if begun.is_err() {
            self.epoch = before;
        }
        begun
    }

    fn recover(&mut self) -> Result<(), LogError> {
        self.heal()
    }

    fn sync(&mut self) -> Result<(), LogError> {
        self.shared.sync()
    }

    fn size_bytes(&self) -> u64 {
        self.shared.size_bytes()
    }
}

impl Drop for FileLog {
    fn drop(&mut self) {
        self.syncer = None;
        self.shared.state().active().release(&*self.shared.disk);
        // Without the note the next start looks as after a crash, and is as right.
        if self.shared.sync().is_ok() {
            let (active, last) = {
                let state = self.shared.state();
                (state.active().header.first, state.visible)
            };
            let _ = self.note_run(Some(active), Some(last));
        }
    }
}

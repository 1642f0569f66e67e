//! Dropping entries: at the front, at the back, all.
use super::cursor::{Cursor, Step};
use super::segment::Segment;
use super::shared::Durable;
use super::writer::FileLog;
use crate::LogError;
use maru_domain::{LogHash, Seq};
use std::fs;
use std::io;
use std::path::Path;

impl FileLog {
    /// Allowed while poisoned: it may be what gives the full disk room.
    pub(super) fn trim_segments(&mut self, before: Seq) -> Result<(), LogError> {
        let shared = &self.shared;
        let mut removed = false;
        loop {
            let oldest = match &shared.state().segments[..] {
                [oldest, next, ..] if next.header.first <= before => oldest.clone(),
                _ => break,
            };
            remove(&oldest.path)?;
            shared.state().segments.remove(0);
            removed = true;
        }
        if removed {
            let synced = shared.disk.sync_dir(&shared.dir);
            synced.map_err(|e| LogError::io(&shared.dir, e))?;
        }
        Ok(())
    }

    pub(super) fn cut_after(&mut self, seq: Seq) -> Result<(), LogError> {
        let shared = &self.shared;
        let _one = shared.syncing.lock();
        let (target, at) = {
            let state = shared.state();
            state.check()?;
            let first = state.first();
            if seq.next() < first {
                let asked = seq.next();
                return Err(LogError::Trimmed { asked, first });
            }
            if seq >= state.visible {
                return Ok(());
            }
            let at = state.position(seq);
            (state.segments[at].clone(), at)
        };
        let (end, hash) = place(&target, seq.next())?;
        // Before any file goes: from now on the later segments may be missing.
        self.note_run(Some(target.header.first), None)
            .map_err(|e| shared.poison(e))?;

        let (gone, durable) = {
            let mut state = shared.state();
            let gone = state.segments.split_off(at + 1);
            target.set_end(end);
            target.unmark_after(seq);
            state.visible = seq;
            state.hash = hash;
            state.recent.clear();
            if state.durable.seq > seq {
                state.durable = Durable { seq, end, hash };
            }
            state.generation += 1;
            (gone, Durable { seq, end, hash })
        };
        let dropped = (|| {
            // The newest first: what is left after a crash has no gap.
            for segment in gone.iter().rev() {
                remove(&segment.path)?;
            }
            let disk = &shared.disk;
            disk.sync_dir(&shared.dir)
                .map_err(|e| LogError::io(&shared.dir, e))?;
            let cut = disk.truncate(&target.file, end);
            cut.and_then(|()| disk.sync(&target.file))
                .map_err(|e| target.io(e))
        })();
        dropped.map_err(|e| shared.poison(e))?;
        shared.state().durable = durable;
        if target.header.epoch != self.epoch {
            self.start_segment()?;
        }
        Ok(())
    }

    pub(super) fn start_over(&mut self, next: Seq, before: LogHash) -> Result<(), LogError> {
        let next = next.max(Seq(1));
        let before_first = Seq(self.shared.first_seq().0 - 1);
        self.cut_after(before_first)?;
        let shared = &self.shared;
        shared.check()?;
        let active = shared.state().active();
        if active.header.first == next && active.header.before == before {
            return Ok(());
        }
        let removed = (|| {
            self.note_run(None, None)?;
            remove(&active.path)?;
            let synced = shared.disk.sync_dir(&shared.dir);
            synced.map_err(|e| LogError::io(&shared.dir, e))
        })();
        removed.map_err(|e| shared.poison(e))?;
        {
            let mut state = shared.state();
            state.visible = Seq(next.0 - 1);
            state.hash = before;
            state.durable.seq = state.visible;
            state.durable.hash = before;
            state.generation += 1;
        }
        self.start_segment()
    }
}

/// Where the entry begins, or would, and the hash before it.
fn place(segment: &Segment, seq: Seq) -> Result<(u64, LogHash), LogError> {
    let mut hash = segment.header.before;
    if seq == segment.header.first {
        return Ok((segment.header.len(), hash));
    }
    let mut cursor = Cursor::new(segment, segment.nearest(Seq(seq.0 - 1)), segment.end());
    while cursor.at.seq < seq {
        let at = cursor.at;
        match cursor.step().map_err(|e| segment.io(e))? {
            Step::Frame { header, .. } => hash = header.hash,
            Step::End | Step::Bad | Step::Misplaced(_) => {
                let what = format!("entry {} is not what was written", at.seq);
                return Err(segment.damaged(at.offset, what));
            }
        }
    }
    Ok((cursor.at.offset, hash))
}

/// A file that is gone already is as good.
pub(super) fn remove(path: &Path) -> Result<(), LogError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(LogError::io(path, error)),
        _ => Ok(()),
    }
}

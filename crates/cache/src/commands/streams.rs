//! Commands on streams.

use super::super::keyspace::fits;
use super::super::slot::{Slot, View};
use super::super::values::{Applied, Change, Fields, Stream, StreamId, StreamStep, Trim};
use super::super::{CacheError, Happenings, Txn};

/// Which id a new entry shall have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewId {
    /// Of now.
    Now,
    /// The next one of a millisecond.
    Next(u64),
    /// This one.
    Exactly(StreamId),
}

impl Txn<'_> {
    /// The stream of a key; `None` if there is none.
    pub fn stream(&mut self, key: &[u8]) -> Result<Option<&Stream>, CacheError> {
        match self.read(key).map(Slot::view) {
            None => Ok(None),
            Some(View::Other(value)) => value.stream().map(Some),
            Some(View::Text(_)) => Err(CacheError::WrongType),
        }
    }

    /// Adds an entry; answers its id.
    pub fn xadd(
        &mut self,
        key: &[u8],
        id: NewId,
        fields: &[&[u8]],
    ) -> Result<StreamId, CacheError> {
        fits(key)?;
        let now_ms = self.now_unix_ms();
        let last = self.stream(key)?.map_or(StreamId::MIN, Stream::last_id);
        let id = match id {
            NewId::Exactly(StreamId::MIN) => return Err(CacheError::ZeroId),
            NewId::Exactly(id) if id <= last => return Err(CacheError::OldId),
            NewId::Exactly(id) => id,
            NewId::Now if now_ms > last.ms => StreamId { ms: now_ms, seq: 0 },
            NewId::Now => last.next().ok_or(CacheError::LastId)?,
            NewId::Next(ms) if ms == last.ms => StreamId {
                ms,
                seq: last.seq.checked_add(1).ok_or(CacheError::OldId)?,
            },
            NewId::Next(ms) if ms > last.ms => StreamId { ms, seq: 0 },
            NewId::Next(_) => return Err(CacheError::OldId),
        };
        let fields = Fields::pack(fields);
        fits(&fields)?;
        self.step(
            key,
            StreamStep::Add {
                id,
                fields: &fields,
            },
        )?;
        self.tell(Happenings::STREAM, "xadd", key);
        Ok(id)
    }

    /// Removes entries; answers how many there were.
    pub fn xdel(&mut self, key: &[u8], ids: &[StreamId]) -> Result<u64, CacheError> {
        let mut removed = 0;
        if self.stream(key)?.is_some() {
            for &id in ids {
                let step = StreamStep::Remove { id, by_hand: true };
                removed += u64::from(self.step(key, step)? != Applied::Nothing);
            }
        }
        if removed > 0 {
            self.tell(Happenings::STREAM, "xdel", key);
        }
        Ok(removed)
    }

    /// Removes the oldest entries; answers how many went.
    pub fn xtrim(&mut self, key: &[u8], trim: Trim) -> Result<u64, CacheError> {
        let Some(stream) = self.stream(key)? else {
            return Ok(0);
        };
        let gone = stream.surplus(trim);
        for &id in &gone {
            self.step(key, StreamStep::Remove { id, by_hand: false })?;
        }
        if !gone.is_empty() {
            self.tell(Happenings::STREAM, "xtrim", key);
        }
        Ok(gone.len() as u64)
    }

    /// Sets what a stream knows besides its entries.
    pub fn xmark(
        &mut self,
        key: &[u8],
        last_id: StreamId,
        added: u64,
        max_deleted_id: StreamId,
    ) -> Result<(), CacheError> {
        let mark = StreamStep::Mark {
            last_id,
            added,
            max_deleted_id,
        };
        self.step(key, mark).map(drop)
    }

    /// Makes a group or puts it elsewhere, making the stream if there is none.
    pub fn put_group(
        &mut self,
        key: &[u8],
        group: &[u8],
        last_id: StreamId,
        read: Option<u64>,
    ) -> Result<(), CacheError> {
        fits(key)?;
        let put = StreamStep::GroupPut {
            group,
            last_id,
            read,
        };
        self.step(key, put).map(drop)
    }

    /// Removes a group; `false` if there is none.
    pub fn remove_group(&mut self, key: &[u8], group: &[u8]) -> Result<bool, CacheError> {
        let applied = self.step(key, StreamStep::GroupRemove { group })?;
        Ok(applied != Applied::Nothing)
    }

    /// Makes a consumer or says that it was seen; answers whether it is new.
    pub fn put_consumer(
        &mut self,
        key: &[u8],
        group: &[u8],
        consumer: &[u8],
        seen_ms: u64,
    ) -> Result<bool, CacheError> {
        let put = StreamStep::ConsumerPut {
            group,
            consumer,
            seen_ms,
        };
        Ok(self.step(key, put)? == Applied::Added)
    }

    /// Removes a consumer with all that it holds.
    pub fn remove_consumer(
        &mut self,
        key: &[u8],
        group: &[u8],
        consumer: &[u8],
    ) -> Result<(), CacheError> {
        let remove = StreamStep::ConsumerRemove { group, consumer };
        self.step(key, remove).map(drop)
    }

    /// An entry is in the hands of a consumer from now on.
    pub fn put_pending(
        &mut self,
        key: &[u8],
        group: &[u8],
        consumer: &[u8],
        id: StreamId,
        delivered_ms: u64,
        count: u64,
    ) -> Result<(), CacheError> {
        let put = StreamStep::PendingPut {
            group,
            consumer,
            id,
            delivered_ms,
            count,
        };
        self.step(key, put).map(drop)
    }

    /// An entry is in nobody's hands any more; `false` if it was not.
    pub fn remove_pending(
        &mut self,
        key: &[u8],
        group: &[u8],
        id: StreamId,
    ) -> Result<bool, CacheError> {
        let applied = self.step(key, StreamStep::PendingRemove { group, id })?;
        Ok(applied != Applied::Nothing)
    }

    fn step(&mut self, key: &[u8], step: StreamStep<'_>) -> Result<Applied, CacheError> {
        self.change(key, Change::Stream(step))
    }
}

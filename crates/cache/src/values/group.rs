//! Readers of a stream that share its entries.

use super::Applied;
use super::step::StreamStep;
use super::stream::StreamId;
use std::collections::{BTreeMap, BTreeSet};

/// What maps add to something pending, and to a consumer.
const PENDING_BYTES: usize = 112;
const CONSUMER_BYTES: usize = 96;

/// A group of readers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    pub(super) last_id: StreamId,
    pub(super) read: Option<u64>,
    pending: BTreeMap<StreamId, Pending>,
    consumers: BTreeMap<Box<[u8]>, Consumer>,
}

/// An entry that was handed out and not acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// To whom.
    pub consumer: Box<[u8]>,
    /// When last, in unix milliseconds.
    pub delivered_ms: u64,
    /// How often.
    pub count: u64,
}

/// One reader of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consumer {
    /// When it last asked, in unix milliseconds.
    pub seen_ms: u64,
    pending: BTreeSet<StreamId>,
}

impl Consumer {
    /// What it has not acknowledged.
    pub fn pending(&self) -> &BTreeSet<StreamId> {
        &self.pending
    }
}

impl Group {
    /// Entries after this one are new to the group.
    pub fn last_id(&self) -> StreamId {
        self.last_id
    }

    /// How many entries it has read, if that is known.
    pub fn read(&self) -> Option<u64> {
        self.read
    }

    /// What was handed out and not acknowledged.
    pub fn pending(&self) -> &BTreeMap<StreamId, Pending> {
        &self.pending
    }

    /// Its readers by name.
    pub fn consumers(&self) -> &BTreeMap<Box<[u8]>, Consumer> {
        &self.consumers
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.pending.len() * PENDING_BYTES + self.consumers.len() * CONSUMER_BYTES
    }

    pub(super) fn apply(&mut self, step: &StreamStep<'_>) -> Applied {
        match *step {
            StreamStep::ConsumerPut {
                consumer, seen_ms, ..
            } => {
                let is_new = !self.consumers.contains_key(consumer);
                self.consumers.entry(consumer.into()).or_default().seen_ms = seen_ms;
                if is_new {
                    Applied::Added
                } else {
                    Applied::Changed
                }
            }
            StreamStep::ConsumerRemove { consumer, .. } => match self.consumers.remove(consumer) {
                None => Applied::Nothing,
                Some(gone) => {
                    for id in &gone.pending {
                        self.pending.remove(id);
                    }
                    Applied::Changed
                }
            },
            StreamStep::PendingPut {
                consumer,
                id,
                delivered_ms,
                count,
                ..
            } => {
                let pending = Pending {
                    consumer: consumer.into(),
                    delivered_ms,
                    count,
                };
                if let Some(before) = self.pending.insert(id, pending)
                    && *before.consumer != *consumer
                    && let Some(other) = self.consumers.get_mut(&before.consumer)
                {
                    other.pending.remove(&id);
                }
                let holder = self.consumers.entry(consumer.into()).or_default();
                holder.pending.insert(id);
                Applied::Changed
            }
            StreamStep::PendingRemove { id, .. } => match self.pending.remove(&id) {
                None => Applied::Nothing,
                Some(gone) => {
                    if let Some(holder) = self.consumers.get_mut(&gone.consumer) {
                        holder.pending.remove(&id);
                    }
                    Applied::Changed
                }
            },
            StreamStep::Add { .. }
            | StreamStep::Remove { .. }
            | StreamStep::Mark { .. }
            | StreamStep::GroupPut { .. }
            | StreamStep::GroupRemove { .. } => Applied::Nothing,
        }
    }

    pub(super) fn each_step(&self, group: &[u8], tell: &mut dyn FnMut(StreamStep<'_>)) {
        tell(StreamStep::GroupPut {
            group,
            last_id: self.last_id,
            read: self.read,
        });
        for (consumer, held) in &self.consumers {
            tell(StreamStep::ConsumerPut {
                group,
                consumer,
                seen_ms: held.seen_ms,
            });
        }
        for (id, pending) in &self.pending {
            tell(StreamStep::PendingPut {
                group,
                consumer: &pending.consumer,
                id: *id,
                delivered_ms: pending.delivered_ms,
                count: pending.count,
            });
        }
    }
}

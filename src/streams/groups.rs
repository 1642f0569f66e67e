//! Groups of consumers: where they stand and what they hold is kept in a key of the cache for each
//! person and stream.

use super::asked::{Claim, Claimed, Read};
use super::told::{self, Entry};
use super::{Refused, Streams, Viewer, Which};
use crate::cache::{CacheError, StreamId, Txn};
use crate::domain::Position;
use crate::resp::Reply;
use std::collections::BTreeMap;

/// Who else took the same entries meanwhile is given way so often.
const TRIES: usize = 16;

type Member = (Vec<u8>, Vec<u8>);

fn no_group(key: &[u8], group: &[u8]) -> Refused {
    Refused(format!(
        "NOGROUP No such key '{}' or consumer group '{}'",
        String::from_utf8_lossy(key),
        String::from_utf8_lossy(group)
    ))
}

impl Streams {
    fn kept(&self, viewer: &Viewer, key: &[u8]) -> Vec<u8> {
        [viewer.reader.groups.as_bytes(), key].concat()
    }

    fn on<T>(
        &self,
        kept: &[u8],
        run: impl FnOnce(&mut Txn<'_>) -> Result<T, CacheError>,
    ) -> Result<T, Refused> {
        Ok(self.cache.db(0).on(kept, run)??)
    }

    pub(super) fn group_names(&self, viewer: &Viewer, key: &[u8]) -> Result<Vec<Vec<u8>>, Refused> {
        self.on(&self.kept(viewer, key), |txn| {
            let stream = txn.stream(&self.kept(viewer, key))?;
            Ok(stream.map_or_else(Vec::new, |stream| {
                stream.groups().keys().map(|name| name.to_vec()).collect()
            }))
        })
    }

    fn last_of(&self, kept: &[u8], group: &[u8]) -> Result<Option<StreamId>, Refused> {
        self.on(kept, |txn| {
            let group = txn.stream(kept)?.and_then(|stream| stream.group(group));
            Ok(group.map(|group| group.last_id()))
        })
    }

    /// Entries that are new to the group, into the hands of the consumer.
    pub(super) async fn hand_out(
        &self,
        viewer: &Viewer,
        key: &[u8],
        which: Option<Which>,
        (group, consumer): &Member,
        read: &Read,
    ) -> Result<Vec<Entry>, Refused> {
        let kept = self.kept(viewer, key);
        for _ in 0..TRIES {
            let last = self.last_of(&kept, group)?;
            let (Some(last), Some(which)) = (last, which) else {
                return Err(no_group(key, group));
            };
            let span = (Position(last.ms), Position(u64::MAX));
            let (entries, _) = self.forward(viewer.user, which, span, read.count).await?;
            let taken = self.on(&kept, |txn| {
                let now_ms = txn.now_unix_ms();
                let known = txn.stream(&kept)?.and_then(|stream| stream.group(group));
                if known.is_none_or(|known| known.last_id() != last) {
                    return Ok(false);
                }
                txn.put_consumer(&kept, group, consumer, now_ms)?;
                if let Some(newest) = entries.last() {
                    txn.put_group(&kept, group, newest.id(), None)?;
                }
                for entry in entries.iter().filter(|_| !read.no_ack) {
                    txn.put_pending(&kept, group, consumer, entry.id(), now_ms, 1)?;
                }
                Ok(true)
            })?;
            if taken {
                return Ok(entries);
            }
        }
        Err(Refused(
            "ERR Others of the group are faster all the time; read again.".to_owned(),
        ))
    }

    /// What the consumer holds already, after an id.
    pub(super) async fn history(
        &self,
        viewer: &Viewer,
        key: &[u8],
        which: Option<Which>,
        (group, consumer): &Member,
        after: StreamId,
        read: &Read,
    ) -> Result<Reply, Refused> {
        let kept = self.kept(viewer, key);
        let held = self.on(&kept, |txn| {
            let known = txn.stream(&kept)?.and_then(|stream| stream.group(group));
            Ok(known.map(|known| {
                let consumer = known.consumers().get(consumer.as_slice());
                let from = after.next().unwrap_or(StreamId::MAX);
                let held = consumer.map(|consumer| consumer.pending().range(from..).copied());
                let held: Vec<StreamId> = held.into_iter().flatten().take(read.count).collect();
                held
            }))
        })?;
        let held = held.ok_or_else(|| no_group(key, group))?;
        let which = which.ok_or_else(|| no_group(key, group))?;
        self.shown(viewer, which, &held).await
    }

    /// Entries by their ids; one that is not there any more has no fields.
    async fn shown(
        &self,
        viewer: &Viewer,
        which: Which,
        ids: &[StreamId],
    ) -> Result<Reply, Refused> {
        let mut found = BTreeMap::new();
        for id in ids {
            let span = (Position(id.ms.saturating_sub(1)), Position(id.ms));
            let (entries, _) = self.forward(viewer.user, which, span, 1).await?;
            found.extend(entries.into_iter().map(|entry| (entry.id(), entry)));
        }
        let shown = ids.iter().map(|id| match found.get(id) {
            Some(entry) => told::entry(entry),
            None => Reply::Array(vec![told::id(*id), Reply::Nothing]),
        });
        Ok(Reply::Array(shown.collect()))
    }

    pub(super) async fn claim(&self, viewer: &Viewer, claim: &Claim) -> Result<Reply, Refused> {
        let none = || no_group(&claim.key, &claim.group);
        let which = self.which(viewer.user, &claim.key).ok_or_else(none)?;
        let kept = self.kept(viewer, &claim.key);
        let claimed = self.on(&kept, |txn| {
            let now_ms = txn.now_unix_ms();
            let known = txn.stream(&kept)?;
            let Some(known) = known.and_then(|stream| stream.group(&claim.group)) else {
                return Ok(None);
            };
            let idle = |id: &StreamId| {
                let pending = known.pending().get(id)?;
                let idle = now_ms.saturating_sub(pending.delivered_ms);
                (idle >= claim.min_idle_ms).then_some((*id, pending.count))
            };
            let (mut taken, mut next) = (Vec::new(), StreamId::MIN);
            match &claim.what {
                Claimed::These(ids) => taken.extend(ids.iter().filter_map(idle)),
                Claimed::From { start, count } => {
                    for id in known.pending().range(*start..).map(|(id, _)| id) {
                        if taken.len() == *count {
                            next = *id;
                            break;
                        }
                        taken.extend(idle(id));
                    }
                }
            }
            txn.put_consumer(&kept, &claim.group, &claim.consumer, now_ms)?;
            for (id, times) in &taken {
                let times = times + u64::from(!claim.just_id);
                let (group, consumer) = (&claim.group, &claim.consumer);
                txn.put_pending(&kept, group, consumer, *id, now_ms, times)?;
            }
            let taken: Vec<StreamId> = taken.into_iter().map(|(id, _)| id).collect();
            Ok(Some((taken, next)))
        })?;
        let (taken, next) = claimed.ok_or_else(none)?;
        let entries = if claim.just_id {
            Reply::Array(taken.iter().map(|id| told::id(*id)).collect())
        } else {
            self.shown(viewer, which, &taken).await?
        };
        Ok(match claim.what {
            Claimed::These(_) => entries,
            Claimed::From { .. } => {
                Reply::Array(vec![told::id(next), entries, Reply::Array(Vec::new())])
            }
        })
    }

    pub(super) async fn groups(&self, viewer: &Viewer, key: &[u8]) -> Result<Reply, Refused> {
        let none = || Refused("ERR no such key".to_owned());
        let which = self.which(viewer.user, key).ok_or_else(none)?;
        let kept = self.kept(viewer, key);
        let groups = self.on(&kept, |txn| {
            let stream = txn.stream(&kept)?;
            let groups = stream.map(|stream| {
                let groups = stream.groups().iter();
                let shown = groups.map(|(name, group)| {
                    let (members, pending) = (group.consumers().len(), group.pending().len());
                    (name.to_vec(), members, pending, group.last_id())
                });
                shown.collect::<Vec<_>>()
            });
            Ok(groups.unwrap_or_default())
        })?;
        let mut shown = Vec::with_capacity(groups.len());
        for (name, members, pending, last) in groups {
            let lag = self.behind(viewer.user, which, Position(last.ms)).await?;
            shown.push(told::map(vec![
                ("name", told::text(name)),
                ("consumers", told::count(members)),
                ("pending", told::count(pending)),
                ("last-delivered-id", told::id(last)),
                ("entries-read", Reply::Nothing),
                ("lag", told::count(lag)),
            ]));
        }
        Ok(Reply::Array(shown))
    }
}

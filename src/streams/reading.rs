//! The journal as a stream: entries have the position of their event as id, so that `seq` means the
//! same here, over HTTP and over Socket.IO.

use super::asked::{From, Range, Read};
use super::told::{self, Entry, id_of};
use super::{Refused, Streams, Viewer, Which};
use crate::cache::StreamId;
use crate::domain::{Position, UserId};
use crate::live::{MissedError, Resync};
use crate::resp::Reply;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// Positions of a first look backwards.
const WINDOW: u64 = 1 << 22;

/// The position after which entries from this id on stand.
fn before(id: StreamId) -> Position {
    match id.seq {
        0 => Position(id.ms.saturating_sub(1)),
        _ => Position(id.ms),
    }
}

impl Streams {
    /// Entries in `(after, upto]`, at most so many, oldest first; and how far that reaches.
    pub(super) async fn forward(
        &self,
        user: UserId,
        which: Which,
        (after, upto): (Position, Position),
        most: usize,
    ) -> Result<(Vec<Entry>, Position), Refused> {
        let live = self.engine.live().clone();
        if after >= live.published() || after >= upto || most == 0 {
            return Ok((Vec::new(), after));
        }
        let permit = self.readers.clone().acquire_owned().await;
        let read = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let since = after.max(live.oldest());
            let past = live.past(user, (live.epoch(), since))?;
            let (mut missed, published) = match past {
                Ok(past) => past,
                Err(Resync::Ahead) => return Ok((Vec::new(), after)),
                Err(Resync::OtherEpoch | Resync::TooOld) => {
                    return Err(Refused(
                        "ERR The log of events moved on; read again.".into(),
                    ));
                }
            };
            let mut entries = Vec::new();
            while let Some(packets) = missed.next_batch().map_err(broken)? {
                for packet in packets {
                    let (Some(at), Some(about)) = (packet.seq, &packet.about) else {
                        continue;
                    };
                    if at > upto {
                        return Ok((entries, upto));
                    }
                    if at <= after || matches!(which, Which::Room(room) if about.room != Some(room))
                    {
                        continue;
                    }
                    entries.push(Entry {
                        at,
                        name: packet.name,
                        room: about.room,
                        json: packet.json.clone(),
                    });
                    if entries.len() == most {
                        return Ok((entries, at));
                    }
                }
            }
            Ok((entries, published.min(upto)))
        });
        let broke = |_| Refused("ERR Reading the log of events broke down.".to_owned());
        read.await.map_err(broke)?
    }

    /// The last entries in `(after, upto]`, at most so many, newest first.
    async fn backward(
        &self,
        user: UserId,
        which: Which,
        (after, upto): (Position, Position),
        most: usize,
    ) -> Result<Vec<Entry>, Refused> {
        let live = self.engine.live();
        let after = after.max(live.oldest());
        let mut upto = upto.min(live.published());
        let (mut found, mut window) = (Vec::new(), WINDOW);
        while upto > after && found.len() < most {
            let from = Position(upto.0.saturating_sub(window)).max(after);
            let (entries, _) = self.forward(user, which, (from, upto), usize::MAX).await?;
            found.extend(entries.into_iter().rev().take(most - found.len()));
            (upto, window) = (from, window.saturating_mul(4));
        }
        Ok(found)
    }

    pub(super) async fn range(&self, viewer: &Viewer, range: &Range) -> Result<Reply, Refused> {
        let Some(which) = self.which(viewer.user, &range.key) else {
            return Ok(Reply::Array(Vec::new()));
        };
        let span = (before(range.first), Position(range.last.ms));
        let entries = if range.backwards {
            self.backward(viewer.user, which, span, range.count).await?
        } else {
            self.forward(viewer.user, which, span, range.count).await?.0
        };
        Ok(told::entries(&entries))
    }

    /// All of them: how many, the first and the last.
    async fn whole(
        &self,
        user: UserId,
        which: Which,
        after: Position,
    ) -> Result<(usize, Option<Entry>, Option<Entry>), Refused> {
        const PAGE: usize = 1_000;
        let (mut at, mut count) = (after, 0);
        let (mut first, mut last) = (None, None);
        let upto = self.engine.live().published();
        loop {
            let (mut entries, reached) = self.forward(user, which, (at, upto), PAGE).await?;
            count += entries.len();
            let is_over = entries.len() < PAGE;
            last = entries.pop().or(last);
            if first.is_none() {
                first = entries.into_iter().next().or_else(|| last.clone());
            }
            at = reached;
            if is_over {
                return Ok((count, first, last));
            }
        }
    }

    pub(super) async fn length(&self, viewer: &Viewer, key: &[u8]) -> Result<Reply, Refused> {
        let Some(which) = self.which(viewer.user, key) else {
            return Ok(Reply::Integer(0));
        };
        let (count, _, _) = self.whole(viewer.user, which, Position(0)).await?;
        Ok(told::count(count))
    }

    /// How many entries come behind a position.
    pub(super) async fn behind(
        &self,
        user: UserId,
        which: Which,
        after: Position,
    ) -> Result<usize, Refused> {
        Ok(self.whole(user, which, after).await?.0)
    }

    pub(super) async fn about(&self, viewer: &Viewer, key: &[u8]) -> Result<Reply, Refused> {
        let none = || Refused("ERR no such key".to_owned());
        let which = self.which(viewer.user, key).ok_or_else(none)?;
        let (count, first, last) = self.whole(viewer.user, which, Position(0)).await?;
        let groups = self.group_names(viewer, key)?.len();
        let end = id_of(self.engine.live().published());
        let shown = |entry: Option<&Entry>| entry.map_or(Reply::Nothing, told::entry);
        Ok(told::map(vec![
            ("length", told::count(count)),
            ("radix-tree-keys", Reply::Integer(0)),
            ("radix-tree-nodes", Reply::Integer(0)),
            ("last-generated-id", told::id(end)),
            ("max-deleted-entry-id", told::id(StreamId::MIN)),
            ("entries-added", told::count(count)),
            (
                "recorded-first-entry-id",
                told::id(first.as_ref().map_or(StreamId::MIN, Entry::id)),
            ),
            ("groups", told::count(groups)),
            ("first-entry", shown(first.as_ref())),
            ("last-entry", shown(last.as_ref())),
        ]))
    }

    pub(super) async fn read(&self, viewer: &Viewer, read: Read) -> Result<Reply, Refused> {
        let until = match read.block {
            Some(Some(patience)) => Some(Instant::now() + patience),
            Some(None) => Some(Instant::now() + Duration::from_secs(365 * 24 * 3600)),
            None => None,
        };
        let mut streams = Vec::with_capacity(read.streams.len());
        for (key, from) in &read.streams {
            let from = match from {
                From::End => From::After(id_of(self.engine.live().published())),
                other => *other,
            };
            streams.push((key.clone(), from));
        }
        loop {
            let here = self.engine.live().published();
            let mut answers = Vec::new();
            for (key, from) in &mut streams {
                let which = self.which(viewer.user, key);
                let entries = match (&read.group, *from) {
                    (Some(group), From::New) => {
                        self.hand_out(viewer, key, which, group, &read).await?
                    }
                    (Some(group), From::After(after)) => {
                        let again = self
                            .history(viewer, key, which, group, after, &read)
                            .await?;
                        // Also where there is nothing: the consumer holds nothing.
                        answers.push((key.clone(), again));
                        continue;
                    }
                    (_, From::New | From::End) => Vec::new(),
                    (None, From::After(after)) => match which {
                        None => Vec::new(),
                        Some(which) => {
                            let span = (Position(after.ms), Position(u64::MAX));
                            let (entries, reached) =
                                self.forward(viewer.user, which, span, read.count).await?;
                            if entries.is_empty() {
                                *from = From::After(id_of(reached).max(after));
                            }
                            entries
                        }
                    },
                };
                if !entries.is_empty() {
                    answers.push((key.clone(), told::entries(&entries)));
                }
            }
            if !answers.is_empty() {
                return Ok(Reply::Streams(answers));
            }
            let Some(until) = until else {
                return Ok(Reply::Nothing);
            };
            if timeout_at(until, self.news(here)).await.is_err() {
                return Ok(Reply::Nothing);
            }
        }
    }

    /// Until there are events after this position.
    async fn news(&self, after: Position) {
        let mut applied = self.engine.applied();
        while self.engine.live().published() <= after {
            if applied.wait_for(|seq| seq.end() > after).await.is_err() {
                std::future::pending::<()>().await;
            }
            // Applied, and about to be published.
            if self.engine.live().published() <= after {
                sleep(Duration::from_millis(1)).await;
            }
        }
    }
}

fn broken(error: MissedError) -> Refused {
    tracing::warn!(%error, "a stream of the Redis port cannot be read");
    Refused("ERR The log of events cannot be read here; the server's log says why.".to_owned())
}

//! From the cache's channels and a stream of it to the sockets: what `@socket.io/redis-emitter` and
//! servers with one of the Redis adapters say.

use crate::cache::{
    Cache, CacheError, Closed, Embedded, Entry, Publication, Remote, Selector, StreamId, Tail,
};
use crate::http::{Answers, Emitted, STREAM};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A Redis that takes no subscriptions is asked again after so long.
const RETRY: Duration = Duration::from_millis(500);
/// The stream is looked at so often where it is in this process.
const LOOK: Duration = Duration::from_millis(100);
/// And so often while there is none.
const LOOK_FOR_ONE: Duration = Duration::from_secs(1);
/// Entries that were there before are kept for clients that come back.
const OLD: usize = 1_000;
/// Entries taken at a time.
const COUNT: usize = 500;
/// Whether servers with the sharded adapter are there is looked at so often.
const LOOK_FOR_SHARDED: Duration = Duration::from_secs(1);
/// And while they are, which rooms have somebody here.
const LOOK_AT_ROOMS: Duration = Duration::from_millis(200);

/// Listens as long as the cache lives.
pub fn listen(cache: Arc<Embedded>, emitted: Emitted) -> impl Future<Output = ()> + Send {
    let patterns = emitted.patterns();
    let sharded: Vec<String> = emitted.sharded();
    // In this process all rooms are heard by patterns.
    let rooms: Vec<String> = sharded.iter().map(|name| format!("{name}?*")).collect();
    let answers: Answers = {
        let cache = cache.clone();
        Arc::new(move |channel, message| {
            cache.publish(channel.as_bytes(), message);
        })
    };
    let sharded_answers: Answers = {
        let cache = cache.clone();
        Arc::new(move |channel, message| {
            cache.publish_sharded(channel.as_bytes(), message);
        })
    };
    let heard_at = cache.clone();
    let subscribe = move || {
        let names: Vec<&[u8]> = patterns.iter().map(String::as_bytes).collect();
        let sharded = sharded.iter().chain(&rooms);
        let sharded: Vec<&[u8]> = sharded.map(String::as_bytes).collect();
        heard_at.tap(&names, &sharded)
    };
    // In force when this returns.
    let mut subscription = subscribe();
    let by_stream = follow_here(cache, emitted.clone(), Arc::clone(&answers));
    let by_channels = async move {
        loop {
            match subscription.next().await {
                Ok(message) => hear(&emitted, &message, &answers, &sharded_answers),
                Err(Closed::TooSlow) => {
                    too_slow();
                    subscription = subscribe();
                }
                Err(Closed::Shutdown) => return,
            }
            // Others on this thread have their turn, however fast somebody publishes.
            tokio::task::consume_budget().await;
        }
    };
    async move {
        tokio::join!(by_channels, by_stream);
    }
}

fn hear(emitted: &Emitted, message: &Publication, answers: &Answers, sharded: &Answers) {
    let answers = match message.selector {
        Selector::Sharded => sharded,
        Selector::Channel | Selector::Pattern => answers,
    };
    emitted.hear(&message.channel, &message.payload, answers);
}

fn too_slow() {
    tracing::warn!("emitters publish faster than sockets are told; some was dropped");
}

/// The stream in this process's own cache.
async fn follow_here(cache: Arc<Embedded>, emitted: Emitted, answers: Answers) {
    let mut after: Option<StreamId> = None;
    loop {
        let found = read_here(&cache, after);
        let (entries, is_there) = match found {
            Ok(found) => found,
            // Somebody keeps something else under the name.
            Err(error) => {
                tracing::debug!(%error, "the stream of other servers is not read");
                (Vec::new(), false)
            }
        };
        let is_first = after.is_none();
        let last = entries.last().map(|(id, _)| *id);
        if is_first && entries.len() < OLD {
            emitted.begin_stream("0-0");
        } else if is_first && let Some((first, _)) = entries.first() {
            emitted.begin_stream(&first.to_string());
        }
        for (id, fields) in &entries {
            emitted.hear_entry(&id.to_string(), fields, is_first, &answers);
        }
        let full = entries.len() >= COUNT;
        after = Some(last.or(after).unwrap_or(StreamId::MIN));
        tokio::time::sleep(match (full, is_there) {
            (true, _) => Duration::ZERO,
            (false, true) => LOOK,
            (false, false) => LOOK_FOR_ONE,
        })
        .await;
    }
}

type Here = (StreamId, Vec<(Bytes, Bytes)>);

/// What follows, or the last entries; and whether there is a stream.
fn read_here(cache: &Embedded, after: Option<StreamId>) -> Result<(Vec<Here>, bool), CacheError> {
    cache.db(0).on(STREAM.as_bytes(), |txn| {
        let Some(stream) = txn.stream(STREAM.as_bytes())? else {
            return Ok((Vec::new(), false));
        };
        let whole = |(id, fields): (StreamId, crate::cache::Fields<'_>)| {
            let words: Vec<Bytes> = fields.items().map(Bytes::copy_from_slice).collect();
            let pairs = words.chunks_exact(2);
            let fields = pairs.map(|pair| (pair[0].clone(), pair[1].clone()));
            (id, fields.collect())
        };
        let entries = match after {
            None => {
                let all = stream.range(StreamId::MIN, StreamId::MAX).rev();
                let mut last: Vec<Here> = all.take(OLD).map(whole).collect();
                last.reverse();
                last
            }
            Some(after) => {
                // A stream that was made anew is read from its beginning.
                let from = if stream.last_id() < after {
                    Some(StreamId::MIN)
                } else {
                    after.next()
                };
                from.map_or_else(Vec::new, |from| {
                    let all = stream.range(from, StreamId::MAX);
                    all.take(COUNT).map(whole).collect()
                })
            }
        };
        Ok((entries, true))
    })?
}

/// As [`listen`], from a Redis that all nodes share.
pub async fn listen_elsewhere(cache: Arc<Remote>, emitted: Emitted) {
    let answers = answers(&cache, false);
    tokio::join!(
        listen_to_channels(&cache, &emitted, &answers),
        follow_elsewhere(cache.tail(STREAM), &emitted, &answers),
    );
}

fn answers(cache: &Arc<Remote>, sharded: bool) -> Answers {
    let (cache, runtime) = (Arc::clone(cache), tokio::runtime::Handle::current());
    Arc::new(move |channel, message| {
        let (cache, channel) = (Arc::clone(&cache), channel.to_owned());
        runtime.spawn(async move {
            let sent = if sharded {
                cache.publish_sharded(channel.as_bytes(), message).await
            } else {
                cache.publish(channel.as_bytes(), message).await
            };
            if let Err(error) = sent {
                tracing::debug!(%error, "an answer to another server is lost");
            }
        });
    })
}

async fn listen_to_channels(cache: &Arc<Remote>, emitted: &Emitted, answers: &Answers) {
    let sharded_answers = self::answers(cache, true);
    let (patterns, sharded) = (emitted.patterns(), emitted.sharded());
    loop {
        let Ok(mut subscription) = cache.hear(&patterns, &sharded).await else {
            tokio::time::sleep(RETRY).await;
            continue;
        };
        let mut rooms = BTreeSet::new();
        let mut look = tokio::time::interval(LOOK_AT_ROOMS);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut are_there, mut looked) = (false, None::<tokio::time::Instant>);
        loop {
            tokio::select! {
                message = subscription.next() => match message {
                    Ok(message) => hear(emitted, &message, answers, &sharded_answers),
                    Err(Closed::TooSlow) => {
                        too_slow();
                        break;
                    }
                    Err(Closed::Shutdown) => return,
                },
                _ = look.tick() => {
                    if looked.is_none_or(|at| at.elapsed() >= LOOK_FOR_SHARDED) {
                        looked = Some(tokio::time::Instant::now());
                        are_there = others_are_sharded(cache, &sharded).await;
                    }
                    let wanted = if are_there { emitted.rooms() } else { BTreeSet::new() };
                    for name in wanted.difference(&rooms) {
                        subscription.add(Selector::Sharded, name.as_bytes());
                    }
                    for name in rooms.difference(&wanted) {
                        subscription.remove(Selector::Sharded, name.as_bytes());
                    }
                    rooms = wanted;
                }
            }
            tokio::task::consume_budget().await;
        }
    }
}

/// Whether servers with the sharded adapter are there: each listens to a channel of its own, whose
/// name ends in 16 hexadecimal digits.
async fn others_are_sharded(cache: &Remote, sharded: &[String]) -> bool {
    let Some(main) = sharded.first() else {
        return false;
    };
    let found = cache
        .sharded_channels(&format!("{main}????????????????#"))
        .await;
    found.unwrap_or_default().iter().any(|name| {
        let own = name.strip_prefix(main.as_bytes());
        own.and_then(|own| own.strip_suffix(b"#"))
            .is_some_and(|own| own.iter().all(u8::is_ascii_hexdigit))
    })
}

async fn follow_elsewhere(mut tail: Tail, emitted: &Emitted, answers: &Answers) {
    let hear = |entries: &[Entry], is_old| {
        for (id, fields) in entries {
            emitted.hear_entry(id, fields, is_old, answers);
        }
    };
    loop {
        match tail.last(OLD).await {
            Ok(old) => {
                let first = old.first().filter(|_| old.len() >= OLD);
                emitted.begin_stream(first.map_or("0-0", |(id, _)| id.as_str()));
                hear(&old, true);
                break;
            }
            Err(error) => {
                tracing::debug!(%error, "the stream of other servers is not read");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
    loop {
        match tail.next().await {
            Ok(entries) => hear(&entries, false),
            Err(error) => {
                tracing::debug!(%error, "the stream of other servers is not read");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

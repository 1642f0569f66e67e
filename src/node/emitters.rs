//! From the cache's channels to the sockets: what `@socket.io/redis-emitter` publishes.

use crate::cache::{Cache, Closed, Embedded, Remote};
use crate::http::{Answers, Emitted};
use std::sync::Arc;

/// Listens as long as the cache lives.
pub fn listen(cache: Arc<Embedded>, emitted: Emitted) -> impl Future<Output = ()> + Send {
    let patterns = emitted.patterns();
    let answers: Answers = {
        let cache = cache.clone();
        Arc::new(move |channel, message| {
            cache.publish(channel.as_bytes(), message);
        })
    };
    let subscribe = move || {
        let names: Vec<&[u8]> = patterns.iter().map(String::as_bytes).collect();
        cache.tap(&names)
    };
    // In force when this returns.
    let mut subscription = subscribe();
    async move {
        loop {
            match subscription.next().await {
                Ok(message) => emitted.hear(&message.channel, &message.payload, &answers),
                Err(Closed::TooSlow) => {
                    tracing::warn!(
                        "emitters publish faster than sockets are told; some was dropped"
                    );
                    subscription = subscribe();
                }
                Err(Closed::Shutdown) => return,
            }
            // Others on this thread have their turn, however fast somebody publishes.
            tokio::task::consume_budget().await;
        }
    }
}

/// As [`listen`], from a Redis that all nodes share.
pub async fn listen_elsewhere(cache: Arc<Remote>, emitted: Emitted) {
    let patterns = emitted.patterns();
    let runtime = tokio::runtime::Handle::current();
    let answers: Answers = {
        let cache = cache.clone();
        Arc::new(move |channel, message| {
            let (cache, channel) = (cache.clone(), channel.to_owned());
            runtime.spawn(async move {
                if let Err(error) = cache.publish(channel.as_bytes(), message).await {
                    tracing::debug!(%error, "an answer to another server is lost");
                }
            });
        })
    };
    loop {
        let Ok(mut subscription) = cache.hear(&patterns).await else {
            tokio::time::sleep(RETRY).await;
            continue;
        };
        loop {
            match subscription.next().await {
                Ok(message) => emitted.hear(&message.channel, &message.payload, &answers),
                Err(Closed::TooSlow) => {
                    tracing::warn!(
                        "emitters publish faster than sockets are told; some was dropped"
                    );
                    break;
                }
                Err(Closed::Shutdown) => return,
            }
            tokio::task::consume_budget().await;
        }
    }
}

/// A Redis that takes no subscriptions is asked again after so long.
const RETRY: std::time::Duration = std::time::Duration::from_millis(500);

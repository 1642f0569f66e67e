//! One connection that hears for all subscriptions of this process.

use super::super::pubsub::Hub;
use super::super::{Limits, Selector, Subscription};
use super::failure::Place;
use super::{Current, PATIENCE};
use bytes::Bytes;
use futures_util::StreamExt;
use redis::aio::{PubSub, PubSubSink, PubSubStream};
use redis::{Msg, RedisResult};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// A connection over which nothing came for so long is asked whether it lives.
const HEARTBEAT: Duration = Duration::from_secs(2);
const FIRST_DELAY: Duration = Duration::from_millis(50);
const LONGEST_DELAY: Duration = Duration::from_secs(1);

/// The subscriptions of this process to a Redis elsewhere.
pub(super) struct Listening {
    pub limits: Limits,
    hub: Arc<Hub>,
    /// Counts the changes of names in the hub.
    wanted: watch::Receiver<u64>,
    /// Up to which change the Redis has been told.
    told: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

/// The names in the hub are not those that the Redis knows.
#[derive(Debug, thiserror::Error)]
#[error("does not take subscriptions at the moment; try again")]
pub(super) struct NotListening;

impl Listening {
    pub fn begin(client: Current, place: Place) -> Listening {
        let hub = Arc::new(Hub::default());
        let wanted = hub.changes();
        let (telling, told) = watch::channel(0);
        let ear = Ear {
            client,
            place,
            hub: hub.clone(),
            wanted: wanted.clone(),
            told: telling,
        };
        Listening {
            limits: Limits::default(),
            hub,
            wanted,
            told,
            task: tokio::spawn(ear.run()),
        }
    }

    /// A subscription that is in force.
    pub async fn listen(
        &self,
        selector: Selector,
        names: &[&[u8]],
    ) -> Result<Subscription, NotListening> {
        let mut subscription = self.hub.subscription(self.limits);
        for name in names {
            subscription.add(selector, name);
        }
        self.settled().await?;
        Ok(subscription)
    }

    /// Waits until the Redis knows of every change of names up to now.
    pub async fn settled(&self) -> Result<(), NotListening> {
        let change = *self.wanted.borrow();
        let mut told = self.told.clone();
        let waited = timeout(PATIENCE, told.wait_for(|told| *told >= change)).await;
        match waited {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(NotListening),
        }
    }

    pub fn close(&self) {
        self.task.abort();
        self.hub.close();
    }
}

struct Ear {
    client: Current,
    place: Place,
    hub: Arc<Hub>,
    wanted: watch::Receiver<u64>,
    told: watch::Sender<u64>,
}

impl Ear {
    async fn run(mut self) {
        let mut delay = FIRST_DELAY;
        let mut complained = false;
        loop {
            if self.hub.wanted_names().is_empty() {
                let change = *self.wanted.borrow_and_update();
                self.told.send_replace(change);
                if self.wanted.changed().await.is_err() {
                    return;
                }
                continue;
            }
            let connected = timeout(PATIENCE, self.connect()).await;
            if let Ok(Ok(connection)) = connected {
                let (sink, stream) = connection.split();
                if complained {
                    tracing::info!(redis = %self.place, "listening again");
                }
                (delay, complained) = (FIRST_DELAY, false);
                self.hear(sink, stream).await;
            }
            if !complained {
                tracing::warn!(redis = %self.place, "nothing is heard from the Redis; trying again");
                complained = true;
            }
            sleep(delay).await;
            delay = LONGEST_DELAY.min(delay * 2);
        }
    }

    async fn connect(&self) -> RedisResult<PubSub> {
        // Sentinels may have to be asked, which blocks.
        let current = Arc::clone(&self.client);
        let client = tokio::task::spawn_blocking(move || current()).await;
        match client.ok().flatten() {
            Some(client) => client.get_async_pubsub().await,
            None => Err(std::io::Error::from(std::io::ErrorKind::NotConnected).into()),
        }
    }

    /// Until the connection is lost, or there is nothing more to hear.
    async fn hear(&mut self, mut sink: PubSubSink, mut stream: PubSubStream) {
        let mut known = HashSet::new();
        loop {
            let change = *self.wanted.borrow_and_update();
            if self.align(&mut sink, &mut known).await.is_err() {
                return;
            }
            self.told.send_replace(change);
            loop {
                tokio::select! {
                    message = stream.next() => match message {
                        Some(message) => self.deliver(&message),
                        None => return,
                    },
                    changed = self.wanted.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return,
                    },
                    () = sleep(HEARTBEAT) => {
                        if !matches!(timeout(PATIENCE, sink.ping::<redis::Value>()).await, Ok(Ok(_))) {
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Tells the Redis what names are new and which are no longer wanted.
    async fn align(
        &self,
        sink: &mut PubSubSink,
        known: &mut HashSet<(Selector, Bytes)>,
    ) -> Result<(), NotListening> {
        let wanted: HashSet<(Selector, Bytes)> = self.hub.wanted_names().into_iter().collect();
        for (selector, name) in wanted.difference(known) {
            let told = match selector {
                Selector::Pattern => done(sink.psubscribe(&name[..])).await,
                Selector::Channel | Selector::Sharded => done(sink.subscribe(&name[..])).await,
            };
            told?;
        }
        for (selector, name) in known.difference(&wanted) {
            let told = match selector {
                Selector::Pattern => done(sink.punsubscribe(&name[..])).await,
                Selector::Channel | Selector::Sharded => done(sink.unsubscribe(&name[..])).await,
            };
            told?;
        }
        *known = wanted;
        Ok(())
    }

    fn deliver(&self, message: &Msg) {
        let payload = Bytes::copy_from_slice(message.get_payload_bytes());
        let Ok(channel) = message.get_channel::<Bytes>() else {
            return;
        };
        if message.from_pattern() {
            if let Ok(pattern) = message.get_pattern::<Bytes>() {
                self.hub.deliver_by_pattern(&pattern, channel, payload);
            }
        } else {
            self.hub.deliver_by_name(&channel, &payload);
        }
    }
}

async fn done(telling: impl Future<Output = RedisResult<()>>) -> Result<(), NotListening> {
    match timeout(PATIENCE, telling).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(NotListening),
    }
}

//! One connection that hears for all subscriptions of this process.

use super::super::pubsub::Hub;
use super::super::{Limits, Selector, Subscription};
use super::failure::ServerAddress;
use super::{Current, PATIENCE};
use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, IntoConnectionInfo, ProtocolVersion, PushInfo, PushKind,
    RedisError, RedisResult, Value, cmd,
};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
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
    pub fn begin(client: Current, place: ServerAddress) -> Listening {
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
    place: ServerAddress,
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
            if let Ok(Ok((connection, pushed))) = connected {
                if complained {
                    tracing::info!(redis = %self.place, "listening again");
                }
                (delay, complained) = (FIRST_DELAY, false);
                self.hear(connection, pushed).await;
            }
            if !complained {
                tracing::warn!(redis = %self.place, "nothing is heard from the Redis; trying again");
                complained = true;
            }
            sleep(delay).await;
            delay = LONGEST_DELAY.min(delay * 2);
        }
    }

    /// By RESP3, which has sharded channels among the others.
    async fn connect(&self) -> RedisResult<(MultiplexedConnection, Pushed)> {
        // Sentinels may have to be asked, which blocks.
        let current = Arc::clone(&self.client);
        let client = tokio::task::spawn_blocking(move || current()).await;
        let Some(client) = client.ok().flatten() else {
            return Err(std::io::Error::from(std::io::ErrorKind::NotConnected).into());
        };
        let info = client.get_connection_info().clone();
        let settings = info.redis_settings().clone();
        let settings = settings.set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.set_redis_settings(settings).into_connection_info()?)?;
        let (sender, pushed) = mpsc::unbounded_channel();
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_push_sender(sender);
        let connection = client.get_multiplexed_async_connection_with_config(&config);
        Ok((connection.await?, pushed))
    }

    /// Until the connection is lost, or there is nothing more to hear.
    async fn hear(&mut self, mut connection: MultiplexedConnection, mut pushed: Pushed) {
        let mut known = HashSet::new();
        loop {
            let change = *self.wanted.borrow_and_update();
            let aligned = tokio::select! {
                aligned = self.align(&mut connection, &mut known) => aligned,
                () = deliver_all(&self.hub, &mut pushed) => return,
            };
            if aligned.is_err() {
                return;
            }
            self.told.send_replace(change);
            loop {
                tokio::select! {
                    () = deliver_all(&self.hub, &mut pushed) => return,
                    changed = self.wanted.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return,
                    },
                    () = sleep(HEARTBEAT) => {
                        let alive: RedisResult<Value> = cmd("PING").query_async(&mut connection).await;
                        if alive.is_err() {
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
        connection: &mut MultiplexedConnection,
        known: &mut HashSet<(Selector, Bytes)>,
    ) -> RedisResult<()> {
        let wanted: HashSet<(Selector, Bytes)> = self.hub.wanted_names().into_iter().collect();
        for (selector, name) in wanted.difference(known) {
            let command = match selector {
                Selector::Pattern => "PSUBSCRIBE",
                Selector::Channel => "SUBSCRIBE",
                Selector::Sharded => "SSUBSCRIBE",
            };
            told(connection, command, name).await?;
        }
        for (selector, name) in known.difference(&wanted) {
            let command = match selector {
                Selector::Pattern => "PUNSUBSCRIBE",
                Selector::Channel => "UNSUBSCRIBE",
                Selector::Sharded => "SUNSUBSCRIBE",
            };
            told(connection, command, name).await?;
        }
        *known = wanted;
        Ok(())
    }
}

type Pushed = mpsc::UnboundedReceiver<PushInfo>;

async fn told(
    connection: &mut MultiplexedConnection,
    command: &str,
    name: &Bytes,
) -> Result<(), RedisError> {
    let _confirmed: Value = cmd(command).arg(&name[..]).query_async(connection).await?;
    Ok(())
}

/// Until the connection is lost.
async fn deliver_all(hub: &Hub, pushed: &mut Pushed) {
    while let Some(PushInfo { kind, data }) = pushed.recv().await {
        let mut words = data.into_iter().map(|value| match value {
            Value::BulkString(bytes) => Bytes::from(bytes),
            Value::SimpleString(text) => Bytes::from(text),
            _ => Bytes::new(),
        });
        let mut word = || words.next().unwrap_or_default();
        match kind {
            PushKind::Message => hub.deliver_by_name(&word(), &word()),
            PushKind::SMessage => hub.deliver_sharded(&word(), &word()),
            PushKind::PMessage => hub.deliver_by_pattern(&word(), word(), word()),
            PushKind::Disconnection => return,
            _ => {}
        }
    }
}

//! A node among several: the common cache, what passes without a log, the keys of sessions.

use crate::auth::sessions::{Live, Sessions};
use crate::cache::{Cache, Current, Remote, RemoteError};
use crate::cluster::members::HEARD;
use crate::cluster::{Entered, Secret, Shared, keys::SIGNALS, peer};
use crate::domain::{Actor, Command, RoomId, UserId};
use crate::engine::{Engine, Member};
use crate::live::{Hub, Passing};
use crate::log::LogReader;
use crate::log::codec::{self, CodecError};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Signals on their way to the other nodes; more are dropped.
const WAITING: usize = 4_096;
/// Nodes tell each other so often that they are heard.
const BEAT: Duration = Duration::from_secs(1);
/// And who is online on them, as a whole.
const WHOLE: u32 = 5;
/// People named in one of those.
const PEOPLE: usize = 10_000;
/// Another node answers within this.
const NEAR: Duration = Duration::from_secs(2);

/// The cache that all nodes share. It need not be there yet.
pub fn cache(entered: &Entered) -> Result<Arc<Remote>, RemoteError> {
    let address = entered.redis.clone();
    let current: Current = Arc::new(move || address.client().ok());
    Remote::later(current).map(Arc::new)
}

pub fn member(entered: Option<&Entered>) -> Member {
    let Some(shared) = entered.map(|entered| &entered.shared) else {
        return Member::alone();
    };
    Member {
        number: shared.me.number,
        rules: Arc::clone(&shared.rules),
        keep_from: Arc::clone(&shared.keep_from),
        forget: Arc::clone(&shared.forget),
    }
}

/// What any node wants forgotten goes from this node's log, too. First a new segment begins, on every
/// node; then the stream is trimmed behind all of those, for which it needs an entry there; then the
/// old segments go, for the log keeps what the stream has.
pub fn forgetting(entered: &Entered, engine: Engine, log: LogReader) -> JoinHandle<()> {
    let shared = Arc::clone(&entered.shared);
    tokio::spawn(async move {
        let (mut begun, mut done) = (0, 0);
        let mut pace = tokio::time::interval(BEAT);
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            pace.tick().await;
            let upto = shared.forget.load(Ordering::Acquire);
            if upto <= done || engine.is_forgetting() {
                continue;
            }
            let turned = shared.turned.load(Ordering::Acquire);
            let kept = shared.keep_from.load(Ordering::Acquire);
            if begun < upto && kept > upto {
                // This node has come when the others had done it.
                (begun, done) = (upto, upto);
                shared.turned.fetch_max(upto, Ordering::AcqRel);
                engine.forget_removed_here();
            } else if begun < upto {
                if engine.status().seq.0 >= upto {
                    begun = upto;
                    engine.forget_removed_here();
                }
            } else if turned < upto {
                shared.turned.store(log.last_seq().0, Ordering::Release);
            } else if kept > turned {
                done = upto;
                engine.forget_removed_here();
            } else if shared.works.load(Ordering::Acquire)
                && let Some(last) = shared.forgets_upto()
                && shared.tip().position.seq <= last
                && let Err(refusal) = engine.submit(Actor::System, Command::Sweep).await
            {
                tracing::debug!(%refusal, "what was removed stays in the stream a little longer");
            }
        }
    })
}

/// Whether this node does what one node alone does.
pub fn works(entered: Option<&Entered>) -> impl Fn() -> bool + Send + Sync + Clone + 'static {
    let shared = entered.map(|entered| Arc::clone(&entered.shared));
    move || {
        shared
            .as_ref()
            .is_none_or(|shared| shared.works.load(Ordering::Acquire))
    }
}

/// Whether this version can apply an entry. What cannot be read at all is not Maru's.
pub fn accepts(payload: &[u8]) -> Result<(), String> {
    match codec::decode(payload) {
        Ok(_) => Ok(()),
        Err(newer @ (CodecError::Future(_) | CodecError::FutureRules { .. })) => {
            Err(format!("cannot be applied: {newer}"))
        }
        Err(CodecError::Unreadable(_)) => {
            Err("was written by something else than Maru; see `maru cluster repair`".to_owned())
        }
    }
}

/// What nodes say to each other without a log.
#[derive(Serialize, Deserialize)]
struct Said {
    node: String,
    #[serde(flatten)]
    what: What,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    /// I am here, and these I hear.
    Beat(Vec<String>),
    Room {
        room: RoomId,
        name: String,
        json: Value,
        except: UserId,
    },
    Presence {
        came: Vec<UserId>,
        went: Vec<UserId>,
    },
    /// All who are online on my node.
    Online(Vec<UserId>),
}

/// Carries signals to the other nodes and from them.
pub fn signals(entered: &Entered, cache: Arc<Remote>, hub: &Arc<Hub>) -> JoinHandle<()> {
    let (out, waiting) = mpsc::channel(WAITING);
    hub.elsewhere.connect(move |passing| {
        let what = match passing {
            Passing::Room {
                room,
                name,
                json,
                except,
            } => {
                let Ok(json) = serde_json::from_slice(&json) else {
                    return;
                };
                What::Room {
                    room,
                    name: name.to_owned(),
                    json,
                    except,
                }
            }
            Passing::Presence { came, went } => What::Presence { came, went },
        };
        // Nobody waits for what passes.
        let _sent = out.try_send(what);
    });
    let signals = Signals {
        shared: Arc::clone(&entered.shared),
        secret: entered.secret.clone(),
        cache,
        hub: Arc::clone(hub),
    };
    tokio::spawn(async move {
        tokio::join!(signals.speak(waiting), signals.listen(), signals.reach());
    })
}

struct Signals {
    shared: Arc<Shared>,
    secret: Secret,
    cache: Arc<Remote>,
    hub: Arc<Hub>,
}

impl Signals {
    async fn speak(&self, mut waiting: mpsc::Receiver<What>) {
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut beats = 0_u32;
        loop {
            tokio::select! {
                what = waiting.recv() => match what {
                    Some(what) => self.say(what).await,
                    None => return,
                },
                _ = beat.tick() => {
                    self.say(What::Beat(self.heard())).await;
                    if beats.is_multiple_of(WHOLE) {
                        self.say(What::Online(self.hub.online_here(PEOPLE))).await;
                    }
                    beats = beats.wrapping_add(1);
                    self.forget_the_dead();
                }
            }
        }
    }

    async fn say(&self, what: What) {
        let said = Said {
            node: self.shared.me.name.clone(),
            what,
        };
        let Ok(json) = serde_json::to_vec(&said) else {
            return;
        };
        let sent = self
            .cache
            .publish(SIGNALS.as_bytes(), Bytes::from(json))
            .await;
        if let Err(error) = sent {
            tracing::debug!(%error, "a signal does not reach the other nodes");
        }
    }

    /// Whose signals come here.
    fn heard(&self) -> Vec<String> {
        let peers = self.shared.peers.lock();
        let heard = peers
            .iter()
            .filter(|(_, peer)| peer.signals_in.is_some_and(|at| at.elapsed() < HEARD));
        heard.map(|(name, _)| name.clone()).collect()
    }

    /// Whoever was on a node whose lease has ended is not online there.
    fn forget_the_dead(&self) {
        let living: BTreeSet<String> = {
            let peers = self.shared.peers.lock();
            let living = peers.iter().filter(|(_, peer)| peer.is_living);
            living.map(|(name, _)| name.clone()).collect()
        };
        for node in self.hub.elsewhere.nodes() {
            if !living.contains(&node) {
                self.hub.elsewhere.forget(&node);
            }
        }
    }

    /// Asks the others directly, too, and says once what does not work any more.
    async fn reach(&self) {
        let mut pace = tokio::time::interval(BEAT * WHOLE);
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut told = BTreeSet::new();
        loop {
            pace.tick().await;
            for node in self.shared.living() {
                let secret = self.secret.clone();
                let address = node.address.clone();
                let asked = move || peer::standing(&address, &secret, NEAR);
                let Ok(asked) = tokio::task::spawn_blocking(asked).await else {
                    return;
                };
                let why = match asked {
                    Ok(standing) if standing.id == node.id => None,
                    Ok(standing) => Some(format!("node {} answers there", standing.name)),
                    Err(error) => Some(error.to_string()),
                };
                if let Some(peer) = self.shared.peers.lock().get_mut(&node.name) {
                    peer.unreached = why;
                }
            }
            let lacks: BTreeSet<String> = self.shared.lacks().into_iter().collect();
            for lack in lacks.difference(&told) {
                tracing::warn!("{lack}");
            }
            if lacks.is_empty() && !told.is_empty() {
                tracing::info!("everything travels between this node and the others again");
            }
            told = lacks;
        }
    }

    async fn listen(&self) {
        loop {
            let Ok(mut subscription) = self.cache.subscribe(&[SIGNALS.as_bytes()]).await else {
                tokio::time::sleep(BEAT / 2).await;
                continue;
            };
            while let Ok(message) = subscription.next().await {
                match serde_json::from_slice::<Said>(&message.payload) {
                    Ok(said) if said.node != self.shared.me.name => self.hear(said),
                    Ok(_) => {}
                    Err(error) => {
                        tracing::debug!(%error, "a signal of another node is not understood")
                    }
                }
                tokio::task::consume_budget().await;
            }
        }
    }

    fn hear(&self, Said { node, what }: Said) {
        match what {
            What::Beat(heard) => {
                let mut peers = self.shared.peers.lock();
                if let Some(peer) = peers.get_mut(&node) {
                    let now = Instant::now();
                    peer.signals_in = Some(now);
                    if heard.contains(&self.shared.me.name) {
                        peer.signals_out = Some(now);
                    }
                }
            }
            What::Room {
                room,
                name,
                json,
                except,
            } => {
                // The only one there is.
                if name == "typing" {
                    let json = Bytes::from(json.to_string());
                    self.hub.signal_room(room, "typing", json, except);
                }
            }
            What::Presence { came, went } => self.hub.elsewhere.change(&node, &came, &went),
            What::Online(users) => self.hub.elsewhere.set(&node, users),
        }
    }
}

/// The keys of sessions in the common cache are brought back when it has lost them, by one node.
pub fn keys(entered: &Entered, sessions: Sessions, engine: Engine) -> JoinHandle<()> {
    let shared = Arc::clone(&entered.shared);
    let works = works(Some(entered));
    tokio::spawn(async move {
        let mut done = None;
        let mut pace = tokio::time::interval(BEAT);
        loop {
            pace.tick().await;
            let now = (
                works(),
                shared.mended.load(Ordering::Acquire),
                shared.identity(),
            );
            if !now.0 || done.as_ref() == Some(&now) || shared.trouble().is_some() {
                continue;
            }
            let rows = engine.read().ok().and_then(|read| read.all_sessions().ok());
            let mut told = true;
            for row in rows.unwrap_or_default() {
                let live = Live {
                    jti: row.record.jti,
                    user_id: row.record.user,
                    session_id: row.id,
                    expires_at_ms: u64::try_from(row.record.expires_at.0).unwrap_or(0),
                };
                told &= sessions.share(&live).await.is_ok();
            }
            if told {
                done = Some(now);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nodes_say_is_understood_as_it_was_meant() {
        let typing = What::Room {
            room: RoomId(7),
            name: "typing".to_owned(),
            json: serde_json::json!({ "room_id": 7, "user_id": 8 }),
            except: UserId(8),
        };
        let presence = What::Presence {
            came: vec![UserId(1)],
            went: Vec::new(),
        };
        let beat = What::Beat(vec!["b".to_owned()]);
        for what in [typing, presence, beat, What::Online(vec![UserId(3)])] {
            let node = "a".to_owned();
            let text = serde_json::to_string(&Said { node, what }).expect("is written");
            let again: Said = serde_json::from_str(&text).expect(&text);
            assert_eq!(serde_json::to_string(&again).expect("is written"), text);
        }
    }
}

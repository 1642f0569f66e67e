//! What passes between nodes without a log: signals to people, presence, commands of bots.

use super::cluster::BEAT;
use crate::cache::{Cache, Remote};
use crate::cluster::members::HEARD;
use crate::cluster::{Entered, Secret, Shared, keys::SIGNALS, peer};
use crate::domain::{RoomId, UserId};
use crate::http::Services;
use crate::http::api::commands::{self, ANSWERED, ASKED, BotAnswer};
use crate::http::slash::Slash;
use crate::live::{Hub, Passing};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Signals on their way to the other nodes; more are dropped.
const WAITING: usize = 4_096;
/// Answers of bots that wait to be taken; more are dropped.
const ANSWERS: usize = 1_024;
/// And who is online on them, as a whole.
const WHOLE: u32 = 5;
/// People named in one of those.
const PEOPLE: usize = 10_000;
/// Another node answers within this.
const NEAR: Duration = Duration::from_secs(2);

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
    Personal {
        user: UserId,
        name: String,
        json: Value,
    },
    /// Of a bot, to a command that was asked elsewhere.
    Answer { bot: UserId, json: Value },
    Presence {
        came: Vec<UserId>,
        went: Vec<UserId>,
    },
    /// All who are online on my node.
    Online(Vec<UserId>),
}

/// Commands of bots: those that other nodes have begun, and answers that came there.
struct Commands {
    slash: Slash,
    answers: mpsc::Sender<(UserId, BotAnswer)>,
}

/// An answer of a bot that came to another node.
pub type Came = mpsc::Receiver<(UserId, BotAnswer)>;

/// Answers of bots that came to other nodes.
pub async fn take_answers(services: Services, mut came: Came) {
    while let Some((bot, answer)) = came.recv().await {
        // Every node hears it; one of them has asked.
        if let Err(refusal) = commands::take_here(&services, bot, answer).await {
            tracing::trace!(%refusal, "an answer to a command of another node");
        }
    }
}

/// Carries signals to the other nodes and from them.
pub fn signals(
    entered: &Entered,
    cache: Arc<Remote>,
    hub: &Arc<Hub>,
    slash: &Slash,
) -> (JoinHandle<()>, Came) {
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
            Passing::Personal { user, name, json } => {
                let Ok(json) = serde_json::from_slice(&json) else {
                    return;
                };
                let name = name.to_owned();
                What::Personal { user, name, json }
            }
            Passing::Answer { bot, json } => {
                let Ok(json) = serde_json::from_slice(&json) else {
                    return;
                };
                What::Answer { bot, json }
            }
            Passing::Presence { came, went } => What::Presence { came, went },
        };
        // Nobody waits for what passes.
        let _sent = out.try_send(what);
    });
    let (answers, came) = mpsc::channel(ANSWERS);
    let commands = Commands {
        slash: slash.clone(),
        answers,
    };
    let signals = Signals {
        shared: Arc::clone(&entered.shared),
        secret: entered.secret.clone(),
        cache,
        hub: Arc::clone(hub),
        commands,
    };
    entered.shared.begin_signals();
    let handle = tokio::spawn(async move {
        tokio::join!(signals.speak(waiting), signals.listen(), signals.reach());
    });
    (handle, came)
}

struct Signals {
    shared: Arc<Shared>,
    secret: Secret,
    cache: Arc<Remote>,
    hub: Arc<Hub>,
    commands: Commands,
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
            What::Personal { user, name, json } => {
                let name = match name.as_str() {
                    ASKED => {
                        if let Some(id) = json["invocation_id"].as_str() {
                            self.commands.slash.begun_elsewhere(id, user);
                        }
                        ASKED
                    }
                    ANSWERED => ANSWERED,
                    _ => return,
                };
                self.hub
                    .signal_user(user, name, Bytes::from(json.to_string()));
            }
            What::Answer { bot, json } => {
                if let Ok(answer) = serde_json::from_value(json) {
                    // As many wait as may be under way.
                    let _sent = self.commands.answers.try_send((bot, answer));
                }
            }
            What::Presence { came, went } => self.hub.elsewhere.change(&node, &came, &went),
            What::Online(users) => self.hub.elsewhere.set(&node, users),
        }
    }
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
        let asked = What::Personal {
            user: UserId(5),
            name: ASKED.to_owned(),
            json: serde_json::json!({ "invocation_id": "i" }),
        };
        let answer = What::Answer {
            bot: UserId(5),
            json: serde_json::json!({ "invocation_id": "i", "text": "t" }),
        };
        for what in [
            asked,
            answer,
            typing,
            presence,
            beat,
            What::Online(vec![UserId(3)]),
        ] {
            let node = "a".to_owned();
            let text = serde_json::to_string(&Said { node, what }).expect("is written");
            let again: Said = serde_json::from_str(&text).expect(&text);
            assert_eq!(serde_json::to_string(&again).expect("is written"), text);
        }
    }
}

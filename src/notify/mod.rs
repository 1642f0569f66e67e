//! Tells people of messages while they are away, by Web Push.
//!
//! - [`audience`]: who is told of a message, and how much of it. Reads the state, decides, sends
//!   nothing.
//! - [`delivery`]: one message to one browser, tried again while that may help.
//!
//! What is on its way when the process ends is not sent again: the app shows what is unread.
mod audience;
mod delivery;

use crate::domain::{EventKind, MessageId, Position};
use crate::engine::{Bell, Engine, Rung};
use crate::outbound::Client;
use crate::push::Vapid;
use delivery::Sender;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Somebody who reads on another device has read it by then, and the hub has told of it.
const GRACE: Duration = Duration::from_millis(1_500);

/// Whether somebody sits before the app now; the door knows it.
pub type IsHere = Arc<dyn Fn(crate::domain::UserId) -> bool + Send + Sync>;

/// What the sending needs.
pub struct Means {
    pub engine: Engine,
    pub client: Client,
    pub vapid: Arc<Vapid>,
    /// Where push services reach whoever runs this server.
    pub subject: String,
    pub is_here: IsHere,
    /// Of several nodes one tells.
    pub works: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// Needs a runtime; ends when it is aborted.
pub fn start(means: Means, bell: &Bell) -> JoinHandle<()> {
    tokio::spawn(watch(means, bell.listen()))
}

async fn watch(means: Means, mut rung: Rung) {
    let Means {
        engine,
        client,
        vapid,
        subject,
        is_here,
        works,
    } = means;
    let sender = Sender::new(engine.clone(), client, vapid, subject);
    let mut heard = engine.live().published();
    while rung.next().await {
        sleep(GRACE).await;
        let posted = news(&engine, &mut heard);
        // Most servers have nobody to tell at first.
        let wanted = engine
            .read()
            .is_ok_and(|read| read.has_pushes().unwrap_or(false));
        if posted.is_empty() || !wanted || !works() {
            continue;
        }
        for message in posted {
            let (engine, is_here) = (engine.clone(), is_here.clone());
            let told = tokio::task::spawn_blocking(move || {
                audience::of(&engine, message, &*is_here, engine.now())
            });
            match told.await {
                Ok(Ok(pushes)) => sender.take(pushes),
                Ok(Err(error)) => tracing::warn!(%error, "nobody is told of a message"),
                Err(_) => return,
            }
        }
    }
}

/// The messages that were posted since the last look.
fn news(engine: &Engine, heard: &mut Position) -> Vec<MessageId> {
    let mut posted = Vec::new();
    for packet in engine.live().recent_after(*heard) {
        let Some(seq) = packet.seq else { continue };
        *heard = seq;
        let Some(about) = &packet.about else { continue };
        if about.kind == EventKind::MessageCreated {
            posted.extend(about.message);
        }
    }
    posted
}

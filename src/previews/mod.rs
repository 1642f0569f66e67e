//! What do pages say that messages link to? Their titles come below the message, where the people who
//! run the server want that.
//!
//! - [`links`]: which addresses stand in a text.
//! - [`page`]: what a page says of itself: bytes in, words out.
//! - [`picture`]: their pictures, made small and kept here.
//! - [`look`]: pages are asked, within bounds, and remembered for a while.
//!
//! What is on its way when the process ends is not asked again, and what comes in while too much
//! waits is not looked at.
mod links;
mod look;
mod page;
mod picture;

use crate::domain::{Actor, Command, EventKind, MessageId, Position, PreviewCommand};
use crate::engine::{Bell, Engine};
use crate::files::Store;
use crate::outbound::Client;
use look::Looker;
use picture::Pictures;
pub use picture::Spread;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Messages whose links are looked at or wait for it.
const WAITING: usize = 200;
/// Pages that are asked at once.
const AT_ONCE: usize = 4;

/// What looking needs.
pub struct Means {
    pub engine: Engine,
    pub client: Client,
    /// Where people reach this server: its own pages are not looked at.
    pub own_url: Option<String>,
    /// Where pictures of pages are kept.
    pub store: Store,
    pub spread: Spread,
    /// Of several nodes one looks.
    pub works: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// Needs a runtime; ends when it is aborted.
pub fn start(means: Means, bell: &Bell) -> JoinHandle<()> {
    let rung = bell.listen();
    tokio::spawn(watch(means, rung))
}

async fn watch(means: Means, mut rung: crate::engine::Rung) {
    let engine = means.engine;
    let pictures = Pictures::new(means.store, means.spread);
    let looker = Arc::new(Looker::new(means.client, means.own_url, pictures));
    let waiting = Arc::new(Semaphore::new(WAITING));
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    let mut heard = engine.live().published();
    while rung.next().await {
        let said = news(&engine, &mut heard);
        if !(means.works)() {
            continue;
        }
        for message in said {
            let Ok(place) = waiting.clone().try_acquire_owned() else {
                tracing::debug!(%message, "too many links wait to be looked at");
                continue;
            };
            let (engine, looker, at_once) = (engine.clone(), looker.clone(), at_once.clone());
            tokio::spawn(async move {
                let _place = place;
                show(&engine, &looker, &at_once, message).await;
            });
        }
    }
}

/// The messages that were posted or changed since the last look.
fn news(engine: &Engine, heard: &mut Position) -> Vec<MessageId> {
    let mut said = Vec::new();
    for packet in engine.live().recent_after(*heard) {
        let Some(seq) = packet.seq else { continue };
        *heard = seq;
        let Some(about) = &packet.about else { continue };
        if matches!(
            about.kind,
            EventKind::MessageCreated | EventKind::MessageUpdated
        ) {
            said.extend(about.message);
        }
    }
    said.dedup();
    said
}

async fn show(engine: &Engine, looker: &Looker, at_once: &Semaphore, message: MessageId) {
    let said = engine.read().and_then(|read| Ok(read.message(message)?));
    let said = match said {
        Ok(Some(said)) if !said.deleted => said,
        Ok(_) => return,
        Err(error) => return tracing::warn!(%error, "a message cannot be read for its links"),
    };
    let mut previews = Vec::new();
    for link in links::of(&said.text) {
        let Ok(_turn) = at_once.acquire().await else {
            return;
        };
        previews.extend(looker.preview(&link).await);
    }
    if previews == said.previews {
        return;
    }
    let command = Command::Preview(PreviewCommand::Set { message, previews });
    if let Err(refusal) = engine.submit(Actor::System, command).await {
        // It was deleted meanwhile, or writes are refused for a while.
        tracing::debug!(%refusal, "a message goes without previews");
    }
}

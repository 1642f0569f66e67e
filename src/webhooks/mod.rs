//! Outgoing webhooks: events go to URLs, at least once and in order.
//!
//! All that is kept of a hook is its position: what was delivered. A delivery reads the journal of
//! events after it, as the hook's person may hear them, and moves the position when the other side
//! has taken an event. A crash in between delivers again, with the same id.
mod delivery;
mod hook;
mod signature;

pub use signature::sign;

use crate::domain::WebhookId;
use crate::engine::Engine;
use crate::outbound::Client;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Where changes of hooks are told to who delivers. Clones are the same.
#[derive(Clone, Default)]
pub struct Changes(Arc<Notify>);

impl Changes {
    pub fn tell(&self) {
        self.0.notify_one();
    }
}

/// One task a hook, until this is dropped.
pub struct Deliveries {
    supervisor: JoinHandle<()>,
}

impl Drop for Deliveries {
    fn drop(&mut self) {
        self.supervisor.abort();
    }
}

/// Hooks are looked for again so often, should a change have gone by.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

impl Deliveries {
    /// Needs a runtime.
    /// Of several nodes only one delivers: the one for which `works` is true.
    pub fn start(
        engine: Engine,
        client: Client,
        changes: Changes,
        works: impl Fn() -> bool + Send + 'static,
    ) -> Deliveries {
        Deliveries {
            supervisor: tokio::spawn(supervise(engine, client, changes, works)),
        }
    }
}

struct Running {
    task: JoinHandle<()>,
    moved: Arc<Notify>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn supervise(engine: Engine, client: Client, changes: Changes, works: impl Fn() -> bool) {
    let mut running: HashMap<WebhookId, Running> = HashMap::new();
    loop {
        let hooks = engine.read().and_then(|read| Ok(read.all_webhooks()?));
        match hooks {
            Ok(_) if !works() => running.clear(),
            Ok(hooks) => {
                running.retain(|id, _| hooks.iter().any(|(found, _)| found == id));
                for (id, _) in hooks {
                    let (engine, client) = (&engine, &client);
                    let run = running.entry(id).or_insert_with(|| {
                        let moved = Arc::<Notify>::default();
                        let hook =
                            hook::Hook::new(engine.clone(), client.clone(), id, moved.clone());
                        let task = tokio::spawn(hook.run());
                        Running { task, moved }
                    });
                    run.moved.notify_one();
                }
            }
            Err(error) => tracing::warn!(%error, "the webhooks cannot be read"),
        }
        // It is no error that nothing changed for a while.
        let _ = tokio::time::timeout(LOOK_AGAIN, changes.0.notified()).await;
    }
}

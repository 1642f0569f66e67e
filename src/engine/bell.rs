//! Wakes whoever follows what is applied.

use std::sync::Arc;
use tokio::sync::watch;

/// Rung when something was applied. Clones ring for the same listeners.
#[derive(Clone)]
pub struct Bell(Arc<watch::Sender<()>>);

/// One listener. What rings while nobody waits is heard at the next look, once.
pub struct Rung(watch::Receiver<()>);

impl Default for Bell {
    fn default() -> Bell {
        Bell(Arc::new(watch::Sender::new(())))
    }
}

impl Bell {
    pub fn ring(&self) {
        self.0.send_replace(());
    }

    pub fn listen(&self) -> Rung {
        Rung(self.0.subscribe())
    }
}

impl Rung {
    /// False when nobody will ring any more.
    pub async fn next(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

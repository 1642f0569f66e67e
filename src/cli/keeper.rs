//! Keeps the manifest of the data directory up to date: at once when files come, seldom for
//! positions alone.

use crate::cache::Embedded;
use crate::domain::Seq;
use crate::engine::Engine;
use crate::node::Node;
use crate::ops::manifest::{self, Found, Manifest};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Files are looked for this often …
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// … and positions are written down each time after so many looks.
const LOOKS: u32 = 12;

pub struct Keeper {
    look: Arc<Look>,
    task: JoinHandle<()>,
}

struct Look {
    dir: PathBuf,
    engine: Engine,
    cache: Arc<Embedded>,
}

impl Keeper {
    pub fn start(dir: &Path, node: &Node) -> Keeper {
        let look = Arc::new(Look {
            dir: dir.to_owned(),
            engine: node.services.engine.clone(),
            cache: node.cache.clone(),
        });
        look.bring_up_to_date(true);
        Keeper {
            task: tokio::spawn(run(look.clone())),
            look,
        }
    }

    /// The last look before the node closes.
    pub fn stop(self) -> Option<Manifest> {
        self.task.abort();
        self.look.manifest()
    }
}

/// The directory as it is left, with the positions of the last look.
pub fn note_end(dir: &Path, last: &Manifest) {
    let now = Manifest::of(dir, Seq(last.seq), last.cache_keys);
    manifest::keep(&now, dir);
}

async fn run(look: Arc<Look>) {
    for n in 1_u32.. {
        tokio::time::sleep(LOOK_EVERY).await;
        let (look, all) = (look.clone(), n.is_multiple_of(LOOKS));
        let done = tokio::task::spawn_blocking(move || look.bring_up_to_date(all));
        if done.await.is_err() {
            return;
        }
    }
}

impl Look {
    /// Nothing where the position cannot be read now.
    fn manifest(&self) -> Option<Manifest> {
        let seq = self.engine.read().ok()?.seq();
        let keys = self.cache.stats().keys.iter().map(|(keys, _)| keys).sum();
        Some(Manifest::of(&self.dir, seq, keys))
    }

    fn bring_up_to_date(&self, all: bool) {
        let (Some(now), Ok(found)) = (self.manifest(), Manifest::read(&self.dir)) else {
            return;
        };
        let is_due = match &found {
            Found::Known(known) => now.has_other_files(known) || (all && now != *known),
            Found::Nothing | Found::Damaged => true,
        };
        if is_due {
            manifest::keep(&now, &self.dir);
        }
    }
}

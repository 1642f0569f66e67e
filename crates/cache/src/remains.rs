//! What has been removed is freed elsewhere: letting go of a million elements takes a while, and
//! nobody should wait for it.

use super::slot::Slot;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};

/// From here on it is worth handing it to another thread.
pub(super) const LARGE_BYTES: usize = 64 << 10;
/// Beyond this, whoever removes frees it there and then.
const MAX_WAITING: usize = 4096;

static WAITING: AtomicU64 = AtomicU64::new(0);

type Remains = Box<dyn Send>;

static REMOVER: LazyLock<Option<SyncSender<Remains>>> = LazyLock::new(|| {
    let (sender, receiver) = sync_channel::<Remains>(MAX_WAITING);
    let run = move || {
        for remains in receiver {
            drop(remains);
            WAITING.fetch_sub(1, Ordering::Relaxed);
        }
    };
    let thread = std::thread::Builder::new().name("cache-freeing".into());
    thread.spawn(run).ok().map(|_| sender)
});

/// How many removed collections and databases still take memory.
pub(super) fn waiting() -> u64 {
    WAITING.load(Ordering::Relaxed)
}

/// Frees a key, elsewhere if that takes long.
pub(super) fn free(slot: Slot) {
    if slot.is_large() {
        free_elsewhere(slot);
    }
}

/// Frees anything elsewhere.
pub(super) fn free_elsewhere(remains: impl Send + 'static) {
    let Some(remover) = &*REMOVER else {
        return;
    };
    WAITING.fetch_add(1, Ordering::Relaxed);
    if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
        remover.try_send(Box::new(remains))
    {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

//! The thread behind `everysec`.
use super::shared::Shared;
use parking_lot::{Condvar, Mutex};
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Leaves a sync some time to finish within the promised second.
const DELAY: Duration = Duration::from_millis(800);

/// Syncs soon after it is told of a write; stops when dropped, without a last sync.
pub struct Syncer {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Bell {
    work: Mutex<Work>,
    rung: Condvar,
}

#[derive(Default)]
struct Work {
    written: bool,
    stop: bool,
}

impl Syncer {
    pub fn start(shared: Arc<Shared>) -> io::Result<Syncer> {
        let bell = Arc::new(Bell::default());
        let heard = bell.clone();
        let thread = thread::Builder::new()
            .name("log-sync".to_owned())
            .spawn(move || {
                while heard.wait() {
                    // A failure poisons the log: the next append tells.
                    let _ = shared.sync();
                }
            })?;
        Ok(Syncer {
            bell,
            thread: Some(thread),
        })
    }

    /// Something was written and is to be synced.
    pub fn written(&self) {
        let mut work = self.bell.work.lock();
        if !work.written {
            work.written = true;
            self.bell.rung.notify_one();
        }
    }
}

impl Bell {
    /// Waits for a write and then for the delay; false once it is to stop.
    fn wait(&self) -> bool {
        let mut work = self.work.lock();
        while !work.written && !work.stop {
            self.rung.wait(&mut work);
        }
        let due = Instant::now() + DELAY;
        while !work.stop && !self.rung.wait_until(&mut work, due).timed_out() {}
        work.written = false;
        !work.stop
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.bell.work.lock().stop = true;
        self.bell.rung.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

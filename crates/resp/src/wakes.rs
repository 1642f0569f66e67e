//! How other threads wake the loop.

use parking_lot::Mutex;
use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

/// Which clients have something to hear, and a bell that ends the loop's sleep.
pub struct Wakes {
    bell: OwnedFd,
    woken: Mutex<Vec<(usize, u64)>>,
    /// The bell is rung only for a loop that sleeps or is about to.
    sleeps: AtomicBool,
    pub stop: AtomicBool,
}

impl Wakes {
    pub fn new() -> std::io::Result<Wakes> {
        Ok(Wakes {
            bell: eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?,
            woken: Mutex::default(),
            sleeps: AtomicBool::new(false),
            stop: AtomicBool::new(false),
        })
    }

    /// To be watched for reading.
    pub fn bell(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    pub fn ring(&self) {
        // A full counter is a bell that rings already.
        let _ = rustix::io::write(&self.bell, &1u64.to_ne_bytes());
    }

    /// Before sleeping. `false` if somebody was woken meanwhile: do not sleep.
    pub fn about_to_sleep(&self) -> bool {
        self.sleeps.store(true, Ordering::SeqCst);
        self.woken.lock().is_empty() && !self.stop.load(Ordering::SeqCst)
    }

    /// After sleeping.
    pub fn awake(&self) {
        self.sleeps.store(false, Ordering::SeqCst);
    }

    /// Silences the bell.
    pub fn silence(&self) {
        let mut count = [0u8; 8];
        let _ = rustix::io::read(&self.bell, &mut count);
    }

    /// Tokens and ids of the clients that were woken.
    pub fn take(&self, into: &mut Vec<(usize, u64)>) {
        into.clear();
        std::mem::swap(into, &mut self.woken.lock());
    }

    /// Wakes one client.
    pub fn waker(self: &Arc<Self>, token: usize, id: u64) -> Waker {
        Waker::from(Arc::new(ClientWaker {
            wakes: self.clone(),
            token,
            id,
        }))
    }
}

struct ClientWaker {
    wakes: Arc<Wakes>,
    token: usize,
    id: u64,
}

impl Wake for ClientWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wakes.woken.lock().push((self.token, self.id));
        if self.wakes.sleeps.swap(false, Ordering::SeqCst) {
            self.wakes.ring();
        }
    }
}

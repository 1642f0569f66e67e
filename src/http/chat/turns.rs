//! Answers in the order in which they were asked for, whenever they are ready.

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// The answers of one socket.
#[derive(Default)]
pub struct Turns(Mutex<Option<oneshot::Receiver<()>>>);

/// Held by an answer until it is given.
pub struct Turn {
    /// Closed when the answer before it was given, or never will be.
    before: Option<oneshot::Receiver<()>>,
    after: oneshot::Sender<()>,
}

impl Turns {
    /// The turn behind all that were taken so far.
    pub fn next(&self) -> Turn {
        let (after, given) = oneshot::channel();
        Turn {
            before: self.0.lock().replace(given),
            after,
        }
    }
}

impl Turn {
    /// Waits until all before have been answered. Dropping what comes back lets the next one go.
    pub async fn come(self) -> oneshot::Sender<()> {
        if let Some(before) = self.before {
            // Nothing is ever sent: it ends when its holder does.
            let _: Result<(), _> = before.await;
        }
        self.after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn a_turn_comes_when_those_before_are_over() {
        let turns = Turns::default();
        let (first, second, third) = (turns.next(), turns.next(), turns.next());
        let mut third = Box::pin(third.come());
        assert!(third.as_mut().now_or_never().is_none());
        let first = first.come().now_or_never().expect("nobody is before it");
        drop(second);
        // The second went without an answer; the first is still under way, but not before the third.
        assert!(third.now_or_never().is_some());
        drop(first);
    }
}

//! What one subscriber hears, and what happens when it does not listen.

use super::pubsub::{Hub, Selector};
use bytes::Bytes;
use futures_util::Stream;
use parking_lot::Mutex;
use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

/// One message on its way to all subscribers of one name; they share it.
#[derive(Debug)]
pub struct Publication {
    /// How `subscribed` selected the channel.
    pub selector: Selector,
    /// The channel or pattern that was subscribed to.
    pub subscribed: Bytes,
    /// The channel the message was sent to.
    pub channel: Bytes,
    /// The message.
    pub payload: Bytes,
    /// What doors made of it for their wires, one slot for each protocol: encoded once, sent to all.
    wire: [OnceLock<Bytes>; 2],
}

impl Publication {
    pub(super) fn new(
        selector: Selector,
        subscribed: Bytes,
        channel: Bytes,
        payload: Bytes,
    ) -> Self {
        Publication {
            selector,
            subscribed,
            channel,
            payload,
            wire: [OnceLock::new(), OnceLock::new()],
        }
    }

    /// The message as one of two protocols sends it (`slot` 0 or 1), encoded by whoever is first.
    pub fn wire(&self, slot: usize, encode: impl FnOnce(&Publication) -> Bytes) -> Bytes {
        self.wire[slot].get_or_init(|| encode(self)).clone()
    }

    fn size_bytes(&self) -> usize {
        64 + self.subscribed.len() + self.channel.len() + self.payload.len()
    }
}

/// How much may wait for a subscriber before it is closed.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Messages.
    pub messages: usize,
    /// Bytes of messages, each subscriber counted as if it did not share them.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            messages: 16_384,
            bytes: 8 << 20,
        }
    }
}

/// Why a subscription ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// More was waiting than the limits allow; what was waiting has been dropped.
    #[error(
        "the subscriber is too slow: more messages wait than it may have; subscribe again and catch up"
    )]
    TooSlow,
    /// The cache is gone.
    #[error("the cache has been closed")]
    Shutdown,
}

/// The receiving end of one subscriber; dropping it unsubscribes.
///
/// A stream of messages; it ends with one error that says why.
pub struct Subscription {
    hub: Arc<Hub>,
    inbox: Arc<Inbox>,
    names: HashSet<(Selector, Bytes)>,
    ended: bool,
}

pub(super) struct Inbox {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Arc<Publication>>,
    waiting_bytes: usize,
    closed: Option<Closed>,
    waker: Option<Waker>,
}

impl Subscription {
    pub(super) fn new(hub: Arc<Hub>, limits: Limits) -> Subscription {
        Subscription {
            hub,
            inbox: Arc::new(Inbox {
                limits,
                state: Mutex::default(),
            }),
            names: HashSet::new(),
            ended: false,
        }
    }

    pub(super) fn inbox(&self) -> &Arc<Inbox> {
        &self.inbox
    }

    /// Listens to one more name; `false` if it did already. In force when this returns.
    pub fn add(&mut self, selector: Selector, name: &[u8]) -> bool {
        let name = Bytes::copy_from_slice(name);
        let new = self.names.insert((selector, name.clone()));
        if new {
            self.hub.add(selector, &name, &self.inbox);
        }
        new
    }

    /// Stops listening to a name; `false` if it did not. Messages that already wait are still heard.
    pub fn remove(&mut self, selector: Selector, name: &[u8]) -> bool {
        let name = Bytes::copy_from_slice(name);
        let known = self.names.remove(&(selector, name.clone()));
        if known {
            self.hub.remove(selector, &name, &self.inbox);
        }
        known
    }

    /// The names it listens to.
    pub fn names(&self) -> impl Iterator<Item = (Selector, &Bytes)> {
        self.names.iter().map(|(selector, name)| (*selector, name))
    }

    /// Whether it has been closed, though messages may still wait.
    pub fn is_closed(&self) -> bool {
        self.inbox.state.lock().closed.is_some()
    }

    /// Bytes of messages that wait to be heard.
    pub fn waiting_bytes(&self) -> usize {
        self.inbox.state.lock().waiting_bytes
    }

    /// The next message. After an error there are no more.
    pub async fn next(&mut self) -> Result<Arc<Publication>, Closed> {
        std::future::poll_fn(|cx| self.poll_message(cx)).await
    }

    /// A message that already waits.
    pub fn try_next(&mut self) -> Result<Option<Arc<Publication>>, Closed> {
        let mut state = self.inbox.state.lock();
        match (state.pop(), state.closed) {
            (Some(message), _) => Ok(Some(message)),
            (None, Some(reason)) => Err(reason),
            (None, None) => Ok(None),
        }
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Arc<Publication>, Closed>> {
        let mut state = self.inbox.state.lock();
        if let Some(message) = state.pop() {
            return Poll::Ready(Ok(message));
        }
        if let Some(reason) = state.closed {
            return Poll::Ready(Err(reason));
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Stream for Subscription {
    type Item = Result<Arc<Publication>, Closed>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let polled = self.poll_message(cx);
        self.ended = matches!(polled, Poll::Ready(Err(_)));
        polled.map(Some)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        for (selector, name) in std::mem::take(&mut self.names) {
            self.hub.remove(selector, &name, &self.inbox);
        }
    }
}

impl Inbox {
    /// Never waits. `false` if the subscriber has been closed, now or before.
    pub fn push(&self, publication: &Arc<Publication>) -> bool {
        let mut state = self.state.lock();
        if state.closed.is_some() {
            return false;
        }
        let size_bytes = publication.size_bytes();
        let full = state.waiting.len() >= self.limits.messages
            || state.waiting_bytes.saturating_add(size_bytes) > self.limits.bytes;
        if full {
            state.waiting = VecDeque::new();
            state.waiting_bytes = 0;
            state.closed = Some(Closed::TooSlow);
        } else {
            state.waiting_bytes += size_bytes;
            state.waiting.push_back(publication.clone());
        }
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        !full
    }
}

impl Inbox {
    /// What already waits can still be heard.
    pub fn close(&self, reason: Closed) {
        let mut state = self.state.lock();
        state.closed.get_or_insert(reason);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl State {
    fn pop(&mut self) -> Option<Arc<Publication>> {
        let message = self.waiting.pop_front()?;
        self.waiting_bytes -= message.size_bytes();
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_message_is_shared_and_encoded_once() {
        let hub = Arc::new(Hub::default());
        let mut listeners: Vec<_> = (0..3)
            .map(|_| {
                let mut listener = hub.subscription(Limits::default());
                listener.add(Selector::Channel, b"c");
                listener
            })
            .collect();
        assert_eq!(hub.publish(b"c", Bytes::from_static(b"m")), 3);
        let mut encoded = 0;
        for listener in &mut listeners {
            let message = listener.try_next().expect("open").expect("waiting");
            message.wire(0, |_| {
                encoded += 1;
                Bytes::from_static(b">")
            });
        }
        assert_eq!(encoded, 1);
        drop(listeners);
        assert_eq!(hub.len(Selector::Channel), 0);
    }

    #[test]
    fn a_tap_hears_and_is_not_seen() {
        let hub = Arc::new(Hub::default());
        let mut tap = hub.tap(Limits::default(), &[b"a*"], &[]);
        assert_eq!(hub.publish(b"ab", Bytes::from_static(b"m")), 0);
        assert_eq!(hub.publish(b"b", Bytes::from_static(b"n")), 0);
        assert_eq!(hub.len(Selector::Pattern), 0);
        let heard = tap.try_next().expect("open").expect("waiting");
        assert_eq!(
            (&heard.channel[..], &heard.payload[..]),
            (&b"ab"[..], &b"m"[..])
        );
        assert!(tap.try_next().expect("open").is_none());
        hub.close();
        assert_eq!(tap.try_next().err(), Some(Closed::Shutdown));
    }
}

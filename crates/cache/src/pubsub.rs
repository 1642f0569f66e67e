//! Who hears which channel.

use super::glob;
use super::subscription::{Closed, Inbox, Limits, Publication, Subscription};
use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use tokio::sync::watch;

/// How a name selects channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Selector {
    /// The channel of exactly this name.
    Channel,
    /// All channels that match this glob.
    Pattern,
    /// The sharded channel of exactly this name; a world apart from plain channels.
    Sharded,
}

/// All subscriptions of one cache.
#[derive(Default)]
pub(super) struct Hub {
    channels: Topics,
    patterns: Topics,
    sharded: Topics,
    /// The house's own: they hear channels by their patterns and are in no list of names. Only who
    /// asks for exactly their name, or publishes to it, has them counted: servers that share a
    /// channel count each other so. Gone when their subscription is.
    taps: RwLock<Vec<(Bytes, Weak<Inbox>)>>,
    /// The same of sharded channels.
    sharded_taps: RwLock<Vec<(Bytes, Weak<Inbox>)>>,
    /// Counts topics that come and go, for a hub that hears from elsewhere; nobody looks otherwise.
    changes: watch::Sender<u64>,
}

/// Name → those who listen. Empty topics are removed.
#[derive(Default)]
struct Topics(RwLock<HashMap<Bytes, Arc<Topic>, ahash::RandomState>>);

/// Its lock is held while one message goes round, so that everybody sees one order.
#[derive(Default)]
struct Topic(Mutex<Vec<Arc<Inbox>>>);

impl Hub {
    pub fn subscription(self: &Arc<Self>, limits: Limits) -> Subscription {
        Subscription::new(self.clone(), limits)
    }

    /// Delivers to everybody who listens; answers how many deliveries were made.
    pub fn publish(&self, channel: &[u8], payload: Bytes) -> u64 {
        let mut delivered = self.channels.deliver(channel, &payload);
        let matching: Vec<(Bytes, Arc<Topic>)> = self
            .patterns
            .0
            .read()
            .iter()
            .filter(|(pattern, _)| glob::matches(pattern, channel))
            .map(|(pattern, topic)| (pattern.clone(), topic.clone()))
            .collect();
        delivered += tell_taps(&self.taps, Selector::Pattern, channel, &payload);
        for (pattern, topic) in matching {
            let publication = Publication::new(
                Selector::Pattern,
                pattern,
                Bytes::copy_from_slice(channel),
                payload.clone(),
            );
            delivered += topic.deliver(&Arc::new(publication));
        }
        delivered
    }

    /// A subscription to patterns that is in no list of subscribers; `sharded` are patterns of
    /// sharded channels.
    pub fn tap(
        self: &Arc<Self>,
        limits: Limits,
        patterns: &[&[u8]],
        sharded: &[&[u8]],
    ) -> Subscription {
        let subscription = self.subscription(limits);
        for (taps, patterns) in [(&self.taps, patterns), (&self.sharded_taps, sharded)] {
            let mut taps = taps.write();
            taps.retain(|(_, tap)| tap.strong_count() > 0);
            for pattern in patterns {
                let inbox = Arc::downgrade(subscription.inbox());
                taps.push((Bytes::copy_from_slice(pattern), inbox));
            }
        }
        subscription
    }

    /// As [`Hub::publish`], to subscribers of the sharded channel only.
    pub fn publish_sharded(&self, channel: &[u8], payload: Bytes) -> u64 {
        let delivered = self
            .sharded
            .deliver_as(Selector::Sharded, channel, &payload);
        delivered + tell_taps(&self.sharded_taps, Selector::Sharded, channel, &payload)
    }

    /// Names that somebody listens to, of one kind, that match a glob.
    pub fn names(&self, selector: Selector, pattern: &[u8]) -> Vec<Bytes> {
        self.topics(selector)
            .0
            .read()
            .keys()
            .filter(|name| glob::matches(pattern, name))
            .cloned()
            .collect()
    }

    /// How many listen to a name.
    pub fn count(&self, selector: Selector, name: &[u8]) -> usize {
        let topics = self.topics(selector).0.read();
        let listening = topics.get(name).map_or(0, |topic| topic.0.lock().len());
        drop(topics);
        let taps = match selector {
            Selector::Channel => taps_named(&self.taps, name),
            Selector::Sharded => taps_named(&self.sharded_taps, name),
            Selector::Pattern => 0,
        };
        listening + taps
    }

    /// How many names of one kind somebody listens to.
    pub fn len(&self, selector: Selector) -> usize {
        self.topics(selector).0.read().len()
    }

    /// Ends all subscriptions.
    pub fn close(&self) {
        for topics in [&self.channels, &self.patterns, &self.sharded] {
            for topic in topics.0.read().values() {
                for inbox in topic.0.lock().iter() {
                    inbox.close(Closed::Shutdown);
                }
            }
        }
        for taps in [&self.taps, &self.sharded_taps] {
            for inbox in taps.read().iter().filter_map(|(_, tap)| tap.upgrade()) {
                inbox.close(Closed::Shutdown);
            }
        }
    }

    pub(super) fn add(&self, selector: Selector, name: &Bytes, inbox: &Arc<Inbox>) {
        let mut topics = self.topics(selector).0.write();
        let topic = topics.entry(name.clone()).or_default();
        topic.0.lock().push(inbox.clone());
        drop(topics);
        self.changed();
    }

    pub(super) fn remove(&self, selector: Selector, name: &Bytes, inbox: &Arc<Inbox>) {
        let mut topics = self.topics(selector).0.write();
        let Some(topic) = topics.get(name) else {
            return;
        };
        let mut listeners = topic.0.lock();
        listeners.retain(|other| !Arc::ptr_eq(other, inbox));
        let empty = listeners.is_empty();
        drop(listeners);
        if empty {
            topics.remove(name);
            drop(topics);
            self.changed();
        }
    }

    fn changed(&self) {
        if self.changes.receiver_count() > 0 {
            self.changes.send_modify(|count| *count += 1);
        }
    }

    /// Counts changes of names.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// All channels and patterns that somebody listens to.
    pub(super) fn wanted_names(&self) -> Vec<(Selector, Bytes)> {
        let mut names = Vec::new();
        for selector in [Selector::Channel, Selector::Pattern, Selector::Sharded] {
            let topics = self.topics(selector).0.read();
            names.extend(topics.keys().map(|name| (selector, name.clone())));
        }
        names
    }

    /// To those who listen to a channel by its name.
    pub(super) fn deliver_by_name(&self, channel: &[u8], payload: &Bytes) {
        self.channels.deliver(channel, payload);
    }

    /// To those who listen to a sharded channel.
    pub(super) fn deliver_sharded(&self, channel: &[u8], payload: &Bytes) {
        self.sharded.deliver_as(Selector::Sharded, channel, payload);
    }

    /// To those who listen to a channel by this pattern.
    pub(super) fn deliver_by_pattern(&self, pattern: &[u8], channel: Bytes, payload: Bytes) {
        let found = self
            .patterns
            .0
            .read()
            .get_key_value(pattern)
            .map(|(pattern, topic)| (pattern.clone(), topic.clone()));
        if let Some((pattern, topic)) = found {
            let publication = Publication::new(Selector::Pattern, pattern, channel, payload);
            topic.deliver(&Arc::new(publication));
        }
    }

    fn topics(&self, selector: Selector) -> &Topics {
        match selector {
            Selector::Channel => &self.channels,
            Selector::Pattern => &self.patterns,
            Selector::Sharded => &self.sharded,
        }
    }
}

/// How many of them have exactly this name.
fn tell_taps(
    taps: &RwLock<Vec<(Bytes, Weak<Inbox>)>>,
    selector: Selector,
    channel: &[u8],
    payload: &Bytes,
) -> u64 {
    let mut named = 0;
    for (pattern, tap) in taps.read().iter() {
        if glob::matches(pattern, channel)
            && let Some(inbox) = tap.upgrade()
        {
            let heard = Bytes::copy_from_slice(channel);
            let publication = Publication::new(selector, pattern.clone(), heard, payload.clone());
            let delivered = inbox.push(&Arc::new(publication));
            named += u64::from(delivered && *pattern == channel);
        }
    }
    named
}

fn taps_named(taps: &RwLock<Vec<(Bytes, Weak<Inbox>)>>, name: &[u8]) -> usize {
    let taps = taps.read();
    let named = taps.iter().filter(|(tap, _)| tap == name);
    named.filter(|(_, tap)| tap.strong_count() > 0).count()
}

impl Topics {
    fn deliver(&self, channel: &[u8], payload: &Bytes) -> u64 {
        self.deliver_as(Selector::Channel, channel, payload)
    }

    fn deliver_as(&self, selector: Selector, channel: &[u8], payload: &Bytes) -> u64 {
        let found = self
            .0
            .read()
            .get_key_value(channel)
            .map(|(name, topic)| (name.clone(), topic.clone()));
        let Some((name, topic)) = found else { return 0 };
        let publication = Publication::new(selector, name.clone(), name, payload.clone());
        topic.deliver(&Arc::new(publication))
    }
}

impl Topic {
    fn deliver(&self, publication: &Arc<Publication>) -> u64 {
        let listeners = self.0.lock();
        listeners
            .iter()
            .filter(|inbox| inbox.push(publication))
            .count() as u64
    }
}

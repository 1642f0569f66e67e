//! What waits for a client, bounded in bytes and messages.
use crate::config::Config;
use crate::wire::{Message, held_bytes};
use std::collections::VecDeque;
use std::time::Instant;

#[derive(Debug, Default)]
pub struct Outbox {
    queue: VecDeque<Message>,
    bytes: usize,
    /// Messages that may go before the pause.
    before_pause: Option<usize>,
    /// Since when more waits than may stay.
    over_since: Option<Instant>,
}

/// Below this the queue's memory is kept between bursts.
const KEEP_MESSAGES: usize = 8;

impl Outbox {
    /// False, and nothing added, when the messages do not fit.
    pub fn push(&mut self, messages: &[Message], config: &Config) -> bool {
        let size: usize = messages.iter().map(Message::size_bytes).sum();
        let bytes = self.bytes + size;
        let fits = self.queue.len() + messages.len() <= config.max_queued_messages
            && self.may_wait(bytes, config);
        // A single event larger than the bound may pass an empty queue.
        if !fits && !self.queue.is_empty() {
            return false;
        }
        self.queue.extend(messages.iter().cloned());
        self.bytes = bytes;
        true
    }

    /// Some may stay, more may wait for a moment.
    fn may_wait(&mut self, bytes: usize, config: &Config) -> bool {
        if bytes <= config.max_queued_bytes {
            self.over_since = None;
            return true;
        }
        if bytes > config.max_burst_bytes || held_bytes() > config.max_held_bytes {
            return false;
        }
        let now = Instant::now();
        let since = *self.over_since.get_or_insert(now);
        now.duration_since(since) <= config.burst_timeout
    }

    /// Takes messages from the front while `take` accepts them.
    pub fn drain(&mut self, mut take: impl FnMut(&Message) -> bool) {
        while let Some(message) = self.queue.front() {
            if self.is_paused() || !take(message) {
                return;
            }
            self.bytes -= message.size_bytes();
            self.queue.pop_front();
            if let Some(left) = &mut self.before_pause {
                *left -= 1;
            }
        }
        if self.queue.capacity() > KEEP_MESSAGES {
            self.queue = VecDeque::new();
        }
    }

    /// Appends messages to a chunk as long as it has no more than `max_bytes`; a first one always
    /// fits. Returns how many.
    pub fn collect(&mut self, chunk: &mut Vec<u8>, max_bytes: usize) -> u64 {
        let mut messages = 0;
        self.drain(|message| {
            let fits = chunk.is_empty() || chunk.len() + message.size_bytes() <= max_bytes;
            if fits {
                chunk.extend_from_slice(message.wire());
                messages += 1;
            }
            fits
        });
        messages
    }

    /// What is pushed after this goes in another write, and a moment later.
    pub fn pause_here(&mut self) {
        self.before_pause = Some(self.queue.len());
    }

    /// All before the pause has gone.
    pub fn is_paused(&self) -> bool {
        self.before_pause == Some(0)
    }

    pub fn resume(&mut self) {
        self.before_pause = None;
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn bounds(bytes: usize, burst_bytes: usize, messages: usize) -> Config {
        Config {
            max_queued_bytes: bytes,
            max_burst_bytes: burst_bytes,
            max_queued_messages: messages,
            ..Config::default()
        }
    }

    #[test]
    fn a_full_outbox_takes_nothing_and_forgets_nothing() {
        let mut outbox = Outbox::default();
        let ten = Message::binary(&[0; 8]);
        assert!(outbox.push(&[ten.clone(), ten.clone()], &bounds(25, 25, 9)));
        assert!(!outbox.push(std::slice::from_ref(&ten), &bounds(25, 25, 9)));
        assert!(!outbox.push(std::slice::from_ref(&ten), &bounds(99, 99, 2)));
        assert_eq!(outbox.bytes(), 20);
        let mut left = 1;
        outbox.drain(|_| std::mem::replace(&mut left, 0) == 1);
        assert_eq!(outbox.bytes(), 10);
        assert!(outbox.push(std::slice::from_ref(&ten), &bounds(25, 25, 9)));
        outbox.drain(|_| true);
        assert!(outbox.is_empty());
        assert_eq!(outbox.bytes(), 0);
    }

    #[test]
    fn a_pause_lets_pass_what_came_before() {
        let mut outbox = Outbox::default();
        let [one, two] = [1, 2].map(|n| Message::binary(&[n]));
        outbox.push(std::slice::from_ref(&one), &bounds(99, 99, 9));
        outbox.pause_here();
        outbox.push(std::slice::from_ref(&two), &bounds(99, 99, 9));
        let drained = |outbox: &mut Outbox| {
            let mut seen = Vec::new();
            outbox.drain(|message| {
                seen.push(message.packet()[0]);
                true
            });
            seen
        };
        assert_eq!(drained(&mut outbox), [1]);
        assert!(outbox.is_paused());
        assert!(drained(&mut outbox).is_empty());
        outbox.resume();
        assert_eq!(drained(&mut outbox), [2]);
    }

    #[test]
    fn one_large_message_passes_an_empty_outbox() {
        let mut outbox = Outbox::default();
        assert!(outbox.push(&[Message::binary(&[0; 100])], &bounds(25, 25, 9)));
        assert!(!outbox.push(&[Message::binary(&[0; 1])], &bounds(25, 25, 9)));
    }

    #[test]
    fn a_burst_may_wait_for_a_moment() {
        let ten = [Message::binary(&[0; 8])];
        let config = bounds(25, 40, 9);
        let mut outbox = Outbox::default();
        for _ in 0..4 {
            assert!(outbox.push(&ten, &config));
        }
        assert!(!outbox.push(&ten, &config));
        // Read in time, and the next one may come.
        outbox.drain(|_| true);
        for _ in 0..3 {
            assert!(outbox.push(&ten, &config));
        }
        // Whoever stays beyond the bound is slow.
        let over = Config {
            burst_timeout: Duration::ZERO,
            ..config.clone()
        };
        outbox.over_since = outbox
            .over_since
            .and_then(|at| at.checked_sub(Duration::from_secs(1)));
        assert!(!outbox.push(&ten, &over));
        assert!(outbox.push(&ten, &config));
        // No bursts while too much waits in all.
        let mut outbox = Outbox::default();
        let full = Config {
            max_held_bytes: 0,
            ..config
        };
        assert!(outbox.push(&ten, &full) && outbox.push(&ten, &full));
        assert!(!outbox.push(&ten, &full));
    }
}

//! What clients take up, and who has to go when that is too much.

use super::client::Client;
use super::connection::KEEP_BYTES;
use super::world::World;
use maru_cache::Embedded;

/// What all clients take up together. Counted only while there is a limit, for them or for all.
#[derive(Default)]
pub struct Weights {
    counts: bool,
    sum_bytes: usize,
}

/// A name that is watched, heard or tracked, with its places in the tables.
const NAME_BYTES: usize = 128;

/// What a buffer weighs; what every client may keep for its next answer weighs nothing, or the
/// figures would rise with each answer that is somewhat longer.
pub fn buffer_bytes(buffer: &Vec<u8>) -> usize {
    match buffer.capacity() {
        0..=KEEP_BYTES => buffer.len(),
        capacity => capacity,
    }
}

impl Client {
    /// Bytes that it takes up here: requests, answers, what is queued, and names.
    pub fn memory_bytes(&self) -> usize {
        let asked = buffer_bytes(&self.held).max(self.query_bytes);
        let answers = buffer_bytes(&self.out.bytes) + self.lent_bytes;
        let buffers = asked + answers + buffer_bytes(&self.pushed.bytes);
        let hears = self.ear.as_ref().map_or(0, |ear| ear.waiting_bytes());
        let prefixes = self.tracking.as_ref().map_or(0, |it| it.prefixes.len());
        let watched = self.watch.as_ref().map_or(0, |watch| watch.len());
        let names = self.subscriptions() + prefixes + watched;
        size_of::<Client>() + buffers + hears + self.queued_bytes() + names * NAME_BYTES
    }

    /// Bytes of the commands since MULTI.
    pub fn queued_bytes(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.size_bytes)
    }
}

impl World {
    /// What all clients take up.
    pub fn clients_bytes(&self) -> usize {
        match self.weights.counts {
            // So that figures and limits agree.
            true => self.weights.sum_bytes,
            false => {
                let clients = self.clients.iter();
                clients.map(|(_, client)| client.memory_bytes()).sum()
            }
        }
    }

    /// What a client takes up has changed.
    pub fn weigh(&mut self, token: usize) {
        if !self.weights.counts {
            return;
        }
        if let Some(client) = self.clients.get_mut(token) {
            let now_bytes = if client.dead {
                0
            } else {
                client.memory_bytes()
            };
            let before_bytes = std::mem::replace(&mut client.weighed_bytes, now_bytes);
            self.weights.sum_bytes = self.weights.sum_bytes + now_bytes - before_bytes;
        }
    }

    /// A client is gone.
    pub fn weighs_no_more(&mut self, client: &Client) {
        self.weights.sum_bytes -= client.weighed_bytes;
    }

    /// Closes the clients that take up the most, until all together keep to their limit, and tells
    /// the cache what is left for keys.
    pub fn make_room_for_clients(&mut self, cache: &Embedded) {
        let keys_max_bytes = cache.max_bytes();
        let max_bytes = self.settings.clients_max_bytes(keys_max_bytes);
        if max_bytes == 0 && keys_max_bytes.is_none() {
            self.stop_weighing();
            return;
        }
        if self.weights.counts {
            for at in 0..self.dirty.len() {
                let token = self.dirty[at];
                self.weigh(token);
            }
        } else {
            self.weights.counts = true;
            let tokens: Vec<usize> = self.clients.iter().map(|(token, _)| token).collect();
            tokens.into_iter().for_each(|token| self.weigh(token));
        }
        if max_bytes > 0 && self.weights.sum_bytes > max_bytes {
            self.close_heaviest(max_bytes);
        }
        self.tell_weight(cache);
    }

    /// What clients take up is taken from the keys.
    pub fn tell_weight(&self, cache: &Embedded) {
        if self.weights.counts {
            cache.count_beside(cache.fixed_bytes() + self.weights.sum_bytes as u64);
        }
    }

    /// A client has asked something long: whether it is closed for it.
    pub fn is_outweighed(&mut self, cache: &Embedded, token: usize) -> bool {
        if self.weights.counts {
            self.touch(token);
            self.make_room_for_clients(cache);
        }
        self.clients[token].dead
    }

    fn close_heaviest(&mut self, max_bytes: usize) {
        let clients = self.clients.iter();
        let mut sizes: Vec<(usize, usize)> = clients
            .filter(|(_, client)| !client.no_evict && !client.dead)
            .map(|(token, client)| (client.weighed_bytes, token))
            .collect();
        sizes.sort_unstable();
        while self.weights.sum_bytes > max_bytes
            && let Some((_, token)) = sizes.pop()
        {
            self.stats.evicted_clients += 1;
            self.clients[token].dead = true;
            self.weigh(token);
            self.dirty.push(token);
        }
    }

    fn stop_weighing(&mut self) {
        if std::mem::take(&mut self.weights).counts {
            for (_, client) in &mut self.clients {
                client.weighed_bytes = 0;
            }
        }
    }
}

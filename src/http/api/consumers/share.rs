//! One stream of a consumer: which rooms are its, and from where it goes on.

use crate::domain::program::Consumer;
use crate::domain::{Position, RoomId, SessionId, UserId};
use crate::engine::Engine;
use crate::http::{app::App, groups::Membership, guard::Caller};
use crate::live::{Attached, Packet, Subscriber};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

pub struct Share {
    engine: Engine,
    user: UserId,
    session: SessionId,
    name: String,
    membership: Membership,
    /// From where it began last.
    from: Position,
    /// What was told of each room: a room that stays is not told twice.
    told: HashMap<Option<RoomId>, Position>,
}

impl Share {
    pub fn new(app: &App, caller: &Caller, consumer: Consumer, membership: Membership) -> Share {
        Share {
            engine: app.engine().clone(),
            user: caller.user.id,
            session: caller.session,
            name: consumer.name,
            membership,
            from: consumer.position,
            told: HashMap::new(),
        }
    }

    pub fn about(&self) -> Value {
        json!({ "consumer": self.name, "member": self.membership.id(), "seq": self.from })
    }

    /// Wakes when streams of the name come or go.
    pub fn moves(&self) -> watch::Receiver<u64> {
        self.membership.generation.clone()
    }

    /// Once for each time.
    pub fn has_moved(&mut self) -> bool {
        let moved = self.membership.generation.has_changed().unwrap_or(false);
        if moved {
            self.membership.generation.mark_unchanged();
        }
        moved
    }

    /// Begins anew behind what is committed.
    pub fn attach(&mut self, subscriber: Arc<dyn Subscriber>) -> Option<Attached> {
        let consumer = self
            .engine
            .read()
            .ok()?
            .consumer(self.user, &self.name)
            .ok()??;
        if self.membership.take_reset() {
            self.told.clear();
        }
        self.from = consumer.position;
        let since = Some((consumer.epoch, consumer.position));
        let live = self.engine.live();
        live.attach(self.user, self.session, since, subscriber)
            .ok()?
            .ok()
    }

    /// Those packets that are this stream's to pass on.
    pub fn own(&mut self, mut packets: Vec<Arc<Packet>>) -> Vec<Arc<Packet>> {
        packets.retain(|packet| {
            let (Some(seq), Some(about)) = (packet.seq, &packet.about) else {
                // What passes without a position is nobody's work.
                return false;
            };
            if !self.membership.has(about.room) {
                return false;
            }
            let told = self.told.entry(about.room).or_default();
            if seq <= *told {
                return false;
            }
            *told = seq;
            self.membership.note_sent(seq);
            true
        });
        packets
    }
}

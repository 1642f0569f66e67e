//! Reading the past without being in the hub: for what is delivered, not listened to.

use super::hub::Hub;
use super::past::{Missed, Resync};
use super::shard::Job;
use crate::domain::{Position, UserId};
use crate::state::StateError;
use bytes::Bytes;
use std::sync::Arc;

impl Hub {
    /// What one person may hear after `since`, and up to where that reaches. They do not count as
    /// being here.
    pub fn past(
        self: &Arc<Self>,
        user: UserId,
        (epoch, since): (u64, Position),
    ) -> Result<Result<(Missed, Position), Resync>, StateError> {
        if epoch != self.epoch() {
            return Ok(Err(Resync::OtherEpoch));
        }
        let inner = self.shard(user).lock();
        let rooms = self.memberships(user)?;
        let published = inner.published;
        let missed = self.missed(&inner, user, rooms, since);
        Ok(missed.map(|missed| (missed, published)))
    }

    /// Something passing, to one person where they listen on this node.
    pub fn signal_user(&self, user: UserId, name: &'static str, json: Bytes) {
        self.shard(user).submit(Job::Personal { user, name, json });
    }

    /// The first position from which somebody could go on.
    pub fn oldest(&self) -> Position {
        let first = self.journal_start();
        Position(first.id().saturating_sub(1)).min(self.published())
    }
}

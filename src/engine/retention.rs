//! What goes by rule or by request, a part at a time, so that nobody's command waits for long. A run
//! that was cut off is simply begun again: what is gone is gone.

use super::Engine;
use crate::domain::{Actor, Command, Manage, Outcome, Refusal, RoomId, UserId};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 3600 * 1000;

/// What a run took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    pub rooms: u64,
    pub messages: u64,
}

/// Removes from every room what is older than it keeps; rooms without a rule of their own keep
/// messages for `default_days`, or for ever.
pub async fn expire(engine: &Engine, default_days: Option<u32>) -> Result<Removed, Refusal> {
    let kept = engine.read()?.kept()?;
    let now = engine.now();
    let mut all = Removed::default();
    for room in kept {
        let Some(days) = room.days.or(default_days) else {
            continue;
        };
        let before = now.plus_ms(-i64::from(days) * DAY_MS);
        let removed = expire_room(engine, room.room, before).await?;
        all.messages += removed;
        all.rooms += u64::from(removed > 0);
    }
    if all.messages > 0 {
        engine.forget_removed();
    }
    Ok(all)
}

async fn expire_room(
    engine: &Engine,
    room: RoomId,
    before: crate::domain::Timestamp,
) -> Result<u64, Refusal> {
    let (mut after, mut all) = (None, 0);
    loop {
        let command = Command::Manage(Manage::Expire {
            room,
            before,
            after,
        });
        let Outcome::Expired { removed, next } = engine.submit(Actor::System, command).await?
        else {
            return Ok(all);
        };
        all += removed;
        if next.is_none() {
            return Ok(all);
        }
        after = next;
    }
}

/// Deletes everything that somebody wrote.
pub async fn erase_messages(engine: &Engine, user: UserId) -> Result<u64, Refusal> {
    let (mut after, mut all) = (None, 0);
    loop {
        let command = Command::Manage(Manage::EraseMessages { user, after });
        let Outcome::Erased { removed, next } = engine.submit(Actor::System, command).await? else {
            break;
        };
        all += removed;
        if next.is_none() {
            break;
        }
        after = next;
    }
    engine.forget_removed();
    Ok(all)
}

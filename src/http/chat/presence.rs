//! Who came and who went, told in portions at an easy pace.

use super::Attention;
use crate::domain::{MessageId, RoomId, UserId};
use crate::live::Hub;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval};

/// Somebody who is back within one pace was never away.
const PACE: Duration = Duration::from_secs(2);
/// How often the others of a room hear how far somebody has read.
const SEEN_PACE: Duration = Duration::from_secs(1);
/// People named in one signal; after a restart everybody comes back at once.
const PORTION: usize = 500;

/// `presence`: who is here now, who went away from the screen, who is not here any more.
#[derive(Serialize)]
struct Presence {
    online: Vec<UserId>,
    away: Vec<UserId>,
    offline: Vec<UserId>,
}

/// `seen`: how far the others of a small room have read.
#[derive(Serialize)]
struct Seen {
    room_id: RoomId,
    reads: Vec<SeenBy>,
}

#[derive(Serialize)]
struct SeenBy {
    user_id: UserId,
    message_id: MessageId,
}

/// Tells as long as the hub lives.
pub fn watch(hub: &Arc<Hub>, attention: &Arc<Attention>) {
    tokio::spawn(tell(Arc::downgrade(hub), Arc::clone(attention)));
    tokio::spawn(tell_seen(Arc::downgrade(hub)));
}

async fn tell_seen(hub: Weak<Hub>) {
    let mut pace = interval(SEEN_PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        let Some(hub) = hub.upgrade() else { return };
        for (room_id, reads) in hub.take_seen() {
            let reads = reads.into_iter().map(|(user_id, message_id)| SeenBy {
                user_id,
                message_id,
            });
            let seen = Seen {
                room_id,
                reads: reads.collect(),
            };
            if let Ok(json) = serde_json::to_vec(&seen) {
                hub.signal_room(room_id, "seen", json.into(), UserId(0));
            }
        }
    }
}

/// What somebody is now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Here,
    Away,
    Gone,
}

async fn tell(hub: Weak<Hub>, attention: Arc<Attention>) {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut changes: BTreeMap<UserId, Is> = BTreeMap::new();
    loop {
        pace.tick().await;
        let Some(hub) = hub.upgrade() else { return };
        let (came, went) = hub.presence_changes();
        changes.extend(came.into_iter().map(|user| (user, Is::Here)));
        let turned = attention.take_changed().into_iter();
        changes.extend(turned.map(|(user, away)| (user, if away { Is::Away } else { Is::Here })));
        changes.extend(went.into_iter().map(|user| (user, Is::Gone)));
        if changes.is_empty() {
            continue;
        }
        let presence = portion(&mut changes);
        if let Ok(json) = serde_json::to_vec(&presence) {
            hub.signal_all("presence", json.into());
        }
    }
}

fn portion(changes: &mut BTreeMap<UserId, Is>) -> Presence {
    let mut presence = Presence {
        online: Vec::new(),
        away: Vec::new(),
        offline: Vec::new(),
    };
    for _ in 0..PORTION {
        match changes.pop_first() {
            Some((user, Is::Here)) => presence.online.push(user),
            Some((user, Is::Away)) => presence.away.push(user),
            Some((user, Is::Gone)) => presence.offline.push(user),
            None => break,
        }
    }
    presence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_told_in_portions() {
        let mut changes: BTreeMap<_, _> = (0..700)
            .map(|n| (UserId(n), [Is::Here, Is::Gone][n as usize % 2]))
            .collect();
        let first = portion(&mut changes);
        assert_eq!(first.online.len() + first.offline.len(), PORTION);
        let second = portion(&mut changes);
        assert_eq!(second.online.len() + second.offline.len(), 200);
        assert!(changes.is_empty());
    }
}

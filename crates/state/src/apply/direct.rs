//! Direct rooms: one for each set of people.

use super::{Stop, Work};
use crate::read::Lookup;
use crate::records::RoomRecord;
use maru_domain::{MemberRole, Outcome, Refusal, RoomId, RoomKind, Timestamp, UserId, limits};

impl Work<'_, '_> {
    pub(super) fn open_direct(&mut self, users: &[UserId]) -> Result<Outcome, Stop> {
        let me = self.person()?;
        let mut people: Vec<UserId> = users.to_vec();
        people.push(me);
        people.sort_unstable();
        people.dedup();
        if people.len() > limits::DIRECT_MEMBERS {
            return Err(Refusal::too_long("user_ids", limits::DIRECT_MEMBERS, "people").into());
        }
        for &user in &people {
            if self.user_record(user)?.disabled {
                return Err(
                    Refusal::invalid("user_ids", "One of the accounts is disabled.").into(),
                );
            }
        }
        let key = direct_key(&people);
        if let Some(id) = self.tables.direct_of(&key)? {
            let room = self.room_for_actor(id)?;
            return Ok(Outcome::Room {
                room,
                created: false,
            });
        }
        let id = self.add_direct(&key, self.at)?;
        for &user in &people {
            self.put_member(id, user, MemberRole::Member)?;
        }
        self.tell_new_room(id, RoomKind::Direct, people)
    }

    /// An empty direct room.
    pub(super) fn add_direct(&mut self, key: &str, created_at: Timestamp) -> Result<RoomId, Stop> {
        let id = RoomId(self.new_id());
        let record = RoomRecord {
            name: String::new(),
            topic: String::new(),
            kind: RoomKind::Direct,
            created_at,
            member_count: 0,
            retention_days: None,
            archived_at: None,
        };
        self.save_room(id, &record)?;
        self.tables.directs.put(key, &id.0)?;
        Ok(id)
    }
}

/// What a direct room is found by; `people` in the order of their ids.
pub(super) fn direct_key(people: &[UserId]) -> String {
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    ids.join(",")
}

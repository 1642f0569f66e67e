//! Direct rooms: one for each set of people.

use super::{Done, Stop, Work};
use crate::read::Lookup;
use crate::records::RoomRecord;
use maru_domain::{MemberRole, Outcome, Refusal, RoomId, RoomKind, UserId, limits};

impl Work<'_, '_> {
    pub(super) fn open_direct(&mut self, users: &[UserId]) -> Result<Done, Stop> {
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
        let key = people
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(",");
        if let Some(id) = self.tables.direct_of(&key)? {
            let room = self.room_for_actor(id)?;
            return Ok(Done::quietly(Outcome::Room {
                room,
                created: false,
            }));
        }
        let id = RoomId(self.seq.id());
        let record = RoomRecord {
            name: String::new(),
            topic: String::new(),
            kind: RoomKind::Direct,
            created_at: self.at,
            member_count: 0,
        };
        self.save_room(id, &record)?;
        self.tables.directs.insert(key.as_str(), id.0)?;
        for &user in &people {
            self.put_member(id, user, MemberRole::Member)?;
        }
        self.tell_new_room(id, RoomKind::Direct, people)
    }
}

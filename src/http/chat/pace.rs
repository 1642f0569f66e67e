//! How often one socket may say that somebody types, and ask who is online.

use crate::domain::{Code, Refusal, RoomId};
use std::time::{Duration, Instant};

/// For one room at most this often; the rest is answered and dropped.
const TYPING_EVERY: Duration = Duration::from_millis(500);
/// For all rooms, in a second.
const TYPING_COUNT: u32 = 20;
const ASKED_COUNT: u32 = 20;
const PER: Duration = Duration::from_secs(1);

/// What one socket did in the last second.
#[derive(Default)]
pub struct Pace {
    typed: Option<(RoomId, Instant)>,
    typing: Count,
    asked: Count,
}

#[derive(Default)]
struct Count(Option<(Instant, u32)>);

impl Count {
    fn take(&mut self, limit: u32) -> bool {
        let now = Instant::now();
        let (since, count) = self.0.get_or_insert((now, 0));
        if now - *since >= PER {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= limit
    }
}

impl Pace {
    /// That somebody stopped is told at once, and once.
    pub fn may_type(&mut self, room: RoomId, stopped: bool) -> bool {
        let now = Instant::now();
        if stopped {
            return self.typed.take().is_some_and(|(typed, _)| typed == room)
                && self.typing.take(TYPING_COUNT);
        }
        let again = self
            .typed
            .is_some_and(|(typed, at)| typed == room && now - at < TYPING_EVERY);
        if again || !self.typing.take(TYPING_COUNT) {
            return false;
        }
        self.typed = Some((room, now));
        true
    }

    pub fn may_ask(&mut self) -> Result<(), Refusal> {
        if self.asked.take(ASKED_COUNT) {
            return Ok(());
        }
        Err(Refusal {
            retry_after_s: Some(1),
            ..Refusal::new(
                Code::TooManyRequests,
                "This is asked too often; try again in a second.",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_room_is_told_now_and_then_and_all_rooms_in_bounds() {
        let mut pace = Pace::default();
        assert!(!pace.may_type(RoomId(1), true), "nobody typed");
        assert!(pace.may_type(RoomId(1), false));
        assert!(!pace.may_type(RoomId(1), false));
        assert!(pace.may_type(RoomId(1), true));
        assert!(!pace.may_type(RoomId(1), true));
        assert!(pace.may_type(RoomId(1), false));
        let told = (2..200)
            .filter(|&room| pace.may_type(RoomId(room), false))
            .count();
        assert!(told < 100, "{told}");
        let asked = (0..200).filter(|_| pace.may_ask().is_ok()).count();
        assert!((20..100).contains(&asked), "{asked}");
    }
}

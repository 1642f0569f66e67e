//! Positions by time, from the log.

use super::Engine;
use crate::domain::{Position, Refusal, Seq, Timestamp};
use crate::log::{ReadLimit, codec};

impl Engine {
    /// When an entry was written; `None` where the log does not reach back so far.
    pub fn time_of(&self, seq: Seq) -> Option<Timestamp> {
        let entries = self.0.log.read(seq, ReadLimit::entries(1)).ok()?;
        let entry = entries.first().filter(|entry| entry.seq == seq)?;
        let (_, draft) = codec::decode(&entry.payload).ok()?;
        Some(draft.at)
    }

    /// The position behind every event that came before `at`. Entries stand in the log in the
    /// order of their times, but for clocks that were set back.
    pub fn position_before(&self, at: Timestamp) -> Result<Position, Refusal> {
        let (mut low, mut high) = (self.0.log.first_seq().0, self.0.log.last_seq().0 + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.time_of(Seq(middle)) {
                Some(time) if time >= at => high = middle,
                Some(_) => low = middle + 1,
                None => {
                    return Err(Refusal::new(
                        crate::domain::Code::Unavailable,
                        "The log cannot be read so far back; try again, or give a position.",
                    ));
                }
            }
        }
        Ok(Seq(low.saturating_sub(1)).end())
    }

    /// The entries that reads see, as they come.
    pub fn applied(&self) -> tokio::sync::watch::Receiver<Seq> {
        self.0.applied.clone()
    }
}

//! What does not work between two nodes although writes are taken: told in sentences and counted.

use super::members::{CLOCK, HEARD, Peer, SETTLED};
use super::shared::Shared;
use std::time::Instant;

/// What may be lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// Signals of the other node do not come here.
    SignalsIn,
    /// Signals of this node do not come to the other one.
    SignalsOut,
    /// The other node is not reached directly.
    Reach,
    /// The clocks are too far apart.
    Clock,
}

impl Lack {
    pub const ALL: [Lack; 4] = [Lack::SignalsIn, Lack::SignalsOut, Lack::Reach, Lack::Clock];

    /// As figures name it.
    pub fn name(self) -> &'static str {
        match self {
            Lack::SignalsIn => "signals_in",
            Lack::SignalsOut => "signals_out",
            Lack::Reach => "reach",
            Lack::Clock => "clock",
        }
    }
}

impl Peer {
    /// What is lacking, with a sentence; nothing of what has just come.
    pub fn lacks(&self) -> Vec<(Lack, String)> {
        let mut lacks = Vec::new();
        if !self.is_living || self.word.joining || self.since.elapsed() < SETTLED {
            return lacks;
        }
        let (name, address) = (&self.word.name, &self.word.address);
        let is_fresh = |at: Option<std::time::Instant>| at.is_some_and(|at| at.elapsed() < HEARD);
        if !is_fresh(self.signals_in) {
            let text = format!(
                "signals of node {name} do not come here: typing and presence of its people are missing"
            );
            lacks.push((Lack::SignalsIn, text));
        }
        if !is_fresh(self.signals_out) {
            let text = format!(
                "signals of this node do not come to node {name}: typing and presence of people here are missing there"
            );
            lacks.push((Lack::SignalsOut, text));
        }
        if let Some(why) = &self.unreached {
            let text = format!(
                "node {name} is not reached at {address}: {why}; its files are not fetched"
            );
            lacks.push((Lack::Reach, text));
        }
        if self.clock_apart > CLOCK {
            let text = format!(
                "the clock of node {name} is {} seconds from this node's: run NTP on both",
                self.clock_apart.as_secs()
            );
            lacks.push((Lack::Clock, text));
        }
        lacks
    }
}

impl Shared {
    /// What does not work between this node and others, though writes are taken.
    pub fn lacks(&self) -> Vec<String> {
        let lacks = self.all_lacks().into_iter();
        lacks.map(|(_, text)| text).collect()
    }

    /// Of each kind, with how many other nodes.
    pub fn lack_counts(&self) -> [(Lack, usize); 4] {
        let lacks = self.all_lacks();
        Lack::ALL.map(|kind| {
            let count = lacks.iter().filter(|(lack, _)| *lack == kind).count();
            (kind, count)
        })
    }

    /// Signals are carried from now on: nobody's can have come before, while a snapshot was taken.
    pub fn begin_signals(&self) {
        for peer in self.peers.lock().values_mut() {
            peer.since = Instant::now();
        }
    }

    fn all_lacks(&self) -> Vec<(Lack, String)> {
        let peers = self.peers.lock();
        peers.values().flat_map(Peer::lacks).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Word;
    use std::time::Duration;

    #[test]
    fn what_is_lacking_is_told_and_counted_by_kind() {
        let word = Word {
            name: "b".to_owned(),
            ..Word::default()
        };
        let kinds = |peer: &Peer| {
            let lacks = peer.lacks().into_iter();
            lacks.map(|(lack, _)| lack).collect::<Vec<_>>()
        };
        let mut peer = Peer::new(word, true);
        assert_eq!(kinds(&peer), [], "it has just come");
        let Some(long_ago) = Instant::now().checked_sub(SETTLED * 2) else {
            return;
        };
        peer.since = long_ago;
        assert_eq!(kinds(&peer), [Lack::SignalsIn, Lack::SignalsOut]);
        (peer.signals_in, peer.signals_out) = (Some(Instant::now()), Some(long_ago));
        assert_eq!(kinds(&peer), [Lack::SignalsOut]);
        peer.signals_out = Some(Instant::now());
        assert_eq!(kinds(&peer), []);
        peer.unreached = Some("refused".to_owned());
        peer.clock_apart = CLOCK + Duration::from_secs(1);
        assert_eq!(kinds(&peer), [Lack::Reach, Lack::Clock]);
        peer.is_living = false;
        assert_eq!(kinds(&peer), []);
        let names = Lack::ALL.map(Lack::name);
        assert_eq!(names, ["signals_in", "signals_out", "reach", "clock"]);
    }
}

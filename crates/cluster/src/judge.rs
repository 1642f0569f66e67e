//! Is the stream what this node knows? Looked at before the first append after each connection,
//! and again every second.

use crate::shared::{Position, Tip};
use crate::stream::Found;
use maru_domain::{LogHash, Seq};

/// What is to be thought of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on from this node's last entry, in this epoch.
    Right { epoch: u64 },
    /// Another node is at work.
    Waits(String),
    /// It ends before this node's last entry.
    Lost(Lost),
    /// It begins after this node's last entry: a snapshot is needed.
    Behind,
    /// Another entry stands at this node's last position.
    Differs,
    /// It is not as Maru writes it, or another cluster's.
    Refuses(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    All,
    /// What is behind this position.
    Tail(Seq),
}

pub fn judge(found: &Found, tip: &Tip, cluster: &str) -> Verdict {
    if !found.cluster.is_empty() && found.cluster != cluster {
        return Verdict::Refuses(format!(
            "this Redis holds the log of another cluster ({}), this directory belongs to {cluster}",
            found.cluster
        ));
    }
    if let Some(damage) = found.damage() {
        return Verdict::Refuses(format!("{damage}; see `maru cluster repair`"));
    }
    if found.kind == "none" {
        return Verdict::Lost(Lost::All);
    }
    if found.cluster.is_empty() {
        return Verdict::Refuses(
            "there is a stream maru:log in this Redis that belongs to no cluster; see `maru cluster repair`".to_owned(),
        );
    }
    let last = found.last_seq().unwrap_or_default();
    let Some(epoch) = found.epoch() else {
        if found.lock.is_empty() {
            // Whoever mended it has died halfway.
            return Verdict::Lost(Lost::Tail(last));
        }
        return Verdict::Waits(format!("node {} puts lost entries back", found.lock));
    };
    let own = tip.position.seq;
    if last < own {
        return Verdict::Lost(Lost::Tail(last));
    }
    let right = Verdict::Right { epoch };
    match (&found.at, &tip.digest) {
        _ if own == Seq(0) && found.first.is_none_or(|first| first == Seq(1)) && last == own => {
            right
        }
        _ if own == Seq(0) => match found.first {
            Some(Seq(1)) => right,
            _ => Verdict::Behind,
        },
        (Some(at), Some(digest)) if at == digest => right,
        (Some(_), Some(_)) => Verdict::Differs,
        (Some(_), None) => right,
        // What was trimmed is before the first; this stood behind it.
        (None, _) if found.first.is_some_and(|first| first <= own) => Verdict::Refuses(format!(
            "the entry 0-{own} was deleted from the stream maru:log by something else than Maru; \
             see `maru cluster repair`"
        )),
        (None, _) if last == own || found.first == Some(own.next()) => right,
        (None, _) => Verdict::Behind,
    }
}

/// Whether this node is the one to put lost entries back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    Mend,
    Waits(String),
    /// The logs are not prefixes of one another.
    Differ(String),
}

/// `hash_at` is this node's own running hash at a position, where its log still has it.
pub fn plan(
    me: &str,
    own: Position,
    others: &[(String, Position)],
    hash_at: impl Fn(Seq) -> Option<LogHash>,
) -> Plan {
    for (name, at) in others {
        if at.seq <= own.seq
            && at.seq > Seq(0)
            && let Some(hash) = hash_at(at.seq)
            && hash != at.hash
        {
            return Plan::Differ(format!(
                "node {name} ends at {} and node {me} at {}, with different entries before that; \
                 `maru cluster repair` chooses one",
                at.seq, own.seq
            ));
        }
    }
    let ahead = others
        .iter()
        .find(|(name, at)| at.seq > own.seq || (at.seq == own.seq && name.as_str() < me));
    match ahead {
        None => Plan::Mend,
        Some((name, at)) => Plan::Waits(format!(
            "node {name}, which has entries up to {}, is to put the lost ones back",
            at.seq
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(last: u64, first: Option<u64>, at: Option<&str>) -> Found {
        Found {
            kind: "stream".to_owned(),
            epoch: "7".to_owned(),
            cluster: "c".to_owned(),
            lock: String::new(),
            last: format!("0-{last}"),
            added: last.to_string(),
            first: first.map(Seq),
            at: at.map(str::to_owned),
        }
    }

    fn tip(seq: u64, digest: &str) -> Tip {
        Tip {
            position: Position {
                seq: Seq(seq),
                hash: LogHash([seq as u8; 16]),
            },
            digest: (!digest.is_empty()).then(|| digest.to_owned()),
        }
    }

    #[test]
    fn every_state_of_a_stream_has_its_verdict() {
        let right = Verdict::Right { epoch: 7 };
        let cases = [
            (found(0, None, None), tip(0, ""), right.clone()),
            (found(5, Some(1), None), tip(0, ""), right.clone()),
            (found(5, Some(3), None), tip(0, ""), Verdict::Behind),
            (found(5, Some(1), Some("a")), tip(4, "a"), right.clone()),
            (found(5, Some(1), Some("b")), tip(4, "a"), Verdict::Differs),
            (found(5, Some(5), None), tip(4, "a"), right.clone()),
            (found(9, Some(8), None), tip(4, "a"), Verdict::Behind),
            (found(4, None, None), tip(4, "a"), right),
            (
                found(3, Some(1), None),
                tip(4, "a"),
                Verdict::Lost(Lost::Tail(Seq(3))),
            ),
        ];
        for (found, tip, wanted) in cases {
            assert_eq!(judge(&found, &tip, "c"), wanted, "{found:?} {tip:?}");
        }
        let nothing = Found {
            kind: "none".to_owned(),
            ..Found::default()
        };
        assert_eq!(judge(&nothing, &tip(4, "a"), "c"), Verdict::Lost(Lost::All));
        let refused = |found: &Found| match judge(found, &tip(1, "a"), "c") {
            Verdict::Refuses(why) => why,
            other => panic!("{other:?}"),
        };
        let mut foreign = found(4, Some(1), Some("a"));
        foreign.last = "1700-0".to_owned();
        assert!(refused(&foreign).contains("1700-0"));
        let deleted = judge(&found(4, Some(1), None), &tip(4, "a"), "c");
        assert!(matches!(deleted, Verdict::Refuses(why) if why.contains("0-4 was deleted")));
        let mut gap = found(9, Some(1), Some("a"));
        gap.added = "5".to_owned();
        assert!(refused(&gap).contains("5 entries"));
        let mut other = found(4, Some(1), Some("a"));
        other.cluster = "d".to_owned();
        assert!(refused(&other).contains("another cluster"));
        let mut list = found(4, None, None);
        list.kind = "list".to_owned();
        assert!(refused(&list).contains("list"));
        let mut mending = found(4, Some(1), None);
        mending.epoch = "mending 8".to_owned();
        assert_eq!(
            judge(&mending, &tip(4, "a"), "c"),
            Verdict::Lost(Lost::Tail(Seq(4)))
        );
        mending.lock = "b".to_owned();
        assert!(matches!(
            judge(&mending, &tip(4, "a"), "c"),
            Verdict::Waits(_)
        ));
    }

    #[test]
    fn the_most_advanced_mends_and_only_over_prefixes() {
        let at = |seq: u64, hash: u8| Position {
            seq: Seq(seq),
            hash: LogHash([hash; 16]),
        };
        let others = |all: &[(&str, Position)]| -> Vec<(String, Position)> {
            all.iter()
                .map(|(name, at)| ((*name).to_owned(), *at))
                .collect()
        };
        let hash = |seq: Seq| Some(LogHash([seq.0 as u8; 16]));
        let plan = |me, own, all: &[(&str, Position)]| super::plan(me, own, &others(all), hash);
        assert_eq!(plan("b", at(9, 9), &[]), Plan::Mend);
        assert_eq!(plan("b", at(9, 9), &[("a", at(8, 8))]), Plan::Mend);
        assert_eq!(plan("b", at(9, 9), &[("c", at(9, 9))]), Plan::Mend);
        for ahead in [("a", at(9, 9)), ("c", at(10, 10))] {
            assert!(matches!(plan("b", at(9, 9), &[ahead]), Plan::Waits(_)));
        }
        for unlike in [("a", at(8, 1)), ("c", at(9, 1))] {
            assert!(matches!(plan("b", at(9, 9), &[unlike]), Plan::Differ(_)));
        }
    }
}

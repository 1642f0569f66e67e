//! Many small objects become fewer larger ones: about one a second is made while people talk, and a
//! restore fetches each.

use crate::replica::{LogName, ReplicaError, ReplicaTarget, entries};

/// So many of about one size become one.
const FAN: usize = 16;
/// Objects with more entries stay as they are.
const LARGE: u64 = 8_000;

/// Those at the end of the log that are to be one. Sizes grow by [`FAN`], so that an entry is written
/// anew a few times and no more.
fn due(logs: &[LogName]) -> &[LogName] {
    let mut from = logs.len();
    let mut bound = FAN as u64;
    loop {
        let of_size = logs[..from]
            .iter()
            .rev()
            .take_while(|log| entries_of(log) < bound.min(LARGE));
        from -= of_size.count();
        let due = &logs[from..];
        if due.len() >= FAN {
            return due;
        }
        if bound >= LARGE {
            return &[];
        }
        bound *= FAN as u64;
    }
}

fn entries_of(log: &LogName) -> u64 {
    log.last.saturating_sub(log.first) + 1
}

/// Objects that are wholly in others, as a merge that was cut short leaves them. `logs` in their order.
pub(super) fn doubles(logs: &[LogName]) -> Vec<LogName> {
    let holds = |outer: &LogName, inner: &LogName| {
        outer != inner && outer.first <= inner.first && inner.last <= outer.last
    };
    let inner = logs
        .iter()
        .filter(|inner| logs.iter().any(|outer| holds(outer, inner)));
    inner.copied().collect()
}

/// Merges what is due. The new object is there before the old ones go: whatever happens in between,
/// every entry is there.
pub(super) async fn merge(
    place: &ReplicaTarget,
    logs: &mut Vec<LogName>,
) -> Result<(), ReplicaError> {
    let due = due(logs).to_vec();
    let (Some(first), Some(last)) = (due.first(), due.last()) else {
        return Ok(());
    };
    let damaged = |log: &LogName, why: &str| ReplicaError::Damaged {
        name: log.text(),
        why: why.to_owned(),
    };
    let mut all: Vec<entries::Framed> = Vec::new();
    for log in &due {
        let object = place.get(&log.text()).await?;
        let object = object.ok_or_else(|| damaged(log, "it is gone"))?;
        let read = entries::unpack(&object).map_err(|error| damaged(log, &error.to_string()))?;
        let next = all.last().map_or(first.first, |(seq, ..)| seq + 1);
        let news = read.into_iter().filter(|(seq, ..)| *seq >= next);
        all.extend(news);
    }
    let merged = LogName {
        epoch: first.epoch,
        first: first.first,
        last: last.last,
    };
    let is_whole = (merged.first..=merged.last).eq(all.iter().map(|(seq, ..)| *seq));
    if !is_whole {
        return Err(damaged(&merged, "entries between are missing"));
    }
    let framed = all.iter();
    let packed = entries::pack(framed.map(|(seq, hash, payload)| (*seq, *hash, &payload[..])));
    let packed = packed.map_err(|error| damaged(&merged, &error.to_string()))?;
    place.put(&merged.text(), packed.into()).await?;
    for log in &due {
        place.delete(&log.text()).await?;
    }
    logs.truncate(logs.len() - due.len());
    logs.push(merged);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use maru_outbound::Client;

    fn log(first: u64, last: u64) -> LogName {
        LogName {
            epoch: 1,
            first,
            last,
        }
    }

    fn nobody(_: &str) -> Result<Client, ReplicaError> {
        unreachable!("a folder asks nobody")
    }

    async fn ship(place: &ReplicaTarget, log: LogName) {
        let payload = |seq: u64| vec![(seq % 251) as u8; 9];
        let all: Vec<_> = (log.first..=log.last)
            .map(|seq| (seq, payload(seq)))
            .collect();
        let framed = all
            .iter()
            .map(|(seq, payload)| (*seq, [0; 16], &payload[..]));
        let packed = entries::pack(framed).expect("packs");
        place.put(&log.text(), packed.into()).await.expect("kept");
    }

    #[tokio::test]
    async fn small_objects_become_few_and_hold_the_same() {
        let dir = tempfile::tempdir().expect("a directory");
        let url = format!("file://{}", dir.path().display());
        let place = ReplicaTarget::parse(&url, &|_| None, nobody).expect("a place");
        let mut logs = Vec::new();
        let (mut next, mut largest) = (1, 0);
        for n in 0..1_000_u64 {
            let new = log(next, next + n % 3);
            next = new.last + 1;
            ship(&place, new).await;
            logs.push(new);
            merge(&place, &mut logs).await.expect("merges");
            largest = largest.max(logs.len());
        }
        assert!(largest <= FAN * 4, "{largest}");
        let names: Vec<String> = logs.iter().map(|log| log.text()).collect();
        assert_eq!(place.list().await.expect("lists"), names);
        let mut seqs = Vec::new();
        for name in &names {
            let object = place.get(name).await.expect("reads").expect("is there");
            seqs.extend(
                entries::unpack(&object)
                    .expect("whole")
                    .into_iter()
                    .map(|entry| entry.0),
            );
        }
        assert!(seqs.into_iter().eq(1..next));
    }

    #[tokio::test]
    async fn large_objects_stay_and_a_gap_is_no_whole() {
        let large: Vec<LogName> = (0..100)
            .map(|n| log(n * LARGE + 1, (n + 1) * LARGE))
            .collect();
        assert!(due(&large).is_empty());
        assert!(due(&[]).is_empty());
        let dir = tempfile::tempdir().expect("a directory");
        let url = format!("file://{}", dir.path().display());
        let place = ReplicaTarget::parse(&url, &|_| None, nobody).expect("a place");
        let mut logs: Vec<LogName> = (1..=FAN as u64).map(|n| log(n * 2, n * 2)).collect();
        for log in &logs {
            ship(&place, *log).await;
        }
        let before = place.list().await.expect("lists");
        let error = merge(&place, &mut logs).await.expect_err("a gap");
        assert!(error.to_string().contains("missing"), "{error}");
        assert_eq!(place.list().await.expect("lists"), before);
    }

    #[test]
    fn what_a_merge_left_behind_is_found() {
        let logs = [log(1, 2), log(1, 9), log(3, 9), log(10, 10)];
        assert_eq!(doubles(&logs), [log(1, 2), log(3, 9)]);
    }
}

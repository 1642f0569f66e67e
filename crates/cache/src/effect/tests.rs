//! What is written is read.

use super::super::values::{StreamId, StreamStep};
use super::*;

const ID: StreamId = StreamId {
    ms: 300,
    seq: u64::MAX,
};

#[test]
fn what_is_written_is_read() {
    let key: &[u8] = b"k\0ey";
    let value: &[u8] = b"value";
    let step = |change| Effect::Change { db: 1, key, change };
    let effects = [
        Effect::Library {
            name: key,
            code: Some(value),
        },
        Effect::Library {
            name: key,
            code: None,
        },
        step(Change::HashSet { field: key, value }),
        step(Change::HashRemove { field: key }),
        step(Change::SetAdd { member: value }),
        step(Change::SetRemove { member: value }),
        step(Change::ListPush { front: true, value }),
        step(Change::ListPush {
            front: false,
            value,
        }),
        step(Change::ListPop { front: true }),
        step(Change::ListPop { front: false }),
        step(Change::ListPut { index: 300, value }),
        step(Change::ListInsert { index: 0, value }),
        step(Change::ListRemove { index: u64::MAX }),
        step(Change::RankedSet {
            member: value,
            score: -1.5,
        }),
        step(Change::RankedSet {
            member: value,
            score: f64::INFINITY,
        }),
        step(Change::RankedRemove { member: value }),
        step(Change::Stream(StreamStep::Add {
            id: ID,
            fields: value,
        })),
        step(Change::Stream(StreamStep::Remove {
            id: ID,
            by_hand: true,
        })),
        step(Change::Stream(StreamStep::Remove {
            id: ID,
            by_hand: false,
        })),
        step(Change::Stream(StreamStep::Mark {
            last_id: ID,
            added: 7,
            max_deleted_id: StreamId::MAX,
        })),
        step(Change::Stream(StreamStep::GroupPut {
            group: key,
            last_id: ID,
            read: None,
        })),
        step(Change::Stream(StreamStep::GroupPut {
            group: key,
            last_id: ID,
            read: Some(0),
        })),
        step(Change::Stream(StreamStep::GroupRemove { group: key })),
        step(Change::Stream(StreamStep::ConsumerPut {
            group: key,
            consumer: value,
            seen_ms: 9,
        })),
        step(Change::Stream(StreamStep::ConsumerRemove {
            group: key,
            consumer: value,
        })),
        step(Change::Stream(StreamStep::PendingPut {
            group: key,
            consumer: value,
            id: ID,
            delivered_ms: 5,
            count: 2,
        })),
        step(Change::Stream(StreamStep::PendingRemove {
            group: key,
            id: ID,
        })),
        Effect::Set {
            db: 3,
            key,
            text: Cow::Borrowed(b""),
            deadline_unix_ms: None,
        },
        Effect::Swap { one: 1, other: 15 },
        step(Change::TextWrite {
            offset: 300,
            bytes: value,
        }),
        Effect::Set {
            db: 0,
            key: b"",
            text: Cow::Borrowed(value),
            deadline_unix_ms: Some(u64::MAX),
        },
        Effect::Remove { db: 15, key },
        Effect::Deadline {
            db: 0,
            key,
            unix_ms: Some(1),
        },
        Effect::Flush { db: 9 },
        Effect::ShardAt {
            shard: 255,
            seq: u64::MAX,
        },
        Effect::End { keys: 300 },
        Effect::Synced {
            file_bytes: 1 << 40,
        },
    ];
    let mut bytes = Vec::new();
    for effect in &effects {
        effect.encode(&mut bytes);
    }
    let mut rest = bytes.as_slice();
    for effect in &effects {
        assert_eq!(Effect::decode(&mut rest).as_ref(), Ok(effect));
    }
    assert!(rest.is_empty());
    for cut in 1..bytes.len() {
        let mut rest = &bytes[..cut];
        while Effect::decode(&mut rest).is_ok() && !rest.is_empty() {}
    }
}

#[test]
fn unknown_kinds_and_overlong_numbers_are_refused() {
    assert_eq!(Effect::decode(&mut [0u8].as_slice()), Err(Malformed));
    let mut overlong = vec![END];
    overlong.extend([0xff; 10]);
    assert_eq!(Effect::decode(&mut overlong.as_slice()), Err(Malformed));
}

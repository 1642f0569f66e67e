//! The steps by which streams change.

use super::stream::StreamId;

/// One step of one stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum StreamStep<'a> {
    /// The id is higher than all before.
    Add {
        id: StreamId,
        fields: &'a [u8],
    },
    /// `by_hand`: not by trimming.
    Remove {
        id: StreamId,
        by_hand: bool,
    },
    /// What a stream knows besides its entries.
    Mark {
        last_id: StreamId,
        added: u64,
        max_deleted_id: StreamId,
    },
    /// A group is made, or put elsewhere.
    GroupPut {
        group: &'a [u8],
        last_id: StreamId,
        read: Option<u64>,
    },
    GroupRemove {
        group: &'a [u8],
    },
    ConsumerPut {
        group: &'a [u8],
        consumer: &'a [u8],
        seen_ms: u64,
    },
    /// With all that it holds.
    ConsumerRemove {
        group: &'a [u8],
        consumer: &'a [u8],
    },
    /// Handed out, again, or to somebody else.
    PendingPut {
        group: &'a [u8],
        consumer: &'a [u8],
        id: StreamId,
        delivered_ms: u64,
        count: u64,
    },
    PendingRemove {
        group: &'a [u8],
        id: StreamId,
    },
}

//! The client ids of the latest posts, so that a repeat gets the first outcome.
//!
//! Rows are kept by periods of some days, so that old ones go by whole ranges. A client id is looked
//! for in the present period and in the one before: it is known for one period at least and for
//! two at most. The key has 64 bits of a hash; what the message says it was called decides.

use crate::Result;
use crate::read::Lookup;
use crate::table::Readable;
use crate::tables::{Tables, WriteTables};
use maru_domain::{MessageId, Timestamp, UserId, limits};
use sha2::{Digest, Sha256};

fn hash(author: UserId, client_id: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(author.0.to_le_bytes());
    hash.update(client_id.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}

fn period(at: Timestamp) -> u32 {
    u32::try_from(at.0.div_euclid(limits::NONCE_PERIOD_MS)).unwrap_or(0)
}

/// The message that the author called so before.
pub fn find(
    tables: &impl Tables,
    author: UserId,
    client_id: &str,
    at: Timestamp,
) -> Result<Option<MessageId>> {
    let (hash, period) = (hash(author, client_id), period(at));
    for period in [Some(period), period.checked_sub(1)].into_iter().flatten() {
        let Some(id) = tables
            .nonces()
            .get((period, author.0, hash))?
            .map(MessageId)
        else {
            continue;
        };
        // One whose room is gone was posted, too.
        let same = match tables.located(id)? {
            Some(found) => found.record.client_id.as_deref() == Some(client_id),
            None => true,
        };
        if same {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

pub fn put(
    tables: &mut WriteTables<'_>,
    author: UserId,
    client_id: &str,
    at: Timestamp,
    message: MessageId,
) -> Result<()> {
    let key = (period(at), author.0, hash(author, client_id));
    tables.nonces.put(key, &message.0)
}

/// Forgets at most `max` of those from before the period before `at`'s; whether there are more.
pub fn forget(tables: &mut WriteTables<'_>, at: Timestamp, max: usize) -> Result<bool> {
    let kept = (period(at).saturating_sub(1), 0, 0);
    let old = tables.nonces.range(..kept)?.take(max + 1);
    let mut old = old.map(|row| Ok(row?.0)).collect::<Result<Vec<_>>>()?;
    let more = old.len() > max;
    old.truncate(max);
    for key in old {
        tables.nonces.remove(key)?;
    }
    Ok(more)
}

//! Connection state recovery of official clients, answered by durable positions.
//!
//! `pid` names whom it was given to, in which epoch and from which position on, and is sealed; the
//! offset is the position itself. Nothing is kept here, so it works after a restart, for a client
//! that never heard an event, and any number of times. It names the socket, too, which keeps its id.
//! Only rooms from outside (`socketsJoin`) are kept in memory, for a while, and not over a restart.

use crate::auth::tokens::Tokens;
use crate::domain::{Position, UserId};
use crate::socketio::Sid;

const PURPOSE: &str = "recovery";

/// What a client brings back.
pub struct Past {
    pub epoch: u64,
    /// It has heard everything up to here.
    pub since: Position,
    /// Who it was.
    pub socket: Sid,
}

/// A new name for a client that hears what follows `since`.
pub fn new_pid(
    tokens: &Tokens,
    user: UserId,
    epoch: u64,
    since: Position,
    socket: Sid,
) -> Option<String> {
    let text = format!("{}~{epoch}~{}~{socket}", user.0, since.0);
    tokens.seal(PURPOSE, &text)
}

/// Where a client goes on from, if the name is one we gave to this user.
/// Without an offset it has heard nothing since it got the name.
pub fn past(tokens: &Tokens, user: UserId, pid: &str, offset: Option<&str>) -> Option<Past> {
    let mut parts = tokens.unseal(PURPOSE, pid)?.split('~');
    let mut number = || parts.next()?.parse::<u64>().ok();
    let (whose, epoch, since) = (number()?, number()?, number()?);
    let socket = Sid::parse(parts.next()?)?;
    let since = match offset {
        // A client keeps the offset of an earlier name that was too old.
        Some(offset) => position(offset)?.max(Position(since)),
        None => Position(since),
    };
    (whose == user.0).then_some(Past {
        epoch,
        since,
        socket,
    })
}

/// As it stands behind the arguments of events.
pub fn offset(seq: Position) -> String {
    seq.0.to_string()
}

fn position(offset: &str) -> Option<Position> {
    let digits = !offset.is_empty() && offset.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| offset.parse().ok().map(Position)).flatten()
}

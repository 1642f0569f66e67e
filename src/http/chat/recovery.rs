//! Connection state recovery of official clients, answered by durable positions.
//!
//! `pid` names whom it was given to, in which epoch and from which position on, and is sealed; the
//! offset is the position itself. Nothing is kept here, so it works after a restart, for a client
//! that never heard an event, and any number of times. It names the socket, too, which keeps its id.
//! Only rooms from outside (`socketsJoin`) are kept in memory, for a while, and not over a restart.
//!
//! Behind the position of the log may stand that of the stream of other servers (`said`).

use super::said::At;
use crate::auth::tokens::Tokens;
use crate::domain::{Position, UserId};
use crate::socketio::Sid;

const PURPOSE: &str = "recovery";

/// What a client brings back.
pub struct Past {
    pub epoch: u64,
    /// It has heard everything up to here.
    pub since: Position,
    /// And of what other servers said by the stream, up to there.
    pub said: Option<At>,
    /// Who it was.
    pub socket: Sid,
}

/// A new name for a client that hears what follows `since`.
pub fn new_pid(
    tokens: &Tokens,
    user: UserId,
    epoch: u64,
    (since, said): (Position, At),
    socket: Sid,
) -> Option<String> {
    let text = format!("{}~{epoch}~{}~{socket}~{said}", user.0, since.0);
    tokens.seal(PURPOSE, &text)
}

/// Where a client goes on from, if the name is one we gave to this user.
/// Without an offset it has heard nothing since it got the name.
pub fn past(tokens: &Tokens, user: UserId, pid: &str, offset: Option<&str>) -> Option<Past> {
    let mut parts = tokens.unseal(PURPOSE, pid)?.split('~');
    let mut number = || parts.next()?.parse::<u64>().ok();
    let (whose, epoch, since) = (number()?, number()?, number()?);
    let socket = Sid::parse(parts.next()?)?;
    // Names of earlier versions have none.
    let said: Option<At> = parts.next().and_then(|said| said.parse().ok());
    let (since, said) = match offset {
        // A client keeps the offset of an earlier name that was too old.
        Some(offset) => {
            let (position, heard) = positions(offset)?;
            (position.max(Position(since)), heard.max(said))
        }
        None => (Position(since), said),
    };
    (whose == user.0).then_some(Past {
        epoch,
        since,
        said,
        socket,
    })
}

/// As it stands behind the arguments of events.
pub fn offset(seq: Position, said: At) -> String {
    if said == At::default() {
        seq.0.to_string()
    } else {
        format!("{}~{said}", seq.0)
    }
}

fn positions(offset: &str) -> Option<(Position, Option<At>)> {
    let (digits, said) = match offset.split_once('~') {
        Some((digits, said)) => (digits, Some(said.parse().ok()?)),
        None => (offset, None),
    };
    let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let position = all.then(|| digits.parse().ok().map(Position)).flatten()?;
    Some((position, said))
}

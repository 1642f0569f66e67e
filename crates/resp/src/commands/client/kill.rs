//! Closing connections.

use super::super::super::call::Call;
use super::super::super::client::Client;
use super::super::super::failure::{Answer, Failure};
use super::super::super::number;
use super::list::{is_of_type, unknown_type};

/// Which connections.
#[derive(Default)]
struct Which<'c> {
    id: Option<u64>,
    address: Option<&'c [u8]>,
    local_address: Option<&'c [u8]>,
    kind: Option<&'c [u8]>,
    user: Option<&'c [u8]>,
    not_this: bool,
}

impl Which<'_> {
    fn is(&self, client: &Client) -> bool {
        self.id.is_none_or(|id| client.id == id)
            && self
                .address
                .is_none_or(|it| client.address.as_bytes() == it)
            && self
                .local_address
                .is_none_or(|it| client.local_address.as_bytes() == it)
            && self
                .kind
                .is_none_or(|kind| is_of_type(client, kind) == Some(true))
            && self.user.is_none_or(|user| client.user.name == user)
    }
}

pub fn kill(call: &mut Call<'_>) -> Answer {
    if let [_, _, address] = call.args {
        let which = Which {
            address: Some(address),
            ..Which::default()
        };
        return match close(call, &which) {
            0 => Err(Failure::new("ERR No such client")),
            _ => {
                call.out.ok();
                Ok(())
            }
        };
    }
    let which = which(call)?;
    let closed = close(call, &which);
    call.out.integer(closed);
    Ok(())
}

fn which<'c>(call: &Call<'c>) -> Result<Which<'c>, Failure> {
    let mut which = Which {
        not_this: true,
        ..Which::default()
    };
    for (at, pair) in call.args[2..].chunks(2).enumerate() {
        let [_, value] = pair else {
            return Err(Failure::SYNTAX);
        };
        let at = 2 + at * 2;
        if call.is(at, "ID") {
            let id = number::integer(value).filter(|id| *id > 0);
            let id = id.ok_or(Failure::new("ERR client-id should be greater than 0"))?;
            which.id = Some(id as u64);
        } else if call.is(at, "ADDR") {
            which.address = Some(value);
        } else if call.is(at, "LADDR") {
            which.local_address = Some(value);
        } else if call.is(at, "TYPE") {
            let known = [&b"normal"[..], b"master", b"replica", b"slave", b"pubsub"];
            if !known.iter().any(|name| name.eq_ignore_ascii_case(value)) {
                return Err(unknown_type(value));
            }
            which.kind = Some(value);
        } else if call.is(at, "USER") {
            if call.world.acl.get(value).is_none() {
                return Err(Failure::of(format!(
                    "ERR No such user '{}'",
                    String::from_utf8_lossy(value)
                )));
            }
            which.user = Some(value);
        } else if call.is(at, "SKIPME") {
            which.not_this = match value.to_ascii_lowercase().as_slice() {
                b"yes" => true,
                b"no" => false,
                _ => return Err(Failure::SYNTAX),
            };
        } else {
            return Err(Failure::SYNTAX);
        }
    }
    Ok(which)
}

/// Closes them; this one only after it has been answered.
fn close(call: &mut Call<'_>, which: &Which<'_>) -> i64 {
    let mut closed = 0;
    let this = call.token;
    for (token, client) in &mut call.world.clients {
        if !which.is(client) || (token == this && which.not_this) {
            continue;
        }
        if token == this {
            client.closing = true
        } else {
            client.dead = true
        }
        call.world.dirty.push(token);
        closed += 1;
    }
    closed
}

//! Answers to requests of other servers, as the classic Redis adapter reads them.
use super::pack;
use super::publication::KEY;
use crate::ack::Reply;
use crate::sid::Sid;
use crate::socket::Socket;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::UNIX_EPOCH;

/// Where the answers of a namespace are published.
pub fn channel(namespace: &str) -> String {
    format!("{KEY}-response#{namespace}#")
}

/// To what wanted nothing but to be done.
pub fn done(id: &str) -> Bytes {
    text(&json!({ "requestId": id }))
}

pub fn ids(id: &str, ids: &[Sid]) -> Bytes {
    let ids: Vec<&str> = ids.iter().map(Sid::as_str).collect();
    text(&json!({ "requestId": id, "sockets": ids }))
}

pub fn rooms(id: &str, rooms: &BTreeSet<String>) -> Bytes {
    text(&json!({ "requestId": id, "rooms": rooms }))
}

/// Sockets as [`socket`] tells of them.
pub fn sockets(id: &str, sockets: &[Value]) -> Bytes {
    text(&json!({ "requestId": id, "sockets": sockets }))
}

/// One socket. What could let somebody else in (headers, query, auth) is not told.
pub fn socket(socket: &Socket, rooms: &[String], data: &Value) -> Value {
    let handshake = socket.handshake();
    let issued_ms = handshake.issued().duration_since(UNIX_EPOCH);
    let issued_ms = issued_ms.map_or(0, |since| since.as_millis() as u64);
    json!({
        "id": socket.id().as_str(),
        "handshake": {
            "headers": {},
            "time": "",
            "address": handshake.remote().ip().to_string(),
            "xdomain": false,
            "secure": false,
            "issued": issued_ms,
            "url": "",
            "query": {},
            "auth": {},
        },
        "rooms": rooms,
        "data": data,
    })
}

/// To an event for servers, of whom this one has nothing to say.
pub fn server_side(id: &str) -> Bytes {
    text(&json!({ "type": 6, "requestId": id, "data": null }))
}

/// How many sockets were asked.
pub fn asked(id: &str, sockets: usize) -> Bytes {
    text(&json!({ "type": 8, "requestId": id, "clientCount": sockets }))
}

/// What one socket has answered: its first argument, as Node's server has it.
pub fn acknowledged(id: &str, reply: &Reply) -> Bytes {
    let arg: Value = reply.arg(0).unwrap_or_default();
    let answer = json!({ "type": 9, "requestId": id, "packet": arg });
    pack::encode(&answer, &reply.attachments).into()
}

fn text(value: &Value) -> Bytes {
    value.to_string().into()
}

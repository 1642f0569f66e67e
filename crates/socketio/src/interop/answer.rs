//! Answers to requests of other servers, as the Redis adapters read them.
use super::cluster::kind;
use super::pack;
use super::publication::{KEY, room_channel};
use crate::ack::Reply;
use crate::sid::Sid;
use crate::socket::Socket;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::UNIX_EPOCH;

/// Who waits for an answer, and so in which form it comes.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub id: String,
    pub namespace: String,
    /// The server, of the sharded adapter or the streams adapter; else it is the classic one.
    pub server: Option<String>,
}

impl Waiting {
    /// Where the answer is published.
    pub fn channel(&self) -> String {
        match &self.server {
            Some(server) => room_channel(&self.namespace, server),
            None => format!("{KEY}-response#{}#", self.namespace),
        }
    }

    /// To what wanted nothing but to be done.
    pub fn done(&self) -> Option<Bytes> {
        let classic = self.server.is_none();
        classic.then(|| text(&json!({ "requestId": self.id })))
    }

    /// Only the classic adapter asks for that.
    pub fn ids(&self, ids: &[Sid]) -> Bytes {
        let ids: Vec<&str> = ids.iter().map(Sid::as_str).collect();
        text(&json!({ "requestId": self.id, "sockets": ids }))
    }

    /// Only the classic adapter asks for that.
    pub fn rooms(&self, rooms: &BTreeSet<String>) -> Bytes {
        text(&json!({ "requestId": self.id, "rooms": rooms }))
    }

    /// Sockets as [`socket`] tells of them.
    pub fn sockets(&self, sockets: &[Value]) -> Bytes {
        let data = json!({ "requestId": self.id, "sockets": sockets });
        match self.server {
            Some(_) => self.message(kind::FETCHED, &data, &[]),
            None => text(&data),
        }
    }

    /// To an event for servers, of whom this one has nothing to say.
    pub fn server_side(&self) -> Bytes {
        match self.server {
            Some(_) => {
                let data = json!({ "requestId": self.id, "packet": null });
                self.message(kind::SERVER_SIDE_ANSWER, &data, &[])
            }
            None => text(&json!({ "type": 6, "requestId": self.id, "data": null })),
        }
    }

    /// How many sockets were asked.
    pub fn asked(&self, sockets: usize) -> Bytes {
        match self.server {
            Some(_) => {
                let data = json!({ "requestId": self.id, "clientCount": sockets });
                self.message(kind::CLIENT_COUNT, &data, &[])
            }
            None => text(&json!({ "type": 8, "requestId": self.id, "clientCount": sockets })),
        }
    }

    /// What one socket has answered: its first argument, as Node's server has it.
    pub fn acknowledged(&self, reply: &Reply) -> Bytes {
        let arg: Value = reply.arg(0).unwrap_or_default();
        match self.server {
            Some(_) => {
                let data = json!({ "requestId": self.id, "packet": arg });
                self.message(kind::ACK, &data, &reply.attachments)
            }
            None => {
                let answer = json!({ "type": 9, "requestId": self.id, "packet": arg });
                pack::encode(&answer, &reply.attachments).into()
            }
        }
    }

    /// MessagePack is what all of those adapters read.
    fn message(&self, kind: u64, data: &Value, attachments: &[Bytes]) -> Bytes {
        let message = json!({ "uid": "maru", "nsp": self.namespace, "type": kind, "data": data });
        pack::encode(&message, attachments).into()
    }
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

fn text(value: &Value) -> Bytes {
    value.to_string().into()
}

//! Socket.IO packets: `<type>[<attachments>-][<namespace>,][<ack id>][<JSON>]`.
use super::PacketError;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Numbers above this are not exact in JavaScript.
const MAX_ACK_ID: u64 = (1 << 53) - 1;

/// A packet that a client may send; `attachments` binary messages follow it.
#[derive(Debug)]
pub struct Packet<'a> {
    pub namespace: &'a str,
    pub attachments: usize,
    pub kind: PacketType<'a>,
}

#[derive(Debug)]
pub enum PacketType<'a> {
    Connect {
        auth: Option<&'a RawValue>,
    },
    Disconnect,
    Event {
        id: Option<u64>,
        name: Cow<'a, str>,
        args: Vec<&'a RawValue>,
    },
    Ack {
        id: u64,
        args: Vec<&'a RawValue>,
    },
}

impl<'a> Packet<'a> {
    /// Reads one packet. `max_attachments` bounds what a binary packet may announce.
    pub fn parse(text: &'a str, max_attachments: usize) -> Result<Self, PacketError> {
        let (&kind, _) = text.as_bytes().split_first().ok_or(PacketError::Empty)?;
        if !(b'0'..=b'6').contains(&kind) {
            return Err(PacketError::Type);
        }
        let (attachments, rest) = match kind {
            b'5' | b'6' => attachments(&text[1..], max_attachments)?,
            _ => (0, &text[1..]),
        };
        let (namespace, rest) = namespace(rest);
        let (id, data) = ack_id(rest)?;
        let kind = match kind {
            b'0' if id.is_none() => PacketType::Connect { auth: auth(data)? },
            b'1' if id.is_none() && data.is_empty() => PacketType::Disconnect,
            b'0' | b'1' => return Err(PacketError::Data),
            b'2' | b'5' => {
                let Named { name, args } =
                    serde_json::from_str(data).map_err(|_| PacketError::Data)?;
                PacketType::Event { id, name, args }
            }
            b'3' | b'6' => PacketType::Ack {
                id: id.ok_or(PacketError::AckId)?,
                args: serde_json::from_str(data).map_err(|_| PacketError::Data)?,
            },
            _ => return Err(PacketError::Type),
        };
        Ok(Self {
            namespace,
            attachments,
            kind,
        })
    }
}

fn digits(text: &str) -> (&str, &str) {
    let end = text
        .bytes()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn attachments(text: &str, max: usize) -> Result<(usize, &str), PacketError> {
    let (count, rest) = digits(text);
    let rest = rest.strip_prefix('-').ok_or(PacketError::Attachments)?;
    match count.parse::<usize>() {
        Ok(count) if count <= max => Ok((count, rest)),
        _ => Err(PacketError::Attachments),
    }
}

fn namespace(text: &str) -> (&str, &str) {
    if !text.starts_with('/') {
        return ("/", text);
    }
    text.split_once(',').unwrap_or((text, ""))
}

fn ack_id(text: &str) -> Result<(Option<u64>, &str), PacketError> {
    let (id, rest) = digits(text);
    if id.is_empty() {
        return Ok((None, rest));
    }
    match id.parse() {
        Ok(id) if id <= MAX_ACK_ID => Ok((Some(id), rest)),
        _ => Err(PacketError::AckId),
    }
}

fn auth(data: &str) -> Result<Option<&RawValue>, PacketError> {
    if data.is_empty() {
        return Ok(None);
    }
    let auth: &RawValue = serde_json::from_str(data).map_err(|_| PacketError::Data)?;
    if auth.get().starts_with('{') {
        Ok(Some(auth))
    } else {
        Err(PacketError::Data)
    }
}

/// `["name", …args]`; a number is a name, too.
struct Named<'a> {
    name: Cow<'a, str>,
    args: Vec<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Named<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements;
        impl<'de> Visitor<'de> for Elements {
            type Value = Named<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array that begins with an event's name")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let first: &RawValue = seq
                    .next_element()?
                    .ok_or_else(|| A::Error::custom("no name"))?;
                let name = name(first.get()).ok_or_else(|| A::Error::custom("not a name"))?;
                let mut args = Vec::new();
                while let Some(arg) = seq.next_element()? {
                    args.push(arg);
                }
                Ok(Named { name, args })
            }
        }
        deserializer.deserialize_seq(Elements)
    }
}

/// Names that mean something else on the client's side of the API.
const RESERVED: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

fn name(json: &str) -> Option<Cow<'_, str>> {
    let name = match json.as_bytes().first()? {
        b'"' => {
            if json[1..json.len() - 1].contains('\\') {
                Cow::Owned(serde_json::from_str(json).ok()?)
            } else {
                Cow::Borrowed(&json[1..json.len() - 1])
            }
        }
        b'-' | b'0'..=b'9' => Cow::Borrowed(json),
        _ => return None,
    };
    (!RESERVED.contains(&&*name)).then_some(name)
}

#[cfg(test)]
#[path = "socket_tests.rs"]
mod tests;

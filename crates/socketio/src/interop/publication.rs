//! From a channel and a payload to what is wanted.
use super::{InteropError, cluster, msgpack};
use crate::frame::Frame;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::time::Duration;

/// The prefix that all of the ecosystem's tools have unless they are told otherwise.
pub(super) const KEY: &str = "socket.io";

/// Larger than any message that a socket's queue would take.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// What was published.
#[derive(Debug, Clone, PartialEq)]
pub enum Publication {
    Broadcast(Broadcast),
    Request {
        namespace: String,
        /// What an answer is told apart by; without it none is wanted.
        id: Option<String>,
        /// The server that waits for it, where it has a channel of its own.
        server: Option<String>,
        request: Request,
    },
}

/// An event for many.
#[derive(Debug, Clone, PartialEq)]
pub struct Broadcast {
    pub namespace: String,
    pub name: String,
    pub args: Vec<Value>,
    pub attachments: Vec<Bytes>,
    pub to: Selection,
    /// Who has something waiting does not get it.
    pub volatile: bool,
}

/// Whom it is for: everybody, or those of some rooms, without those of others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// Empty: everybody.
    pub rooms: Vec<String>,
    pub except: Vec<String>,
}

/// What other servers ask for.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    Join {
        who: Selection,
        rooms: Vec<String>,
    },
    Leave {
        who: Selection,
        rooms: Vec<String>,
    },
    Disconnect {
        who: Selection,
        close: bool,
    },
    /// The ids of sockets.
    Ids {
        who: Selection,
    },
    /// All that may be known of sockets.
    Fetch {
        who: Selection,
    },
    /// The names of all rooms.
    Rooms,
    /// An event for the servers themselves, who answer it.
    ServerSideEmit,
    /// An event for sockets, who answer it.
    Ask {
        event: Broadcast,
        timeout: Duration,
    },
}

/// How long answers of sockets are waited for, unless the request says otherwise.
const ASK: Duration = Duration::from_secs(10);

/// The longest that a request may say.
const MAX_ASK: Duration = Duration::from_secs(10 * 60);

/// The channels of a namespace, as patterns to subscribe to. Servers count each other by those that
/// are no patterns.
pub fn patterns(namespace: &str) -> [String; 3] {
    [
        channel(namespace),
        format!("{}?*", channel(namespace)),
        format!("{KEY}-request#{namespace}#"),
    ]
}

/// The channel of a namespace, which is also the name of its sharded one.
pub fn channel(namespace: &str) -> String {
    format!("{KEY}#{namespace}#")
}

/// The sharded channel of a room.
pub fn room_channel(namespace: &str, room: &str) -> String {
    format!("{}{room}#", channel(namespace))
}

/// Understands one message of those channels.
pub fn read(channel: &[u8], payload: &[u8]) -> Result<Publication, InteropError> {
    if payload.len() > MAX_BYTES {
        return Err(InteropError::TooBig);
    }
    let channel = std::str::from_utf8(channel).map_err(|_| InteropError::Channel)?;
    let rest = channel.strip_prefix(KEY).ok_or(InteropError::Channel)?;
    let (kind, rest) = rest.split_once('#').ok_or(InteropError::Channel)?;
    let (namespace, _) = rest.split_once('#').ok_or(InteropError::Channel)?;
    match kind {
        "" => broadcast(namespace, payload),
        "-request" => request(namespace, payload),
        _ => Err(InteropError::Channel),
    }
}

#[derive(Deserialize)]
pub(super) struct Packet {
    #[serde(rename = "type")]
    kind: u64,
    data: Vec<Value>,
    #[serde(default)]
    nsp: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Options {
    #[serde(flatten)]
    pub to: Selection,
    flags: Option<Flags>,
}

/// What JavaScript leaves undefined may come as null.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Flags {
    volatile: Option<bool>,
    local: Option<bool>,
    /// Milliseconds.
    timeout: Option<f64>,
}

impl Options {
    pub fn timeout(&self) -> Duration {
        let timeout = self.flags.as_ref().and_then(|flags| flags.timeout);
        let seconds = timeout.map(|ms| ms / 1000.0);
        let asked = seconds.map(|s| Duration::try_from_secs_f64(s).unwrap_or(MAX_ASK));
        asked.unwrap_or(ASK).min(MAX_ASK)
    }
}

/// JSON, or MessagePack.
pub(super) fn decoded(payload: &[u8]) -> Result<(Value, Vec<Bytes>), InteropError> {
    match payload.first() {
        Some(b'{') => {
            let value = serde_json::from_slice(payload).map_err(|_| InteropError::Format)?;
            Ok((value, Vec::new()))
        }
        _ => msgpack::decode(payload),
    }
}

/// Emitters and the classic adapter write an array, all later adapters a map.
fn broadcast(namespace: &str, payload: &[u8]) -> Result<Publication, InteropError> {
    let (value, attachments) = decoded(payload)?;
    if value.is_object() {
        return cluster::message(namespace, value, attachments);
    }
    let (_sender, packet, options): (Value, Packet, Option<Options>) =
        serde_json::from_value(value).map_err(|_| InteropError::Shape)?;
    let event = event(namespace, packet, options.unwrap_or_default(), attachments)?;
    Ok(Publication::Broadcast(event))
}

pub(super) fn event(
    namespace: &str,
    packet: Packet,
    options: Options,
    attachments: Vec<Bytes>,
) -> Result<Broadcast, InteropError> {
    let mut data = packet.data.into_iter();
    let name = match data.next() {
        Some(Value::String(name)) => name,
        Some(Value::Number(name)) => name.to_string(),
        _ => return Err(InteropError::Shape),
    };
    let flags = options.flags.unwrap_or_default();
    // Events and binary events; those for another namespace or for the sender's own clients are none.
    let ours = packet.nsp.is_none_or(|named| named == namespace) && flags.local != Some(true);
    if !ours || !matches!(packet.kind, 2 | 5) {
        return Err(InteropError::Shape);
    }
    Ok(Broadcast {
        namespace: namespace.to_owned(),
        name,
        args: data.collect(),
        attachments,
        to: options.to,
        volatile: flags.volatile == Some(true),
    })
}

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "type")]
    kind: u64,
    #[serde(rename = "requestId")]
    id: Option<String>,
    #[serde(default)]
    opts: Options,
    #[serde(default)]
    rooms: Vec<String>,
    /// Of older adapters, instead of `opts`: one socket and one room.
    sid: Option<String>,
    room: Option<String>,
    #[serde(default)]
    close: bool,
    packet: Option<Packet>,
}

fn request(namespace: &str, payload: &[u8]) -> Result<Publication, InteropError> {
    let (value, attachments) = decoded(payload)?;
    let asked: Asked = serde_json::from_value(value).map_err(|_| InteropError::Shape)?;
    let mut who = asked.opts.to.clone();
    // Nobody in particular would be everybody.
    who.rooms.extend(asked.sid);
    let mut rooms = asked.rooms;
    rooms.extend(asked.room);
    let id = asked.id;
    let request = match asked.kind {
        // These are nothing without an answer.
        0 | 1 | 5 | 6 if id.is_none() => return Err(InteropError::Unsupported),
        0 => Request::Ids {
            who: Selection {
                rooms,
                ..Selection::default()
            },
        },
        1 => Request::Rooms,
        2 => Request::Join { who, rooms },
        3 => Request::Leave { who, rooms },
        4 => Request::Disconnect {
            who,
            close: asked.close,
        },
        5 => Request::Fetch { who },
        6 => Request::ServerSideEmit,
        7 => {
            let packet = asked.packet.ok_or(InteropError::Shape)?;
            let timeout = asked.opts.timeout();
            let event = event(namespace, packet, asked.opts, attachments)?;
            if id.is_none() {
                return Ok(Publication::Broadcast(event));
            }
            Request::Ask { event, timeout }
        }
        _ => return Err(InteropError::Unsupported),
    };
    Ok(Publication::Request {
        namespace: namespace.to_owned(),
        id,
        server: None,
        request,
    })
}

impl Broadcast {
    /// The event as it is sent; `None` if it cannot be.
    pub fn frame(&self) -> Option<Frame> {
        self.framed(None)
    }

    /// The same with a position behind it, for clients that take the last text of the arguments as
    /// theirs.
    pub fn frame_positioned(&self, offset: &str) -> Option<Frame> {
        self.framed(Some(offset))
    }

    /// Whether clients would take it for a position; without arguments they take the name.
    pub fn ends_in_text(&self) -> bool {
        self.args.last().is_none_or(Value::is_string)
    }

    /// The arguments as they are sent.
    pub fn raw_args(&self) -> serde_json::Result<Vec<Box<RawValue>>> {
        self.args.iter().map(to_raw_value).collect()
    }

    fn framed(&self, offset: Option<&str>) -> Option<Frame> {
        let offset = offset.map(Value::from);
        let args = self.args.iter().chain(&offset);
        let args: Result<Vec<Box<RawValue>>, _> = args.map(to_raw_value).collect();
        Frame::event_raw(&self.namespace, &self.name, &args.ok()?, &self.attachments).ok()
    }
}

#[cfg(test)]
#[path = "publication_tests.rs"]
mod tests;

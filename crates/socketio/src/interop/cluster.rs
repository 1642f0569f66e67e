//! The form that the sharded adapter and the streams adapter have in common: maps of
//! `{uid, nsp, type, data}`, published, or as entries of a stream.
use super::publication::{MAX_BYTES, Options, Packet, Publication, Request, decoded, event};
use super::{InteropError, msgpack};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

/// The stream that servers with the streams adapter share, unless they are told otherwise.
pub const STREAM: &str = "socket.io";

/// Kinds of messages, as the adapters number them.
pub(super) mod kind {
    pub const BROADCAST: u64 = 3;
    pub const JOIN: u64 = 4;
    pub const LEAVE: u64 = 5;
    pub const DISCONNECT: u64 = 6;
    pub const FETCH: u64 = 7;
    pub const FETCHED: u64 = 8;
    pub const SERVER_SIDE: u64 = 9;
    pub const SERVER_SIDE_ANSWER: u64 = 10;
    pub const CLIENT_COUNT: u64 = 11;
    pub const ACK: u64 = 12;
}

#[derive(Deserialize)]
struct Message {
    uid: String,
    nsp: String,
    #[serde(rename = "type")]
    kind: u64,
    #[serde(default)]
    data: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    #[serde(rename = "requestId")]
    id: Option<String>,
    opts: Options,
    rooms: Option<Vec<String>>,
    close: Option<bool>,
    /// An event's packet; of an event for servers its arguments.
    packet: Value,
}

/// A message of one of the channels.
pub(super) fn message(
    namespace: &str,
    value: Value,
    attachments: Vec<Bytes>,
) -> Result<Publication, InteropError> {
    let message: Message = serde_json::from_value(value).map_err(|_| InteropError::Shape)?;
    if message.nsp != namespace {
        return Err(InteropError::Shape);
    }
    understand(message, attachments)
}

/// An entry of the stream, by its fields.
pub fn entry(fields: &[(Bytes, Bytes)]) -> Result<Publication, InteropError> {
    let field = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name.as_bytes());
        found.map(|(_, value)| &value[..])
    };
    let text = |name| {
        let value = field(name).ok_or(InteropError::Shape)?;
        let text = std::str::from_utf8(value).map_err(|_| InteropError::Shape)?;
        Ok::<String, InteropError>(text.to_owned())
    };
    let kind = text("type")?.parse().map_err(|_| InteropError::Shape)?;
    let data = field("data").unwrap_or_default();
    if data.len() > MAX_BYTES {
        return Err(InteropError::TooBig);
    }
    let (data, attachments) = match data.first() {
        None => (Value::Null, Vec::new()),
        Some(b'{') => decoded(data)?,
        Some(_) => {
            let packed = STANDARD.decode(data).map_err(|_| InteropError::Format)?;
            msgpack::decode(&packed)?
        }
    };
    let message = Message {
        uid: text("uid")?,
        nsp: text("nsp")?,
        kind,
        data,
    };
    understand(message, attachments)
}

fn understand(message: Message, attachments: Vec<Bytes>) -> Result<Publication, InteropError> {
    let data: Data = match message.data {
        // Heartbeats have none.
        Value::Null => return Err(InteropError::Unsupported),
        data => serde_json::from_value(data).map_err(|_| InteropError::Shape)?,
    };
    let who = data.opts.to.clone();
    let rooms = data.rooms.unwrap_or_default();
    let request = match message.kind {
        kind::BROADCAST => {
            let packet: Packet =
                serde_json::from_value(data.packet).map_err(|_| InteropError::Shape)?;
            let timeout = data.opts.timeout();
            let event = event(&message.nsp, packet, data.opts, attachments)?;
            if data.id.is_none() {
                return Ok(Publication::Broadcast(event));
            }
            Request::Ask { event, timeout }
        }
        kind::JOIN => Request::Join { who, rooms },
        kind::LEAVE => Request::Leave { who, rooms },
        kind::DISCONNECT => Request::Disconnect {
            who,
            close: data.close == Some(true),
        },
        kind::FETCH | kind::SERVER_SIDE if data.id.is_none() => {
            return Err(InteropError::Unsupported);
        }
        kind::FETCH => Request::Fetch { who },
        kind::SERVER_SIDE => Request::ServerSideEmit,
        // Answers to others, and what servers of another adapter say.
        _ => return Err(InteropError::Unsupported),
    };
    Ok(Publication::Request {
        namespace: message.nsp,
        id: data.id,
        server: Some(message.uid),
        request,
    })
}

#[cfg(test)]
mod tests {
    use super::super::publication::{Selection, read};
    use super::*;
    use serde_json::json;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(Bytes, Bytes)> {
        let owned = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        pairs
            .iter()
            .map(|(name, value)| (owned(name), owned(value)))
            .collect()
    }

    fn of_a_stream(kind: &str, data: &str) -> Result<Publication, InteropError> {
        let uid = "0123456789abcdef";
        entry(&fields(&[
            ("uid", uid),
            ("nsp", "/"),
            ("type", kind),
            ("data", data),
        ]))
    }

    #[test]
    fn events_are_understood_in_either_form() {
        let opts = json!({ "rooms": ["vip"], "except": ["other"], "flags": { "volatile": null } });
        let packet = json!({ "type": 2, "data": ["hello", 1], "nsp": "/" });
        let data = json!({ "opts": opts, "packet": packet });
        let whole = json!({ "uid": "0123456789abcdef", "nsp": "/", "type": 3, "data": data });
        let text = data.to_string();
        let packed = STANDARD.encode(rmp_serde::to_vec(&data).unwrap());
        let sharded = read(b"socket.io#/#vip#", whole.to_string().as_bytes());
        let published = read(b"socket.io#/#", &rmp_serde::to_vec(&whole).unwrap());
        for found in [
            of_a_stream("3", &text),
            of_a_stream("3", &packed),
            sharded,
            published,
        ] {
            let Ok(Publication::Broadcast(event)) = found else {
                panic!("{found:?}");
            };
            assert_eq!(event.name, "hello");
            assert_eq!(event.args, [json!(1)]);
            assert_eq!((event.namespace.as_str(), event.volatile), ("/", false));
            assert_eq!(event.to.except, ["other"]);
        }
    }

    #[test]
    fn requests_name_the_server_that_waits() {
        let opts = json!({ "rooms": ["vip"], "except": [] });
        let who = Selection {
            rooms: vec!["vip".to_owned()],
            except: Vec::new(),
        };
        let rooms = vec!["a".to_owned()];
        for (kind, data, wanted) in [
            (
                "4",
                json!({ "opts": opts, "rooms": ["a"] }),
                Request::Join {
                    who: who.clone(),
                    rooms: rooms.clone(),
                },
            ),
            (
                "5",
                json!({ "opts": opts, "rooms": ["a"] }),
                Request::Leave {
                    who: who.clone(),
                    rooms,
                },
            ),
            (
                "6",
                json!({ "opts": opts, "close": true }),
                Request::Disconnect {
                    who: who.clone(),
                    close: true,
                },
            ),
            (
                "7",
                json!({ "opts": opts, "requestId": "x" }),
                Request::Fetch { who },
            ),
            (
                "9",
                json!({ "packet": ["hello"], "requestId": "x" }),
                Request::ServerSideEmit,
            ),
        ] {
            let found = of_a_stream(kind, &data.to_string()).unwrap();
            let Publication::Request {
                server,
                request,
                id,
                ..
            } = found
            else {
                panic!("{found:?}");
            };
            assert_eq!(request, wanted);
            assert_eq!(id.is_some(), data["requestId"].is_string());
            assert_eq!(server.as_deref(), Some("0123456789abcdef"));
        }
    }

    #[test]
    fn what_is_for_nobody_here_is_refused() {
        for (kind, data) in [
            ("3", "{}"),
            ("3", "not base64!"),
            ("3", ""),
            ("7", r#"{"opts":{}}"#),
            ("8", r#"{"requestId":"x","sockets":[]}"#),
            ("13", ""),
            ("x", "{}"),
        ] {
            assert!(of_a_stream(kind, data).is_err(), "{kind} {data}");
        }
        assert!(entry(&[]).is_err());
        let other = json!({ "uid": "u", "nsp": "/other", "type": 7, "data": { "requestId": "x" } });
        assert!(read(b"socket.io#/#", other.to_string().as_bytes()).is_err());
    }
}

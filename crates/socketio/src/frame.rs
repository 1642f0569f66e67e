//! A Socket.IO packet made ready to send, once, for any number of receivers.
use super::wire::Message;
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Borrow;
use std::io::Write;
use std::sync::Arc;

/// An event or acknowledgement with its attachments. Clones share the bytes.
/// It names its namespace, so it is for sockets of that namespace only.
#[derive(Debug, Clone)]
pub struct Frame {
    head: Message,
    rest: Option<Arc<[Message]>>,
}

/// What most events take.
const USUAL_BYTES: usize = 512;

impl Frame {
    /// `42["name",arg]`. Fails only if `arg` cannot be JSON.
    pub fn event<T: Serialize + ?Sized>(
        namespace: &str,
        name: &str,
        arg: &T,
    ) -> serde_json::Result<Self> {
        Self::packet(b'2', namespace, None, &[], |text| {
            text.push(b'[');
            serde_json::to_writer(&mut *text, name)?;
            text.push(b',');
            serde_json::to_writer(&mut *text, arg)?;
            text.push(b']');
            Ok(())
        })
    }

    /// An event with any number of arguments; `{"_placeholder":true,"num":n}` in them stands for
    /// attachment `n`.
    pub fn event_raw<A: Borrow<RawValue>>(
        namespace: &str,
        name: &str,
        args: &[A],
        attachments: &[Bytes],
    ) -> serde_json::Result<Self> {
        Self::event_asking(namespace, name, args, attachments, None)
    }

    pub(super) fn event_asking<A: Borrow<RawValue>>(
        namespace: &str,
        name: &str,
        args: &[A],
        attachments: &[Bytes],
        id: Option<u64>,
    ) -> serde_json::Result<Self> {
        Self::packet(b'2', namespace, id, attachments, |text| {
            text.push(b'[');
            serde_json::to_writer(&mut *text, name)?;
            for arg in args {
                text.push(b',');
                text.extend_from_slice(arg.borrow().get().as_bytes());
            }
            text.push(b']');
            Ok(())
        })
    }

    /// `43<id>[…args]`.
    pub(super) fn ack<A: Borrow<RawValue>>(
        namespace: &str,
        id: u64,
        args: &[A],
        attachments: &[Bytes],
    ) -> serde_json::Result<Self> {
        Self::packet(b'3', namespace, Some(id), attachments, |text| {
            text.push(b'[');
            for (at, arg) in args.iter().enumerate() {
                if at > 0 {
                    text.push(b',');
                }
                text.extend_from_slice(arg.borrow().get().as_bytes());
            }
            text.push(b']');
            Ok(())
        })
    }

    /// `43<id>[arg]`.
    pub(super) fn ack_with<T: Serialize + ?Sized>(
        namespace: &str,
        id: u64,
        arg: &T,
    ) -> serde_json::Result<Self> {
        Self::packet(b'3', namespace, Some(id), &[], |text| {
            text.push(b'[');
            serde_json::to_writer(&mut *text, arg)?;
            text.push(b']');
            Ok(())
        })
    }

    /// `40{…}`, `41`, `44{…}`.
    pub(super) fn control<T: Serialize + ?Sized>(
        kind: u8,
        namespace: &str,
        data: Option<&T>,
    ) -> serde_json::Result<Self> {
        Self::packet(kind, namespace, None, &[], |text| match data {
            Some(data) => serde_json::to_writer(text, data),
            None => Ok(()),
        })
    }

    fn packet(
        kind: u8,
        namespace: &str,
        id: Option<u64>,
        attachments: &[Bytes],
        data: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    ) -> serde_json::Result<Self> {
        let mut result = Ok(());
        let head = Message::build(false, USUAL_BYTES, |text| {
            text.push(b'4');
            if attachments.is_empty() {
                text.push(kind);
            } else {
                // Binary events are 5, binary acknowledgements 6.
                text.push(kind + 3);
                let _ = write!(text, "{}-", attachments.len());
            }
            if namespace != "/" {
                text.extend_from_slice(namespace.as_bytes());
                text.push(b',');
            }
            if let Some(id) = id {
                let _ = write!(text, "{id}");
            }
            result = data(text);
        });
        result?;
        let rest = (!attachments.is_empty()).then(|| {
            attachments
                .iter()
                .map(|data| Message::binary(data))
                .collect()
        });
        Ok(Self { head, rest })
    }

    /// The Engine.IO text message, `42[…]`, without attachments.
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.head.packet()).unwrap_or_default()
    }

    /// What it takes in a socket's queue.
    pub fn size_bytes(&self) -> usize {
        self.head.size_bytes()
            + self
                .rest
                .iter()
                .flat_map(|rest| rest.iter())
                .map(Message::size_bytes)
                .sum::<usize>()
    }

    /// Runs `send` with the messages in order.
    pub(super) fn messages<R>(&self, send: impl FnOnce(&[Message]) -> R) -> R {
        match &self.rest {
            None => send(std::slice::from_ref(&self.head)),
            Some(rest) => {
                let all: Vec<_> = std::iter::once(&self.head)
                    .chain(rest.iter())
                    .cloned()
                    .collect();
                send(&all)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, value::to_raw_value};

    #[test]
    fn frames_are_what_the_protocol_wants() {
        let event = Frame::event("/", "message.created", &json!({"seq": 1})).unwrap();
        assert_eq!(event.text(), r#"42["message.created",{"seq":1}]"#);
        let event = Frame::event("/admin", "a\"b", &1).unwrap();
        assert_eq!(event.text(), r#"42/admin,["a\"b",1]"#);
        let args = [to_raw_value(&1).unwrap(), to_raw_value("두").unwrap()];
        assert_eq!(
            Frame::event_raw("/", "n", &args, &[]).unwrap().text(),
            r#"42["n",1,"두"]"#
        );
        assert_eq!(
            Frame::event_asking("/", "n", &args, &[], Some(7))
                .unwrap()
                .text(),
            r#"427["n",1,"두"]"#
        );
        assert_eq!(
            Frame::ack("/x", 5, &args, &[]).unwrap().text(),
            r#"43/x,5[1,"두"]"#
        );
        let binary = Frame::ack("/", 5, &args, &[Bytes::from_static(b"abc")]).unwrap();
        assert_eq!(binary.text(), r#"461-5[1,"두"]"#);
        binary.messages(|messages| {
            assert_eq!(messages.len(), 2);
            assert_eq!(messages[1].packet(), b"abc");
        });
        assert_eq!(Frame::control::<()>(b'1', "/", None).unwrap().text(), "41");
    }
}

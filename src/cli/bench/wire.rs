//! As much of WebSocket and Socket.IO as a client needs to be cheap.
use memchr::memmem;

/// Before the sending time in a message's text.
const MARK: &[u8] = b"mb1:";
const DIGITS: usize = 16;

/// What a server's frame means to the generator.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// Engine.IO's handshake.
    Open,
    Ping,
    /// The namespace was joined.
    Joined,
    /// It was not, and why.
    Refused(&'a [u8]),
    /// Maru's `ready`.
    Ready,
    /// `message.created`.
    Created(&'a [u8]),
    /// The acknowledgement of post `n`.
    Acked {
        post: usize,
        ok: bool,
        body: &'a [u8],
    },
    /// Any other event.
    Other,
    /// The server has ended the connection.
    Closed(&'a [u8]),
}

/// Takes one frame from the front: what it says and its length, or `None` if it is not complete.
pub fn frame(bytes: &[u8]) -> Option<(Heard<'_>, usize)> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (len, start): (usize, usize) = match second & 0x7f {
        126 => (
            usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)),
            4,
        ),
        127 => (
            usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?,
            10,
        ),
        len => (usize::from(len), 2),
    };
    let payload = bytes.get(start..start.checked_add(len)?)?;
    let heard = match first & 0x0f {
        0x1 => text(payload),
        0x8 => Heard::Closed(payload.get(2..).unwrap_or_default()),
        _ => Heard::Other,
    };
    Some((heard, start + len))
}

fn text(payload: &[u8]) -> Heard<'_> {
    match payload {
        [b'0', ..] => Heard::Open,
        [b'1', ..] => Heard::Closed(b"closed"),
        [b'2', ..] => Heard::Ping,
        [b'4', b'0', ..] => Heard::Joined,
        [b'4', b'1', ..] => Heard::Closed(b"put out"),
        [b'4', b'2', ..] if payload.starts_with(br#"42["message.created""#) => {
            Heard::Created(payload)
        }
        [b'4', b'2', ..] if payload.starts_with(br#"42["ready""#) => Heard::Ready,
        [b'4', b'3', rest @ ..] => ack(rest),
        [b'4', b'4', rest @ ..] => Heard::Refused(rest),
        _ => Heard::Other,
    }
}

fn ack(rest: &[u8]) -> Heard<'_> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let post = rest[..digits]
        .iter()
        .fold(0, |post, digit| post * 10 + usize::from(digit - b'0'));
    let body = &rest[digits..];
    Heard::Acked {
        post,
        ok: memmem::find(body, br#""ok":true"#).is_some(),
        body,
    }
}

/// When the message in this frame was sent, if it is one of this run.
pub fn sent_at(payload: &[u8]) -> Option<u64> {
    let at = memmem::find(payload, MARK)? + MARK.len();
    u64::from_str_radix(std::str::from_utf8(payload.get(at..at + DIGITS)?).ok()?, 16).ok()
}

/// Appends a masked text frame.
pub fn say(out: &mut Vec<u8>, text: &str) {
    const MASK: [u8; 4] = [0x4d, 0x61, 0x72, 0x75];
    out.push(0x81);
    match u16::try_from(text.len()) {
        #[expect(clippy::cast_possible_truncation, reason = "below 126")]
        Ok(len) if len < 126 => out.push(0x80 | len as u8),
        Ok(len) => {
            out.push(0x80 | 126);
            out.extend(len.to_be_bytes());
        }
        Err(_) => {
            out.push(0x80 | 127);
            out.extend((text.len() as u64).to_be_bytes());
        }
    }
    out.extend(MASK);
    out.extend(
        text.bytes()
            .zip(MASK.into_iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
}

/// The text of a post: its time, and padding to `size` bytes.
pub fn message_text(sent_at: u64, size: usize) -> String {
    let mut text = format!("mb1:{sent_at:016x} ");
    let words = "the quick brown fox jumps over the lazy dog ";
    text.extend(words.chars().cycle().take(size.saturating_sub(text.len())));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server_frame(text: &str) -> Vec<u8> {
        let mut bytes = vec![0x81];
        match text.len() {
            len @ 0..126 => bytes.push(u8::try_from(len).unwrap()),
            len => {
                bytes.push(126);
                bytes.extend(u16::try_from(len).unwrap().to_be_bytes());
            }
        }
        bytes.extend(text.as_bytes());
        bytes
    }

    #[test]
    fn frames_are_told_apart() {
        let created = format!(
            r#"42["message.created",{{"seq":1,"text":"{}"}}]"#,
            message_text(0xabc, 300)
        );
        for (text, wanted) in [
            ("0{}", Heard::Open),
            ("2", Heard::Ping),
            ("40{}", Heard::Joined),
            (r#"42["ready",{}]"#, Heard::Ready),
            (r#"42["typing",{}]"#, Heard::Other),
            (
                r#"44{"message":"no"}"#,
                Heard::Refused(br#"{"message":"no"}"#),
            ),
            (&created, Heard::Created(created.as_bytes())),
            (
                r#"4312[{"ok":true}]"#,
                Heard::Acked {
                    post: 12,
                    ok: true,
                    body: br#"[{"ok":true}]"#,
                },
            ),
            (
                r#"430[{"ok":false}]"#,
                Heard::Acked {
                    post: 0,
                    ok: false,
                    body: br#"[{"ok":false}]"#,
                },
            ),
        ] {
            let bytes = server_frame(text);
            assert_eq!(frame(&bytes), Some((wanted, bytes.len())), "{text}");
            for end in 0..bytes.len() {
                assert_eq!(frame(&bytes[..end]), None);
            }
        }
        assert_eq!(sent_at(created.as_bytes()), Some(0xabc));
        assert_eq!(sent_at(b"mb1:xyz"), None);
    }

    #[test]
    fn texts_have_their_size() {
        assert_eq!(message_text(1, 220).len(), 220);
        assert_eq!(message_text(1, 21).len(), 21);
    }
}

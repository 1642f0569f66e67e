//! Engine.IO packets: one type digit, then data; binary messages have no digit.
use super::PacketError;

/// A packet that a client may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'a> {
    Close,
    Ping(&'a str),
    Pong,
    Text(&'a str),
    Binary(&'a [u8]),
    Upgrade,
    Noop,
}

impl<'a> Packet<'a> {
    /// Reads the text of one WebSocket message or one element of a polling payload
    /// (where binary elements, `b…`, are handled by [`super::payload`]).
    pub fn parse(text: &'a str) -> Result<Self, PacketError> {
        let kind = *text.as_bytes().first().ok_or(PacketError::Empty)?;
        if !kind.is_ascii() {
            return Err(PacketError::Type);
        }
        let data = &text[1..];
        match kind {
            b'1' => Ok(Self::Close),
            b'2' => Ok(Self::Ping(data)),
            b'3' => Ok(Self::Pong),
            b'4' => Ok(Self::Text(data)),
            b'5' => Ok(Self::Upgrade),
            b'6' => Ok(Self::Noop),
            _ => Err(PacketError::Type),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_type_is_read() {
        assert_eq!(Packet::parse("1"), Ok(Packet::Close));
        assert_eq!(Packet::parse("2probe"), Ok(Packet::Ping("probe")));
        assert_eq!(Packet::parse("3"), Ok(Packet::Pong));
        assert_eq!(Packet::parse("4héllo"), Ok(Packet::Text("héllo")));
        assert_eq!(Packet::parse("5"), Ok(Packet::Upgrade));
        assert_eq!(Packet::parse("6"), Ok(Packet::Noop));
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        assert_eq!(Packet::parse(""), Err(PacketError::Empty));
        for bad in ["0{}", "7", "abc", "é", "한글", "\u{1}"] {
            assert_eq!(Packet::parse(bad), Err(PacketError::Type), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = Packet::parse(&text);
        }
    }
}

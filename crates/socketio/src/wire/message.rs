//! One outgoing message, framed once and shared by all its receivers.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const LONGEST_HEADER: usize = 10;

/// What all messages of the process take that were not written to everybody yet.
static HELD_BYTES: AtomicUsize = AtomicUsize::new(0);

pub fn held_bytes() -> usize {
    HELD_BYTES.load(Relaxed)
}

/// An Engine.IO packet with the WebSocket header of an unmasked, final frame before it.
/// Clones share the bytes, and take one pointer in a queue.
#[derive(Debug, Clone)]
pub struct Message(Arc<Framed>);

#[derive(Debug)]
struct Framed {
    /// Room for the longest header, and the packet.
    buffer: Vec<u8>,
    /// Where the header begins.
    start: u8,
    binary: bool,
}

impl Drop for Framed {
    fn drop(&mut self) {
        HELD_BYTES.fetch_sub(self.buffer.capacity(), Relaxed);
    }
}

impl Message {
    /// `write` appends the packet to the buffer.
    pub fn build(binary: bool, capacity: usize, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut buffer = Vec::with_capacity(capacity + LONGEST_HEADER);
        buffer.resize(LONGEST_HEADER, 0);
        write(&mut buffer);
        let (header, header_len) = header(
            if binary { 0x2 } else { 0x1 },
            buffer.len() - LONGEST_HEADER,
        );
        let start = LONGEST_HEADER - header_len;
        buffer[start..LONGEST_HEADER].copy_from_slice(&header[..header_len]);
        HELD_BYTES.fetch_add(buffer.capacity(), Relaxed);
        #[expect(clippy::cast_possible_truncation, reason = "at most ten")]
        Self(Arc::new(Framed {
            buffer,
            start: start as u8,
            binary,
        }))
    }

    pub fn text(packet: &str) -> Self {
        Self::build(false, packet.len(), |buffer| {
            buffer.extend_from_slice(packet.as_bytes())
        })
    }

    pub fn binary(data: &[u8]) -> Self {
        Self::build(true, data.len(), |buffer| buffer.extend_from_slice(data))
    }

    /// Header and packet, as a WebSocket carries them.
    pub fn wire(&self) -> &[u8] {
        &self.0.buffer[usize::from(self.0.start)..]
    }

    /// The packet alone, as polling carries it.
    pub fn packet(&self) -> &[u8] {
        &self.0.buffer[LONGEST_HEADER..]
    }

    pub fn is_binary(&self) -> bool {
        self.0.binary
    }

    pub fn size_bytes(&self) -> usize {
        self.wire().len()
    }
}

/// RFC 6455, 5.2: a final frame without mask.
fn header(opcode: u8, len: usize) -> ([u8; LONGEST_HEADER], usize) {
    let mut header = [0; LONGEST_HEADER];
    header[0] = 0x80 | opcode;
    match u16::try_from(len) {
        #[expect(clippy::cast_possible_truncation, reason = "below 126")]
        Ok(len) if len < 126 => {
            header[1] = len as u8;
            (header, 2)
        }
        Ok(len) => {
            header[1] = 126;
            header[2..4].copy_from_slice(&len.to_be_bytes());
            (header, 4)
        }
        Err(_) => {
            header[1] = 127;
            header[2..10].copy_from_slice(&(len as u64).to_be_bytes());
            (header, 10)
        }
    }
}

/// A close frame; `reason` is cut to what a control frame may hold.
pub fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    let reason = &reason.as_bytes()[..reason.len().min(123)];
    control(0x8, &[&code.to_be_bytes(), reason].concat())
}

/// The answer to a WebSocket ping, whose data is at most 125 bytes.
pub fn pong_frame(data: &[u8]) -> Vec<u8> {
    control(0xA, data)
}

fn control(opcode: u8, data: &[u8]) -> Vec<u8> {
    let (header, header_len) = header(opcode, data.len());
    [&header[..header_len], data].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_every_length() {
        for (len, header_len) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let message = Message::binary(&vec![7; len]);
            assert_eq!(message.size_bytes(), len + header_len, "{len}");
            assert_eq!(message.packet().len(), len);
            assert_eq!(message.wire()[0], 0x82);
        }
        assert_eq!(Message::text("4hi").wire(), b"\x81\x034hi");
        assert_eq!(close_frame(1000, "bye"), b"\x88\x05\x03\xe8bye");
    }
}

//! Client frames to messages. Parses from bytes and keeps only what is unfinished.
use std::io::Cursor;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Item<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
    Ping(&'a [u8]),
    Pong,
    Close,
}

/// Why a connection must end; [`WireError::code`] is its close code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("the frame breaks RFC 6455")]
    Protocol,
    #[error("the text is not UTF-8")]
    Utf8,
    #[error("the message is larger than the limit")]
    TooBig,
}

impl WireError {
    pub fn code(self) -> u16 {
        match self {
            Self::Protocol => 1002,
            Self::Utf8 => 1007,
            Self::TooBig => 1009,
        }
    }
}

/// The fragments of a message so far.
#[derive(Debug, Default)]
pub struct Reader {
    /// Boxed: official clients never send fragments.
    fragments: Option<Box<Fragments>>,
}

#[derive(Debug)]
struct Fragments {
    binary: bool,
    data: Vec<u8>,
}

impl Reader {
    /// Takes one frame from the front of `input`, unmasking it in place.
    /// Hands a finished message to `take`; returns the bytes consumed, 0 when the frame is incomplete.
    pub fn frame<R>(
        &mut self,
        input: &mut [u8],
        max_bytes: usize,
        take: impl FnOnce(Item<'_>) -> R,
    ) -> Result<(usize, Option<R>), WireError> {
        let mut cursor = Cursor::new(&*input);
        let Some((header, len)) =
            FrameHeader::parse(&mut cursor).map_err(|_| WireError::Protocol)?
        else {
            return Ok((0, None));
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a header has at most 14 bytes"
        )]
        let start = cursor.position() as usize;
        let mask = header.mask.ok_or(WireError::Protocol)?;
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(WireError::Protocol);
        }
        let held = self
            .fragments
            .as_ref()
            .map_or(0, |fragments| fragments.data.len());
        let len = usize::try_from(len).map_err(|_| WireError::TooBig)?;
        match header.opcode {
            OpCode::Control(_) if len > 125 || !header.is_final => return Err(WireError::Protocol),
            OpCode::Data(_) if len > max_bytes.saturating_sub(held) => {
                return Err(WireError::TooBig);
            }
            OpCode::Control(_) | OpCode::Data(_) => {}
        }
        let end = start + len;
        let Some(payload) = input.get_mut(start..end) else {
            return Ok((0, None));
        };
        unmask(payload, mask);
        let taken = match header.opcode {
            OpCode::Control(Control::Ping) => Some(take(Item::Ping(payload))),
            OpCode::Control(Control::Pong) => Some(take(Item::Pong)),
            OpCode::Control(Control::Close) => Some(take(Item::Close)),
            OpCode::Data(Data::Continue) => self.append(payload, header.is_final, take)?,
            OpCode::Data(Data::Text | Data::Binary) if self.fragments.is_some() => {
                return Err(WireError::Protocol);
            }
            OpCode::Data(Data::Text) if header.is_final => Some(take(text(payload)?)),
            OpCode::Data(Data::Binary) if header.is_final => Some(take(Item::Binary(payload))),
            OpCode::Data(kind @ (Data::Text | Data::Binary)) => {
                let binary = kind == Data::Binary;
                self.fragments = Some(Box::new(Fragments {
                    binary,
                    data: payload.to_vec(),
                }));
                None
            }
            OpCode::Data(Data::Reserved(_)) | OpCode::Control(Control::Reserved(_)) => {
                return Err(WireError::Protocol);
            }
        };
        Ok((end, taken))
    }

    fn append<R>(
        &mut self,
        payload: &[u8],
        is_final: bool,
        take: impl FnOnce(Item<'_>) -> R,
    ) -> Result<Option<R>, WireError> {
        let fragments = self.fragments.as_mut().ok_or(WireError::Protocol)?;
        fragments.data.extend_from_slice(payload);
        if !is_final {
            return Ok(None);
        }
        let Fragments { binary, data } = *self.fragments.take().ok_or(WireError::Protocol)?;
        Ok(Some(take(if binary {
            Item::Binary(&data)
        } else {
            text(&data)?
        })))
    }
}

fn text(payload: &[u8]) -> Result<Item<'_>, WireError> {
    std::str::from_utf8(payload)
        .map(Item::Text)
        .map_err(|_| WireError::Utf8)
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let wide = u64::from_ne_bytes([
        mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3],
    ]);
    let mut chunks = payload.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        chunk.copy_from_slice(&(u64::from_ne_bytes(word) ^ wide).to_ne_bytes());
    }
    for (byte, key) in chunks
        .into_remainder()
        .iter_mut()
        .zip(mask.into_iter().cycle())
    {
        *byte ^= key;
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;

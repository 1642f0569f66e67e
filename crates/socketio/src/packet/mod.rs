//! Packets, from bytes and to bytes; no sockets here.
pub mod engine;
pub mod payload;
pub mod socket;

/// Why bytes were not a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    #[error("the packet is empty")]
    Empty,
    #[error("the packet type is unknown or not for servers")]
    Type,
    #[error("the packet has data of the wrong shape")]
    Data,
    #[error("the packet announces more attachments than allowed, or none it may have")]
    Attachments,
    #[error("the acknowledgement id is not a number below 2^53")]
    AckId,
    #[error("binary data is not base64")]
    Base64,
    #[error("text is not UTF-8")]
    Utf8,
    #[error("too many packets in one payload")]
    TooMany,
}

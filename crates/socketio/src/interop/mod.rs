//! What other servers and emitters of the ecosystem publish: the wire of `@socket.io/redis-emitter`
//! and of the Redis adapters (classic, sharded, streams), from bytes, without any connection.
//!
//! - `msgpack`: bytes to JSON and attachments, bounded.
//! - `publication`: a channel and its payload to a [`Broadcast`] or a [`Request`].
//! - `cluster`: the form of the sharded adapter and of the streams adapter.
//! - `answer`: what is sent back. `pack`: JSON and attachments to bytes.
pub mod answer;
mod cluster;
mod msgpack;
mod pack;
mod publication;

pub use cluster::{STREAM, entry};
pub use publication::{
    Broadcast, Publication, Request, Selection, channel, patterns, read, room_channel,
};

/// Why a publication is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InteropError {
    #[error("the channel is none of an emitter")]
    Channel,
    #[error("the payload ends too early")]
    Truncated,
    #[error("the payload is larger, deeper or has more parts than allowed")]
    TooBig,
    #[error("the payload is no MessagePack that JSON could say")]
    Format,
    #[error("the payload has another shape than an emitter's")]
    Shape,
    #[error("the request is unknown, or wants an answer without saying to whom")]
    Unsupported,
}

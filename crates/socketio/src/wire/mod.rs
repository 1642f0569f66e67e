//! Bytes of a WebSocket: prepared messages, the reader of client frames, the stream below.
mod io;
mod message;
mod reader;

pub use io::Io;
pub use message::{Message, close_frame, held_bytes, pong_frame};
pub use reader::{Item, Reader, WireError};

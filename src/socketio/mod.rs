//! Engine.IO and Socket.IO, free of chat.

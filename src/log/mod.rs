//! The one ordered log that every durable change goes through.

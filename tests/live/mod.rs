//! Who hears what, seen by the clients that people use.
mod driver;
mod emitter;
mod recovery;

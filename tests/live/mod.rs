//! Who hears what, seen by the clients that people use.
mod adapter;
mod chaos;
pub mod driver;
mod emitter;
mod hostile;
mod proxy;
mod python;
mod recovery;

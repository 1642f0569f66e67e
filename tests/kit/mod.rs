//! A real server on a free port in one line, and clients for it.
mod app;
mod http;
mod node;
mod pages;
mod python;
mod receiver;
mod socket;

pub use app::{PASSWORD, Person, TestApp};
pub use http::{Answer, Request};
pub use node::node;
pub use pages::Pages;
pub use python::python;
pub use receiver::Receiver;
pub use socket::Socket;

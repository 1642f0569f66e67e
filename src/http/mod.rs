//! The HTTP door: API, web app, events, chat over Socket.IO.
//!
//! - [`listener`]: where connections come in. [`server`]: the accept loop, its limits and deadlines; every connection is a task.
//!   [`plain`]: the port that leads to https.
//! - [`service`]: one request, whatever it is for; no panic gets past it.
//! - [`routes`]: every call of the API on one screen, each with whom it lets in.
//! - [`router`] and [`guard`]: from that list to answers; who may pass. [`scopes`]: with which token.
//! - [`handler`], [`parts`], [`raw`], [`answers`]: what handlers take and give, which describe themselves.
//! - [`api`]: one file per noun. [`chat`]: the same over Socket.IO, and live events.
//! - [`openapi`] and [`docs`]: the document, made from the list, and the page that shows it.
//! - [`assets`]: the web app, embedded. [`preload`]: what its page asks for next.
//! - `letters`: what stands in mail. [`load`]: how much is done at once. [`compress`]: JSON in fewer bytes.
//! - [`uploads`]: files on their way in and out, piece by piece. [`content`]: ranges and names.
//! - [`watch`]: what is counted of every request. [`figures`]: what is so now.
//! - [`peers`]: what other nodes of a cluster ask. `position`: nobody sees less than before.
//! - [`groups`]: consumers of one name that share rooms.
//! - [`slash`]: commands of bots that wait for their answer.
//! - [`imports`]: histories of other programs, read and loaded in the background.
//! - [`stats`]: figures for dashboards, kept as messages come.
//! - [`names`]: of people and rooms, for whoever looks for one while they type.
//! - [`sign_in`]: from a password to a session; [`second_step`]: what it takes besides.
//! - [`problem`]: one shape for everything that goes wrong. `wording`: in words that people know.
//!
//! Rights inside a room are the domain's; here it is only decided who somebody is.
pub mod answers;
pub mod api;
pub mod app;
pub mod assets;
pub mod body;
pub mod chat;
pub mod compress;
mod connections;
pub mod content;
pub mod docs;
pub mod figures;
pub mod groups;
pub mod guard;
pub mod handler;
pub mod headers;
pub mod imports;
mod letters;
pub mod listener;
pub mod load;
pub mod names;
pub mod openapi;
pub mod parts;
pub mod peers;
pub mod plain;
mod position;
pub mod preload;
pub mod problem;
pub mod raw;
pub mod route;
pub mod router;
pub mod routes;
pub mod scopes;
pub mod second_step;
pub mod server;
pub mod service;
mod services;
pub mod sign_in;
pub mod slash;
pub mod sso;
pub mod stats;
pub mod uploads;
pub mod watch;
mod wording;

pub use app::{App, Settings};
pub use chat::{Answers, Emitted, STREAM};
pub use listener::{Door, bind};
pub use peers::Peers;
pub use server::{serve, serve_all};
pub use services::Services;
pub use sso::Sso;

//! One file per noun: handlers and the shapes they take.
pub mod audit;
pub mod avatars;
pub mod bootstrap;
pub mod bots;
pub mod commands;
pub mod consumers;
pub mod direct;
pub mod elastic;
pub mod emails;
pub mod events;
pub mod export;
pub mod factors;
pub mod files;
pub mod health;
pub mod hooks;
pub mod imports;
pub mod invites;
pub mod jwks;
pub mod me;
pub mod members;
pub mod messages;
pub mod oidc;
pub mod owned_rooms;
pub mod passkeys;
pub mod people;
pub mod pins;
pub mod previews;
pub mod push;
pub mod reactions;
pub mod reads;
pub mod reports;
pub mod resets;
pub mod retention;
pub mod rooms;
pub mod saved;
pub mod search;
mod search_filters;
pub mod server;
pub mod sessions;
pub mod signup;
pub mod stats;
mod stats_csv;
pub mod suggest;
mod suggest_filters;
pub mod threads;
pub mod tokens;
pub mod unsent;
pub mod uploads;
pub mod users;
pub mod webhooks;
pub mod words;
pub mod workspace;

use super::{app::App, guard::Caller};
use crate::domain::{Code, Command, Message, Outcome, Refusal, Room, User};

/// Runs a command of the caller that gives a room.
async fn room(app: &App, caller: &Caller, command: Command) -> Result<(Room, bool), Refusal> {
    match app.submit(caller, command).await? {
        Outcome::Room { room, created } => Ok((room, created)),
        other => Err(unexpected(&other)),
    }
}

/// Runs a command of the caller that gives a message.
async fn message(app: &App, caller: &Caller, command: Command) -> Result<(Message, bool), Refusal> {
    match app.submit(caller, command).await? {
        Outcome::Message { message, created } => Ok((message, created)),
        other => Err(unexpected(&other)),
    }
}

/// Runs a command of the caller that gives a user.
async fn user(app: &App, caller: &Caller, command: Command) -> Result<User, Refusal> {
    match app.submit(caller, command).await? {
        Outcome::User(user) => Ok(user),
        other => Err(unexpected(&other)),
    }
}

/// An outcome that does not belong to its command: a mistake between the rooms of this node.
pub(super) fn unexpected(outcome: &Outcome) -> Refusal {
    tracing::error!(?outcome, "a command gave an outcome of another kind");
    Refusal::new(
        Code::Internal,
        "The server made a mistake; it is in the server's log.",
    )
}

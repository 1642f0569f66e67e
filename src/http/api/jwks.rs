//! The public keys of the tokens.

use crate::domain::Refusal;
use crate::http::{
    answers::{Plain, json},
    app::App,
};
use axum::http::StatusCode;

pub async fn show(app: App) -> Result<Plain, Refusal> {
    match app.services().sessions.tokens().jwks() {
        Some(keys) => Ok(Plain {
            response: json(StatusCode::OK, &keys),
        }),
        // Shared secrets are nobody's business.
        None => Err(Refusal::not_found("public key")),
    }
}

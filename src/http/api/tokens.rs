//! Access tokens: for programs, with scopes and perhaps an end.

use super::unexpected;
use crate::auth::access::{self, TokenKind};
use crate::domain::program::ProgramOutcome;
use crate::domain::{
    Command, Outcome, ProgramCommand, Refusal, Scope, Timestamp, Token, TokenId, UserId,
};
use crate::engine::Engine;
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    parts::Json,
    problem,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const LONGEST_S: u64 = 10 * 366 * 24 * 60 * 60;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// By which its owner knows it again.
    name: String,
    /// What it may do; `read` and `write` where it is left out.
    #[serde(default = "usual_scopes")]
    scopes: Vec<Scope>,
    /// When it ends; never, where this and `expires_in_s` are left out.
    expires_at: Option<Timestamp>,
    /// Seconds until it ends.
    expires_in_s: Option<u64>,
    /// A bot of the caller that it is for; the caller where it is left out.
    user_id: Option<UserId>,
}

pub fn usual_scopes() -> Vec<Scope> {
    vec![Scope::Read, Scope::Write]
}

/// A new token with what is shown only once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShownToken {
    #[serde(flatten)]
    about: Token,
    /// For `Authorization: Bearer`. It is kept nowhere: who loses it makes another.
    token: String,
}

pub async fn list(app: App, caller: Caller) -> Result<Shown<Vec<Token>>, Refusal> {
    let read = app.read()?;
    let mut tokens = read.tokens_of(caller.user.id)?;
    for bot in read.bots_of(caller.user.id)? {
        tokens.extend(read.tokens_of(bot.id)?);
    }
    let now = app.engine().now();
    tokens.retain(|token| token.expires_at.is_none_or(|end| end > now));
    for token in &mut tokens {
        token.last_used_at = app.services().used.when(token.id);
    }
    Ok(Shown(tokens))
}

pub async fn create(
    app: App,
    caller: Caller,
    Json(new): Json<NewToken>,
) -> Result<Created<ShownToken>, Refusal> {
    let user = new.user_id.unwrap_or(caller.user.id);
    let expires_at = end_of(app.engine(), new.expires_at, new.expires_in_s)?;
    let is_bot = app.read()?.user(user)?.is_some_and(|user| user.bot);
    let kind = if is_bot {
        TokenKind::Bot
    } else {
        TokenKind::Person
    };
    let secret = access::secret(kind).map_err(|_| problem::panicked())?;
    let command = ProgramCommand::CreateToken {
        user,
        name: new.name,
        digest: access::digest(&secret),
        scopes: new.scopes,
        expires_at,
    };
    match submit(&app, &caller, command).await? {
        ProgramOutcome::Token(about) => Ok(Created(ShownToken {
            about,
            token: secret,
        })),
        _ => Err(problem::panicked()),
    }
}

pub async fn revoke(app: App, caller: Caller, token: TokenId) -> Result<Done, Refusal> {
    let command = Command::Program(ProgramCommand::RevokeToken { token });
    app.submit(&caller, command).await?;
    Ok(Done)
}

/// When something ends, by either way of saying it.
pub fn end_of(
    engine: &Engine,
    at: Option<Timestamp>,
    in_s: Option<u64>,
) -> Result<Option<Timestamp>, Refusal> {
    let now = engine.now();
    let end = match (at, in_s) {
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid(
                "expires_in_s",
                "Send either `expires_at` or `expires_in_s`.",
            ));
        }
        (Some(at), None) => Some(at),
        (None, Some(seconds)) if (1..=LONGEST_S).contains(&seconds) => {
            Some(now.plus_ms(i64::try_from(seconds * 1000).unwrap_or(i64::MAX)))
        }
        (None, Some(_)) => {
            return Err(Refusal {
                limit: Some(LONGEST_S),
                ..Refusal::invalid("expires_in_s", "A token lasts from a second to ten years.")
            });
        }
        (None, None) => None,
    };
    match end {
        Some(end) if end <= now => Err(Refusal::invalid(
            "expires_at",
            "This is over already; choose a time to come.",
        )),
        end => Ok(end),
    }
}

/// Does something for a program.
pub async fn submit(
    app: &App,
    caller: &Caller,
    command: ProgramCommand,
) -> Result<ProgramOutcome, Refusal> {
    match app.submit(caller, Command::Program(command)).await? {
        Outcome::Program(outcome) => Ok(*outcome),
        other => Err(unexpected(&other)),
    }
}

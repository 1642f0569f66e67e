//! Access tokens, as the command line asks for them.

use super::admin::{AdminCommands, broke_down};
use super::request::Reply;
use crate::auth::access::{self, TokenKind};
use crate::domain::program::ProgramOutcome;
use crate::domain::{Actor, Command, Outcome, ProgramCommand, Refusal, Scope, TokenId};

impl AdminCommands {
    /// A token of an account; of a new bot where there is no such account.
    pub(super) async fn create_token(
        &self,
        username: String,
        label: String,
        scopes: Vec<Scope>,
        expires_in_s: Option<u64>,
    ) -> Result<Reply, Refusal> {
        let expires_at = expires_in_s.map(|seconds| {
            let ms = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
            self.engine.now().plus_ms(ms)
        });
        let account = self.engine.read()?.account_by_name(&username)?;
        let is_bot = account.as_ref().is_none_or(|account| account.user.bot);
        let kind = if is_bot {
            TokenKind::Bot
        } else {
            TokenKind::Person
        };
        let secret = access::secret(kind).map_err(|_| broke_down())?;
        let digest = access::digest(&secret);
        let command = match account {
            Some(account) => ProgramCommand::CreateToken {
                user: account.user.id,
                name: label,
                digest,
                scopes,
                expires_at,
            },
            None => ProgramCommand::CreateBot {
                username,
                display_name: None,
                name: label,
                digest,
                scopes,
                expires_at,
            },
        };
        let outcome = self.engine.submit(Actor::System, Command::Program(command));
        match outcome.await? {
            Outcome::Program(outcome) => match *outcome {
                ProgramOutcome::Token(_) | ProgramOutcome::Bot(..) => Ok(Reply::Token { secret }),
                _ => Err(broke_down()),
            },
            _ => Err(broke_down()),
        }
    }

    pub(super) fn list_tokens(&self, username: &str) -> Result<Reply, Refusal> {
        let user = self.user_named(username)?;
        Ok(Reply::Tokens {
            tokens: self.engine.read()?.tokens_of(user)?,
        })
    }

    pub(super) async fn revoke_token(&self, id: u64) -> Result<Reply, Refusal> {
        let command = ProgramCommand::RevokeToken { token: TokenId(id) };
        self.engine
            .submit(Actor::System, Command::Program(command))
            .await?;
        Ok(Reply::Done)
    }
}

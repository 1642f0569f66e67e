//! `maru token …`

use super::{target, term};
use crate::config::Config;
use crate::domain::Scope;
use crate::ops::request::{Reply, Request};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct TokenArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make an access token and print it; it cannot be shown again
    ///
    /// NAME is the account that acts when the token is used. Where there is no such account, a bot
    /// of that name is made.
    Create {
        name: String,
        /// What it may do: read, write, admin, or parts such as messages:write; several with commas
        #[arg(long, value_name = "SCOPE", value_delimiter = ',', required = true)]
        scope: Vec<Scope>,
        /// How long it works, such as 90d [default: until it is revoked]
        #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
        expires: Option<Duration>,
        /// By which its owner knows it again
        #[arg(long, value_name = "TEXT", default_value = "command line")]
        label: String,
    },
    /// List an account's tokens, without their secrets
    List { name: String },
    /// End a token at once
    Revoke {
        /// Its number, as `list` shows it
        id: u64,
    },
}

pub fn run(config: &Config, args: TokenArgs) -> anyhow::Result<()> {
    let request = match args.action {
        Action::Create {
            name: username,
            scope: scopes,
            expires,
            label,
        } => Request::CreateToken {
            username,
            label,
            scopes,
            expires_in_s: expires.map(|expires| expires.as_secs().max(1)),
        },
        Action::List { name: username } => Request::ListTokens { username },
        Action::Revoke { id } => Request::RevokeToken { id },
    };
    match target::ask(config, "token", request)? {
        Reply::Token { secret } => term::say(secret)?,
        Reply::Tokens { tokens } => {
            for token in tokens {
                let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
                let end = match token.expires_at {
                    Some(end) => format!("until {end}"),
                    None => "no end".to_owned(),
                };
                let (id, name, scopes) = (token.id, token.name, scopes.join(","));
                term::say(format_args!("{id}  {name}  {scopes}  {end}"))?;
            }
        }
        _ => term::say("done")?,
    }
    Ok(())
}

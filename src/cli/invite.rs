//! `maru invite create`

use super::{UsageError, target, term};
use crate::config::Config;
use crate::domain::Role;
use crate::ops::request::{Reply, Request};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct InviteArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make an invitation and print its link, which cannot be shown again
    Create {
        /// What the new account may do: admin or member
        #[arg(long, default_value = "member")]
        role: Role,
        /// How long the link works, such as 12h or 7d
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = humantime::parse_duration)]
        expires: Duration,
        /// How many people can use it
        #[arg(long, value_name = "N", default_value_t = 1)]
        uses: u32,
    },
}

const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

pub fn run(config: &Config, args: InviteArgs) -> anyhow::Result<()> {
    let Action::Create {
        role,
        expires,
        uses,
    } = args.action;
    if expires.as_secs() == 0 || expires > LONGEST {
        let text = "--expires must lie between 1s and 366d";
        return Err(UsageError(text.to_owned()).into());
    }
    let request = Request::CreateInvite {
        role,
        expires_in_s: expires.as_secs(),
        uses,
    };
    if let Reply::Invite { link, .. } = target::ask(config, "invite", request)? {
        term::say(link)?;
    }
    Ok(())
}

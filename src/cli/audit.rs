//! `maru audit`

use super::{target, term};
use crate::config::Config;
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::ops::request::{Reply, Request};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct AuditArgs {
    /// Only acts of this account
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Only this action, or all that begin with it, such as user.
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only what is younger, such as 7d
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    since: Option<Duration>,
    /// How many lines at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub fn run(config: &Config, args: AuditArgs) -> anyhow::Result<()> {
    let since_ms = args
        .since
        .map(|since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    let after = since_ms.map(|ms| crate::engine::now().plus_ms(-ms));
    let request = Request::Audit {
        user: args.user,
        action: args.action,
        after,
        limit: args.limit,
    };
    let Reply::Audit { entries } = target::ask(config, "audit", request)? else {
        anyhow::bail!("the server answered something else; is it of the same version?");
    };
    for entry in &entries {
        if args.json {
            term::say(serde_json::to_string(entry)?)?;
        } else {
            term::say(line(entry))?;
        }
    }
    Ok(())
}

fn line(entry: &AuditEntry) -> String {
    let Timestamp(ms) = entry.at;
    let actor = entry.actor.as_ref().map_or("-", |actor| &actor.username);
    let mut text = format!("{}  {actor}  {}", Timestamp(ms), entry.action);
    if let Some(target) = &entry.target {
        let name = match target.name.as_str() {
            "" => target.id.to_string(),
            name => name.to_owned(),
        };
        text.push_str(&format!("  {} {name}", target.kind));
    }
    for (name, value) in &entry.details {
        text.push_str(&format!("  {name}={value}"));
    }
    if let Some(origin) = &entry.origin {
        text.push_str(&format!("  from {}", origin.address));
    }
    // What people typed is shown as text, whatever it would do to a terminal.
    text.chars().filter(|c| !c.is_control()).collect()
}

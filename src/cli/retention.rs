//! `maru retention`

use super::{target, term};
use crate::config::Config;
use crate::ops::request::{Reply, Request};

#[derive(Debug, clap::Args)]
pub struct RetentionArgs {
    /// Counts what would go, and changes nothing
    #[arg(long)]
    dry_run: bool,
    /// Counts as if rooms without a rule of their own kept messages for so many days
    #[arg(long, value_name = "DAYS", requires = "dry_run")]
    days: Option<u32>,
}

pub fn run(config: &Config, args: &RetentionArgs) -> anyhow::Result<()> {
    let request = Request::Retention {
        dry_run: args.dry_run,
        days: args.days.or(config.retention_days),
    };
    match target::ask(config, "retention", request)? {
        Reply::Expiring { rooms } => {
            let (mut messages, mut files) = (0, 0);
            for room in &rooms {
                term::say(format_args!(
                    "{}: {} messages and {} files ({}) older than {} days",
                    if room.name.is_empty() {
                        format!("direct room {}", room.id)
                    } else {
                        room.name.clone()
                    },
                    room.messages,
                    room.files,
                    indicatif::HumanBytes(room.file_bytes),
                    room.days
                ))?;
                messages += room.messages;
                files += room.files;
            }
            term::say(format_args!(
                "{messages} messages and {files} files in {} rooms would go; nothing was changed",
                rooms.len()
            ))?;
        }
        Reply::Removed { removed } => term::say(format_args!(
            "{} messages went from {} rooms; backups made before still hold them",
            removed.messages, removed.rooms
        ))?,
        _ => anyhow::bail!("the server answered something else; is it of the same version?"),
    }
    Ok(())
}

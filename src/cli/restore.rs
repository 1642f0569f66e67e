//! `maru restore`

use super::progress::Bar;
use super::{backup, term};
use crate::config::Config;
use crate::ops::data_dir::DataDir;
use crate::ops::restore;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The archive that `maru backup` has written; `-` is the standard input
    file: PathBuf,

    /// Whoever was signed in when the backup was made still is
    #[arg(long)]
    keep_sessions: bool,
}

pub fn run(config: &Config, args: &RestoreArgs) -> anyhow::Result<()> {
    let (from, size) = backup::open(&args.file)?;
    let dir = DataDir::claim(&config.data_dir, "restore")?;
    let bar = Bar::start("restoring");
    let restored = restore::restore(bar.reading(from, size), &dir, args.keep_sessions);
    bar.finish();
    let restored = match restored {
        Ok(restored) => restored,
        Err(error) => {
            dir.give_up();
            return Err(error);
        }
    };
    let counts = restored.about.counts;
    term::say(format_args!(
        "restored {} users, {} rooms, {} messages and {} files as of {} into {}; `maru serve --data-dir {}` builds \
         the search index while it serves",
        counts.users,
        counts.rooms,
        counts.messages,
        counts.files,
        restored.about.created_at,
        config.data_dir.display(),
        config.data_dir.display(),
    ))?;
    if args.keep_sessions && !restored.about.with_keys {
        term::warn("the keys are not in this backup: everybody signs in anew all the same");
    }
    for damaged in &restored.about.damaged {
        term::warn(format_args!(
            "was damaged already when the backup was made: {damaged}"
        ));
    }
    Ok(())
}

//! `maru restore`

use super::progress::Bar;
use super::{UsageError, backup, target, term};
use crate::config::Config;
use crate::domain::Timestamp;
use crate::ops::data_dir::DataDir;
use crate::ops::{replicate, restore, rewind};
use std::path::Path;

#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The archive that `maru backup` has written, `-` is the standard input; or the URL that
    /// `serve --replicate` was given
    file: String,

    /// From a URL: as of this moment, such as 2026-11-29T09:00:00Z [default: as far as it goes]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// Whoever was signed in when the backup was made still is
    #[arg(long)]
    keep_sessions: bool,
}

pub fn run(config: &Config, args: &RestoreArgs) -> anyhow::Result<()> {
    if ["file://", "s3://"]
        .iter()
        .any(|scheme| args.file.starts_with(scheme))
    {
        return rewind(config, args);
    }
    if args.at.is_some() {
        let text = "--at needs the URL of a replica: a backup is one moment";
        return Err(UsageError(text.to_owned()).into());
    }
    let (from, size) = backup::open(Path::new(&args.file))?;
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

/// From a replica.
fn rewind(config: &Config, args: &RestoreArgs) -> anyhow::Result<()> {
    let at = match &args.at {
        None => None,
        Some(text) => Some(Timestamp::parse(text).ok_or_else(|| {
            UsageError(format!(
                "`{text}` is no time; --at takes one such as 2026-11-29T09:00:00Z"
            ))
        })?),
    };
    let roots = config.outbound_roots.as_ref();
    let roots = roots.map(std::fs::read_to_string).transpose()?;
    let place = replicate::place(&args.file, roots.as_deref())?;
    let dir = DataDir::claim(&config.data_dir, "restore")?;
    let bar = Bar::start("restoring");
    let restoring = rewind::restore(&place, at, &dir, args.keep_sessions);
    let rewound = target::runtime()?.block_on(restoring);
    bar.finish();
    let rewound = match rewound {
        Ok(rewound) => rewound,
        Err(error) => {
            dir.give_up();
            return Err(error);
        }
    };
    term::say(format_args!(
        "restored everything as of {} into {}: a snapshot of {} and {} commands behind it; `maru serve --data-dir {}` \
         builds the search index while it serves",
        rewound.at,
        config.data_dir.display(),
        rewound.snapshot.about.created_at,
        rewound.entries,
        config.data_dir.display(),
    ))?;
    Ok(())
}

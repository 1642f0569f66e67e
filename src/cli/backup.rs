//! `maru backup`

use super::progress::Bar;
use super::target::{self, Missing, Target};
use super::term;
use crate::archive::Compressed;
use crate::config::Config;
use crate::ops::restore::{self, Restored};
use anyhow::Context;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct BackupArgs {
    /// The archive to write; `-` is the standard output
    #[arg(required = true, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Leaves out what tokens are signed with: after a restore everybody signs in anew
    #[arg(long)]
    without_keys: bool,

    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Read an archive to its end and verify all that is in it
    Verify {
        /// The archive; `-` is the standard input
        file: PathBuf,
    },
}

pub fn run(config: &Config, args: &BackupArgs) -> anyhow::Result<()> {
    match (&args.what, &args.file) {
        (Some(What::Verify { file }), _) => verify(file),
        (None, Some(file)) if file.as_os_str() == "-" => {
            write(config, args, io::stdout().lock()).map(drop)
        }
        (None, Some(file)) => into_file(config, args, file),
        (None, None) => anyhow::bail!("name the file to write"),
    }
}

/// What was there under this name stays until the new archive is whole.
fn into_file(config: &Config, args: &BackupArgs, path: &Path) -> anyhow::Result<()> {
    let name = path.file_name().context("name a file, not a folder")?;
    let draft = path.with_file_name(format!("{}.part", name.to_string_lossy()));
    let opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft);
    let file = opened.with_context(|| format!("{} cannot be written", draft.display()))?;
    let written = write(config, args, file).and_then(|file| {
        file.sync_all()?;
        std::fs::rename(&draft, path)?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    });
    if written.is_err() {
        // It is no backup, and says so where it stays.
        let _ = std::fs::remove_file(&draft);
    }
    written.with_context(|| {
        format!(
            "no backup was written to {}; name a place that can be written and has room",
            path.display()
        )
    })?;
    let size = std::fs::metadata(path)?.len();
    term::note(format_args!(
        "{} written, {}; `maru backup verify` reads it again",
        path.display(),
        indicatif::HumanBytes(size)
    ));
    if !args.without_keys {
        term::note("It holds password hashes and keys: keep it as safe as the data directory.");
    }
    Ok(())
}

fn write<W: Write>(config: &Config, args: &BackupArgs, out: W) -> anyhow::Result<W> {
    let runtime = target::runtime()?;
    let mut target = runtime.block_on(Target::open(config, "backup", Missing::Refuse))?;
    let mut out = Compressed::new(BufWriter::with_capacity(1 << 18, out))?;
    let with_keys = !args.without_keys;
    let bar = Bar::start("copying");
    let written = match &mut target {
        Target::Here(opened) => opened
            .backup
            .cut(with_keys, true, &mut |done, all| bar.rows(done, all))
            .and_then(|cut| Ok(cut.write(&mut out, &mut |done, all| bar.bytes(done, all))?)),
        Target::Beside(control) => {
            let passed = |done, all| drop(bar.bytes(done, all));
            runtime.block_on(control.backup(with_keys, &mut out, passed))
        }
    };
    bar.finish();
    runtime.block_on(target.close());
    written?;
    let buffered = out.finish()?;
    buffered
        .into_inner()
        .map_err(|error| error.into_error().into())
}

fn verify(path: &Path) -> anyhow::Result<()> {
    let scratch = Scratch::new()?;
    let (from, size) = open(path)?;
    let bar = Bar::start("reading");
    let verified = restore::verify(bar.reading(from, size), &scratch.0);
    bar.finish();
    let Restored { about, size_bytes } = verified?;
    term::say(format_args!(
        "all is well: made by maru {} at {}, position {}; {} users, {} rooms, {} messages, {} files, {}",
        about.maru,
        about.created_at,
        about.seq,
        about.counts.users,
        about.counts.rooms,
        about.counts.messages,
        about.counts.files,
        indicatif::HumanBytes(size_bytes),
    ))?;
    if !about.with_keys {
        term::say("the keys are not in it: after a restore everybody signs in anew")?;
    }
    for damaged in &about.damaged {
        term::warn(format_args!(
            "was damaged already when the backup was made: {damaged}"
        ));
    }
    Ok(())
}

/// An archive and its size, where that is known.
pub fn open(path: &Path) -> anyhow::Result<(Box<dyn Read>, Option<u64>)> {
    if path.as_os_str() == "-" {
        return Ok((Box::new(io::stdin().lock()), None));
    }
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let size = file.metadata()?.len();
    Ok((Box::new(file), Some(size)))
}

/// A folder that goes when this is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Scratch> {
        let name = format!("maru-verify-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let made = std::fs::create_dir(&path);
        made.with_context(|| {
            format!(
                "{} cannot be made; TMPDIR names another place",
                path.display()
            )
        })?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

//! Files of other programs as lines of JSON, in an unnamed file.

use super::ImportArgs;
use crate::cli::{UsageError, term};
use crate::config::Config;
use crate::imports::{self, Options, Report};
use anyhow::Context;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// What a file of another program holds.
pub struct Converted {
    pub lines: File,
    pub report: Report,
}

pub fn convert(
    config: &Config,
    format: imports::Format,
    args: &ImportArgs,
) -> anyhow::Result<Converted> {
    let users = args.map_users.as_deref().map(map).transpose()?;
    let options = Options {
        room: args.room.clone(),
        users: users.unwrap_or_default(),
        columns: args.columns.clone(),
        utc_offset_minutes: args.utc_offset_minutes,
        name: None,
        force: args.skip_bad_lines,
        // A dry run asks nobody.
        fetch: if args.fetch_files && !args.dry_run {
            Some(super::fetch::over(config)?)
        } else {
            None
        },
    };
    let spooled;
    let path: &Path = if args.file.as_os_str() == "-" {
        spooled = Spooled::stdin()?;
        &spooled.0
    } else {
        &args.file
    };
    let lines = unnamed()?;
    let mut out = BufWriter::new(lines.try_clone()?);
    let report = imports::convert(format, path, &options, &mut out)
        .with_context(|| format!("{} cannot be imported", args.file.display()))?;
    out.flush()?;
    drop(out);
    Ok(Converted { lines, report })
}

/// What came of it: on the standard output of a dry run, else beside.
pub fn report(report: &Report, is_dry: bool) -> std::io::Result<()> {
    let would = if is_dry {
        "would come"
    } else {
        "are in the file"
    };
    let Report {
        users,
        rooms,
        messages,
        replies,
        reactions,
        files,
        pins,
        lost,
    } = report;
    let text = format!(
        "{messages} messages ({replies} replies, {reactions} reactions, {pins} pins), {rooms} rooms, {users} users and {files} files {would}"
    );
    if is_dry {
        term::say(&text)?;
        for (what, count) in lost {
            term::say(format_args!("not loaded: {count} {what}"))?;
        }
        term::say("Nothing was loaded: this was a dry run")?;
    } else {
        term::note(&text);
        for (what, count) in lost {
            term::warn(format_args!("not loaded: {count} {what}"));
        }
    }
    Ok(())
}

/// Who is who.
fn map(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = imports::encoding::decode(&bytes);
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(&text)
            .with_context(|| format!("{} is no JSON object of names to names", path.display()));
    }
    let mut users = BTreeMap::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((there, here)) = line.split_once([',', '=', '\t']) else {
            let text = format!(
                "{}: line {} is no pair of names with a comma between",
                path.display(),
                n + 1
            );
            return Err(UsageError(text).into());
        };
        users.insert(there.trim().to_owned(), here.trim().to_owned());
    }
    Ok(users)
}

/// Gone with this process, however it ends.
fn unnamed() -> std::io::Result<File> {
    let path = std::env::temp_dir().join(format!("maru-import-{}.jsonl", std::process::id()));
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// The standard input as a file with a name, for readers that jump about in it.
struct Spooled(PathBuf);

impl Spooled {
    fn stdin() -> std::io::Result<Spooled> {
        let path = std::env::temp_dir().join(format!("maru-import-{}.in", std::process::id()));
        let mut file = File::options().write(true).create_new(true).open(&path)?;
        let spooled = Spooled(path);
        std::io::copy(&mut std::io::stdin().lock(), &mut file)?;
        Ok(spooled)
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

//! What is damaged in a stopped data directory set aside, and what is whole of it kept.

use super::look::CACHE_BYTES;
use super::manifest::{self, Manifest};
use crate::auth::keys::{self, KeyError};
use crate::cache::{self, Clock, Embedded};
use crate::domain::Seq;
use crate::log::{self, LogError};
use crate::state::examine;
use std::path::{Path, PathBuf};

/// Puts aside what cannot be read, and says what that was. The caller holds the directory.
pub fn repair(dir: &Path) -> anyhow::Result<Vec<String>> {
    let path = dir.join("state.redb");
    let mut done = Vec::new();
    let found = examine::examine(&path, CACHE_BYTES)?;
    if !found.findings.is_empty() {
        done.extend(examine::repair(&path, CACHE_BYTES)?);
        let text = "state.redb was written anew; the damaged one is state.redb.damaged";
        done.push(text.to_owned());
    }
    let seq = examine::examine(&path, CACHE_BYTES)?.seq.unwrap_or(Seq(0));
    let log_dir = dir.join("log");
    if let Err(error) = log::inspect(&log_dir, seq) {
        let aside = set_aside(&log_dir)?;
        done.push(format!("log: {error}"));
        if let LogError::Damaged { file, offset, .. } = &error {
            copy_before(&aside, &log_dir, file, *offset)?;
        }
        let last = match log::inspect(&log_dir, seq) {
            Ok(Some(kept)) => kept.reader.last_seq(),
            // The state is further on than what is whole of the log.
            Ok(None) | Err(_) => {
                remove_folder(&log_dir)?;
                seq
            }
        };
        done.push(format!(
            "the log is {} now; everything up to entry {last} is kept, what came after is given up",
            aside.display()
        ));
    }
    if let Err(error) = log::inspect(&dir.join("events"), seq) {
        let aside = set_aside(&dir.join("events"))?;
        done.push(format!("events: {error}; it is {} now", aside.display()));
    }
    for error in keys::inspect(&dir.join("keys")) {
        if let KeyError::Bad { path, .. } = &error {
            let aside = set_aside(path)?;
            done.push(format!("keys: {error}; it is {} now", aside.display()));
        }
    }
    repair_cache(&dir.join("cache"), &mut done)?;
    let (known, missing) = manifest::expected(dir)?;
    if !missing.is_empty() {
        done.extend(missing);
        done.push("what is missing is not expected any more".to_owned());
        Manifest::of(dir, seq.min(Seq(known.seq)), 0).write(dir)?;
    }
    Ok(done)
}

/// Whoever opens a damaged cache salvages it.
fn repair_cache(path: &Path, done: &mut Vec<String>) -> anyhow::Result<()> {
    if !path.exists() || cache::survey(path, &Clock::system()).is_ok() {
        return Ok(());
    }
    let cache = Embedded::open(cache::Options {
        path: Some(path.to_owned()),
        ..cache::Options::default()
    })?;
    let report = cache.load_report();
    for damage in &report.damages {
        let (path, what) = (damage.path.display(), &damage.what);
        let kept = match &damage.aside {
            Some(aside) => format!("; it is {} now", aside.display()),
            None => String::new(),
        };
        done.push(format!("cache: {path}: {what}{kept}"));
    }
    let more = if report.gone.is_uncounted {
        ", and there may be more"
    } else {
        ""
    };
    let (left, gone) = (report.keys, report.gone.keys);
    done.push(format!(
        "cache: {left} keys are kept, {gone} are gone{more} {}",
        report.gone.names.join(" ")
    ));
    Ok(())
}

/// Under a name that says so, and that nothing has.
fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let named = |n: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(match n {
            1 => ".damaged".to_owned(),
            n => format!(".damaged-{n}"),
        });
        PathBuf::from(name)
    };
    let aside = (1..).map(named).find(|path| !path.exists());
    let aside = aside.unwrap_or_else(|| named(1));
    std::fs::rename(path, &aside)?;
    Ok(aside)
}

/// The segments before a damaged place, and the damaged one up to there.
fn copy_before(from: &Path, to: &Path, damaged: &Path, offset: u64) -> std::io::Result<()> {
    std::fs::create_dir(to)?;
    for item in std::fs::read_dir(from)? {
        let path = item?.path();
        let is_segment = path.extension().is_some_and(|ending| ending == "log");
        let Some(name) = path.file_name().filter(|_| is_segment) else {
            continue;
        };
        let target = to.join(name);
        if Some(name) < damaged.file_name() {
            std::fs::copy(&path, target)?;
        } else if Some(name) == damaged.file_name() && offset > 0 {
            std::fs::copy(&path, &target)?;
            let file = std::fs::File::options().write(true).open(&target)?;
            file.set_len(offset)?;
            file.sync_all()?;
        }
    }
    Ok(())
}

fn remove_folder(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

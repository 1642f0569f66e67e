//! `maru check`

use super::{target, term};
use crate::config::Config;
use crate::ops::check::Report;
use crate::ops::data_dir::{DataDir, holder};
use crate::ops::look;
use crate::ops::repair;
use crate::ops::request::{Reply, Request};

pub fn run(config: &Config, repair: bool) -> anyhow::Result<()> {
    let is_served = holder(&config.data_dir)?.is_some();
    let mut seen = Vec::new();
    if repair {
        anyhow::ensure!(
            !is_served,
            "stop the server first: what it has open cannot be repaired"
        );
        let dir = DataDir::open(&config.data_dir, "check")?;
        let done = repair::repair(dir.path())?;
        done.iter().try_for_each(term::say)?;
        if done.is_empty() {
            term::say("nothing to repair")?;
        }
    } else if !is_served && config.data_dir.join("VERSION").exists() {
        // Before anything is opened, for that would cut, replay and build.
        let report = look::look(&config.data_dir);
        if report.finding_count > 0 {
            return tell(&report);
        }
        seen = report.notes;
    }
    let Reply::Checked { mut report } = target::ask(config, "check", Request::Check)? else {
        anyhow::bail!("the server answered something else; is it of the same version?");
    };
    report.notes.splice(0..0, seen);
    tell(&report)
}

fn tell(report: &Report) -> anyhow::Result<()> {
    for finding in &report.findings {
        term::say(finding)?;
    }
    let notes = || report.notes.iter().try_for_each(term::say);
    if report.finding_count > 0 {
        notes()?;
        let count = report.finding_count;
        anyhow::bail!(
            "{count} findings; restore a backup, or stop the server and run `maru check --repair`: it sets aside what \
             is damaged and keeps the rest; if only the index is named, delete its folder, and it is built again"
        );
    }
    term::say(format_args!(
        "all is well: {} log entries, {} users, {} rooms, {} messages, {} of them in the index, \
         {} keys in the cache, {} files",
        report.entries,
        report.users,
        report.rooms,
        report.messages,
        report.indexed,
        report.keys,
        report.files
    ))?;
    notes()?;
    Ok(())
}

//! `maru check`

use super::{target, term};
use crate::config::Config;
use crate::ops::check::Report;
use crate::ops::data_dir::{DataDir, holder};
use crate::ops::look;
use crate::ops::request::{Reply, Request};

pub fn run(config: &Config, repair: bool) -> anyhow::Result<()> {
    let is_served = holder(&config.data_dir)?.is_some();
    if repair {
        anyhow::ensure!(
            !is_served,
            "stop the server first: what it has open cannot be repaired"
        );
        let dir = DataDir::open(&config.data_dir, "check")?;
        let done = look::repair(dir.path())?;
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
    }
    let Reply::Checked { report } = target::ask(config, "check", Request::Check)? else {
        anyhow::bail!("the server answered something else; is it of the same version?");
    };
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
            "{count} findings; those of the cache say what to do; if only the index is named, stop the server and \
             delete its folder, it is built again; otherwise restore a backup"
        );
    }
    term::say(format_args!(
        "all is well: {} log entries, {} users, {} rooms, {} messages, {} of them in the index, \
         {} keys in the cache",
        report.entries, report.users, report.rooms, report.messages, report.indexed, report.keys
    ))?;
    notes()?;
    Ok(())
}

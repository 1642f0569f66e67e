//! `maru check`

use super::{target, term};
use crate::config::Config;
use crate::ops::request::{Reply, Request};

pub fn run(config: &Config) -> anyhow::Result<()> {
    let Reply::Checked { report } = target::ask(config, "check", Request::Check)? else {
        anyhow::bail!("the server answered something else; is it of the same version?");
    };
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

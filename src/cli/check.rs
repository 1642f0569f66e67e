//! `maru check`

use super::{office, term};
use crate::config::Config;
use crate::ops::request::{Reply, Request};

pub fn run(config: &Config) -> anyhow::Result<()> {
    let Reply::Checked { report } = office::ask(config, "check", Request::Check)? else {
        anyhow::bail!("the server answered something else; is it of the same version?");
    };
    for finding in &report.findings {
        term::say(finding)?;
    }
    if report.finding_count > 0 {
        let count = report.finding_count;
        anyhow::bail!(
            "{count} findings; if only the index is named, stop the server and delete its folder, \
             it is built again; otherwise restore a backup"
        );
    }
    term::say(format_args!(
        "all is well: {} log entries, {} users, {} rooms, {} messages, {} of them in the index",
        report.entries, report.users, report.rooms, report.messages, report.indexed
    ))?;
    Ok(())
}

//! `maru reindex`

use super::{target, term};
use crate::config::Config;
use crate::ops::request::{Reply, Request};

pub fn run(config: &Config) -> anyhow::Result<()> {
    let Reply::Reindexed { messages, took_ms } = target::ask(config, "reindex", Request::Reindex)?
    else {
        anyhow::bail!("the server answered something else; is it of the same version?");
    };
    term::say(format_args!(
        "indexed {messages} messages in {}.{} s",
        took_ms / 1000,
        took_ms % 1000 / 100
    ))?;
    Ok(())
}

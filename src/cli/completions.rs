//! `maru completions SHELL`

use super::args::command_line;
use clap_complete::Shell;
use std::io::Write;

#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub fn run(args: &CompletionsArgs) -> anyhow::Result<()> {
    // Generated whole first: the generator panics on a reader that goes away.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command_line(), "maru", &mut script);
    let mut out = std::io::stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(())
}

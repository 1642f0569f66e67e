//! `maru export`

use super::target::{self, Missing, Target};
use super::term;
use crate::config::Config;
use crate::ops::export::Export;
use std::io::Write;

#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// How the lines look
    #[arg(long, default_value = "jsonl")]
    format: Format,

    /// Everything: accounts, private and direct rooms, who is in them
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// One JSON object a line
    Jsonl,
}

pub fn run(config: &Config, args: &ExportArgs) -> anyhow::Result<()> {
    let Format::Jsonl = args.format;
    let runtime = target::runtime()?;
    let mut target = runtime.block_on(Target::open(config, "export", Missing::Refuse))?;
    let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let left_out = match &mut target {
        Target::Here(opened) => {
            let mut export =
                Export::new(opened.engine().read()?, opened.engine().epoch(), args.all);
            while let Some(piece) = export.next_piece()? {
                out.write_all(&piece)?;
            }
            export.rooms_left_out()?
        }
        Target::Beside(control) => runtime.block_on(control.export(args.all, &mut out))?,
    };
    out.flush()?;
    drop(out);
    runtime.block_on(target.close());
    if left_out > 0 {
        term::note(format_args!(
            "{left_out} private and direct rooms are left out; `--all` exports them with who may read them"
        ));
    }
    Ok(())
}

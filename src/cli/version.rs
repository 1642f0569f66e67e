//! `maru version`

use super::term;
use std::io::Read;

#[derive(Debug, clap::Args)]
pub struct VersionArgs {
    /// Print the licences of the libraries and of the dictionary in this binary
    #[arg(long)]
    licenses: bool,
}

/// Made by packaging/licenses.mjs, packed with gzip.
static LICENSES: &[u8] = include_bytes!("../../packaging/licenses.txt.gz");

pub fn run(args: &VersionArgs) -> anyhow::Result<()> {
    if !args.licenses {
        term::say(format_args!("maru {}", env!("CARGO_PKG_VERSION")))?;
        return Ok(());
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(LICENSES).read_to_string(&mut text)?;
    term::say(text.trim_end())?;
    Ok(())
}

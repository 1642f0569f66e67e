//! What other programs write, as Maru's lines and texts. Pure: files in, lines out; no store, no
//! network, no clock.
//!
//! - [`formats`]: histories of Slack, Mattermost, KakaoTalk, Discord, and tables.
//! - [`payload`]: what other programs send to an incoming webhook.
//! - [`mrkdwn`]: Slack's markup as Markdown. [`emoji`]: names of emoji as signs.
//! - [`out`]: the lines, the report of what came and what was lost. [`people`]: their names.
//! - [`archive`]: zip archives of strangers, bounded. [`gzip`]: what is packed alone. [`encoding`],
//!   [`times`]: old texts and clocks.
pub mod archive;
pub mod emoji;
pub mod encoding;
pub mod formats;
pub mod gzip;
pub mod mrkdwn;
pub mod out;
pub mod payload;
pub mod people;
pub mod times;

pub use out::{Fetch, ImportError, Options, Out, Report};

use std::io::Write;
use std::path::Path;

/// What wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Slack,
    Mattermost,
    Kakaotalk,
    Discord,
    Csv,
}

/// Writes a file's history as lines that `maru import` loads.
pub fn convert(
    format: Format,
    path: &Path,
    options: &Options,
    write: &mut dyn Write,
) -> Result<Report, ImportError> {
    let mut out = Out::new(write);
    match format {
        Format::Slack => formats::slack::read(path, options, &mut out)?,
        Format::Mattermost => formats::mattermost::read(path, options, &mut out)?,
        Format::Kakaotalk => formats::kakaotalk::read(path, options, &mut out)?,
        Format::Discord => formats::discord::read(path, options, &mut out)?,
        Format::Csv => formats::csv::read(path, options, &mut out)?,
    }
    Ok(out.report)
}

fn is_zip(path: &Path) -> std::io::Result<bool> {
    use std::io::Read;
    let mut magic = [0; 4];
    let read = std::fs::File::open(path)?.read(&mut magic)?;
    Ok(magic[..read].starts_with(b"PK\x03\x04"))
}

/// The same everywhere and for ever: ids are made of it.
fn hash(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

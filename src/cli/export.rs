//! `maru export`

use super::target::{self, Missing, Target};
use super::{UsageError, term};
use crate::config::Config;
use crate::ops::export::asked::Asked;
use crate::ops::export::html::Language;
use anyhow::Context;
use std::io::{self, Write};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// How the export looks
    #[arg(long, default_value = "jsonl")]
    format: Format,

    /// Everything: accounts, all rooms, who is in them, files, and how far everybody has read
    #[arg(long, conflicts_with_all = ["room", "user"])]
    all: bool,

    /// One room whole, by its name or its id
    #[arg(long, value_name = "ROOM", conflicts_with = "user")]
    room: Option<String>,

    /// One person: the account, what it chose and saved, and what it wrote
    #[arg(long, value_name = "NAME")]
    user: Option<String>,

    /// The file that is written [default: the standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Of a page
    #[arg(long, default_value = "en")]
    language: Language,

    /// Minutes east of UTC, for the times on a page
    #[arg(long, value_name = "MINUTES", default_value_t = 0, allow_hyphen_values = true, value_parser = clap::value_parser!(i32).range(-1440..=1440))]
    utc_offset_minutes: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One JSON object a line
    Jsonl,
    /// A page of one room that any browser shows, with its pictures
    Html,
}

pub fn run(config: &Config, args: &ExportArgs) -> anyhow::Result<()> {
    let is_page = args.format == Format::Html;
    if is_page && args.room.is_none() {
        let text = "--format html writes one room; name it with --room";
        return Err(UsageError(text.to_owned()).into());
    }
    let asked = Asked {
        all: args.all,
        room: args.room.clone(),
        user: args.user.clone(),
        page: is_page.then_some(args.language),
        utc_offset_minutes: args.utc_offset_minutes,
    };
    let runtime = target::runtime()?;
    let mut target = runtime.block_on(Target::open(config, "export", Missing::Refuse))?;
    let mut out = Out::open(args.output.as_deref())?;
    let left_out = match &mut target {
        Target::Here(opened) => {
            let store = opened.node.services.files.store().clone();
            let (mut leaving, left_out) = asked.open(opened.engine(), store)?;
            while let Some(piece) = leaving.next_piece()? {
                out.write_all(&piece)?;
            }
            left_out
        }
        Target::Beside(control) => runtime.block_on(control.export(&asked, &mut out))?,
    };
    out.finish()?;
    runtime.block_on(target.close());
    if left_out > 0 {
        term::note(format_args!(
            "{left_out} private and direct rooms are left out; `--all` exports them with who may read them"
        ));
    }
    Ok(())
}

/// The standard output, or a file that has its name when it is whole.
struct Out {
    to: io::BufWriter<Box<dyn Write>>,
    file: Option<(PathBuf, PathBuf)>,
}

impl Out {
    fn open(path: Option<&std::path::Path>) -> anyhow::Result<Out> {
        let (to, file): (Box<dyn Write>, _) = match path {
            None => (Box::new(io::stdout().lock()), None),
            Some(path) => {
                let mut draft = path.as_os_str().to_owned();
                draft.push(".new");
                let draft = PathBuf::from(draft);
                let file = private(&draft)
                    .with_context(|| format!("{} cannot be written", draft.display()))?;
                (Box::new(file), Some((draft, path.to_owned())))
            }
        };
        let to = io::BufWriter::with_capacity(1 << 16, to);
        Ok(Out { to, file })
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.to.flush()?;
        if let Some((draft, path)) = self.file.take() {
            std::fs::File::open(&draft)?.sync_all()?;
            std::fs::rename(&draft, &path)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(())
    }
}

/// It holds what only some may read.
fn private(path: &std::path::Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

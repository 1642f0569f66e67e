//! `maru import`

mod convert;
mod fetch;

use super::target::{self, Missing, Target};
use super::{UsageError, term};
use crate::config::Config;
use crate::imports;
use crate::ops::import::{FeedError, ImportFile, LoadError, Survey, feed, load};
use crate::ops::request::{Differing, Loaded, Reply, Request};
use anyhow::Context;
use bytes::Bytes;
use convert::Converted;
use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;
use std::io::{self, BufRead, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// The file, plain or packed with gzip; - is the standard input
    file: PathBuf,

    /// What wrote the file
    #[arg(long, default_value = "jsonl")]
    format: Format,

    /// Load the good lines even if others are bad
    #[arg(long)]
    skip_bad_lines: bool,

    /// Say what would come and what would be lost, and load nothing
    #[arg(long)]
    dry_run: bool,

    /// File that says who is who: a JSON object {"name there":"name here"}, or lines of two names
    /// with a comma between
    #[arg(long, value_name = "FILE")]
    map_users: Option<PathBuf>,

    /// The room into which it goes, where the file is of one room
    #[arg(long, value_name = "ROOM")]
    room: Option<String>,

    /// What the columns of a table are, in their order: of id, room, user, sent_at, text, reply_to,
    /// edited_at, and _ for others [default: as the first line says]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Vec<String>,

    /// Minutes east of UTC, for files that tell times without a zone [default: 540, Korea, for
    /// kakaotalk; 0 for csv]
    #[arg(long, value_name = "MINUTES", allow_hyphen_values = true, value_parser = clap::value_parser!(i32).range(-1440..=1440))]
    utc_offset_minutes: Option<i32>,

    /// Fetch the files that Slack's archive only has the addresses of. They are good for as long as the
    /// archive's own link
    #[arg(long)]
    fetch_files: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One JSON object a line, as `export` writes
    Jsonl,
    /// The zip that Slack exports
    Slack,
    /// Mattermost's bulk export, plain or zipped
    Mattermost,
    /// A conversation saved by KakaoTalk, as text or table
    Kakaotalk,
    /// JSON of DiscordChatExporter: a file, a folder or a zip
    Discord,
    /// A table with a time, a user and a text on each line
    Csv,
}

impl Format {
    fn reader(self) -> Option<imports::Format> {
        match self {
            Format::Jsonl => None,
            Format::Slack => Some(imports::Format::Slack),
            Format::Mattermost => Some(imports::Format::Mattermost),
            Format::Kakaotalk => Some(imports::Format::Kakaotalk),
            Format::Discord => Some(imports::Format::Discord),
            Format::Csv => Some(imports::Format::Csv),
        }
    }
}

/// Bytes sent to a server at a time.
const PIECE_BYTES: usize = 64 * 1024;

pub fn run(config: &Config, args: &ImportArgs) -> anyhow::Result<()> {
    let is_jsonl = args.format == Format::Jsonl;
    if is_jsonl && (args.room.is_some() || args.map_users.is_some() || !args.columns.is_empty()) {
        let text = "--room, --map-users and --columns are for files of other programs; lines of \
                    JSON name their rooms and people themselves";
        return Err(UsageError(text.to_owned()).into());
    }
    if args.fetch_files && args.format != Format::Slack {
        let text = "--fetch-files is for archives of Slack; other files bring theirs along";
        return Err(UsageError(text.to_owned()).into());
    }
    // Before the data directory is touched: a file that is no history leaves nothing.
    let converted = args
        .format
        .reader()
        .map(|format| convert::convert(config, format, args))
        .transpose()?;
    if let Some(converted) = &converted {
        convert::report(&converted.report, args.dry_run)?;
        if args.dry_run {
            return Ok(());
        }
    }
    target::runtime()?.block_on(async {
        let mut target = Target::open(config, "import", Missing::Make).await?;
        let done = import(config, args, converted.as_ref(), &mut target).await;
        target.close().await;
        done
    })
}

async fn import(
    config: &Config,
    args: &ImportArgs,
    converted: Option<&Converted>,
    target: &mut Target,
) -> anyhow::Result<()> {
    let unreadable = || format!("cannot read {}", args.file.display());
    let source = match converted {
        Some(converted) => ImportFile::of(converted.lines.try_clone()?),
        None => ImportFile::open(&args.file, &config.data_dir),
    };
    let source = source.with_context(unreadable)?;
    let survey = survey(config, &source, target)
        .await
        .with_context(unreadable)?;
    report(&survey);
    if args.dry_run {
        term::say(format_args!(
            "{} lines would be loaded, {} of them have an id that an earlier line has; {} are bad. Nothing was loaded",
            survey.good, survey.repeated, survey.bad
        ))?;
        return Ok(());
    }
    if survey.bad > 0 && !args.skip_bad_lines {
        let (bad, good) = (survey.bad, survey.good);
        anyhow::bail!(
            "{bad} bad lines beside {good} good ones; nothing was loaded. Mend them, or load the \
             good ones with --skip-bad-lines"
        );
    }
    let started = Instant::now();
    let loaded = second_reading(args, &source, target).await?;
    let seconds = started.elapsed().as_secs_f64();
    let Loaded {
        created,
        repeated,
        skipped,
        differing,
        unplaced,
        first_differing,
    } = loaded;
    for Differing { number, field } in &first_differing {
        term::warn(format_args!(
            "line {number}: a message with this id is here already, with another {field}; it stays as it is"
        ));
    }
    let shown = first_differing.len() as u64;
    if differing > shown {
        term::warn(format_args!("… and {} more such lines", differing - shown));
    }
    if unplaced > 0 {
        term::warn(format_args!(
            "{unplaced} lines tell something of a message, a room or somebody that is not here"
        ));
    }
    let rate = ((created + repeated) as f64 / seconds.max(0.001)).round();
    term::say(format_args!(
        "{created} messages loaded, {repeated} were there already, {skipped} bad lines skipped, \
         in {seconds:.1} s ({rate} a second)"
    ))?;
    Ok(())
}

/// The first reading, and what only the server knows about it.
async fn survey(
    config: &Config,
    source: &ImportFile,
    target: &mut Target,
) -> anyhow::Result<Survey> {
    let reader = source.read()?;
    let progress = Progress::start(source, "reading");
    let mut survey = tokio::task::spawn_blocking(move || Survey::of(reader)).await??;
    progress.finish();
    let rooms = survey.rooms.keys().cloned().collect();
    if let Reply::Rooms { rooms } = target.ask(config, Request::ClosedRooms { rooms }).await? {
        for room in rooms {
            let number = survey.rooms.get(&room).copied().unwrap_or(0);
            survey.bad_line(number, format!("its room {room} is private here"));
        }
    }
    Ok(survey)
}

fn report(survey: &Survey) {
    for bad in &survey.first_bad {
        term::complain(format_args!("line {}: {}", bad.number, bad.reason));
    }
    let shown = survey.first_bad.len() as u64;
    if survey.bad > shown {
        term::complain(format_args!("… and {} more bad lines", survey.bad - shown));
    }
    for (field, lines) in &survey.others {
        term::warn(format_args!(
            "`{field}` on {lines} lines is not loaded: there is no place for it"
        ));
    }
    if survey.open_replies > 0 {
        let count = survey.open_replies;
        term::warn(format_args!(
            "{count} lines answer a message that no earlier line holds; where it is not here \
             already, they stand alone"
        ));
    }
}

async fn second_reading(
    args: &ImportArgs,
    source: &ImportFile,
    target: &mut Target,
) -> anyhow::Result<Loaded> {
    let reader = source.read()?;
    let progress = Progress::start(source, "loading");
    let loaded = match target {
        Target::Here(opened) => {
            let batches = feed(
                reader,
                args.skip_bad_lines,
                opened.node.services.files.store().clone(),
            );
            let loaded = load(opened.engine(), batches, args.skip_bad_lines).await;
            loaded.map_err(|error: LoadError| anyhow::Error::from(error))
        }
        Target::Beside(control) => {
            let broken = Arc::new(Mutex::new(None));
            let pieces = pieces(reader, Arc::clone(&broken));
            let pieces = futures_util::stream::unfold(pieces, async |mut pieces| {
                pieces.recv().await.map(|piece| (piece, pieces))
            });
            let loaded = control.import(pieces, args.skip_bad_lines).await;
            match broken.lock().take() {
                Some(error) => Err(FeedError::Broken(error).into()),
                None => Ok(loaded?),
            }
        }
    };
    progress.finish();
    loaded.context(
        "loading stopped; what was loaded before stays, and the same file again goes on from there",
    )
}

/// The unpacked bytes of the file, read in a thread. What breaks the reading off is kept in `broken`,
/// and the request with it: half a file is not the file.
fn pieces(
    mut reader: Box<dyn BufRead + Send>,
    broken: Arc<Mutex<Option<io::Error>>>,
) -> mpsc::Receiver<io::Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(8);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = Vec::with_capacity(PIECE_BYTES);
            let read = reader
                .by_ref()
                .take(PIECE_BYTES as u64)
                .read_to_end(&mut piece);
            let piece = match read {
                Ok(0) => return,
                Ok(_) => Ok(piece.into()),
                Err(error) => {
                    let told = io::Error::new(error.kind(), "the file cannot be read");
                    *broken.lock() = Some(error);
                    Err(told)
                }
            };
            let is_over = piece.is_err();
            if sender.blocking_send(piece).is_err() || is_over {
                return;
            }
        }
    });
    receiver
}

/// How much of the file was used, on a terminal.
struct Progress {
    bar: ProgressBar,
    ticker: tokio::task::JoinHandle<()>,
}

impl Progress {
    fn start(source: &ImportFile, what: &'static str) -> Progress {
        let bar = ProgressBar::new(source.size_bytes()).with_message(what);
        let template = "{msg} [{bar:30}] {bytes} of {total_bytes}, {elapsed}, {eta} left";
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        let (its, consumed) = (bar.clone(), source.consumed_bytes());
        let ticker = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(100));
            loop {
                ticks.tick().await;
                its.set_position(consumed.load(Ordering::Relaxed));
            }
        });
        Progress { bar, ticker }
    }

    fn finish(self) {
        self.ticker.abort();
        self.bar.finish_and_clear();
    }
}

//! Start: the state, then what the log has after it, then the threads.

use super::alive::{self, Fatal, Pulse};
use super::appender::Appender;
use super::applier::Applier;
use super::compaction::{Compaction, CompactionOptions};
use super::disk::Disk;
use super::gate::Gate;
use super::journal::{Journal, Kept, Retain};
use super::replay::{ReplayError, replay};
use super::waiters::Waiters;
use super::{Engine, EngineMetrics, IN_FLIGHT, Inner};
use crate::domain::entry::RULES;
use crate::domain::{Effect, LogHash, Seq};
use crate::live::{Hub, Packet};
use crate::log::Disk as LogDisk;
use crate::log::{FileLog, Fsync, LocalSequencer, Log, LogError, LogReader, Sequencer};
use crate::metrics::{Metrics, Timer};
use crate::state::file::Disk as StateDisk;
use crate::state::{State, StateError};
use parking_lot::Mutex;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Instant;
use tokio::sync::{Semaphore, watch};

/// Entries in memory for the applier, which follows closely: it seldom reads the disk.
const RECENT_BYTES: usize = 4 << 20;

pub struct Options {
    /// The data directory; the caller holds its lock.
    pub dir: PathBuf,
    pub fsync: Fsync,
    /// Events kept for clients that come back.
    pub retain_events: Retain,
    /// redb's page cache.
    pub state_cache_bytes: usize,
    /// A position that was there already: without a log, a state before it has lost something.
    pub at_least: Seq,
    /// What the state's file is on.
    pub state_disk: Arc<dyn StateDisk>,
    pub compaction: CompactionOptions,
    /// Random, below 2^53.
    pub new_epoch: u64,
    /// Random: no other run has the same.
    pub run: u64,
    pub member: Member,
    /// Whether positions mean something else from now on: the log begins `new_epoch`.
    pub anew: bool,
    /// Called when a thread of the engine has died.
    pub fatal: Fatal,
    pub timers: Metrics,
}

/// Which of the nodes this one is.
#[derive(Clone)]
pub struct Member {
    /// In the stamp of every command that is taken here; 0 where there is only one node.
    pub number: u32,
    /// The rules that every node knows.
    pub rules: Arc<AtomicU16>,
    /// The log keeps everything from this position on, also what the state has.
    pub keep_from: Arc<AtomicU64>,
    /// Entries up to here hold what was removed, and are to go wherever they are.
    pub forget: Arc<AtomicU64>,
}

impl Member {
    /// The only one.
    pub fn alone() -> Member {
        Member {
            number: 0,
            rules: Arc::new(AtomicU16::new(RULES)),
            keep_from: Arc::new(AtomicU64::new(u64::MAX)),
            forget: Arc::default(),
        }
    }
}

/// Does what follows of a command; with whether this node took it.
type Follow = dyn Fn(&Effect, bool) + Send;

/// Who has to know of what was applied. Called by the applier's thread, in order; must be quick.
pub struct Followers {
    /// Before the command is answered; with whether this node took the command.
    pub effect: Box<Follow>,
    /// Everything up to here can be read.
    pub applied: Box<dyn Fn(Seq) + Send>,
}

/// What is open before the threads run, for bringing others in line.
pub struct Parts {
    state: State,
    log: FileLog,
    journal: Journal,
    hub: Arc<Hub>,
    options: Options,
}

/// Why the engine does not start. Nothing was changed, but for a torn end that was cut.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error(
        "the state stands at {state}, but the log begins at {first}: what lies between is missing; restore a backup of the whole data directory"
    )]
    Gap { state: Seq, first: Seq },
    #[error(
        "the state stands at {state}, but the log ends at {last}: its end is missing; put back an intact copy of the folder `log`, or move that folder away: the server then goes on from the state, and clients start over"
    )]
    Ahead { state: Seq, last: Seq },
    #[error(
        "the log and the state are not of one history: at entry {at} the log's hash is {log}, and the state was made from a log with {state}; put back the folder `log` that belongs to the state, or move that folder away: the server then goes on from the state, and clients start over"
    )]
    Unlike {
        at: Seq,
        log: LogHash,
        state: LogHash,
    },
    #[error(
        "the log ends at {last}, but entries up to {told} were acknowledged and told: its end is missing; put back an intact copy of the folder `log`, restore the newest backup with `maru restore`, or go on without these entries: remove the folder `events`, and clients start over"
    )]
    LostEnd { last: Seq, told: Seq },
    #[error(
        "the log is missing: it went up to entry {at_least} at least, and the state stands at {state}; restore the data directory from a backup, or give up what lies between with `maru check --repair`"
    )]
    Lost { state: Seq, at_least: Seq },
    #[error("a thread cannot be started: {0}; raise the limit of threads (`ulimit -u`)")]
    Thread(std::io::Error),
}

/// The log's disk, with its syncs timed.
struct TimedDisk(Timer);

impl LogDisk for TimedDisk {
    fn sync(&self, file: &File) -> std::io::Result<()> {
        self.0.time(|| file.sync_data())
    }
}

fn has_log(dir: &Path) -> bool {
    let items = std::fs::read_dir(dir.join("log")).into_iter().flatten();
    items.flatten().any(|item| {
        item.path()
            .extension()
            .is_some_and(|ending| ending == "log")
    })
}

impl Parts {
    pub fn open(options: Options) -> Result<Parts, OpenError> {
        let mut state = State::open_on(
            &options.dir.join("state.redb"),
            options.state_cache_bytes,
            Arc::clone(&options.state_disk),
        )?;
        let position = state.position();
        let at = position.seq;
        if at < options.at_least && !has_log(&options.dir) {
            return Err(OpenError::Lost {
                state: at,
                at_least: options.at_least,
            });
        }
        let timed = Arc::new(TimedDisk(options.timers.fsync.clone()));
        let log_options = crate::log::Options {
            fsync: options.fsync,
            after: (at, position.hash),
            recent_bytes: RECENT_BYTES,
            ..crate::log::Options::new(options.dir.join("log"), options.new_epoch)
        };
        let opened = FileLog::open_on(log_options, timed)?;
        if let Some(torn) = &opened.torn {
            tracing::warn!("{torn}; nothing acknowledged was in it");
        }
        if let Some(why) = &opened.new_epoch {
            tracing::info!("a new epoch begins: {why}");
        }
        let mut log = opened.log;
        if options.anew {
            log.begin_epoch(options.new_epoch)?;
        }
        if at.next() < log.first_seq() {
            return Err(OpenError::Gap {
                state: at,
                first: log.first_seq(),
            });
        }
        if at > log.last_seq() {
            return Err(OpenError::Ahead {
                state: at,
                last: log.last_seq(),
            });
        }
        let hash = log.hash_at(at)?.unwrap_or(LogHash::NONE);
        let is_known = hash != LogHash::NONE && position.hash != LogHash::NONE;
        if is_known && hash != position.hash {
            return Err(OpenError::Unlike {
                at,
                log: hash,
                state: position.hash,
            });
        }
        let events = options.dir.join("events");
        let kept = Kept::open(&events, log.epoch(), options.retain_events)?;
        let is_same = opened.new_epoch.is_none() && log.epoch() == kept.epoch();
        if is_same && options.fsync == Fsync::Always && kept.last_seq() > log.last_seq() {
            return Err(OpenError::LostEnd {
                last: log.last_seq(),
                told: kept.last_seq(),
            });
        }
        // Nobody knows what clients were told under the old one.
        if kept.is_new() && opened.new_epoch.is_none() {
            log.begin_epoch(options.new_epoch)?;
        }
        let mut journal = kept.at(log.epoch(), at)?;
        state.set_epoch(log.epoch());
        let began = Instant::now();
        let last = replay(&mut state, &log.reader(), at.next(), |applied, _| {
            let Some(first) = applied.first().map(|a| a.seq) else {
                return;
            };
            let slots: Vec<_> = applied
                .into_iter()
                .map(|a| Packet::events(&a.events))
                .collect();
            journal.append(first, &slots);
        })?;
        if last > at {
            let (entries, ms) = (last.0 - at.0, began.elapsed().as_millis());
            tracing::info!(
                entries,
                ms,
                "applied what the log had after the last checkpoint"
            );
            // Or a server that is killed again and again has more to replay each time.
            state.checkpoint()?;
        }
        let hub = Hub::new(state.snapshot(), journal.reader(), log.epoch(), last);
        let hub = Arc::new(hub.map_err(OpenError::Thread)?);
        hub.time_fanout(options.timers.fanout.clone());
        Ok(Parts {
            state,
            log,
            journal,
            hub,
            options,
        })
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    pub fn journal(&self) -> LogReader {
        self.journal.reader()
    }

    /// Reads the log itself, for verifying it.
    pub fn log(&self) -> LogReader {
        self.log.reader()
    }

    pub fn epoch(&self) -> u64 {
        self.log.epoch()
    }

    /// Starts the threads of a node that orders by itself.
    pub fn start(self, followers: Followers) -> std::io::Result<Engine> {
        self.start_with(followers, |log, _| Ok(Box::new(LocalSequencer::new(log))))
    }

    /// As [`Parts::start`], with whoever gives the order.
    pub fn start_with(
        self,
        followers: Followers,
        order: impl FnOnce(Arc<Mutex<FileLog>>, LogReader) -> std::io::Result<Box<dyn Sequencer>>,
    ) -> std::io::Result<Engine> {
        let Parts {
            state,
            log,
            journal,
            hub,
            options,
        } = self;
        let metrics = Arc::new(EngineMetrics::default());
        metrics.applied_seq.store(state.seq().0, Ordering::Release);
        let gate = Arc::new(Gate::default());
        let log_reader = log.reader();
        let whole_log = log.reader();
        let log = Arc::new(Mutex::new(log));
        let snapshot = state.snapshot();
        let (jobs, waiting_jobs) = mpsc::channel();
        let (applied, applied_seq) = watch::channel(state.seq());
        let waiters = Arc::<Waiters>::default();
        let pulse = Arc::<Pulse>::default();
        let ending = Arc::new(AtomicBool::new(false));
        let forget = Arc::new(AtomicBool::new(false));
        let appender = Appender {
            sequencer: order(Arc::clone(&log), log_reader.clone())?,
            waiters: Arc::clone(&waiters),
            gate: Arc::clone(&gate),
            disk: Disk::new(&options.dir),
            timers: options.timers.clone(),
        };
        let applier = Applier {
            told: state.seq(),
            state,
            log,
            log_reader: log_reader.clone(),
            waiters: Arc::clone(&waiters),
            ending: Arc::clone(&ending),
            pulse: Arc::clone(&pulse),
            journal,
            hub: Arc::clone(&hub),
            followers,
            gate: Arc::clone(&gate),
            metrics: Arc::clone(&metrics),
            applied,
            disk: Disk::new(&options.dir),
            node: options.member.number,
            keep_from: Arc::clone(&options.member.keep_from),
            dirty_since: Some(Instant::now()),
            dirty_bytes: 0,
            broken: None,
            timers: options.timers.clone(),
            forget: Arc::clone(&forget),
            compaction: Compaction::new(options.compaction),
        };
        let (fatal, its_gate) = (options.fatal, Arc::clone(&gate));
        let threads = vec![
            alive::spawn(
                "appender",
                Arc::clone(&gate),
                Arc::clone(&fatal),
                move || {
                    appender.run(waiting_jobs);
                    ending.store(true, Ordering::Release);
                    log_reader.interrupt();
                },
            )?,
            alive::spawn("applier", its_gate, fatal, move || applier.run())?,
        ];
        Ok(Engine(Arc::new(Inner {
            jobs: Mutex::new(Some(jobs)),
            places: Arc::new(Semaphore::new(IN_FLIGHT)),
            gate,
            state: snapshot,
            hub,
            metrics,
            waiters,
            applied: applied_seq,
            pulse,
            forget,
            run: options.run,
            node: options.member,
            commands: AtomicU64::new(0),
            threads: Mutex::new(threads),
            log: whole_log,
        })))
    }
}

//! The wiring: opens the rooms of one data directory in the right order and connects them.
//!
//! Log and state first, for they alone can refuse; then cache and keys, then the sessions are brought
//! in line with the state before anybody can ask, then the threads, then search, which catches up
//! behind everybody's back.
mod cluster;
mod daily;
mod emitters;
mod eviction;
mod figures;
mod followers;
mod opening;
mod previews;
mod pushes;
mod scheduled;
mod sessions;
mod signals;
mod source;
mod sweep;

pub use cluster::works;

use crate::auth::keys::{Algorithm, KeyError};
use crate::auth::last_use::LastUse;
use crate::auth::passwords::Hasher;
use crate::auth::random::{self, NoRandomness};
use crate::auth::sessions::Sessions;
use crate::auth::throttle::Throttle;
use crate::auth::tokens::Tokens;
use crate::auth::used::Used;
use crate::cache::{self, CacheError, Clock, Embedded};
use crate::cluster::{Entered, Hooks};
use crate::config::{self, Config, TokenAlg};
use crate::domain::Seq;
use crate::engine::{self, Bell, Parts};
use crate::files::{FileError, Store};
use crate::http::figures::IndexLag;
use crate::http::stats::Stats;
use crate::http::{Emitted, Peers, Services, load::Load, uploads::Files};
use crate::live::Hub;
use crate::log::LogReader;
use crate::metrics::{Metrics, Registry};
use crate::outbound::{Guard, RootsError};
use crate::push::{Vapid, VapidError};
use crate::search::Search;
use crate::state::StateError;
use crate::state::file::RealDisk;
use crate::webhooks::{Changes, Deliveries};
pub use opening::open_cache;
use opening::outbound;
use source::Journal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use sweep::{sweep, sweep_files};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// The file's hot pages are in the kernel's cache anyway.
/// The page cache of a server that lasts.
pub const STATE_CACHE_BYTES: usize = 24 << 20;
/// The same for a command that works on a directory alone: pages that do not fit are written and
/// read again and again.
pub const ALONE_STATE_CACHE_BYTES: usize = 192 << 20;

/// What the node has to be told.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The data directory; the caller holds its lock.
    pub dir: PathBuf,
    pub fsync: config::Fsync,
    /// How large the journal of events for resuming clients may grow.
    pub retain_events_bytes: u64,
    /// How long; as long as there is room if `None`.
    pub retain_events_age: Option<Duration>,
    /// How much memory the cache may use, and what goes when that is not enough.
    pub cache_max_bytes: Option<u64>,
    pub cache_eviction: cache::Policy,
    pub cache_fsync: config::Fsync,
    /// redb's page cache.
    pub state_cache_bytes: usize,
    /// A position that was there already.
    pub at_least: Seq,
    pub token_alg: TokenAlg,
    pub posts_per_minute: u32,
    /// Of rooms without a rule of their own; for ever if `None`.
    pub retention_days: Option<u32>,
    /// How long the audit log is kept.
    pub audit_days: u32,
    /// Which addresses may be asked for webhooks, push and previews.
    pub outbound: Guard,
    /// A PEM file with root certificates besides Mozilla's.
    pub outbound_roots: Option<PathBuf>,
    /// The server reads the titles of pages that messages link to.
    pub link_previews: bool,
    /// Where people reach the server.
    pub own_url: Option<String>,
    /// Where push services reach whoever runs this server.
    pub push_subject: String,
    pub max_file_bytes: u64,
    /// Of all files together; no limit if `None`.
    pub files_max_bytes: Option<u64>,
    /// Where it is open already.
    pub cache: Option<Arc<Embedded>>,
    /// In clustered mode.
    pub cluster: Option<Arc<Entered>>,
    /// The directory was of a cluster when it was opened last.
    pub was_clustered: bool,
}

impl From<&Config> for Plan {
    fn from(config: &Config) -> Plan {
        Plan {
            dir: config.data_dir.clone(),
            fsync: config.fsync,
            retain_events_bytes: config.retain_events_bytes,
            retain_events_age: config.retain_events_age,
            cache_max_bytes: config.cache_max_bytes,
            cache_eviction: eviction::policy(config.cache_eviction),
            cache_fsync: config.cache_fsync,
            state_cache_bytes: STATE_CACHE_BYTES,
            at_least: Seq(0),
            token_alg: config.token_alg,
            posts_per_minute: config.posts_per_minute,
            retention_days: config.retention_days,
            audit_days: config.audit_days,
            outbound: Guard::new(config.outbound_allow.clone()),
            outbound_roots: config.outbound_roots.clone(),
            link_previews: config.link_previews,
            own_url: config.public_url.as_ref().map(ToString::to_string),
            push_subject: pushes::subject(config.public_url.as_ref()),
            max_file_bytes: config.max_file_bytes,
            files_max_bytes: config.files_max_bytes,
            cache: None,
            cluster: None,
            was_clustered: false,
        }
    }
}

/// Why the node does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Engine(#[from] engine::OpenError),
    #[error(transparent)]
    Cache(#[from] cache::OpenError),
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Vapid(#[from] VapidError),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error(transparent)]
    State(#[from] StateError),
    #[error("the sessions cannot be brought in line with the state: {0}")]
    Sessions(#[from] CacheError),
    #[error("the folder of files cannot be used: {0}")]
    Files(#[from] FileError),
    #[error("outbound-roots: {0}")]
    Roots(#[from] RootsError),
    #[error("outbound-roots: {path} cannot be read: {source}", path = path.display())]
    RootsFile {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(transparent)]
    Common(#[from] cache::RemoteError),
    #[error("a thread cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// What has ended by time is forgotten this often; it counts no more from its deadline on anyway.
const SWEEP_EVERY: Duration = Duration::from_secs(15 * 60);
/// Rooms that were deleted are looked for this often.
const PURGE_EVERY: Duration = Duration::from_millis(500);
/// Contents that no file has are looked for so often.
const SWEEP_FILES_EVERY: Duration = Duration::from_secs(60);
/// What has just come in is not yet in the state.
const CONTENT_AGE: Duration = Duration::from_secs(10 * 60);
/// An upload can be gone on with for so long.
const INCOMING_AGE: Duration = Duration::from_secs(24 * 3600);

/// An open data directory with everything that works on it.
pub struct Node {
    pub services: Services,
    pub cache: Arc<Embedded>,
    /// The log itself, for verifying it.
    pub log: LogReader,
    /// Of all that is counted.
    pub registry: Arc<Registry>,
    deliveries: Deliveries,
    background: Vec<JoinHandle<()>>,
    stats_file: PathBuf,
}

impl Node {
    /// Opens everything; returns when commands are taken. Reads the disk, so not on a thread that
    /// serves sockets while others wait.
    pub async fn open(plan: Plan) -> Result<Node, OpenError> {
        let (metrics, registry) = Metrics::new();
        daily::compact_if_due(&plan.dir);
        let parts = Parts::open(engine::Options {
            dir: plan.dir.clone(),
            fsync: match plan.fsync {
                config::Fsync::Always => crate::log::Fsync::Always,
                config::Fsync::EverySec => crate::log::Fsync::EverySec,
                config::Fsync::Never => crate::log::Fsync::Never,
            },
            retain_events: engine::Retain {
                bytes: plan.retain_events_bytes,
                age: plan.retain_events_age,
            },
            state_cache_bytes: plan.state_cache_bytes,
            state_disk: Arc::new(RealDisk),
            compaction: engine::CompactionOptions::default(),
            new_epoch: match plan.cluster.as_ref().map(|entered| entered.shared.epoch()) {
                Some(epoch) if epoch > 0 => epoch,
                _ => new_epoch()?,
            },
            at_least: plan.at_least,
            run: u64::from_le_bytes(random::bytes()?),
            member: cluster::member(plan.cluster.as_deref()),
            anew: plan.cluster.is_none() && plan.was_clustered,
            fatal: Arc::new(die),
            timers: metrics.clone(),
        })?;
        let clock = Clock::system();
        let outbound = outbound(&plan)?;
        let cache = match &plan.cache {
            Some(cache) => cache.clone(),
            None => open_cache(&plan)?,
        };
        let remote = plan.cluster.as_deref().map(cluster::cache).transpose()?;
        let handle = match &remote {
            Some(remote) => cache::Handle::Remote(remote.clone()),
            None => cache::Handle::Embedded(cache.clone()),
        };
        let algorithm = match plan.token_alg {
            TokenAlg::Hs256 => Algorithm::HS256,
            TokenAlg::EdDsa => Algorithm::EdDSA,
        };
        let tokens = Tokens::open(&plan.dir.join("keys"), algorithm, clock.clone())?;
        let sessions = Sessions::new(tokens, handle.clone());
        sessions::reconcile(&sessions, &parts).await?;
        let log = parts.log();
        let hub: Arc<Hub> = parts.hub().clone();
        let journal = Journal::new(
            parts.state().snapshot(),
            parts.journal(),
            parts.epoch(),
            parts.state().seq(),
        );
        let search = Arc::new(Search::start(plan.dir.join("index"), Arc::new(journal))?);
        let bell = Bell::default();
        let changes = Changes::default();
        let engine = match plan.cluster.as_deref() {
            None => {
                let followers = followers::followers(
                    Handle::current(),
                    &sessions,
                    &hub,
                    &search,
                    changes.clone(),
                    bell.clone(),
                );
                parts.start(followers)?
            }
            Some(entered) => {
                let followers =
                    followers::of_many(&sessions, &hub, &search, changes.clone(), bell.clone());
                let epochs = Arc::clone(&hub);
                parts.start_with(followers, |log, reader| {
                    let hooks = Hooks {
                        epoch: Box::new(move |epoch| epochs.set_epoch(epoch)),
                        accepts: Box::new(cluster::accepts),
                        leave: Box::new(die),
                    };
                    Ok(Box::new(entered.start(log, reader, hooks)?))
                })?
            }
        };
        let store = Store::open(&plan.dir.join("files"))?;
        let store_of_peers = store.clone();
        let files = Files::new(store.clone(), plan.max_file_bytes, plan.files_max_bytes);
        let works = cluster::works(plan.cluster.as_deref());
        let daily = tokio::spawn(daily::run(
            engine.clone(),
            plan.dir.clone(),
            (plan.retention_days, plan.audit_days),
            works.clone(),
        ));
        let sweeper = tokio::spawn(sweep(engine.clone(), hub.clone(), works.clone()));
        let scheduler = tokio::spawn(scheduled::send(engine.clone(), works.clone()));
        let deliveries =
            Deliveries::start(engine.clone(), outbound.clone(), changes, works.clone());
        let vapid = Arc::new(Vapid::open(&plan.dir.join("keys"))?);
        let attention = Arc::default();
        let told = (&vapid, &*plan.push_subject, &attention);
        let pushes = pushes::start(engine.clone(), outbound.clone(), told, works.clone(), &bell);
        let stats_file = plan.dir.join("figures");
        let used = Used::default();
        let stats = Stats::open(&stats_file, (&search, &used), &metrics);
        let figures = tokio::spawn(figures::keep(
            (stats.clone(), used.clone()),
            engine.clone(),
            Arc::clone(&search),
            stats_file.clone(),
        ));
        let (emitted, slash) = (Emitted::default(), crate::http::slash::Slash::default());
        let emitters = match &remote {
            None => tokio::spawn(emitters::listen(cache.clone(), emitted.clone())),
            Some(remote) => {
                tokio::spawn(emitters::listen_elsewhere(remote.clone(), emitted.clone()))
            }
        };
        let mut background = vec![sweeper, scheduler, emitters, daily, pushes, figures];
        let (mut peers, mut taking) = (None, None);
        if let (Some(entered), Some(remote)) = (plan.cluster.as_deref(), &remote) {
            let (handle, came) = signals::signals(entered, remote.clone(), &hub, &slash);
            background.push(handle);
            taking = Some(came);
            background.push(cluster::keys(entered, sessions.clone(), engine.clone()));
            background.push(cluster::forgetting(entered, engine.clone(), log.clone()));
            peers = Some(Peers::new(
                Arc::clone(&entered.shared),
                entered.secret.clone(),
                engine.clone(),
                log.clone(),
                store_of_peers,
                plan.dir.clone(),
            ));
        } else if plan.was_clustered {
            crate::cluster::record::Record::remove(&plan.dir)?;
        }
        let kept = (store.clone(), previews::spread(peers.clone()));
        let previews = previews::start(&plan, &engine, &outbound, kept, works, &bell);
        background.extend(previews);
        let files_sweeper = sweep_files(engine.clone(), store, peers.clone());
        background.push(tokio::spawn(files_sweeper));
        let services = Services {
            attention,
            emitted,
            peers,
            engine,
            search,
            sessions,
            passwords: Hasher::default(),
            last_use: LastUse::new(handle.clone()),
            imports: crate::http::imports::Imports::default(),
            throttle: Throttle::new(handle, clock),
            files,
            stats,
            used,
            groups: crate::http::groups::Groups::default(),
            names: Arc::default(),
            slash,
            outbound,
            vapid,
            load: Load::new(plan.posts_per_minute),
            metrics,
            index_lag: IndexLag::default(),
        };
        let taking = taking.map(|came| signals::take_answers(services.clone(), came));
        background.extend(taking.map(tokio::spawn));
        Ok(Node {
            services,
            cache,
            log,
            registry: Arc::new(registry),
            deliveries,
            background,
            stats_file,
        })
    }

    /// Takes nothing more, finishes what is under way and leaves everything durable. Blocks.
    pub fn close(self) {
        drop(self.deliveries);
        self.background.iter().for_each(JoinHandle::abort);
        let of = &self.services;
        let kept = (&*of.search, &of.used);
        if let Err(error) = of.stats.save(kept, of.engine.now(), &self.stats_file) {
            tracing::warn!(%error, "the figures of dashboards are not kept");
        }
        of.engine.stop();
    }
}

/// The last line of a process that lost a thread of its engine; whoever runs it starts it again.
fn die(what: &str) {
    tracing::error!("{what}; this process ends");
    std::process::exit(1);
}

/// Random and small enough for JSON readers.
fn new_epoch() -> Result<u64, NoRandomness> {
    let random = u64::from_le_bytes(random::bytes()?);
    Ok((random >> 11).max(1))
}

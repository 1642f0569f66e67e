//! Where a command is done: in this process on the data directory, or through the server that
//! holds it.

use super::keeper::{Keeper, note_end};
use crate::cache::Embedded;
use crate::cluster::{Entered, record::Record};
use crate::config::Config;
use crate::domain::Seq;
use crate::engine::Engine;
use crate::node::{ALONE_STATE_CACHE_BYTES, Node, Plan};
use crate::ops::admin::AdminCommands;
use crate::ops::backup::{self, BackupSource};
use crate::ops::check::CheckTarget;
use crate::ops::control::Control;
use crate::ops::data_dir::{DataDir, DataDirError, holder};
use crate::ops::manifest;
use crate::ops::request::{Reply, Request};
use anyhow::{Context, bail};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A server that has just started may have a long log to replay before it answers.
const PATIENCE: Duration = Duration::from_secs(60);

pub enum Target {
    Here(Box<Opened>),
    Beside(Control),
}

/// The node, open in this process.
pub struct Opened {
    pub node: Node,
    pub backup: BackupSource,
    /// Held to the end: the directory is this process's.
    pub dir: DataDir,
    pub cluster: Option<Arc<Entered>>,
    keeper: Keeper,
}

impl Opened {
    /// `cluster`: what this node is among others; nothing for the only one. What is missing in the
    /// directory is told.
    pub async fn open(
        mut dir: DataDir,
        config: &Config,
        state_cache_bytes: usize,
        cluster: Option<Arc<Entered>>,
        cache: Option<Arc<Embedded>>,
    ) -> anyhow::Result<Opened> {
        let was_clustered = Record::read(dir.path())?.is_some();
        // Nodes of a cluster take logs and states from one another.
        let (known, missing) = if was_clustered || cluster.is_some() {
            Default::default()
        } else {
            manifest::expected(dir.path())?
        };
        for what in &missing {
            tracing::error!("{what}");
        }
        let plan = Plan {
            dir: dir.path().to_owned(),
            was_clustered,
            cache,
            cluster: cluster.clone(),
            state_cache_bytes,
            at_least: Seq(known.seq),
            ..Plan::from(config)
        };
        let node = Node::open(plan).await.map_err(|error| match &missing[..] {
            [] => anyhow::Error::from(error),
            missing => anyhow::anyhow!("{}; {error}", missing.join("; ")),
        })?;
        dir.keep();
        let keeper = Keeper::start(dir.path(), &node);
        backup::remove(&dir.path().join(backup::DRAFT));
        let services = &node.services;
        let backup = BackupSource::new(
            dir.path(),
            services.engine.clone(),
            node.cache.clone(),
            services.files.store().clone(),
        );
        Ok(Opened {
            node,
            backup,
            dir,
            cluster,
            keeper,
        })
    }

    pub fn engine(&self) -> &Engine {
        &self.node.services.engine
    }

    /// Does what the command line asks. `base_url` is what links begin with.
    pub fn admin(&self, base_url: String) -> AdminCommands {
        let services = &self.node.services;
        AdminCommands {
            engine: services.engine.clone(),
            passwords: services.passwords.clone(),
            target: CheckTarget {
                log: self.node.log.clone(),
                search: services.search.clone(),
                files: services.files.store().clone(),
                cache: self.node.cache.clone(),
                waits: true,
            },
            backup: self.backup.clone(),
            base_url,
            data_dir: self.dir.path().to_owned(),
            cluster: self.cluster.clone(),
        }
    }

    /// Finishes what is under way and leaves everything durable.
    pub async fn close(self) {
        let Opened {
            node,
            backup,
            dir,
            keeper,
            ..
        } = self;
        drop(backup);
        let closed = tokio::task::spawn_blocking(move || {
            let last = keeper.stop();
            node.close();
            last
        });
        match closed.await {
            Ok(last) => last.iter().for_each(|last| note_end(dir.path(), last)),
            Err(_) => tracing::error!("closing the data directory broke down"),
        }
        drop(dir);
    }
}

/// Whether a missing data directory is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Make,
    Refuse,
}

impl Target {
    /// Takes the data directory, or finds the server that has it.
    pub async fn open(config: &Config, command: &str, missing: Missing) -> anyhow::Result<Target> {
        let dir = match missing {
            Missing::Make => DataDir::open_or_create(&config.data_dir, command),
            Missing::Refuse => DataDir::open(&config.data_dir, command),
        };
        match dir {
            Ok(dir) if Record::read(dir.path())?.is_some() => bail!(
                "the data directory {} is of a cluster, whose order only a running node follows: start `maru serve` on it, and give the command again",
                dir.path().display()
            ),
            Ok(dir) => Ok(Target::Here(Box::new(
                Opened::open(
                    dir.provisional(),
                    config,
                    ALONE_STATE_CACHE_BYTES,
                    None,
                    None,
                )
                .await?,
            ))),
            Err(DataDirError::Held { holder, .. }) if holder.is_server() => {
                Ok(Target::Beside(beside(config).await?))
            }
            Err(error) => Err(error.into()),
        }
    }

    pub async fn ask(&mut self, config: &Config, request: Request) -> anyhow::Result<Reply> {
        match self {
            Target::Here(opened) => Ok(admin(opened, config).answer(request).await?),
            Target::Beside(control) => Ok(control.ask(&request).await?),
        }
    }

    /// Leaves the data directory as a server would.
    pub async fn close(self) {
        match self {
            Target::Here(opened) => opened.close().await,
            Target::Beside(_) => {}
        }
    }
}

/// The admin of a node without a door: links lead to where the server will be.
fn admin(opened: &Opened, config: &Config) -> AdminCommands {
    let base = match &config.public_url {
        Some(url) => url.to_string(),
        None => config.base_url(),
    };
    opened.admin(base)
}

async fn beside(config: &Config) -> anyhow::Result<Control> {
    let started = Instant::now();
    loop {
        let error = match Control::connect(&config.data_dir).await {
            Ok(control) => return Ok(control),
            Err(error) => error,
        };
        let is_held = matches!(holder(&config.data_dir), Ok(Some(_)));
        if !is_held || started.elapsed() > PATIENCE {
            let text =
                "the server on this data directory does not answer; see its log and try again";
            return Err(error).context(text);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// One question, one answer.
pub fn ask(config: &Config, command: &str, request: Request) -> anyhow::Result<Reply> {
    let missing = match request {
        Request::ListUsers
        | Request::Check
        | Request::Cluster
        | Request::Reindex
        | Request::Audit { .. }
        | Request::EraseUser { .. }
        | Request::ResetLink { .. }
        | Request::Retention { .. } => Missing::Refuse,
        _ => Missing::Make,
    };
    runtime()?.block_on(async {
        let mut target = Target::open(config, command, missing).await?;
        let reply = target.ask(config, request).await;
        target.close().await;
        reply
    })
}

pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}

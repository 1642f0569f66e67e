//! Where a command is done: in this process on the data directory, or through the server that
//! holds it.

use crate::config::Config;
use crate::engine::Engine;
use crate::house::{House, Plan};
use crate::ops::check::Witness;
use crate::ops::control::Control;
use crate::ops::data_dir::{DataDir, DataDirError, holder};
use crate::ops::desk::Desk;
use crate::ops::request::{Reply, Request};
use anyhow::Context;
use std::time::{Duration, Instant};

/// A server that has just started may have a long log to replay before it answers.
const PATIENCE: Duration = Duration::from_secs(60);

pub enum Office {
    Here(Box<Opened>),
    Beside(Control),
}

/// The house, open in this process.
pub struct Opened {
    pub house: House,
    /// Held to the end: the directory is this process's.
    pub dir: DataDir,
}

impl Opened {
    pub async fn open(dir: DataDir, config: &Config) -> anyhow::Result<Opened> {
        let house = House::open(Plan {
            dir: dir.path().to_owned(),
            ..Plan::from(config)
        })
        .await?;
        Ok(Opened { house, dir })
    }

    pub fn engine(&self) -> &Engine {
        &self.house.services.engine
    }

    /// Does what the command line asks. `base_url` is what links begin with.
    pub fn desk(&self, base_url: String) -> Desk {
        let services = &self.house.services;
        Desk {
            engine: services.engine.clone(),
            passwords: services.passwords.clone(),
            witness: Witness {
                log: self.house.log.clone(),
                search: services.search.clone(),
                cache: self.house.cache.clone(),
            },
            base_url,
        }
    }

    /// Finishes what is under way and leaves everything durable.
    pub async fn close(self) {
        let Opened { house, dir } = self;
        if tokio::task::spawn_blocking(|| house.close()).await.is_err() {
            tracing::error!("closing the data directory broke down");
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

impl Office {
    /// Takes the data directory, or finds the server that has it.
    pub async fn open(config: &Config, command: &str, missing: Missing) -> anyhow::Result<Office> {
        let dir = match missing {
            Missing::Make => DataDir::open_or_create(&config.data_dir, command),
            Missing::Refuse => DataDir::open(&config.data_dir, command),
        };
        match dir {
            Ok(dir) => Ok(Office::Here(Box::new(Opened::open(dir, config).await?))),
            Err(DataDirError::Held { holder, .. }) if holder.is_server() => {
                Ok(Office::Beside(beside(config).await?))
            }
            Err(error) => Err(error.into()),
        }
    }

    pub async fn ask(&mut self, config: &Config, request: Request) -> anyhow::Result<Reply> {
        match self {
            Office::Here(opened) => Ok(desk(opened, config).answer(request).await?),
            Office::Beside(control) => Ok(control.ask(&request).await?),
        }
    }

    /// Leaves the data directory as a server would.
    pub async fn close(self) {
        match self {
            Office::Here(opened) => opened.close().await,
            Office::Beside(_) => {}
        }
    }
}

/// The desk of a house without a door: links lead to where the server will be.
fn desk(opened: &Opened, config: &Config) -> Desk {
    let base = match &config.public_url {
        Some(url) => url.to_string(),
        None => format!("http://{}", config.listen.0),
    };
    opened.desk(base)
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
        Request::ListUsers | Request::Check => Missing::Refuse,
        _ => Missing::Make,
    };
    runtime()?.block_on(async {
        let mut office = Office::open(config, command, missing).await?;
        let reply = office.ask(config, request).await;
        office.close().await;
        reply
    })
}

pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}

//! `maru cluster`

use super::target::{self, Target};
use super::term;
use crate::cluster::{self, Address};
use crate::config::Config;
use crate::ops::cluster::{Nodes, from_redis};
use crate::ops::control::Control;
use crate::ops::data_dir::DataDir;
use crate::ops::request::{Reply, Request};
use anyhow::{Context, bail};

#[derive(Debug, clap::Args)]
pub struct ClusterArgs {
    #[command(subcommand)]
    command: ClusterCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ClusterCommand {
    /// Make a cluster of a server that was alone: its state goes into an empty Redis
    ///
    /// Also while it serves. Afterwards it is started again with --redis-url, and others with empty
    /// data directories beside it.
    Init(RedisArgs),

    /// Show the nodes, how far each has come, and why writes are refused, if they are
    ///
    /// Exit status 0: writes are taken; 1: they are not.
    Status {
        #[command(flatten)]
        redis: RedisArgs,
        /// As JSON
        #[arg(long)]
        json: bool,
    },

    /// Put the stream of the Redis right from this data directory, which becomes the truth
    ///
    /// For a Redis that lost its tail and was written to, or into which something else wrote. The
    /// server on the data directory is stopped first; entries that only others have are set aside.
    Repair {
        #[command(flatten)]
        redis: RedisArgs,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, clap::Args)]
struct RedisArgs {
    /// The Redis; as for `serve`
    #[arg(long, value_name = "URL")]
    redis_url: Option<String>,
}

impl RedisArgs {
    fn url(&self, config: &Config) -> anyhow::Result<String> {
        let set = config.cluster.as_ref();
        let set = set.map(|cluster| cluster.redis_url.reveal().to_owned());
        self.redis_url
            .clone()
            .or(set)
            .context("which Redis? Name it with --redis-url")
    }
}

pub fn run(config: &Config, args: &ClusterArgs) -> anyhow::Result<()> {
    match &args.command {
        ClusterCommand::Init(redis) => init(config, &redis.url(config)?),
        ClusterCommand::Status { redis, json } => status(config, redis, *json),
        ClusterCommand::Repair { redis, yes } => repair(config, &redis.url(config)?, *yes),
    }
}

fn init(config: &Config, url: &str) -> anyhow::Result<()> {
    let missing = target::Missing::Refuse;
    let at = target::runtime()?.block_on(async {
        let mut target = Target::open(config, "cluster init", missing).await?;
        let request = Request::ClusterInit {
            redis_url: url.to_owned(),
        };
        let reply = target.ask(config, request).await;
        target.close().await;
        match reply? {
            Reply::ClusterBegun { seq } => Ok(seq),
            other => bail!("the server answers with something else: {other:?}"),
        }
    })?;
    term::say(format!(
        "The cluster begins at entry {at}. Start this server again with --redis-url, then others with empty data directories."
    ))?;
    Ok(())
}

fn status(config: &Config, redis: &RedisArgs, json: bool) -> anyhow::Result<()> {
    let beside = target::runtime()?.block_on(async {
        let mut control = Control::connect(&config.data_dir).await.ok()?;
        match control.ask(&Request::Cluster).await {
            Ok(Reply::Cluster { nodes }) => Some(nodes),
            _ => None,
        }
    });
    let nodes = match beside {
        Some(nodes) => nodes,
        None => {
            let address = Address::parse(&redis.url(config)?)?;
            from_redis(&address).with_context(|| address.to_string())?
        }
    };
    let refused = nodes.trouble.clone();
    term::say(if json {
        serde_json::to_string_pretty(&nodes)?
    } else {
        table(&nodes)
    })?;
    match refused {
        Some(why) => bail!("writes are refused: {why}"),
        None => Ok(()),
    }
}

fn table(nodes: &Nodes) -> String {
    let number = |number: Option<u64>| number.map_or("-".to_owned(), |number| number.to_string());
    let mut text = format!(
        "cluster {}, epoch {}, on {}; the stream has entries {} to {}\n",
        nodes.cluster,
        nodes.epoch,
        nodes.redis,
        number(nodes.first),
        number(nodes.last)
    );
    text.push_str("NODE              STATE     AT          BEHIND    SIGNALS  ADDRESS\n");
    for node in &nodes.nodes {
        let state = match (node.is_living, node.joining) {
            (true, true) => "joining",
            (true, false) => "here",
            (false, _) => "away",
        };
        text.push_str(&format!(
            "{:<17} {state:<9} {:<11} {:<9} {:<8} {}{}\n",
            node.name,
            node.seq,
            node.behind,
            node.signals.as_deref().unwrap_or("-"),
            node.address,
            if node.is_asked { " (this one)" } else { "" },
        ));
        if let Some(trouble) = &node.trouble {
            text.push_str(&format!("  {}: {trouble}\n", node.name));
        }
    }
    for lack in &nodes.lacks {
        text.push_str(&format!("  {lack}\n"));
    }
    text.trim_end().to_owned()
}

fn repair(config: &Config, url: &str, yes: bool) -> anyhow::Result<()> {
    let dir = DataDir::open(&config.data_dir, "cluster repair")
        .context("stop the node on this data directory first: its log becomes the truth")?;
    if !yes {
        bail!(
            "this makes the log of {} the truth: entries that only the Redis or other nodes have are set aside, and those nodes take a snapshot when they start again. Stop all nodes, and give --yes to do it",
            dir.path().display()
        );
    }
    let done = cluster::repair::repair(url, dir.path())?;
    term::say(done)?;
    Ok(())
}

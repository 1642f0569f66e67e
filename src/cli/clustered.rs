//! `maru serve` as one of several nodes.

use super::doors::Doors;
use crate::cluster::{self, Entered, Options, record::Record};
use crate::config::Config;
use crate::domain::entry::RULES;
use crate::node::Node;
use anyhow::{Context, bail};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A node that starts waits so long for its Redis before it opens its doors.
const FOLLOWS: Duration = Duration::from_secs(8);
/// Another node answers within this.
const NEAR: Duration = Duration::from_millis(500);

/// Makes the data directory one of a cluster's, or finds that it is; nothing without `--redis-url`.
pub async fn enter(
    config: &Config,
    dir: &Path,
    doors: &Doors,
) -> anyhow::Result<Option<Arc<Entered>>> {
    let Some(wanted) = &config.cluster else {
        leave(dir)?;
        return Ok(None);
    };
    let scheme = match doors.certificate {
        Some(_) => "https",
        None => "http",
    };
    let options = Options {
        url: wanted.redis_url.reveal().to_owned(),
        name: wanted.node_name.clone(),
        address: format!("{scheme}://{}", wanted.address(doors.address())),
        secret: wanted
            .secret
            .as_ref()
            .map(|secret| secret.reveal().as_bytes().to_owned()),
        dir: dir.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules: RULES,
        has_port: config.resp_listen.is_some(),
    };
    let entered = tokio::task::spawn_blocking(move || cluster::enter(&options)).await;
    let entered = entered.context("entering the cluster broke down")??;
    Ok(Some(Arc::new(entered)))
}

/// Without `--redis-url` a directory of a cluster is on its own again, unless others live on.
fn leave(dir: &Path) -> anyhow::Result<()> {
    let Some(record) = Record::read(dir)? else {
        return Ok(());
    };
    if record.joining {
        bail!(
            "the data directory has not taken its snapshot of the cluster yet; start it with --redis-url once more, or with an empty directory"
        );
    }
    for (name, address) in &record.peers {
        let host = address
            .split_once("://")
            .map_or(&**address, |(_, host)| host);
        let lives = host
            .to_socket_addrs()
            .ok()
            .and_then(|mut all| all.next())
            .is_some_and(|address| TcpStream::connect_timeout(&address, NEAR).is_ok());
        if lives {
            bail!(
                "the data directory is of a cluster whose node {name} is running at {address}: start with --redis-url, or stop the other nodes first to go on with this one alone"
            );
        }
    }
    tracing::warn!("this node is no longer one of a cluster; a new epoch begins");
    Ok(())
}

/// Waits until the node follows the log and has come to its end; not for ever.
pub async fn follow(entered: &Arc<Entered>, node: &Node) {
    let (shared, engine) = (Arc::clone(&entered.shared), node.services.engine.clone());
    let began = Instant::now();
    let patience = if entered.is_away { NEAR } else { FOLLOWS };
    let waited = tokio::task::spawn_blocking(move || shared.wait_fine(patience)).await;
    if let Ok(Err(why)) = waited {
        tracing::warn!(%why, "this node takes no writes yet; reading goes on");
        return;
    }
    let head = entered.head();
    let left = FOLLOWS.saturating_sub(began.elapsed()).max(FOLLOWS / 2);
    if !engine.wait_applied(head, left).await {
        tracing::warn!(head = head.0, "this node has not caught up yet");
    }
}

/// Other nodes reach this one where it says; a wrong address would make parts of the cluster silent.
/// Ends the process if they do not.
pub fn expect_reached(entered: Arc<Entered>) {
    tokio::task::spawn_blocking(move || {
        for check in [Entered::is_reached, Entered::is_reached_by_others] {
            // The doors open meanwhile, and the others hear of this node.
            let mut tries = 20;
            while let Err(error) = check(&entered) {
                tries -= 1;
                if tries == 0 {
                    super::term::complain(error);
                    std::process::exit(1);
                }
                tracing::debug!(%error, "not reached yet");
                std::thread::sleep(NEAR / 2);
            }
        }
    });
}

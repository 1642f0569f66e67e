//! How the nodes of a cluster are, for people.

use crate::cluster::{Address, Entered, Shared, Word, members, stream};
use serde::{Deserialize, Serialize};
use std::time::Instant;

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Nodes {
    pub cluster: String,
    pub epoch: u64,
    /// Where the Redis is, without a password.
    pub redis: String,
    /// Why the node that was asked takes no writes.
    pub trouble: Option<String>,
    /// The oldest and the newest entry of the stream.
    pub first: Option<u64>,
    pub last: Option<u64>,
    pub nodes: Vec<Told>,
    /// What does not work between the node that was asked and others, though it takes writes.
    #[serde(default)]
    pub lacks: Vec<String>,
}

/// One node.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Told {
    pub name: String,
    pub address: String,
    pub version: String,
    pub is_living: bool,
    /// The one that was asked.
    pub is_asked: bool,
    pub joining: bool,
    pub seq: u64,
    /// Entries that it does not have yet.
    pub behind: u64,
    pub hash: String,
    /// Whether signals travel between it and the node that was asked: `both`, `in`, `out`, `none`.
    pub signals: Option<String>,
    pub trouble: Option<String>,
}

/// As the node that runs here sees it.
pub fn tell(entered: &Entered) -> Nodes {
    let shared = &entered.shared;
    let mut nodes = match from_redis(&entered.redis) {
        Ok(nodes) => nodes,
        Err(_) => Nodes {
            redis: entered.redis.to_string(),
            nodes: remembered(shared),
            ..Nodes::default()
        },
    };
    nodes.cluster.clone_from(&shared.me.cluster);
    nodes.epoch = shared.epoch();
    nodes.trouble = shared.trouble().map(|trouble| trouble.to_string());
    nodes.lacks = shared.lacks();
    let peers = shared.peers.lock();
    for told in &mut nodes.nodes {
        told.is_asked = told.name == shared.me.name;
        if told.is_asked {
            let at = shared.tip().position;
            (told.seq, told.hash) = (at.seq.0, at.hash.to_string());
            told.behind = nodes.last.map_or(0, |last| last.saturating_sub(at.seq.0));
            told.trouble = None;
        }
        if let Some(peer) = peers.get(&told.name).filter(|_| told.is_living) {
            let fresh = |at: Option<Instant>| at.is_some_and(|at| at.elapsed() < members::HEARD);
            let signals = match (fresh(peer.signals_in), fresh(peer.signals_out)) {
                (true, true) => "both",
                (true, false) => "in",
                (false, true) => "out",
                (false, false) => "none",
            };
            told.signals = Some(signals.to_owned());
        }
    }
    nodes
}

/// As the Redis has it.
pub fn from_redis(redis: &Address) -> Result<Nodes, crate::cluster::Fault> {
    let mut link = redis.connect()?;
    let found = stream::look(&mut link, None)?;
    let last = found.last_seq().map(|seq| seq.0);
    let words = members::registry(&mut link)?;
    let nodes = words
        .into_values()
        .map(|(word, lives)| told(word, lives, last))
        .collect();
    Ok(Nodes {
        cluster: found.cluster.clone(),
        epoch: found.epoch().unwrap_or(0),
        redis: redis.to_string(),
        trouble: found.damage(),
        first: found.first.map(|seq| seq.0),
        last,
        nodes,
        lacks: Vec::new(),
    })
}

fn remembered(shared: &Shared) -> Vec<Told> {
    let peers = shared.peers.lock();
    let others = peers
        .values()
        .map(|peer| told(peer.word.clone(), false, None));
    let tip = shared.tip();
    let own = Told {
        name: shared.me.name.clone(),
        address: shared.me.address.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        is_living: true,
        seq: tip.position.seq.0,
        hash: tip.position.hash.to_string(),
        ..Told::default()
    };
    others.chain([own]).collect()
}

fn told(word: Word, is_living: bool, last: Option<u64>) -> Told {
    Told {
        is_living,
        is_asked: false,
        joining: word.joining,
        seq: word.at.seq.0,
        behind: last.map_or(0, |last| last.saturating_sub(word.at.seq.0)),
        hash: word.at.hash.to_string(),
        signals: None,
        trouble: word.trouble,
        name: word.name,
        address: word.address,
        version: word.version,
    }
}

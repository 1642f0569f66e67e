//! From a data directory and a Redis to a node of a cluster.
//!
//! | the directory | the Redis | what happens |
//! |---|---|---|
//! | empty | empty | a cluster begins |
//! | empty | holds a cluster | this node joins it |
//! | of this cluster | holds it | this node is back |
//! | of a cluster | empty | this node is back; what the Redis lost is put back |
//! | history of its own | whatever | refused; `cluster init` is the way |
//! | of another cluster | holds one | refused |

use crate::address::{Address, BadAddress};
use crate::admission::expect_admitted;
use crate::fitness::expect_fit;
use crate::follower::Follower;
use crate::hooks::Hooks;
use crate::link::{Fault, Identity, Link, PATIENCE};
use crate::members::{self, Keeper, Peer, Word};
use crate::record::{self, Record};
use crate::secret::Secret;
use crate::sequencer::RedisSequencer;
use crate::shared::{Me, Shared};
use crate::stream::{self, Found};
use crate::{join, peer, random, random_name};
use maru_domain::Seq;
use maru_log::{Log, LogReader};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

/// A Redis that is being started is waited for.
const STARTING: Duration = Duration::from_secs(20);

#[derive(Clone, Debug)]
pub struct Options {
    /// `--redis-url`
    pub url: String,
    pub name: String,
    /// Where other nodes reach this one: `http://host:port` or `https://host:port`.
    pub address: String,
    /// `--cluster-secret-file`
    pub secret: Option<Vec<u8>>,
    pub dir: PathBuf,
    pub version: String,
    /// The newest rules that this version knows.
    pub rules: u16,
    /// The Redis may be this node's own port.
    pub has_port: bool,
}

/// Why this node cannot be one of the cluster.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    #[error(transparent)]
    Address(#[from] BadAddress),
    #[error("{0}")]
    Redis(Fault),
    /// With what to do about it.
    #[error("{0}")]
    Refused(String),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl From<Fault> for EnterError {
    fn from(fault: Fault) -> EnterError {
        EnterError::Redis(fault)
    }
}

/// A node that may open its data directory now.
pub struct Entered {
    pub redis: Address,
    pub secret: Secret,
    pub shared: Arc<Shared>,
    /// The Redis was not there.
    pub is_away: bool,
    word: Word,
    dir: PathBuf,
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entered")
            .field("redis", &self.redis)
            .field("me", &self.shared.me)
            .finish_non_exhaustive()
    }
}

/// Blocks, and for long where a snapshot is taken.
pub fn enter(options: &Options) -> Result<Entered, EnterError> {
    let redis = Address::parse(&options.url)?;
    let known = Record::read(&options.dir).map_err(|source| EnterError::Io {
        path: options.dir.clone(),
        source,
    })?;
    let mut link = connect(&redis, known.is_some())?;
    let found = match &mut link {
        Some(link) => {
            expect_fit(link, &redis)?;
            let found = stream::look(link, None)?;
            let is_of_one = link.server.is_maru && found.is_nothing();
            if is_of_one && known.is_none() && !options.has_port {
                return Err(EnterError::Refused(format!(
                    "the Redis at {redis} is the port of a Maru that is no node of a cluster yet: give that one \
                     --redis-url with its own port first (`maru cluster init --redis-url` before that, if it has a \
                     history), then start this one again"
                )));
            }
            found
        }
        // The Redis is away: this node is one of its cluster all the same, and can be read.
        None => Found::default(),
    };
    let history = record::has_history(&options.dir);
    let (record, begins) = match known {
        Some(record) if !found.cluster.is_empty() && found.cluster != record.cluster => {
            return Err(EnterError::Refused(format!(
                "this Redis holds another cluster ({}), the data directory belongs to {}; name the right \
                 --redis-url, or start with an empty data directory",
                found.cluster, record.cluster
            )));
        }
        Some(record) => (record, false),
        None if history => return Err(with_history(&found)),
        None => fresh(&options.dir, &found, link.as_mut())?,
    };
    let me = Me {
        name: options.name.clone(),
        number: number(&record.node),
        id: record.node.clone(),
        address: options.address.clone(),
        cluster: record.cluster.clone(),
    };
    let secret = match &options.secret {
        Some(secret) => Secret::new(secret),
        None => Secret::new(record.cluster.as_bytes()),
    };
    let word = Word {
        name: me.name.clone(),
        id: me.id.clone(),
        address: me.address.clone(),
        version: options.version.clone(),
        rules: options.rules,
        now_ms: members::now_ms(),
        ..Word::default()
    };
    let mut peers: BTreeMap<String, Peer> = BTreeMap::new();
    for (name, address) in &record.peers {
        let word = Word {
            name: name.clone(),
            address: address.clone(),
            ..Word::default()
        };
        // Here when this node was, so what it has counts.
        peers.insert(name.clone(), Peer::new(word, true));
    }
    if let Some(link) = &mut link {
        expect_admitted(link, &word, &secret, options.secret.is_some())?;
        for (name, (word, lives)) in members::registry(link)? {
            if name != me.name {
                peers.insert(name, Peer::new(word, lives));
            }
        }
    }
    if !begins
        && let Some(link) = &mut link
        && join::is_needed(&options.dir, &found, &record)?
    {
        join::take(link, &options.dir, &record, &word, &secret)?;
    }
    let epoch = match found.epoch() {
        Some(epoch) => epoch,
        None => match &mut link {
            Some(link) => stream::look(link, None)?.epoch().unwrap_or(0),
            None => 0,
        },
    };
    let shared = Arc::new(Shared::new(
        me,
        epoch,
        options.rules,
        Identity::parse(&record.redis),
    ));
    *shared.peers.lock() = peers;
    Ok(Entered {
        redis,
        secret,
        shared,
        is_away: link.is_none(),
        word,
        dir: options.dir.clone(),
    })
}

/// Nothing if the Redis is away and this node need not know it to begin.
fn connect(redis: &Address, is_member: bool) -> Result<Option<Link>, EnterError> {
    let began = Instant::now();
    loop {
        let fault = match redis.connect() {
            Ok(link) if link.server.is_loading => Fault::away("it is still loading its data"),
            Ok(link) => return Ok(Some(link)),
            Err(fault) => fault,
        };
        if is_member {
            tracing::warn!(%fault, %redis, "starting without the Redis: reading goes on, writes are refused until it is back");
            return Ok(None);
        }
        if matches!(fault, Fault::Refused(_)) || began.elapsed() > STARTING {
            return Err(EnterError::Refused(format!("{fault} ({redis})")));
        }
        std::thread::sleep(Duration::from_millis(250));
    }
}

fn with_history(found: &Found) -> EnterError {
    let what = if found.cluster.is_empty() {
        "this data directory has a history of its own and belongs to no cluster, and the Redis is empty: \
             run `maru cluster init` with the same --data-dir and --redis-url to make a cluster of it"
    } else {
        "this data directory has a history of its own, and the Redis holds a cluster already: start with an \
             empty data directory to join it, or run `maru cluster init` on an empty Redis"
    };
    EnterError::Refused(what.to_owned())
}

/// An empty directory: it begins a cluster, or is to join the one that is there.
fn fresh(
    dir: &std::path::Path,
    found: &Found,
    link: Option<&mut Link>,
) -> Result<(Record, bool), EnterError> {
    let failed = |source| EnterError::Io {
        path: dir.to_owned(),
        source,
    };
    if let Some(damage) = found.damage() {
        return Err(EnterError::Refused(damage));
    }
    if found.cluster.is_empty() && !found.is_nothing() {
        return Err(EnterError::Refused(
            "there is a stream maru:log in this Redis that belongs to no cluster; name another --redis-url or database".to_owned(),
        ));
    }
    let mut record = Record {
        cluster: found.cluster.clone(),
        node: random_name().map_err(failed)?,
        ..Record::default()
    };
    let Some(link) = link.filter(|_| found.is_nothing()) else {
        record.joining = true;
        record.write(dir).map_err(failed)?;
        return Ok((record, false));
    };
    record.cluster = random_name().map_err(failed)?;
    if !stream::begin(link, &record.cluster, random()?, Seq(0), &[])? {
        // Another node was faster.
        record.cluster = stream::look(link, None)?.cluster;
        record.joining = true;
        record.write(dir).map_err(failed)?;
        return Ok((record, false));
    }
    tracing::info!(cluster = record.cluster, "a cluster begins");
    record.write(dir).map_err(failed)?;
    Ok((record, true))
}

/// A node's number in stamps: of its random name, and never 0.
fn number(node: &str) -> u32 {
    let digits = node.get(..8).unwrap_or_default();
    u32::from_str_radix(digits, 16).unwrap_or(0).max(1)
}

impl Entered {
    /// Begins to follow, with threads that end with the sequencer.
    pub fn start(
        &self,
        log: Arc<Mutex<dyn Log>>,
        reader: LogReader,
        hooks: Hooks,
    ) -> io::Result<RedisSequencer> {
        let follower = Follower {
            redis: self.redis.clone(),
            shared: Arc::clone(&self.shared),
            log: Arc::clone(&log),
            reader: reader.clone(),
            secret: self.secret.clone(),
            hooks,
            missed_since: None,
        };
        let keeper = Keeper::new(
            self.redis.clone(),
            Arc::clone(&self.shared),
            reader,
            self.word.clone(),
            self.dir.clone(),
        );
        let threads = vec![
            Builder::new()
                .name("follower".to_owned())
                .spawn(move || follower.run())?,
            Builder::new()
                .name("keeper".to_owned())
                .spawn(move || keeper.run())?,
        ];
        Ok(RedisSequencer::new(
            self.redis.clone(),
            Arc::clone(&self.shared),
            log,
            threads,
        ))
    }

    /// Where the stream ends, as far as is known.
    pub fn head(&self) -> Seq {
        let asked = self.redis.connect().and_then(|mut link| {
            link.wait_for(PATIENCE)?;
            stream::look(&mut link, None)
        });
        let last = asked.ok().and_then(|found| found.last_seq());
        last.unwrap_or_default()
    }

    /// Whether the node that is asked at an address is this one.
    pub fn is_reached(&self) -> Result<(), EnterError> {
        let (me, address) = (&self.shared.me, &self.shared.me.address);
        match peer::standing(address, &self.secret, Duration::from_secs(3)) {
            Ok(standing) if standing.id == me.id => Ok(()),
            Ok(standing) => Err(EnterError::Refused(format!(
                "{address} leads to node {} and not to this one; --advertise has to name where other nodes reach this one",
                standing.name
            ))),
            Err(error) => Err(EnterError::Refused(format!(
                "this node is not reached at {address}: {error}; --advertise has to name where other nodes reach it"
            ))),
        }
    }

    /// Whether the other living nodes reach this one. Those that are not reached themselves say
    /// nothing; that shows in `/readyz`.
    pub fn is_reached_by_others(&self) -> Result<(), EnterError> {
        let me = &self.shared.me;
        for word in self.shared.living() {
            let call = format!("reach/{}", me.name);
            let patience = Duration::from_secs(5);
            let answered: Result<peer::Reach, _> =
                peer::json(&word.address, &self.secret, "POST", &call, patience);
            let why = match answered {
                Ok(reach) => reach.why,
                Err(peer::PeerError::Status(404)) => {
                    Some(format!("node {} does not know this one yet", word.name))
                }
                Err(error) => {
                    tracing::warn!(node = word.name, %error, "a node is not reached");
                    None
                }
            };
            if let Some(why) = why {
                return Err(EnterError::Refused(format!(
                    "node {} does not reach this one at {}: {why}; --advertise has to name where other nodes reach it",
                    word.name, me.address
                )));
            }
        }
        Ok(())
    }
}

//! Who is here: every node says each second where it stands, and holds a lease.

use crate::address::Address;
use crate::keys;
use crate::link::{Fault, Link, PATIENCE};
use crate::record::Record;
use crate::shared::{Position, Shared};
use crate::stream;
use maru_domain::Seq;
use maru_log::LogReader;
use redis::{Value, cmd};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A node that has said nothing for so long is not here.
pub const LEASE: Duration = Duration::from_secs(10);
/// The work of one node moves to another after so long.
const WORK_LEASE: Duration = Duration::from_secs(5);
const PACE: Duration = Duration::from_secs(1);
/// Signals that were not heard for so long do not travel.
pub const HEARD: Duration = Duration::from_secs(4);
/// A node that has come so lately is not judged yet.
pub(super) const SETTLED: Duration = Duration::from_secs(6);
/// Clocks may be so far apart.
pub const CLOCK: Duration = Duration::from_secs(5);
/// So many entries stay in the stream, whoever has them: a node that was away for a moment needs
/// no snapshot.
const KEEP_ENTRIES: u64 = 10_000;

/// What a node says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    pub name: String,
    pub id: String,
    pub address: String,
    pub version: String,
    /// The newest rules that it knows.
    pub rules: u16,
    /// What is on its disk.
    pub at: Position,
    pub epoch: u64,
    /// The server on which it found the stream right.
    #[serde(default)]
    pub redis: String,
    /// Its clock.
    pub now_ms: u64,
    /// It takes a snapshot and does not serve yet.
    #[serde(default)]
    pub joining: bool,
    /// Why it takes no writes.
    #[serde(default)]
    pub trouble: Option<String>,
    /// Entries up to here are to go from the stream.
    #[serde(default)]
    pub forget: u64,
    /// Its log has a new segment behind this position, for that.
    #[serde(default)]
    pub turned: u64,
}

/// Another node, as it was heard last.
#[derive(Clone, Debug)]
pub struct Peer {
    pub word: Word,
    pub is_living: bool,
    /// By this node's clock.
    pub heard: Instant,
    /// Its signals were heard here.
    pub signals_in: Option<Instant>,
    /// It heard ours.
    pub signals_out: Option<Instant>,
    /// It is here, or away, since then.
    pub since: Instant,
    /// Why this node does not reach it directly, as it was last tried.
    pub unreached: Option<String>,
    /// How far its clock is from this node's.
    pub clock_apart: Duration,
}

impl Peer {
    pub fn new(word: Word, is_living: bool) -> Peer {
        Peer {
            word,
            is_living,
            heard: Instant::now(),
            signals_in: None,
            signals_out: None,
            since: Instant::now(),
            unreached: None,
            clock_apart: Duration::ZERO,
        }
    }
}

pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}

/// What everybody said last, and whose lease lives.
pub fn registry(link: &mut Link) -> Result<BTreeMap<String, (Word, bool)>, Fault> {
    let all: Vec<(String, String)> = link.ask(cmd("HGETALL").arg(keys::NODES))?;
    let mut words = BTreeMap::new();
    for (name, text) in all {
        if let Ok(word) = serde_json::from_str::<Word>(&text) {
            words.insert(name, (word, false));
        }
    }
    if words.is_empty() {
        return Ok(words);
    }
    let leases: Vec<String> = words.keys().map(|name| keys::node(name)).collect();
    let living: Vec<Option<String>> = link.ask(cmd("MGET").arg(&leases))?;
    for ((_, (word, lives)), lease) in words.iter_mut().zip(living) {
        if let Some(fresh) = lease.and_then(|text| serde_json::from_str(&text).ok()) {
            *word = fresh;
            *lives = true;
        }
    }
    Ok(words)
}

/// Says it, with the lease.
pub fn say(link: &mut Link, word: &Word, lease: Duration) -> Result<(), Fault> {
    let text = serde_json::to_string(word).unwrap_or_default();
    let mut both = redis::pipe();
    both.cmd("SET").arg(keys::node(&word.name)).arg(&text);
    both.arg("PX").arg(lease.as_millis() as u64).ignore();
    both.cmd("HSET")
        .arg(keys::NODES)
        .arg(&word.name)
        .arg(&text)
        .ignore();
    link.ask_all(&both).map(drop)
}

/// Says each second where this node stands, hears the others, takes and gives the work of one node,
/// and removes from the stream what nobody needs.
pub struct Keeper {
    pub redis: Address,
    pub shared: Arc<Shared>,
    pub log: LogReader,
    pub word: Word,
    /// Where the other nodes' addresses are kept.
    dir: PathBuf,
    kept: BTreeMap<String, String>,
    kept_redis: String,
    link: Option<Link>,
}

impl Keeper {
    pub fn new(
        redis: Address,
        shared: Arc<Shared>,
        log: LogReader,
        word: Word,
        dir: PathBuf,
    ) -> Keeper {
        Keeper {
            redis,
            shared,
            log,
            word,
            dir,
            kept: BTreeMap::new(),
            kept_redis: String::new(),
            link: None,
        }
    }

    pub fn run(mut self) {
        let mut complained = false;
        while !self.shared.is_stopping() {
            let began = Instant::now();
            match self.turn() {
                Ok(()) => complained = false,
                Err(fault) => {
                    self.link = None;
                    self.shared.works.store(false, Ordering::Release);
                    if !std::mem::replace(&mut complained, true) {
                        tracing::warn!(%fault, "the other nodes are not heard");
                    }
                }
            }
            self.shared.pause(PACE.saturating_sub(began.elapsed()));
        }
        self.leave();
    }

    fn turn(&mut self) -> Result<(), Fault> {
        let mut link = match self.link.take() {
            Some(link) => link,
            None => self.redis.connect()?,
        };
        link.wait_for(PATIENCE)?;
        let tip = self.shared.tip();
        let trouble = self.shared.trouble();
        self.word.at = tip.position;
        self.word.epoch = self.shared.epoch();
        self.word.now_ms = now_ms();
        self.word.redis = self.shared.identity().text();
        self.word.trouble = trouble.as_ref().map(ToString::to_string);
        self.word.forget = self.shared.forget.load(Ordering::Acquire);
        self.word.turned = self.shared.turned.load(Ordering::Acquire);
        say(&mut link, &self.word, LEASE)?;
        self.hear(registry(&mut link)?);
        self.keep();
        self.work(&mut link)?;
        if trouble.is_none() {
            self.trim(&mut link)?;
        }
        self.link = Some(link);
        Ok(())
    }

    fn hear(&self, words: BTreeMap<String, (Word, bool)>) {
        let mut peers = self.shared.peers.lock();
        let mut rules = self.word.rules;
        for (name, (word, lives)) in words {
            if name == self.shared.me.name {
                continue;
            }
            if lives {
                rules = rules.min(word.rules);
                self.shared.forget.fetch_max(word.forget, Ordering::AcqRel);
            }
            let known = peers.get(&name).map(|peer| peer.is_living);
            if known != Some(lives) && (known.is_some() || lives) {
                let address = &word.address;
                if lives {
                    tracing::info!(node = name, address, "a node is here")
                } else {
                    tracing::warn!(node = name, address, "a node is not here any more")
                }
            }
            let peer = peers
                .entry(name)
                .or_insert_with(|| Peer::new(word.clone(), lives));
            if peer.is_living != lives {
                peer.since = Instant::now();
                peer.unreached = None;
            }
            // What it says anew, it has said within the last second.
            if peer.word.now_ms != word.now_ms {
                peer.clock_apart = Duration::from_millis(now_ms().abs_diff(word.now_ms));
            }
            peer.word = word;
            peer.is_living = lives;
            if lives {
                peer.heard = Instant::now();
            }
        }
        self.shared.rules.store(rules, Ordering::Release);
    }

    /// Who was here last is known after a restart, too.
    fn keep(&mut self) {
        let here: BTreeMap<String, String> = {
            let peers = self.shared.peers.lock();
            let living = peers.values().filter(|peer| peer.is_living);
            living
                .map(|peer| (peer.word.name.clone(), peer.word.address.clone()))
                .collect()
        };
        let redis = self.shared.identity().text();
        if here == self.kept && redis == self.kept_redis {
            return;
        }
        let kept = Record::read(&self.dir).and_then(|record| {
            let mut record = record.unwrap_or_default();
            record.cluster.clone_from(&self.shared.me.cluster);
            record.node.clone_from(&self.shared.me.id);
            record.peers.clone_from(&here);
            record.redis.clone_from(&redis);
            record.write(&self.dir)
        });
        match kept {
            Ok(()) => (self.kept, self.kept_redis) = (here, redis),
            Err(error) => tracing::warn!(%error, "who else is here cannot be noted"),
        }
    }

    /// Takes the work of one node if nobody has it, and keeps it.
    fn work(&self, link: &mut Link) -> Result<(), Fault> {
        let me = self.shared.me.id.as_str();
        let lease_ms = WORK_LEASE.as_millis() as u64;
        let mut take = cmd("SET");
        take.arg(keys::WORK)
            .arg(me)
            .arg("NX")
            .arg("PX")
            .arg(lease_ms);
        let taken: Value = link.ask(&take)?;
        let holder: Option<String> = link.ask(cmd("GET").arg(keys::WORK))?;
        let mine = holder.as_deref() == Some(me);
        if mine && taken == Value::Nil {
            let mut keep = cmd("SET");
            keep.arg(keys::WORK)
                .arg(me)
                .arg("XX")
                .arg("PX")
                .arg(lease_ms);
            let _kept: Value = link.ask(&keep)?;
        }
        if self.shared.works.swap(mine, Ordering::AcqRel) != mine && mine {
            tracing::info!("this node does what one node alone does");
        }
        Ok(())
    }

    /// By the living node whose name comes first: below what every living node has, and not soon
    /// after the Redis was away, when all leases have ended at once.
    fn trim(&self, link: &mut Link) -> Result<(), Fault> {
        let living = self.shared.living();
        let me = &self.shared.me.name;
        let found = stream::look(link, None)?;
        let (Some(first), Some(last)) = (found.first, found.last_seq()) else {
            return Ok(());
        };
        // This node's own log keeps what the stream has, so that it can put it back.
        self.shared.keep_from.store(first.0, Ordering::Release);
        if living.iter().any(|word| word.name < *me) || self.shared.fine_for() < LEASE * 2 {
            return Ok(());
        }
        let own = self.shared.tip().position.seq;
        let behind = living.iter().map(|word| word.at.seq).min();
        let floor = behind.map_or(own, |behind| behind.min(own));
        // What was removed goes from the stream whatever is kept otherwise.
        let forget = self.shared.forgets_upto().map(Seq::next);
        let forget = forget.filter(|forget| *forget > first && *forget <= floor);
        let floor = Seq(floor.0.min(last.0.saturating_sub(KEEP_ENTRIES)));
        if let Some(forget) = forget {
            stream::trim(link, first, forget)?;
            // The file of appends still has it; some may not order that.
            let rewritten: Result<Value, Fault> = link.ask(&cmd("BGREWRITEAOF"));
            if let Err(fault) = rewritten {
                tracing::warn!(%fault, "the Redis's append-only file keeps what was removed until it is rewritten");
            }
        } else if floor.0 >= first.0 + KEEP_ENTRIES / 10 {
            stream::trim(link, first, floor)?;
        }
        Ok(())
    }

    /// The others need not wait for the lease's end.
    fn leave(&mut self) {
        let Some(link) = &mut self.link else { return };
        let lease = keys::node(&self.shared.me.name);
        let _gone: Result<Value, Fault> = link.ask(cmd("DEL").arg(lease));
        let holder: Result<Option<String>, Fault> = link.ask(cmd("GET").arg(keys::WORK));
        if holder.is_ok_and(|holder| holder.as_deref() == Some(&self.shared.me.id)) {
            let _gone: Result<Value, Fault> = link.ask(cmd("DEL").arg(keys::WORK));
        }
    }
}

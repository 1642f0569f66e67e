//! From the stream into this node's own log.

use crate::address::Address;
use crate::judge::{Lost, Plan, Verdict, judge, plan};
use crate::link::{Link, PATIENCE};
use crate::peer::{self, PeerError};
use crate::secret::Secret;
use crate::shared::{Position, Shared, Tip, Trouble};
use crate::stream::{self, Entry, Mending, ReadError};
use crate::{hooks::Hooks, members};
use bytes::Bytes;
use maru_domain::{LogHash, Seq};
use maru_log::{Log, LogReader, ReadLimit};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A read waits so long for news.
const BLOCK: Duration = Duration::from_millis(400);
/// Entries of one read.
const COUNT: usize = 1_000;
/// So often the stream is looked at as a whole.
const LOOK: Duration = Duration::from_secs(1);
const RETRY: Duration = Duration::from_millis(200);
/// A node that lived and is not reached for so long has died with the Redis.
const GIVE_UP: Duration = Duration::from_secs(3);
/// Of one step of putting entries back.
const PUT: ReadLimit = ReadLimit {
    entries: 500,
    size_bytes: 1 << 20,
};

pub struct Follower {
    pub redis: Address,
    pub shared: Arc<Shared>,
    pub log: Arc<Mutex<dyn Log>>,
    pub reader: LogReader,
    pub secret: Secret,
    pub hooks: Hooks,
    /// Since when somebody is missed whose word is needed.
    pub missed_since: Option<Instant>,
}

impl Follower {
    pub fn run(mut self) {
        self.read_tip();
        while !self.shared.is_stopping() {
            match self.follow() {
                Ok(()) => {}
                Err(trouble) => {
                    self.shared.fail(trouble);
                    self.shared.pause(RETRY);
                }
            }
        }
    }

    /// The last entry of this node's log.
    fn read_tip(&self) {
        let position = {
            let log = self.log.lock();
            Position {
                seq: log.last_seq(),
                hash: log.last_hash(),
            }
        };
        let last = self.reader.read(position.seq, ReadLimit::entries(1));
        let last = last.ok().and_then(|mut entries| entries.pop());
        let digest = last.map(|entry| stream::digest(&entry.payload));
        self.shared.set_tip(Tip { position, digest });
    }

    /// On one connection, until something is wrong.
    fn follow(&mut self) -> Result<(), Trouble> {
        self.log.lock().recover().map_err(Trouble::Disk)?;
        let mut link = self.redis.connect()?;
        link.wait_for(PATIENCE)?;
        self.verify(&mut link)?;
        let mut looked = Instant::now();
        while !self.shared.is_stopping() {
            link.wait_for(BLOCK + PATIENCE)?;
            let at = self.shared.tip().position.seq;
            let entries = match stream::read(&mut link, at, COUNT, BLOCK) {
                Ok(entries) => entries,
                Err(ReadError::Fault(fault)) => return Err(fault.into()),
                Err(foreign) => {
                    return Err(Trouble::Refuses(format!(
                        "{foreign}; see `maru cluster repair`"
                    )));
                }
            };
            self.shared.heard();
            if !entries.is_empty() {
                self.take(entries)?;
            }
            if looked.elapsed() >= LOOK || self.shared.has_doubts() {
                looked = Instant::now();
                link.wait_for(PATIENCE)?;
                link.look_again()?;
                self.verify(&mut link)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, entries: Vec<Entry>) -> Result<(), Trouble> {
        let mut at = self.shared.tip().position.seq;
        for entry in &entries {
            if entry.seq != at.next() {
                return Err(Trouble::Refuses(format!(
                    "after {at} the stream maru:log goes on at {}: entries are missing; see `maru cluster repair`",
                    entry.seq
                )));
            }
            at = entry.seq;
            if let Err(why) = (self.hooks.accepts)(&entry.payload) {
                let id = stream::id(at);
                return Err(Trouble::Refuses(format!(
                    "the entry {id} of the stream maru:log {why}"
                )));
            }
        }
        let digest = entries.last().map(|last| stream::digest(&last.payload));
        let batch: Vec<Bytes> = entries.into_iter().map(|entry| entry.payload).collect();
        self.shared.busy(true);
        let position = {
            let mut log = self.log.lock();
            log.append(&batch).map_err(Trouble::Disk)?;
            Position {
                seq: log.last_seq(),
                hash: log.last_hash(),
            }
        };
        self.shared.busy(false);
        self.shared.set_tip(Tip { position, digest });
        Ok(())
    }

    /// Looks at the stream as a whole; puts it right where that is this node's part.
    fn verify(&mut self, link: &mut Link) -> Result<(), Trouble> {
        let doubts = self.shared.doubts();
        let server = &link.server;
        if server.is_replica || server.is_loading {
            let why = "the Redis is a replica, or still loading, and takes no writes";
            return Err(Trouble::Away(why.to_owned()));
        }
        if let Some(why) = server.unfit() {
            return Err(Trouble::Refuses(format!("the Redis {why}")));
        }
        let is_another = link.server.identity != self.shared.identity();
        // Asked before the look: who is ahead of the stream then has what it lost.
        let others = if is_another {
            Some(self.others(link)?)
        } else {
            None
        };
        let tip = self.shared.tip();
        let at = (tip.position.seq > Seq(0)).then_some(tip.position.seq);
        let found = stream::look(link, at)?;
        match judge(&found, &tip, &self.shared.me.cluster) {
            Verdict::Right { epoch } => {
                let last = found.last_seq().unwrap_or_default();
                let ahead = others
                    .iter()
                    .flatten()
                    .find(|(_, position)| position.seq > last);
                if let Some((name, position)) = ahead {
                    return Err(Trouble::Waits(format!(
                        "node {name} has entries up to {}, the stream ends at {last}: it is to put them back",
                        position.seq
                    )));
                }
                self.missed_since = None;
                self.adopt(epoch)?;
                let identity = link.server.identity.clone();
                self.shared.fine(&identity, doubts);
                Ok(())
            }
            Verdict::Waits(why) => Err(Trouble::Waits(why)),
            Verdict::Refuses(why) => Err(Trouble::Refuses(why)),
            Verdict::Differs => Err(Trouble::Refuses(self.fork(link, &tip, found.first))),
            Verdict::Behind => {
                let why = "the stream no longer has what follows this node's last entry; it has to \
                           take a snapshot from another node";
                (self.hooks.leave)(why);
                Err(Trouble::Refuses(why.to_owned()))
            }
            Verdict::Lost(lost) => self.mend(link, lost),
        }
    }

    fn adopt(&self, epoch: u64) -> Result<(), Trouble> {
        let before = self.shared.epoch();
        let mut log = self.log.lock();
        if log.epoch() != epoch {
            log.begin_epoch(epoch).map_err(Trouble::Disk)?;
        }
        drop(log);
        if before != epoch {
            self.shared.set_epoch(epoch);
            tracing::warn!(epoch, "a new epoch of the cluster's log begins");
        }
        (self.hooks.epoch)(epoch);
        Ok(())
    }

    /// Where the other living nodes stand. Whoever lived when the Redis went away is waited for a
    /// little.
    fn others(&mut self, link: &mut Link) -> Result<Vec<(String, Position)>, Trouble> {
        let here = link.server.identity.text();
        let said = members::registry(link)?;
        let mut known: BTreeMap<String, members::Word> = self
            .shared
            .living()
            .into_iter()
            .map(|word| (word.name.clone(), word))
            .collect();
        let living = said.into_iter().filter(|(_, (_, lives))| *lives);
        known.extend(living.map(|(name, (word, _))| (name, word)));
        known.remove(&self.shared.me.name);
        let mut others = Vec::new();
        let mut missed = Vec::new();
        for (name, word) in known {
            if word.joining {
                continue;
            }
            match peer::standing(&word.address, &self.secret, PATIENCE / 2) {
                Ok(standing)
                    if standing.cluster == self.shared.me.cluster && standing.name == name =>
                {
                    others.push((name, standing.at));
                }
                // Somebody else has its address now.
                Ok(_) => {}
                Err(_) if word.redis == here => others.push((name, word.at)),
                Err(PeerError::Absent) => missed.push(name),
                Err(error) => {
                    tracing::debug!(node = name, %error, "a node is not reached");
                    missed.push(name);
                }
            }
        }
        if missed.is_empty() {
            return Ok(others);
        }
        let since = *self.missed_since.get_or_insert_with(Instant::now);
        if since.elapsed() < GIVE_UP {
            return Err(Trouble::Waits(format!(
                "the Redis was started anew, and what node {} has is not known yet",
                missed.join(", ")
            )));
        }
        Ok(others)
    }

    fn hash_at(&self, seq: Seq) -> Option<LogHash> {
        let found = self.reader.read(seq, ReadLimit::entries(1)).ok()?;
        found.first().map(|entry| entry.hash)
    }

    fn digest_at(&self, seq: Seq) -> Option<String> {
        let found = self.reader.read(seq, ReadLimit::entries(1)).ok()?;
        found.first().map(|entry| stream::digest(&entry.payload))
    }

    /// Puts back what the stream has lost, if this node is the one that has most.
    fn mend(&mut self, link: &mut Link, lost: Lost) -> Result<(), Trouble> {
        let others = self.others(link)?;
        let own = self.shared.tip().position;
        let me = self.shared.me.name.clone();
        match plan(&me, own, &others, |seq| self.hash_at(seq)) {
            Plan::Mend => {}
            Plan::Waits(why) => return Err(Trouble::Waits(why)),
            Plan::Differ(why) => return Err(Trouble::Refuses(why)),
        }
        let first = self.reader.first_seq();
        let from = match lost {
            Lost::Tail(last) if last.next() >= first => {
                self.expect_prefix(link, last)?;
                Some(last.next())
            }
            Lost::Tail(_) | Lost::All => None,
        };
        let epoch = crate::random()?;
        let cluster = self.shared.me.cluster.clone();
        let mut mending = Mending {
            link,
            me: &me,
            cluster: &cluster,
            epoch,
        };
        if !mending.lock()? {
            return Err(Trouble::Waits("another node puts entries back".to_owned()));
        }
        mending.shut(from.is_none())?;
        // Whoever is behind finds its own last entry, where this node's log still has it.
        let behind = others.iter().map(|(_, at)| at.seq).min();
        let mut next =
            from.unwrap_or_else(|| behind.unwrap_or(own.seq).clamp(first, own.seq.max(first)));
        let began = next;
        while next <= own.seq {
            let chunk = self.reader.read(next, PUT).map_err(Trouble::Disk)?;
            let chunk: Vec<(Seq, Bytes)> = chunk
                .into_iter()
                .map(|entry| (entry.seq, entry.payload))
                .collect();
            let Some((last, _)) = chunk.last() else { break };
            next = last.next();
            mending.put(&chunk)?;
            self.shared.heard();
        }
        mending.open(own.seq)?;
        self.shared.mended.fetch_add(1, Ordering::AcqRel);
        tracing::warn!(
            from = began.0,
            upto = own.seq.0,
            epoch,
            "put entries back that the Redis had lost"
        );
        // Looked at once more, as after any connection.
        self.verify(link)
    }

    /// What is left of the stream is what this node has.
    fn expect_prefix(&self, link: &mut Link, last: Seq) -> Result<(), Trouble> {
        if last == Seq(0) {
            return Ok(());
        }
        let found = stream::look(link, Some(last))?;
        match (found.at, self.digest_at(last)) {
            (Some(there), Some(here)) if there != here => {
                let tip = self.shared.tip();
                Err(Trouble::Refuses(self.fork(link, &tip, found.first)))
            }
            _ => Ok(()),
        }
    }

    /// Where the stream and this node's log part, in a sentence.
    fn fork(&self, link: &mut Link, tip: &Tip, first: Option<Seq>) -> String {
        let (mut same, mut unlike) = (
            Seq(first.unwrap_or(Seq(1)).max(self.reader.first_seq()).0 - 1),
            tip.position.seq,
        );
        while unlike.0 - same.0 > 1 {
            let middle = Seq(same.0 + (unlike.0 - same.0) / 2);
            let there = stream::look(link, Some(middle))
                .ok()
                .and_then(|found| found.at);
            if there.is_some() && there == self.digest_at(middle) {
                same = middle
            } else {
                unlike = middle
            }
        }
        format!(
            "this node's log and the stream hold different entries from {unlike} on (this node ends at {}); \
             nothing is written here until `maru cluster repair` has chosen",
            tip.position.seq
        )
    }
}

//! What the threads of one node know in common: whether it follows, how far it has come, who the
//! others are.

use crate::link::{Fault, Identity};
use crate::members::{Peer, Word};
use maru_domain::{LogHash, Seq};
use maru_log::LogError;
use parking_lot::{Condvar, Mutex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A follower that has heard nothing for so long does not follow.
const STALE: Duration = Duration::from_millis(1_600);
/// A disk that takes longer than this is slow, not the Redis.
const SLOW_DISK: Duration = Duration::from_secs(15);

/// Who this node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    pub name: String,
    /// Random, kept in the data directory.
    pub id: String,
    /// In the stamp of every command that this node takes.
    pub number: u32,
    /// Where other nodes reach it, as a URL without a path.
    pub address: String,
    pub cluster: String,
}

/// A place in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub seq: Seq,
    pub hash: LogHash,
}

/// Why this node takes no writes.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Trouble {
    #[error("{0}")]
    Away(String),
    /// It passes when others have done something.
    #[error("{0}")]
    Waits(String),
    /// Somebody has to look at it.
    #[error("{0}")]
    Refuses(String),
    #[error(transparent)]
    Disk(LogError),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Trouble::Away(fault.to_string())
    }
}

impl Trouble {
    pub fn as_log_error(&self) -> LogError {
        match self {
            Trouble::Disk(error) => error.clone(),
            other => LogError::Away {
                why: other.to_string(),
            },
        }
    }
}

pub struct Shared {
    pub me: Me,
    standing: Mutex<Standing>,
    settled: Condvar,
    tip: Mutex<Tip>,
    epoch: AtomicU64,
    pub peers: Mutex<BTreeMap<String, Peer>>,
    stopping: AtomicBool,
    /// Whether this node does what one node alone does.
    pub works: AtomicBool,
    /// The rules that every living node knows.
    pub rules: Arc<AtomicU16>,
    /// The oldest entry of the stream: the log keeps everything from here on.
    pub keep_from: Arc<AtomicU64>,
    /// Entries up to here hold what was removed: the stream is to have them no more. The highest that
    /// any living node has said.
    pub forget: Arc<AtomicU64>,
    /// This node's log goes on in a new segment behind here, for that.
    pub turned: AtomicU64,
    /// How often the stream was made anew or put right by this node.
    pub mended: AtomicU64,
}

struct Standing {
    trouble: Option<Trouble>,
    heard: Instant,
    busy: Option<Instant>,
    /// How often somebody found the stream changed, and up to which of these the follower has
    /// looked.
    doubts: u64,
    looked: u64,
    identity: Identity,
    fine_since: Option<Instant>,
}

/// The last entry of this node's log.
#[derive(Clone, Debug, Default)]
pub struct Tip {
    pub position: Position,
    /// Of its payload; nothing where the log has no entries.
    pub digest: Option<String>,
}

impl Shared {
    /// `identity`: the server on which the stream was right when this node ran last.
    pub fn new(me: Me, epoch: u64, rules: u16, identity: Identity) -> Shared {
        Shared {
            me,
            standing: Mutex::new(Standing {
                trouble: Some(Trouble::Waits("the log is not followed yet".to_owned())),
                heard: Instant::now(),
                busy: None,
                doubts: 0,
                looked: 0,
                identity,
                fine_since: None,
            }),
            settled: Condvar::new(),
            tip: Mutex::default(),
            epoch: AtomicU64::new(epoch),
            peers: Mutex::default(),
            stopping: AtomicBool::new(false),
            works: AtomicBool::new(false),
            rules: Arc::new(AtomicU16::new(rules)),
            keep_from: Arc::new(AtomicU64::new(1)),
            forget: Arc::default(),
            turned: AtomicU64::new(0),
            mended: AtomicU64::new(0),
        }
    }

    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    pub fn set_epoch(&self, epoch: u64) {
        self.epoch.store(epoch, Ordering::Release);
    }

    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.settled.notify_all();
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Waits so long, or until it stops.
    pub fn pause(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut standing = self.standing.lock();
        while !self.is_stopping() {
            if self.settled.wait_until(&mut standing, until).timed_out() {
                return;
            }
        }
    }

    pub fn tip(&self) -> Tip {
        self.tip.lock().clone()
    }

    pub fn set_tip(&self, tip: Tip) {
        *self.tip.lock() = tip;
    }

    /// Why nothing can be ordered now.
    pub fn trouble(&self) -> Option<Trouble> {
        let standing = self.standing.lock();
        if let Some(trouble) = &standing.trouble {
            return Some(trouble.clone());
        }
        if standing.looked < standing.doubts {
            return Some(Trouble::Waits(
                "the stream has changed and is looked at".to_owned(),
            ));
        }
        let patience = match standing.busy {
            Some(_) => SLOW_DISK,
            None => STALE,
        };
        (standing.heard.elapsed() > patience)
            .then(|| Trouble::Away("the Redis does not answer in time".to_owned()))
    }

    pub fn check(&self) -> Result<(), LogError> {
        match self.trouble() {
            None => Ok(()),
            Some(trouble) => Err(trouble.as_log_error()),
        }
    }

    /// Waits until it follows; else why it does not.
    pub fn wait_fine(&self, patience: Duration) -> Result<(), LogError> {
        let until = Instant::now() + patience;
        loop {
            let why = match self.check() {
                Ok(()) => return Ok(()),
                Err(why) => why,
            };
            let mut standing = self.standing.lock();
            if self.is_stopping() || self.settled.wait_until(&mut standing, until).timed_out() {
                return Err(why);
            }
        }
    }

    pub fn fail(&self, trouble: Trouble) {
        let mut standing = self.standing.lock();
        let text = trouble.to_string();
        let is_new = standing
            .trouble
            .as_ref()
            .is_none_or(|known| known.to_string() != text);
        if is_new {
            tracing::warn!(reason = text, "this node does not follow the cluster's log");
        }
        standing.trouble = Some(trouble);
        standing.fine_since = None;
    }

    /// The stream is as it should be on this server. `looked` are the doubts before the look.
    pub fn fine(&self, identity: &Identity, looked: u64) {
        let mut standing = self.standing.lock();
        if standing.trouble.take().is_some() {
            tracing::info!("this node follows the cluster's log");
        }
        standing.heard = Instant::now();
        standing.looked = standing.looked.max(looked);
        standing.identity = identity.clone();
        standing.fine_since.get_or_insert_with(Instant::now);
        self.settled.notify_all();
    }

    /// How long it has followed without a break.
    pub fn fine_for(&self) -> Duration {
        let standing = self.standing.lock();
        standing
            .fine_since
            .map_or(Duration::ZERO, |since| since.elapsed())
    }

    pub fn heard(&self) {
        self.standing.lock().heard = Instant::now();
    }

    pub fn busy(&self, is_busy: bool) {
        let mut standing = self.standing.lock();
        standing.busy = is_busy.then(Instant::now);
        standing.heard = Instant::now();
    }

    /// Somebody found the stream changed.
    pub fn doubt(&self) {
        self.standing.lock().doubts += 1;
    }

    pub fn doubts(&self) -> u64 {
        self.standing.lock().doubts
    }

    pub fn has_doubts(&self) -> bool {
        let standing = self.standing.lock();
        standing.looked < standing.doubts
    }

    /// The server on which the stream was last found right.
    pub fn identity(&self) -> Identity {
        self.standing.lock().identity.clone()
    }

    /// Up to where the stream is to forget, once every living node's log can follow: where all have
    /// begun new segments.
    pub fn forgets_upto(&self) -> Option<Seq> {
        let upto = self.forget.load(Ordering::Acquire);
        let own = self.turned.load(Ordering::Acquire);
        let others = self.living();
        let all = others.iter().map(|word| word.turned).chain([own]);
        let (least, most) = all.fold((u64::MAX, 0), |(least, most), one| {
            (least.min(one), most.max(one))
        });
        (upto > 0 && least >= upto).then_some(Seq(most))
    }

    /// Who else lives, as was heard last.
    pub fn living(&self) -> Vec<Word> {
        let peers = self.peers.lock();
        let living = peers.values().filter(|peer| peer.is_living);
        living.map(|peer| peer.word.clone()).collect()
    }
}

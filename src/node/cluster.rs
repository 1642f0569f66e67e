//! A node among several: the common cache, what is forgotten together, the keys of sessions.

use crate::auth::sessions::{Live, Sessions};
use crate::cache::{Current, Remote, RemoteError};
use crate::cluster::Entered;
use crate::domain::{Actor, Command};
use crate::engine::{Engine, Member};
use crate::log::LogReader;
use crate::log::codec::{self, CodecError};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Nodes tell each other so often that they are heard.
pub(super) const BEAT: Duration = Duration::from_secs(1);

/// The cache that all nodes share. It need not be there yet.
pub fn cache(entered: &Entered) -> Result<Arc<Remote>, RemoteError> {
    let address = entered.redis.clone();
    let current: Current = Arc::new(move || address.client().ok());
    Remote::later(current).map(Arc::new)
}

pub fn member(entered: Option<&Entered>) -> Member {
    let Some(shared) = entered.map(|entered| &entered.shared) else {
        return Member::alone();
    };
    Member {
        number: shared.me.number,
        rules: Arc::clone(&shared.rules),
        keep_from: Arc::clone(&shared.keep_from),
        forget: Arc::clone(&shared.forget),
    }
}

/// What any node wants forgotten goes from this node's log, too. First a new segment begins, on every
/// node; then the stream is trimmed behind all of those, for which it needs an entry there; then the
/// old segments go, for the log keeps what the stream has.
pub fn forgetting(entered: &Entered, engine: Engine, log: LogReader) -> JoinHandle<()> {
    let shared = Arc::clone(&entered.shared);
    tokio::spawn(async move {
        let (mut begun, mut done) = (0, 0);
        let mut pace = tokio::time::interval(BEAT);
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            pace.tick().await;
            let upto = shared.forget.load(Ordering::Acquire);
            if upto <= done || engine.is_forgetting() {
                continue;
            }
            let turned = shared.turned.load(Ordering::Acquire);
            let kept = shared.keep_from.load(Ordering::Acquire);
            if begun < upto && kept > upto {
                // This node has come when the others had done it.
                (begun, done) = (upto, upto);
                shared.turned.fetch_max(upto, Ordering::AcqRel);
                engine.forget_removed_here();
            } else if begun < upto {
                if engine.status().seq.0 >= upto {
                    begun = upto;
                    engine.forget_removed_here();
                }
            } else if turned < upto {
                shared.turned.store(log.last_seq().0, Ordering::Release);
            } else if kept > turned {
                done = upto;
                engine.forget_removed_here();
            } else if shared.works.load(Ordering::Acquire)
                && let Some(last) = shared.forgets_upto()
                && shared.tip().position.seq <= last
                && let Err(refusal) = engine.submit(Actor::System, Command::Sweep).await
            {
                tracing::debug!(%refusal, "what was removed stays in the stream a little longer");
            }
        }
    })
}

/// Whether this node does what one node alone does.
pub fn works(entered: Option<&Entered>) -> impl Fn() -> bool + Send + Sync + Clone + 'static {
    let shared = entered.map(|entered| Arc::clone(&entered.shared));
    move || {
        shared
            .as_ref()
            .is_none_or(|shared| shared.works.load(Ordering::Acquire))
    }
}

/// Whether this version can apply an entry. What cannot be read at all is not Maru's.
pub fn accepts(payload: &[u8]) -> Result<(), String> {
    match codec::decode(payload) {
        Ok(_) => Ok(()),
        Err(newer @ (CodecError::Future(_) | CodecError::FutureRules { .. })) => {
            Err(format!("cannot be applied: {newer}"))
        }
        Err(CodecError::Unreadable(_)) => {
            Err("was written by something else than Maru; see `maru cluster repair`".to_owned())
        }
    }
}

/// The keys of sessions in the common cache are brought back when it has lost them, by one node.
pub fn keys(entered: &Entered, sessions: Sessions, engine: Engine) -> JoinHandle<()> {
    let shared = Arc::clone(&entered.shared);
    let works = works(Some(entered));
    tokio::spawn(async move {
        let mut done = None;
        let mut pace = tokio::time::interval(BEAT);
        loop {
            pace.tick().await;
            let now = (
                works(),
                shared.mended.load(Ordering::Acquire),
                shared.identity(),
            );
            if !now.0 || done.as_ref() == Some(&now) || shared.trouble().is_some() {
                continue;
            }
            let rows = engine.read().ok().and_then(|read| read.all_sessions().ok());
            let mut told = true;
            for row in rows.unwrap_or_default() {
                let live = Live {
                    jti: row.record.jti,
                    user_id: row.record.user,
                    session_id: row.id,
                    expires_at_ms: u64::try_from(row.record.expires_at.0).unwrap_or(0),
                };
                told &= sessions.share(&live).await.is_ok();
            }
            if told {
                done = Some(now);
            }
        }
    })
}

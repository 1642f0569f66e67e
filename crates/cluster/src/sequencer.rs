//! The order of many nodes: one stream that all of them append to and follow.

use crate::address::Address;
use crate::link::{Fault, Link, PATIENCE};
use crate::shared::Shared;
use crate::stream::{self, Appended};
use bytes::Bytes;
use maru_log::{Log, LogError, MAX_PAYLOAD_BYTES, OrderError, Sequencer};
use parking_lot::Mutex;
use redis::cmd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A connection that was not used for so long is tried first.
const IDLE: Duration = Duration::from_secs(1);

/// A batch is ordered when it is in the stream; the follower brings it into this node's own log,
/// and it is applied from there.
pub struct RedisSequencer {
    redis: Address,
    shared: Arc<Shared>,
    log: Arc<Mutex<dyn Log>>,
    link: Option<(Link, Instant)>,
    /// Ended with the sequencer.
    threads: Vec<JoinHandle<()>>,
}

impl RedisSequencer {
    pub fn new(
        redis: Address,
        shared: Arc<Shared>,
        log: Arc<Mutex<dyn Log>>,
        threads: Vec<JoinHandle<()>>,
    ) -> RedisSequencer {
        RedisSequencer {
            redis,
            shared,
            log,
            link: None,
            threads,
        }
    }

    /// A connection to the server on which the stream was found right. Nothing was sent if it fails.
    fn link(&mut self) -> Result<Link, LogError> {
        let away = |fault: Fault| LogError::Away {
            why: fault.to_string(),
        };
        if let Some((mut link, used)) = self.link.take() {
            let asked = Instant::now();
            let answer = if used.elapsed() < IDLE {
                Ok(())
            } else {
                link.ask::<String>(&cmd("PING")).map(drop)
            };
            match answer {
                Ok(()) if link.server.identity == self.shared.identity() => return Ok(link),
                // Nobody answers there; who posts does not wait for the same silence twice.
                Err(fault) if asked.elapsed() >= PATIENCE / 2 => return Err(away(fault)),
                _ => {}
            }
        }
        let mut link = self.redis.connect().map_err(away)?;
        link.wait_for(PATIENCE).map_err(away)?;
        if link.server.identity != self.shared.identity() {
            self.shared.doubt();
            return Err(LogError::Away {
                why: "the Redis was started anew and is looked at".to_owned(),
            });
        }
        Ok(link)
    }
}

impl Sequencer for RedisSequencer {
    fn order(&mut self, batch: &[Bytes]) -> Result<(), OrderError> {
        let too_large = batch
            .iter()
            .map(Bytes::len)
            .find(|n| *n > MAX_PAYLOAD_BYTES);
        if let Some(size_bytes) = too_large {
            return Err(OrderError::Refused(LogError::TooLarge {
                size_bytes,
                limit_bytes: MAX_PAYLOAD_BYTES,
            }));
        }
        if batch.is_empty() {
            return Ok(());
        }
        self.shared.check().map_err(OrderError::Refused)?;
        let mut link = self.link().map_err(OrderError::Refused)?;
        let tip = self.shared.tip();
        let own = tip
            .digest
            .as_deref()
            .map(|digest| (tip.position.seq, digest));
        match stream::append(&mut link, self.shared.epoch(), own, batch) {
            Ok(Appended::Done(_)) => {
                self.link = Some((link, Instant::now()));
                Ok(())
            }
            Ok(Appended::Changed | Appended::OtherEpoch) => {
                self.shared.doubt();
                Err(OrderError::Refused(LogError::Away {
                    why: "the stream is not as this node knows it and is looked at".to_owned(),
                }))
            }
            Err(fault) => {
                let why = fault.to_string();
                Err(match fault {
                    Fault::Refused(_) => OrderError::Refused(LogError::Away { why }),
                    Fault::Away(_) => OrderError::Unknown(LogError::Away { why }),
                })
            }
        }
    }

    fn recover(&mut self) -> Result<(), LogError> {
        self.log.lock().recover()?;
        self.shared.wait_fine(PATIENCE / 2)?;
        let mut link = self.link()?;
        // A full server takes connections and no entries: the last word has a write.
        let probe = stream::probe(&mut link);
        probe.map_err(|fault| LogError::Away {
            why: fault.to_string(),
        })?;
        self.link = Some((link, Instant::now()));
        Ok(())
    }

    fn look(&mut self) -> Result<(), LogError> {
        self.shared.check()
    }
}

impl Drop for RedisSequencer {
    fn drop(&mut self) {
        self.shared.stop();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the cluster had panicked");
            }
        }
    }
}

//! The task of one hook.

use super::delivery::{Attempt, Delivery, attempt, retry_after_s};
use crate::domain::program::WebhookFailure;
use crate::domain::{Actor, Command, Position, ProgramCommand, Refusal, Seq, WebhookId};
use crate::engine::Engine;
use crate::live::{Packet, Resync};
use crate::outbound::Client;
use crate::state::WebhookRecord;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

/// Under a steady stream of events the position is kept this often.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// A hook that hears nothing is moved on, so that its position does not grow too old.
const IDLE_ENTRIES: u64 = 50_000;
/// After an error of this server.
const AFTER_ERROR: Duration = Duration::from_secs(5);

pub struct Hook {
    engine: Engine,
    client: Client,
    id: WebhookId,
    /// Somebody changed it.
    moved: Arc<Notify>,
    applied: watch::Receiver<Seq>,
}

/// How a round ended.
enum Round {
    /// Everything up to here is delivered.
    Done(Position),
    /// The other side did not take an event.
    Stopped,
}

/// What was delivered, and what of it the state knows.
struct Progress {
    kept: Position,
    position: Position,
    kept_at: Instant,
    /// Something was taken that the state does not know of.
    has_news: bool,
}

impl Hook {
    pub fn new(engine: Engine, client: Client, id: WebhookId, moved: Arc<Notify>) -> Hook {
        let applied = engine.applied();
        Hook {
            engine,
            client,
            id,
            moved,
            applied,
        }
    }

    pub async fn run(mut self) {
        loop {
            match self.step().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(webhook = self.id.0, %error, "a webhook waits");
                    sleep(AFTER_ERROR).await;
                }
            }
        }
    }

    /// False: the hook is gone.
    async fn step(&mut self) -> Result<bool, Refusal> {
        let Some(record) = self.engine.read()?.webhook(self.id)? else {
            return Ok(false);
        };
        let owner = self.engine.read()?.user(record.user)?;
        let is_dead = |failure: &WebhookFailure| failure.retry_at.is_none();
        if record.failure.as_ref().is_some_and(is_dead) || owner.is_none_or(|user| user.disabled) {
            let _ = timeout(Duration::from_secs(60), self.moved.notified()).await;
            return Ok(true);
        }
        if let Some(at) = record.failure.as_ref().and_then(|failure| failure.retry_at) {
            let wait_ms = at.0 - self.engine.now().0;
            if let Ok(wait_ms) = u64::try_from(wait_ms)
                && wait_ms > 0
            {
                let wait = Duration::from_millis(wait_ms.min(60_000));
                let _ = timeout(wait, self.moved.notified()).await;
                return Ok(true);
            }
        }
        let start = self.start(&record).await?;
        let mut progress = Progress {
            kept: record.position,
            position: start,
            kept_at: Instant::now() - COMMIT_EVERY,
            has_news: start != record.position,
        };
        let mut record = record;
        loop {
            match self.round(&mut record, &mut progress).await? {
                Round::Stopped => return Ok(true),
                Round::Done(upto) => self.wait(&record, &mut progress, upto).await?,
            }
            // Somebody may have moved or deleted it while the delivery was under way.
            let now = self.engine.read()?.webhook(self.id)?;
            if now.is_none_or(|now| now.position != progress.kept) {
                return Ok(true);
            }
        }
    }

    /// Where to go on. A position of another history is none: it goes on from the end.
    async fn start(&self, record: &WebhookRecord) -> Result<Position, Refusal> {
        let live = self.engine.live();
        match live.resumes(record.epoch, record.position) {
            Ok(()) => Ok(record.position),
            Err(reason) => {
                let end = live.published();
                self.lost(record, end, reason).await;
                Ok(match reason {
                    Resync::Ahead => record.position.min(end),
                    Resync::OtherEpoch | Resync::TooOld => end,
                })
            }
        }
    }

    /// The other side is told that events are missing, once.
    async fn lost(&self, record: &WebhookRecord, end: Position, reason: Resync) {
        let epoch = self.engine.epoch();
        tracing::warn!(webhook = self.id.0, url = record.url, %reason, "a webhook lost events");
        let data = json!({ "seq": end, "epoch": epoch, "message": reason.to_string() });
        let body = body("resync", &self.engine.now().to_string(), &data.to_string());
        let id = format!("evt_{epoch:x}_resync_{end}");
        let delivery = Delivery {
            id: &id,
            body: &body,
        };
        attempt(&self.client, record, &delivery, self.engine.now()).await;
    }

    /// Delivers what is there by now.
    async fn round(
        &self,
        record: &mut WebhookRecord,
        progress: &mut Progress,
    ) -> Result<Round, Refusal> {
        let live = self.engine.live().clone();
        let from = (live.epoch(), progress.position);
        let (mut missed, upto) = match live.past(record.user, from)? {
            Ok(past) => past,
            Err(reason) => {
                let end = live.published();
                self.lost(record, end, reason).await;
                progress.position = end;
                return Ok(Round::Done(end));
            }
        };
        loop {
            let read = tokio::task::spawn_blocking(move || {
                let batch = missed.next_batch();
                (missed, batch)
            });
            let (back, batch) = read.await.map_err(|_| broken("reading broke down"))?;
            missed = back;
            let Some(packets) = batch.map_err(|error| broken(&error.to_string()))? else {
                return Ok(Round::Done(upto));
            };
            for packet in packets {
                let Some(seq) = packet.seq else { continue };
                if wants(record, &packet) {
                    if !self.deliver(record, progress, &packet, seq).await? {
                        return Ok(Round::Stopped);
                    }
                    if progress.kept_at.elapsed() >= COMMIT_EVERY
                        && !self.keep(record, progress).await?
                    {
                        return Ok(Round::Stopped);
                    }
                } else {
                    progress.position = seq;
                }
            }
        }
    }

    /// False: it was not taken, and the state knows why and when to try again.
    async fn deliver(
        &self,
        record: &mut WebhookRecord,
        progress: &mut Progress,
        packet: &Packet,
        seq: Position,
    ) -> Result<bool, Refusal> {
        let epoch = self.engine.epoch();
        let id = format!("evt_{epoch:x}_{seq}");
        let at = self.engine.time_of(seq.entry());
        let at = at.unwrap_or_else(|| self.engine.now()).to_string();
        let json = String::from_utf8_lossy(&packet.json);
        let body = body(packet.name, &at, &json);
        let delivery = Delivery {
            id: &id,
            body: &body,
        };
        let now = self.engine.now();
        let failure = match attempt(&self.client, record, &delivery, now).await {
            Attempt::Taken => {
                progress.position = seq;
                progress.has_news = true;
                record.failure = None;
                return Ok(true);
            }
            Attempt::Refused(reason) => WebhookFailure {
                reason,
                attempts: attempts(record),
                retry_at: None,
            },
            Attempt::Failed {
                reason,
                not_before_s,
            } => {
                let attempts = attempts(record);
                let wait_s = retry_after_s(attempts);
                let wait_s = wait_s.map(|wait_s| wait_s.max(not_before_s.unwrap_or(0)));
                WebhookFailure {
                    reason,
                    attempts,
                    retry_at: wait_s.map(|wait_s| {
                        let ms = i64::try_from(wait_s * 1000).unwrap_or(i64::MAX);
                        self.engine.now().plus_ms(ms)
                    }),
                }
            }
        };
        if failure.retry_at.is_none() {
            tracing::warn!(
                webhook = self.id.0,
                url = record.url,
                reason = failure.reason,
                "a webhook is dead; POST /api/v1/webhooks/{{id}}/replay brings it back"
            );
        }
        record.failure = Some(failure);
        self.keep(record, progress).await?;
        Ok(false)
    }

    /// The state knows how far it has come. False: somebody moved it meanwhile.
    async fn keep(&self, record: &WebhookRecord, progress: &mut Progress) -> Result<bool, Refusal> {
        let command = ProgramCommand::MoveWebhook {
            webhook: self.id,
            position: progress.position,
            epoch: self.engine.epoch(),
            failure: record.failure.clone(),
            from: Some(progress.kept),
        };
        self.engine
            .submit(Actor::System, Command::Program(command))
            .await?;
        let now = self.engine.read()?.webhook(self.id)?;
        let is_ours = now.is_some_and(|now| now.position == progress.position);
        progress.kept = progress.position;
        progress.kept_at = Instant::now();
        progress.has_news = false;
        Ok(is_ours)
    }

    /// Waits for the next event; what was delivered is kept meanwhile.
    async fn wait(
        &mut self,
        record: &WebhookRecord,
        progress: &mut Progress,
        upto: Position,
    ) -> Result<(), Refusal> {
        progress.position = progress.position.max(upto);
        let lag = upto.entry().0.saturating_sub(progress.kept.entry().0);
        if progress.has_news || lag > IDLE_ENTRIES {
            let due = COMMIT_EVERY.saturating_sub(progress.kept_at.elapsed());
            // The first of a burst is kept at once, the others when a second is over.
            if due.is_zero() || timeout(due, self.next(upto)).await.is_err() {
                self.keep(record, progress).await?;
            }
            return Ok(());
        }
        let moved = self.moved.clone();
        tokio::select! {
            () = self.next(upto) => {}
            () = moved.notified() => {}
        }
        Ok(())
    }

    async fn next(&mut self, upto: Position) {
        let live = self.engine.live().clone();
        while live.published() <= upto {
            if self.applied.wait_for(|seq| seq.end() > upto).await.is_err() {
                std::future::pending::<()>().await;
            }
            // Applied, and about to be published.
            if live.published() <= upto {
                sleep(Duration::from_millis(1)).await;
            }
        }
    }
}

fn attempts(record: &WebhookRecord) -> u32 {
    record
        .failure
        .as_ref()
        .map_or(0, |failure| failure.attempts)
        + 1
}

fn wants(record: &WebhookRecord, packet: &Packet) -> bool {
    let Some(about) = &packet.about else {
        return false;
    };
    let names = record.events.is_empty() || record.events.iter().any(|name| name == packet.name);
    let rooms =
        record.rooms.is_empty() || about.room.is_some_and(|room| record.rooms.contains(&room));
    names && rooms
}

/// `{type, timestamp, data}`.
fn body(name: &str, at: &str, data: &str) -> String {
    format!(r#"{{"type":"{name}","timestamp":"{at}","data":{data}}}"#)
}

fn broken(reason: &str) -> Refusal {
    tracing::error!(reason, "a webhook's events cannot be read");
    Refusal::new(crate::domain::Code::Internal, "The events cannot be read.")
}

//! Lines into the engine in the order of their file, some batches under way at a time.

use super::feed::{Batch, FeedError};
use crate::domain::history::{HistoryLine, LineOutcome};
use crate::domain::{Actor, Code, Command, MessageId, Outcome, Refusal};
use crate::engine::Engine;
use crate::ops::export::own_id;
use crate::ops::request::{Differing, Loaded};
use std::collections::VecDeque;
use std::pin::Pin;
use tokio::sync::mpsc;

/// Batches under way: one is written while others are applied.
const UNDER_WAY: usize = 8;

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Feed(#[from] FeedError),
    #[error("line {number} was refused: {refusal}")]
    Refused { number: u64, refusal: Refusal },
}

/// Loads all that comes. What was loaded before an error stays: the same file again goes on where
/// this ended, for the same id twice is one message.
pub async fn load(
    engine: &Engine,
    batches: mpsc::Receiver<Result<Batch, FeedError>>,
    skip_bad_lines: bool,
) -> Result<Loaded, LoadError> {
    let mut loading = Loading {
        engine,
        skip_bad_lines,
        loaded: Loaded::default(),
        under_way: VecDeque::new(),
    };
    let done = loading.all(batches).await;
    // Also after an error: what did come in is told.
    while let Ok(Outcome::Part { more: true }) =
        engine.submit(Actor::System, Command::AnnounceHistory).await
    {}
    done.map(|()| loading.loaded)
}

type Answer = Pin<Box<dyn Future<Output = Result<Outcome, Refusal>> + Send>>;

struct Loading<'a> {
    engine: &'a Engine,
    skip_bad_lines: bool,
    loaded: Loaded,
    /// The numbers of the lines, whether they are messages, and what becomes of them.
    under_way: VecDeque<(Vec<(u64, bool)>, Answer)>,
}

impl Loading<'_> {
    async fn all(
        &mut self,
        mut batches: mpsc::Receiver<Result<Batch, FeedError>>,
    ) -> Result<(), LoadError> {
        while let Some(batch) = batches.recv().await {
            let batch = batch?;
            self.loaded.skipped += batch.skipped;
            let (mut numbers, mut lines) = (Vec::new(), Vec::new());
            for (number, line) in batch.records {
                if is_here_already(self.engine, number, &line)? {
                    self.loaded.repeated += u64::from(matches!(line, HistoryLine::Message(_)));
                } else {
                    numbers.push((number, matches!(line, HistoryLine::Message(_))));
                    lines.push(line);
                }
            }
            if self.under_way.len() >= UNDER_WAY {
                self.next().await?;
            }
            if !lines.is_empty() {
                // In line when this returns, so batches keep their order.
                let command = Command::ImportLines(lines);
                let answer = self.engine.submit_now(Actor::System, command);
                self.under_way.push_back((numbers, Box::pin(answer)));
            }
        }
        while !self.under_way.is_empty() {
            self.next().await?;
        }
        Ok(())
    }

    /// Waits for the oldest batch.
    async fn next(&mut self) -> Result<(), LoadError> {
        let Some((numbers, answer)) = self.under_way.pop_front() else {
            return Ok(());
        };
        let number = numbers.first().map_or(0, |(number, _)| *number);
        let outcomes = match answer.await {
            Ok(Outcome::Lines(outcomes)) => outcomes,
            Ok(_) => Vec::new(),
            Err(refusal) => return Err(LoadError::Refused { number, refusal }),
        };
        for ((number, is_message), outcome) in numbers.into_iter().zip(outcomes) {
            match outcome {
                // People and rooms are not counted: they come with their messages.
                LineOutcome::Created => self.loaded.created += u64::from(is_message),
                LineOutcome::Repeated => self.loaded.repeated += u64::from(is_message),
                LineOutcome::Unplaced => self.loaded.unplaced += 1,
                LineOutcome::Differs(field) => {
                    self.loaded.repeated += 1;
                    self.loaded.differ(Differing {
                        number,
                        field: field.to_owned(),
                    });
                }
                LineOutcome::Refused(refusal)
                    if self.skip_bad_lines && is_about_the_line(refusal.code) =>
                {
                    self.loaded.skipped += 1;
                }
                LineOutcome::Refused(refusal) => {
                    return Err(LoadError::Refused { number, refusal });
                }
            }
        }
        Ok(())
    }
}

/// A full disk is no property of a line.
fn is_about_the_line(code: Code) -> bool {
    matches!(
        code,
        Code::Invalid | Code::BadLength | Code::Forbidden | Code::BadRequest
    )
}

/// A message that was written here, exported and comes back is not another message.
fn is_here_already(engine: &Engine, number: u64, line: &HistoryLine) -> Result<bool, LoadError> {
    let own = |name: &str| own_id(name, engine.epoch());
    let id = match line {
        HistoryLine::Message(line) => own(&line.external_id),
        HistoryLine::Mark(mark) => mark.messages().find_map(own),
        HistoryLine::User(_) | HistoryLine::Room(_) => None,
    };
    let Some(id) = id else {
        return Ok(false);
    };
    let found = engine
        .read()
        .and_then(|reader| Ok(reader.message(MessageId(id))?));
    match found {
        Ok(message) => Ok(message.is_some()),
        Err(refusal) => Err(LoadError::Refused { number, refusal }),
    }
}

//! Records into the engine, many under way at a time.

use super::feed::{Batch, FeedError};
use crate::domain::command::Imported;
use crate::domain::{Actor, Code, Command, MessageId, Outcome, Refusal};
use crate::engine::Engine;
use crate::ops::export::own_id;
use crate::ops::request::Loaded;
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use tokio::sync::mpsc;

/// Commands under way: enough that one sync serves a thousand of them.
const UNDER_WAY: usize = 4096;

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
    mut batches: mpsc::Receiver<Result<Batch, FeedError>>,
    skip_bad_lines: bool,
) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let mut under_way = FuturesOrdered::new();
    while let Some(batch) = batches.recv().await {
        let batch = batch?;
        loaded.skipped += batch.skipped;
        for (number, record) in batch.records {
            if is_here_already(engine, number, &record)? {
                loaded.repeated += 1;
                continue;
            }
            let engine = engine.clone();
            under_way.push_back(async move {
                let command = Command::Import(Box::new(record));
                (number, engine.submit(Actor::System, command).await)
            });
            if under_way.len() >= UNDER_WAY
                && let Some((number, outcome)) = under_way.next().await
            {
                count(&mut loaded, number, outcome, skip_bad_lines)?;
            }
        }
    }
    while let Some((number, outcome)) = under_way.next().await {
        count(&mut loaded, number, outcome, skip_bad_lines)?;
    }
    Ok(loaded)
}

fn count(
    loaded: &mut Loaded,
    number: u64,
    outcome: Result<Outcome, Refusal>,
    skip_bad_lines: bool,
) -> Result<(), LoadError> {
    match outcome {
        Ok(Outcome::Imported { created: false, .. }) => loaded.repeated += 1,
        Ok(_) => loaded.created += 1,
        Err(refusal) if skip_bad_lines && is_about_the_line(refusal.code) => loaded.skipped += 1,
        Err(refusal) => return Err(LoadError::Refused { number, refusal }),
    }
    Ok(())
}

/// A full disk is no property of a line.
fn is_about_the_line(code: Code) -> bool {
    matches!(
        code,
        Code::Invalid | Code::BadLength | Code::Forbidden | Code::BadRequest
    )
}

/// A message that was written here, exported and comes back is not another message.
fn is_here_already(engine: &Engine, number: u64, record: &Imported) -> Result<bool, LoadError> {
    let Some(id) = own_id(&record.external_id, engine.epoch()) else {
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

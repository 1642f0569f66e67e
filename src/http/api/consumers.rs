//! Consumers: named positions in the caller's events.

mod share;

pub use share::Share;

use super::tokens::submit;
use crate::domain::program::{Consumer, ProgramOutcome, consumer_name};
use crate::domain::{Code, Command, Position, ProgramCommand, Refusal, Timestamp};
use crate::http::{
    answers::{Done, Shown},
    app::App,
    guard::Caller,
    parts::Json,
    problem,
    raw::Text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far a consumer has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsumerPosition {
    name: String,
    /// `GET /events?consumer=…` goes on behind it.
    #[schema(value_type = u64)]
    seq: Position,
    /// Which history `seq` belongs to.
    epoch: u64,
    committed_at: Timestamp,
    /// Entries of the log that came since.
    lag: u64,
}

/// Where it stands from now on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Commit {
    /// Everything up to here is done.
    #[schema(value_type = Option<u64>)]
    seq: Option<Position>,
    /// It may go back; without `seq` and `time` to the oldest event that is kept.
    #[serde(default)]
    reset: bool,
    /// To what came before this time; a reset by itself.
    time: Option<Timestamp>,
}

pub async fn list(app: App, caller: Caller) -> Result<Shown<Vec<ConsumerPosition>>, Refusal> {
    let all = app.read()?.all_consumers()?;
    let own = all.into_iter().filter(|one| one.user_id == caller.user.id);
    Ok(Shown(own.map(|one| shown(&app, one)).collect()))
}

pub async fn show(
    app: App,
    caller: Caller,
    Text(name): Text,
) -> Result<Shown<ConsumerPosition>, Refusal> {
    let found = app.read()?.consumer(caller.user.id, &name)?;
    let found = found.ok_or_else(|| Refusal::not_found("consumer"))?;
    Ok(Shown(shown(&app, found)))
}

pub async fn commit(
    app: App,
    caller: Caller,
    Text(name): Text,
    Json(commit): Json<Commit>,
) -> Result<Shown<ConsumerPosition>, Refusal> {
    let name = consumer_name(name)?;
    let live = app.engine().live();
    let back = commit.reset || commit.time.is_some();
    let position = match (commit.seq, commit.time) {
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid("time", "Send either `seq` or `time`."));
        }
        (Some(seq), None) => seq,
        (None, Some(time)) => app.position_at(time).await?,
        (None, None) if commit.reset => live.oldest(),
        (None, None) => return Err(Refusal::invalid("seq", "Send `seq`: what is done.")),
    };
    // A time before everything that is kept means the oldest that is.
    let position = if commit.time.is_some() {
        position.max(live.oldest())
    } else {
        position
    };
    live.resumes(live.epoch(), position)
        .map_err(|reason| Refusal {
            field: Some("seq".into()),
            ..Refusal::new(
                Code::Invalid,
                format!("This position cannot be committed: {reason}."),
            )
        })?;
    let groups = &app.services().groups;
    let together = if back {
        position
    } else {
        groups.commit(caller.user.id, &name, position)
    };
    let known = app.read()?.consumer(caller.user.id, &name)?;
    if !back
        && let Some(known) = &known
        && together < known.position
        && known.epoch == live.epoch()
        && together != position
    {
        // Another stream of the name is behind: nothing moves yet.
        return Ok(Shown(shown(&app, known.clone())));
    }
    let kept = keep(&app, &caller, &name, together, back).await?;
    if back {
        groups.reset(caller.user.id, &name, position);
    }
    Ok(Shown(shown(&app, kept)))
}

pub async fn remove(app: App, caller: Caller, Text(name): Text) -> Result<Done, Refusal> {
    let command = ProgramCommand::DeleteConsumer { consumer: name };
    app.submit(&caller, Command::Program(command)).await?;
    Ok(Done)
}

/// Where a consumer stands; one that is new stands here.
pub async fn stand(app: &App, caller: &Caller, name: &str) -> Result<Consumer, Refusal> {
    let name = consumer_name(name.to_owned())?;
    match app.read()?.consumer(caller.user.id, &name)? {
        Some(consumer) => Ok(consumer),
        None => {
            let here = app.here().await?;
            keep(app, caller, &name, here, false).await
        }
    }
}

async fn keep(
    app: &App,
    caller: &Caller,
    name: &str,
    position: Position,
    back: bool,
) -> Result<Consumer, Refusal> {
    let command = ProgramCommand::Commit {
        consumer: name.to_owned(),
        position,
        epoch: app.engine().epoch(),
        back,
    };
    match submit(app, caller, command).await? {
        ProgramOutcome::Consumer(consumer) => Ok(consumer),
        _ => Err(problem::panicked()),
    }
}

fn shown(app: &App, consumer: Consumer) -> ConsumerPosition {
    let live = app.engine().live();
    let end = live.published().entry().0;
    ConsumerPosition {
        lag: if consumer.epoch == live.epoch() {
            end.saturating_sub(consumer.position.entry().0)
        } else {
            end
        },
        name: consumer.name,
        seq: consumer.position,
        epoch: consumer.epoch,
        committed_at: consumer.committed_at,
    }
}

//! Outgoing webhooks: the caller's events, sent to a URL.

use super::tokens::submit;
use crate::auth::random;
use crate::domain::program::{ProgramOutcome, Webhook};
use crate::domain::{
    Actor, Code, Command, Outcome, Position, ProgramCommand, Refusal, Role, RoomId, Timestamp,
    UserId, WebhookId,
};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    parts::Json,
    problem,
};
use crate::state::WebhookRecord;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    url: String,
    /// Names of events, such as `message.created`; all where it is left out.
    #[serde(default)]
    events: Vec<String>,
    /// Only of these rooms; of all that its person may read where it is left out.
    #[serde(default)]
    room_ids: Vec<RoomId>,
    name: Option<String>,
    /// `whsec_` and base64 of 24 to 64 bytes; one is made where it is left out.
    secret: Option<String>,
    /// A bot of the caller whose events are sent; the caller's where it is left out.
    user_id: Option<UserId>,
}

/// A webhook with what is shown only once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShownWebhook {
    #[serde(flatten)]
    webhook: Webhook,
    /// Deliveries are signed with it, by the rules of Standard Webhooks.
    secret: String,
}

/// From where deliveries begin anew.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Every event after this position is sent again.
    seq: Option<Position>,
    /// Every event since this time is sent again.
    since: Option<Timestamp>,
}

/// The caller's and those of the caller's bots; all for administrators.
pub async fn list(app: App, caller: Caller) -> Result<Shown<Vec<Webhook>>, Refusal> {
    let read = app.read()?;
    if caller.user.role == Role::Admin {
        let all = read.all_webhooks()?.into_iter();
        return Ok(Shown(all.map(|(id, record)| record.view(id)).collect()));
    }
    let mut webhooks = read.webhooks_of(caller.user.id)?;
    for bot in read.bots_of(caller.user.id)? {
        webhooks.extend(read.webhooks_of(bot.id)?);
    }
    Ok(Shown(webhooks))
}

pub async fn create(
    app: App,
    caller: Caller,
    Json(new): Json<NewWebhook>,
) -> Result<Created<ShownWebhook>, Refusal> {
    let checked = app.services().outbound.check_url(&new.url);
    checked.map_err(|error| Refusal::invalid("url", sentence(&error.to_string())))?;
    let secret = match new.secret {
        Some(secret) => secret_of(secret)?,
        None => {
            let bytes: [u8; 32] = random::bytes().map_err(|_| problem::panicked())?;
            format!("whsec_{}", STANDARD.encode(bytes))
        }
    };
    let live = app.engine().live();
    let command = ProgramCommand::CreateWebhook {
        user: new.user_id.unwrap_or(caller.user.id),
        name: new.name.unwrap_or_else(|| host(&new.url)),
        url: new.url,
        secret: secret.clone(),
        events: new.events,
        rooms: new.room_ids,
        position: app.here().await?,
        epoch: live.epoch(),
    };
    match submit(&app, &caller, command).await? {
        ProgramOutcome::Webhook(webhook) => Ok(Created(ShownWebhook { webhook, secret })),
        _ => Err(problem::panicked()),
    }
}

pub async fn show(app: App, caller: Caller, id: WebhookId) -> Result<Shown<Webhook>, Refusal> {
    Ok(Shown(of_caller(&app, &caller, id)?.view(id)))
}

pub async fn remove(app: App, caller: Caller, id: WebhookId) -> Result<Done, Refusal> {
    let record = of_caller(&app, &caller, id)?;
    let command = Command::Program(ProgramCommand::DeleteWebhook { webhook: id });
    // The rights are checked: a bot's hook is its owner's, too. Who does it by their own right is
    // named in the audit log.
    if record.user == caller.user.id || caller.user.role == Role::Admin {
        app.submit(&caller, command).await?;
    } else {
        app.engine().submit(Actor::System, command).await?;
    }
    Ok(Done)
}

/// Sends again from a position or time on; without either, a dead hook goes on where it stopped.
pub async fn replay(
    app: App,
    caller: Caller,
    id: WebhookId,
    Json(from): Json<Replay>,
) -> Result<Shown<Webhook>, Refusal> {
    let record = of_caller(&app, &caller, id)?;
    let live = app.engine().live();
    let position = match (from.seq, from.since) {
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid("since", "Send either `seq` or `since`."));
        }
        (Some(seq), None) => seq,
        (None, Some(since)) => app.position_at(since).await?,
        (None, None) => record.position,
    };
    live.resumes(live.epoch(), position)
        .map_err(|reason| Refusal {
            field: Some("seq".into()),
            ..Refusal::new(
                Code::Invalid,
                sentence(&format!("events cannot be sent from there: {reason}")),
            )
        })?;
    let command = ProgramCommand::MoveWebhook {
        webhook: id,
        position,
        epoch: live.epoch(),
        failure: None,
        from: None,
    };
    // The rights are checked: a bot's hook is its owner's, too.
    let command = Command::Program(command);
    match app.engine().submit(Actor::System, command).await? {
        Outcome::Program(outcome) => match *outcome {
            ProgramOutcome::Webhook(webhook) => Ok(Shown(webhook)),
            _ => Err(problem::panicked()),
        },
        other => Err(super::unexpected(&other)),
    }
}

/// The caller's own, those of the caller's bots, and any for administrators.
fn of_caller(app: &App, caller: &Caller, id: WebhookId) -> Result<WebhookRecord, Refusal> {
    let read = app.read()?;
    let record = read.webhook(id)?;
    let record = record.ok_or_else(|| Refusal::not_found("webhook"))?;
    let owner = read.user_record(record.user)?;
    let is_own = record.user == caller.user.id
        || caller.user.role == Role::Admin
        || owner.is_some_and(|owner| owner.bot_of == Some(caller.user.id));
    if is_own {
        Ok(record)
    } else {
        Err(Refusal::not_found("webhook"))
    }
}

fn secret_of(secret: String) -> Result<String, Refusal> {
    let bytes = secret
        .strip_prefix("whsec_")
        .and_then(|text| STANDARD.decode(text).ok());
    match bytes {
        Some(bytes) if (24..=64).contains(&bytes.len()) => Ok(secret),
        _ => Err(Refusal::invalid(
            "secret",
            "A secret is `whsec_` and base64 of 24 to 64 bytes.",
        )),
    }
}

fn host(url: &str) -> String {
    let host = url
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    host.unwrap_or("webhook").chars().take(60).collect()
}

fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

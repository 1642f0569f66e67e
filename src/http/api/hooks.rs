//! Incoming webhooks: other programs post into a room.

use super::tokens::submit;
use crate::auth::{access, random};
use crate::domain::program::{Hook, ProgramOutcome};
use crate::domain::{
    Actor, Code, Command, HookId, Outcome, ProgramCommand, Refusal, Role, RoomId, RoomKind, names,
};
use crate::http::{
    answers::{Created, Done, Plain, Shown},
    app::App,
    body,
    guard::Caller,
    parts::{Json, Query},
    problem,
    raw::{RawBody, Text},
};
use crate::imports::payload::{self, BadPayload, Format};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use utoipa::{IntoParams, ToSchema};

/// Largest payload. GitHub's largest are bigger than Slack's.
const PAYLOAD_BYTES: usize = 512 << 10;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHook {
    /// The name under which it posts.
    name: String,
}

/// A hook with what is shown only once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShownHook {
    #[serde(flatten)]
    hook: Hook,
    /// Whoever knows it posts into the room.
    secret: String,
    /// Where to post.
    url: String,
}

pub async fn list(app: App, caller: Caller, room: RoomId) -> Result<Shown<Vec<Hook>>, Refusal> {
    let read = app.read()?;
    if !read.is_member(room, caller.user.id)? {
        return Err(if read.can_read(caller.user.id, room)? {
            Refusal::new(Code::NotAMember, "Join the room first.")
        } else {
            Refusal::not_found("room")
        });
    }
    Ok(Shown(read.hooks_of(room)?))
}

/// Of all rooms that the caller is in; administrators also see those of public rooms.
pub async fn of_all(app: App, caller: Caller) -> Result<Shown<Vec<Hook>>, Refusal> {
    let is_admin = caller.user.role == Role::Admin;
    let hooks = app.big_read(move |read| {
        let mut shown = Vec::new();
        for hook in read.all_hooks()? {
            let room = hook.room_id;
            let sees = read.is_member(room, caller.user.id)?
                || (is_admin
                    && read
                        .room_record(room)?
                        .is_some_and(|record| record.kind == RoomKind::Public));
            if sees {
                shown.push(hook);
            }
        }
        Ok(shown)
    });
    Ok(Shown(hooks.await?))
}

pub async fn create(
    app: App,
    caller: Caller,
    room: RoomId,
    headers: HeaderMap,
    Json(new): Json<NewHook>,
) -> Result<Created<ShownHook>, Refusal> {
    let secret = random::token().map_err(|_| problem::panicked())?;
    let command = ProgramCommand::CreateHook {
        room,
        username: hook_username(&new.name),
        name: new.name,
        digest: access::digest(&secret),
    };
    let hook = hook(&app, &caller, command).await?;
    Ok(Created(shown(&app, &headers, hook, secret)))
}

/// A new secret; the old one ends at once.
pub async fn rotate(
    app: App,
    caller: Caller,
    room: RoomId,
    id: HookId,
    headers: HeaderMap,
) -> Result<Shown<ShownHook>, Refusal> {
    of_room(&app, room, id)?;
    let secret = random::token().map_err(|_| problem::panicked())?;
    let digest = access::digest(&secret);
    let hook = hook(
        &app,
        &caller,
        ProgramCommand::RotateHook { hook: id, digest },
    )
    .await?;
    Ok(Shown(shown(&app, &headers, hook, secret)))
}

pub async fn remove(app: App, caller: Caller, room: RoomId, id: HookId) -> Result<Done, Refusal> {
    of_room(&app, room, id)?;
    let command = Command::Program(ProgramCommand::DeleteHook { hook: id });
    app.submit(&caller, command).await?;
    Ok(Done)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PayloadQuery {
    /// What sends: `slack` (also Mattermost's payload and plain text; where it is left out),
    /// `github`, `gitlab`, `alertmanager`, `grafana`.
    format: Option<String>,
}

/// Posts what a program sends. Answers as Slack does, because senders look at it.
pub async fn receive(
    app: App,
    Text(secret): Text,
    Query(query): Query<PayloadQuery>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Plain, Refusal> {
    let found = app.read()?.hook(&access::digest(&secret))?;
    let Some(hook) = found else {
        return Ok(said(StatusCode::NOT_FOUND, "no_service", None));
    };
    if let Err(refusal) = app.services().load.hooks.take(hook.user_id) {
        let wait = refusal.retry_after_s;
        return Ok(said(StatusCode::TOO_MANY_REQUESTS, "rate_limited", wait));
    }
    let format = match query.format.as_deref().map(str::parse::<Format>) {
        None => Format::default(),
        Some(Ok(format)) => format,
        Some(Err(())) => {
            return Err(Refusal::invalid(
                "format",
                "`format` is slack, mattermost, github, gitlab, alertmanager or grafana.",
            ));
        }
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let body = body::read(&headers, body, PAYLOAD_BYTES).await?;
    let context = payload::Context {
        format,
        content_type: text("content-type").unwrap_or_default(),
        event: text("x-github-event").unwrap_or_default(),
    };
    let post = match payload::read(context, &body) {
        Ok(Some(post)) => post,
        Ok(None) => return Ok(said(StatusCode::OK, "ok", None)),
        Err(bad @ (BadPayload::Invalid | BadPayload::NoText)) => {
            return Ok(said(StatusCode::BAD_REQUEST, &bad.to_string(), None));
        }
    };
    // What is delivered again is the same message.
    let delivery = [
        "idempotency-key",
        "x-github-delivery",
        "x-gitlab-event-uuid",
    ];
    let client_id = delivery.iter().find_map(|name| text(name));
    let client_id = client_id.filter(|id| (1..=100).contains(&id.len()));
    let command = Command::Post {
        room: hook.room_id,
        text: with_name(post, &hook.name),
        client_id: client_id.map(|id| format!("hook:{id}")),
        reply_to: None,
        mentions: Vec::new(),
        files: Vec::new(),
        also_in_room: false,
        // A program calls nobody together.
        may_call: false,
    };
    let posted = app
        .engine()
        .submit(Actor::User(hook.user_id), command)
        .await;
    match posted {
        Ok(Outcome::Message { .. }) => Ok(said(StatusCode::OK, "ok", None)),
        Ok(other) => Err(super::unexpected(&other)),
        Err(refusal) => match refusal.code {
            Code::NotFound => Ok(said(StatusCode::NOT_FOUND, "channel_not_found", None)),
            // As Slack says it; senders then stop.
            Code::RoomArchived => Ok(said(StatusCode::GONE, "channel_is_archived", None)),
            Code::NotAMember | Code::Forbidden => {
                Ok(said(StatusCode::FORBIDDEN, "action_prohibited", None))
            }
            Code::BadLength => Ok(said(StatusCode::BAD_REQUEST, "no_text", None)),
            _ => Err(refusal),
        },
    }
}

/// A sender that calls itself otherwise is named in the text.
fn with_name(post: payload::Post, hook: &str) -> String {
    match post.username {
        Some(name) if name != hook => {
            let mut text = String::with_capacity(post.text.len() + name.len() + 8);
            let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            let _ = write!(text, "**{}**: ", name.replace('*', ""));
            text.push_str(&post.text);
            text
        }
        _ => post.text,
    }
}

fn said(status: StatusCode, word: &str, retry_after_s: Option<u64>) -> Plain {
    let mut response = Response::new(body::Body::from(word.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    if let Some(seconds) = retry_after_s {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    Plain { response }
}

fn of_room(app: &App, room: RoomId, hook: HookId) -> Result<(), Refusal> {
    let hooks = app.read()?.hooks_of(room)?;
    if hooks.iter().any(|found| found.id == hook) {
        Ok(())
    } else {
        Err(Refusal::not_found("hook"))
    }
}

async fn hook(app: &App, caller: &Caller, command: ProgramCommand) -> Result<Hook, Refusal> {
    match submit(app, caller, command).await? {
        ProgramOutcome::Hook(hook) => Ok(hook),
        _ => Err(problem::panicked()),
    }
}

fn shown(app: &App, headers: &HeaderMap, hook: Hook, secret: String) -> ShownHook {
    let url = format!("{}/api/v1/hooks/{secret}", app.base_url(headers));
    ShownHook { hook, secret, url }
}

/// A user name for the hook's bot, from its name.
fn hook_username(name: &str) -> String {
    let words: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .take(40)
        .collect();
    let words = words.trim_matches('-');
    let candidate = format!("hook-{}", if words.is_empty() { "bot" } else { words });
    names::username(candidate).unwrap_or_else(|_| "hook-bot".to_owned())
}

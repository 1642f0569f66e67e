//! Web Push: the browsers in which the caller is told of news while no page is open.

use crate::domain::push::{NewPush, PushCommand};
use crate::domain::{Command, Refusal, Timestamp};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    parts::{Json, MaybeJson, Visitor},
    sign_in,
};
use crate::push::Receiver;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The caller's subscriptions, and what a browser needs to make one.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pushes {
    /// The server's VAPID key in base64url: `applicationServerKey`.
    public_key: String,
    subscriptions: Vec<Subscription>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Subscription {
    endpoint: String,
    user_agent: String,
    created_at: Timestamp,
}

/// As `PushSubscription.toJSON()` gives it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubscription {
    endpoint: String,
    keys: Keys,
    /// Not looked at: a push service says when it is over.
    #[serde(default, rename = "expirationTime")]
    #[schema(value_type = Option<f64>)]
    _expires: Option<serde_json::Number>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    p256dh: String,
    auth: String,
}

/// Without an endpoint all of the caller's are meant.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unsubscribe {
    endpoint: Option<String>,
}

pub async fn list(app: App, caller: Caller) -> Result<Shown<Pushes>, Refusal> {
    let pushes = app.read()?.pushes(caller.user.id)?;
    let subscriptions = pushes.into_iter().map(|push| Subscription {
        endpoint: push.endpoint,
        user_agent: push.user_agent,
        created_at: push.created_at,
    });
    Ok(Shown(Pushes {
        public_key: app.services().vapid.public_key(),
        subscriptions: subscriptions.collect(),
    }))
}

pub async fn subscribe(
    app: App,
    caller: Caller,
    visitor: Visitor,
    Json(new): Json<NewSubscription>,
) -> Result<Created<Subscription>, Refusal> {
    let NewSubscription { endpoint, keys, .. } = new;
    Receiver::new(&keys.p256dh, &keys.auth)
        .map_err(|error| Refusal::invalid("keys", format!("{error}.")))?;
    let session = (!sign_in::is_only_in_cache(caller.session)).then_some(caller.session);
    let push = NewPush {
        endpoint: endpoint.clone(),
        p256dh: keys.p256dh,
        auth: keys.auth,
        session,
        user_agent: visitor.user_agent.clone(),
    };
    let command = Command::Push(PushCommand::Subscribe(push));
    app.submit(&caller, command).await?;
    Ok(Created(Subscription {
        endpoint,
        user_agent: visitor.user_agent,
        created_at: app.engine().now(),
    }))
}

pub async fn unsubscribe(
    app: App,
    caller: Caller,
    MaybeJson(which): MaybeJson<Unsubscribe>,
) -> Result<Done, Refusal> {
    let drop = PushCommand::Drop {
        user: caller.user.id,
        endpoint: which.endpoint,
    };
    app.submit(&caller, Command::Push(drop)).await?;
    Ok(Done)
}

//! Passkeys: made by whoever is signed in, shown by whoever signs in.

use super::factors::{RecoveryCodes, WithPassword, change, first_codes};
use crate::auth::ceremonies::CeremonyError;
use crate::auth::throttle::{Limit, neighbourhood};
use crate::domain::factor::{FactorCommand, Proof};
use crate::domain::{Code, Refusal, User};
use crate::http::{
    answers::{Created, Done, Shown, WithCookie},
    app::App,
    guard::Caller,
    parts::{Json, Visitor},
    second_step::expect_password,
    services::throttled,
    sign_in::{self, SignedIn},
};
use crate::passkeys::{Answer, Begun, PasskeyError, Person, Site, Stored, handle};
use crate::state::records::PasskeyRecord;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;
use utoipa::ToSchema;

const MAKING: &str = "making";
const SHOWING: &str = "showing";
/// Sign-ins by passkey that are begun, and those that fail.
const BY_ADDRESS: Limit = Limit {
    name: "passkey",
    count: 60,
    per: Duration::from_secs(60),
};

/// What the browser asks a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct Asked {
    /// To be sent back with the answer, within five minutes.
    ceremony: String,
    /// As `PublicKeyCredential.parseCreationOptionsFromJSON()` or `parseRequestOptionsFromJSON()`
    /// takes it.
    #[schema(value_type = Object)]
    options: Value,
}

/// What the device answered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    ceremony: String,
    /// What its owner calls it.
    name: String,
    /// As `PublicKeyCredential.toJSON()` gives it.
    #[schema(value_type = Object)]
    credential: Map<String, Value>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownPasskey {
    ceremony: String,
    /// As `PublicKeyCredential.toJSON()` gives it.
    #[schema(value_type = Object)]
    credential: Map<String, Value>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhichPasskey {
    id: String,
    #[serde(default)]
    current_password: Option<String>,
}

/// Where passkeys are of use.
pub fn site(app: &App, headers: &HeaderMap) -> Result<Site, Refusal> {
    Site::of(&app.base_url(headers)).map_err(|error| Refusal::new(Code::Conflict, sentence(&error)))
}

pub async fn begin_making(
    app: App,
    caller: Caller,
    headers: HeaderMap,
    Json(with): Json<WithPassword>,
) -> Result<Shown<Asked>, Refusal> {
    expect_password(&app, &caller, with.current_password.as_deref()).await?;
    let site = site(&app, &headers)?;
    let mut known = Vec::new();
    let read = app.read()?;
    for passkey in read.factors(caller.user.id)?.passkeys {
        let record = read.passkey(&passkey.id)?;
        known.extend(record.map(|record| stored(&passkey.id, record)));
    }
    drop(read);
    let person = Person {
        handle: handle_of(&caller.user),
        username: &caller.user.username,
        display_name: &caller.user.display_name,
    };
    let begun = site.begin_making(&app.settings().name, &person, &known);
    asked(&app, MAKING, begun.map_err(refusal)?).await
}

pub async fn add(
    app: App,
    caller: Caller,
    headers: HeaderMap,
    Json(new): Json<NewPasskey>,
) -> Result<Created<RecoveryCodes>, Refusal> {
    let site = site(&app, &headers)?;
    let kept = take(&app, MAKING, &new.ceremony).await?;
    let answer = Value::Object(new.credential).to_string();
    let made = site.made(&kept, &answer).map_err(refusal)?;
    let (recovery_codes, recovery) = first_codes(&app, &caller)?;
    let command = FactorCommand::AddPasskey {
        user: caller.user.id,
        id: made.id,
        name: new.name,
        key: made.key,
        moving: made.moving,
        transports: made.transports,
        recovery,
    };
    change(&app, &caller, command).await?;
    Ok(Created(RecoveryCodes { recovery_codes }))
}

pub async fn remove(
    app: App,
    caller: Caller,
    Json(which): Json<WhichPasskey>,
) -> Result<Done, Refusal> {
    expect_password(&app, &caller, which.current_password.as_deref()).await?;
    let (user, id) = (caller.user.id, which.id);
    change(&app, &caller, FactorCommand::RemovePasskey { user, id }).await?;
    Ok(Done)
}

pub async fn begin_showing(
    app: App,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Shown<Asked>, Refusal> {
    let site = site(&app, &headers)?;
    let services = app.services();
    let address = neighbourhood(visitor.address);
    throttled(services.throttle.take(&BY_ADDRESS, &address).await)?;
    asked(&app, SHOWING, site.begin_showing().map_err(refusal)?).await
}

/// Signs in, without a password: the device has verified who holds it.
pub async fn log_in(
    app: App,
    visitor: Visitor,
    headers: HeaderMap,
    Json(shown): Json<ShownPasskey>,
) -> Result<WithCookie<Shown<SignedIn>>, Refusal> {
    let site = site(&app, &headers)?;
    let services = app.services();
    sign_in::expect_writable(services)?;
    let kept = take(&app, SHOWING, &shown.ceremony).await?;
    let answer = Answer::read(&Value::Object(shown.credential).to_string()).map_err(refusal)?;
    let id = answer.id();
    let read = app.read()?;
    let unknown = || {
        Refusal::new(
            Code::BadCredentials,
            "This passkey signs nobody in here (any more); sign in with your password.",
        )
    };
    let record = read.passkey(&id)?.ok_or_else(unknown)?;
    let user = read.user(record.user)?.filter(|user| !user.disabled);
    let user = user.ok_or_else(unknown)?;
    drop(read);
    let stored = stored(&id, record);
    let verified = site.shown(&kept, &answer, handle_of(&user), &stored);
    let signed_in = match verified {
        Ok(moving) => {
            let proof = Proof::Passkey { id, moving };
            sign_in::begin_by_passkey(services, &visitor, user, proof).await
        }
        Err(error) => {
            let text = error.to_string();
            tracing::warn!(user = %user.id, error = text, "a passkey was not believed");
            super::sessions::note_refused(&app, &visitor, &user.username, Some("passkey")).await;
            Err(unknown())
        }
    };
    super::sessions::count(&app, &signed_in);
    Ok(super::sessions::with_cookies(&app, signed_in?))
}

async fn asked(app: &App, purpose: &str, begun: Begun) -> Result<Shown<Asked>, Refusal> {
    let ceremonies = app.services().throttle.ceremonies();
    let ceremony = ceremonies.keep(purpose, begun.kept).await;
    let ceremony = ceremony.map_err(|error: CeremonyError| away(&error))?;
    Ok(Shown(Asked {
        ceremony,
        options: begun.options,
    }))
}

async fn take(app: &App, purpose: &str, ceremony: &str) -> Result<bytes::Bytes, Refusal> {
    let ceremonies = app.services().throttle.ceremonies();
    let kept = ceremonies.take(purpose, ceremony).await;
    kept.map_err(|error| away(&error))?
        .ok_or_else(|| Refusal::invalid("ceremony", "This took too long; begin again."))
}

fn away(error: &dyn std::error::Error) -> Refusal {
    tracing::error!(%error, "a passkey's ceremony could not be kept");
    Refusal::new(
        Code::Unavailable,
        "Passkeys cannot be used right now; try again.",
    )
}

fn handle_of(user: &User) -> [u8; 16] {
    handle(&format!("{}\n{}", user.id, user.created_at))
}

fn stored(id: &str, record: PasskeyRecord) -> Stored {
    Stored {
        id: id.to_owned(),
        key: record.key,
        moving: record.moving,
        transports: record.transports,
    }
}

fn refusal(error: PasskeyError) -> Refusal {
    let code = match &error {
        PasskeyError::NoSite => Code::Conflict,
        PasskeyError::Unreadable(_) => Code::Invalid,
        PasskeyError::Untrusted(_) => Code::BadCredentials,
        PasskeyError::Broken(_) => {
            tracing::error!("{error}");
            Code::Internal
        }
    };
    Refusal {
        field: Some("credential".into()),
        ..Refusal::new(code, sentence(&error))
    }
}

fn sentence(error: &PasskeyError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

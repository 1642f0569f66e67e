//! What people sign in with besides their passwords: an app's codes, recovery codes, what
//! administrators demand.

use super::unexpected;
use crate::auth::totp;
use crate::domain::factor::{Demand, FactorCommand, Factors};
use crate::domain::{Command, Manage, Outcome, Refusal, UserId};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    parts::Json,
    problem,
    second_step::expect_password,
};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The seal of a secret that no app has shown a code of yet.
const PURPOSE: &str = "totp";
/// Whoever takes longer begins again.
const LIFETIME_MS: i64 = 15 * 60 * 1000;

/// What the caller has, and what the server takes.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyFactors {
    #[serde(flatten)]
    factors: Factors,
    /// Whether one has to be there.
    demanded: bool,
    /// Whether a passkey can be made under the address by which the server is reached.
    passkeys_possible: bool,
    /// Whether changes need the password.
    has_password: bool,
}

/// The password again: whoever finds an open browser must not change how its owner signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithPassword {
    #[serde(default)]
    pub current_password: Option<String>,
}

/// What an app is set up with; shown only here.
#[derive(Debug, Serialize, ToSchema)]
pub struct TotpSetup {
    /// For typing, in base32.
    secret: String,
    /// For a QR code.
    url: String,
    /// To be sent back with the first code.
    sealed: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpCode {
    sealed: String,
    /// What the app shows now.
    code: String,
}

/// Each signs in once in place of a code or passkey; shown only here.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Left out where there were some already, which go on to count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recovery_codes: Vec<String>,
}

pub async fn show(
    app: App,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Shown<MyFactors>, Refusal> {
    let read = app.read()?;
    let account = read.account(caller.user.id)?;
    Ok(Shown(MyFactors {
        factors: read.factors(caller.user.id)?,
        demanded: is_demanded(read.demand()?, &caller),
        passkeys_possible: super::passkeys::site(&app, &headers).is_ok(),
        has_password: account.is_some_and(|account| account.password_hash.is_some()),
    }))
}

fn is_demanded(demand: Demand, caller: &Caller) -> bool {
    match demand {
        Demand::Nobody => false,
        Demand::Admins => caller.user.role == crate::domain::Role::Admin,
        Demand::Everyone => true,
    }
}

/// A secret for an app. Nothing changes until the app has shown a code.
pub async fn begin_totp(
    app: App,
    caller: Caller,
    Json(with): Json<WithPassword>,
) -> Result<Shown<TotpSetup>, Refusal> {
    expect_password(&app, &caller, with.current_password.as_deref()).await?;
    let secret = totp::new_secret().map_err(|_| problem::panicked())?;
    let names = (app.settings().name.as_str(), caller.user.username.as_str());
    let (typed, url) = totp::setup(&secret, names.0, names.1).ok_or_else(problem::panicked)?;
    let until_ms = app.engine().now().0 + LIFETIME_MS;
    let text = format!(
        "{}-{until_ms}-{}",
        caller.user.id,
        URL_SAFE_NO_PAD.encode(&secret)
    );
    let tokens = app.services().sessions.tokens();
    Ok(Shown(TotpSetup {
        secret: typed,
        url,
        sealed: tokens.seal(PURPOSE, &text).ok_or_else(problem::panicked)?,
    }))
}

/// From now on the app's codes are asked for.
pub async fn add_totp(
    app: App,
    caller: Caller,
    Json(shown): Json<TotpCode>,
) -> Result<Created<RecoveryCodes>, Refusal> {
    let stale = || Refusal::invalid("sealed", "This took too long; begin again.");
    let now = app.engine().now();
    let tokens = app.services().sessions.tokens();
    let text = tokens.unseal(PURPOSE, &shown.sealed).ok_or_else(stale)?;
    let mut parts = text.splitn(3, '-');
    let whose = parts.next().unwrap_or_default();
    let until_ms: i64 = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    let secret = parts
        .next()
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let secret = secret.ok_or_else(stale)?;
    if whose != caller.user.id.to_string() || until_ms < now.0 {
        return Err(stale());
    }
    let now_s = u64::try_from(now.0 / 1000).unwrap_or(0);
    let period = totp::period_of(&secret, &shown.code, now_s).ok_or_else(|| {
        Refusal::invalid(
            "code",
            "This is not the code that the app shows; see that the clocks of both are right.",
        )
    })?;
    let (recovery_codes, recovery) = first_codes(&app, &caller)?;
    let command = FactorCommand::AddTotp {
        user: caller.user.id,
        secret,
        period,
        recovery,
    };
    change(&app, &caller, command).await?;
    Ok(Created(RecoveryCodes { recovery_codes }))
}

pub async fn remove_totp(
    app: App,
    caller: Caller,
    Json(with): Json<WithPassword>,
) -> Result<Done, Refusal> {
    expect_password(&app, &caller, with.current_password.as_deref()).await?;
    let user = caller.user.id;
    change(&app, &caller, FactorCommand::RemoveTotp { user }).await?;
    Ok(Done)
}

/// Other recovery codes; those before count no more.
pub async fn make_codes(
    app: App,
    caller: Caller,
    Json(with): Json<WithPassword>,
) -> Result<Created<RecoveryCodes>, Refusal> {
    expect_password(&app, &caller, with.current_password.as_deref()).await?;
    let (recovery_codes, digests) = new_codes()?;
    let user = caller.user.id;
    let command = FactorCommand::SetRecovery { user, digests };
    change(&app, &caller, command).await?;
    Ok(Created(RecoveryCodes { recovery_codes }))
}

/// Codes and their digests, where these are the first.
pub fn first_codes(app: &App, caller: &Caller) -> Result<(Vec<String>, Vec<String>), Refusal> {
    let held = app.read()?.factors_record(caller.user.id)?;
    if held.is_some_and(|held| !held.recovery.is_empty()) {
        return Ok((Vec::new(), Vec::new()));
    }
    new_codes()
}

fn new_codes() -> Result<(Vec<String>, Vec<String>), Refusal> {
    let codes = totp::new_recovery_codes().map_err(|_| problem::panicked())?;
    let digests = codes.iter().map(|code| totp::recovery_digest(code));
    let digests = digests.collect();
    Ok((codes, digests))
}

pub async fn change(app: &App, caller: &Caller, command: FactorCommand) -> Result<(), Refusal> {
    let command = Command::Manage(Manage::Factor(command));
    match app.submit(caller, command).await? {
        Outcome::Done => Ok(()),
        other => Err(unexpected(&other)),
    }
}

/// Everything of somebody who lost it; their sessions end, and the password alone signs in again.
pub async fn reset(app: App, caller: Caller, user: UserId) -> Result<Done, Refusal> {
    change(&app, &caller, FactorCommand::Reset { user }).await?;
    Ok(Done)
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Security {
    /// Of whom a second factor is demanded.
    second_factor: Demand,
    /// Who has a password and no second factor.
    without: Vec<UserId>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityChange {
    second_factor: Demand,
}

pub async fn security(app: App, _: Caller) -> Result<Shown<Security>, Refusal> {
    app.big_read(|read| {
        let mut without = Vec::new();
        for user in read.users()? {
            let account = read.account(user.id)?;
            let has_password = account.is_some_and(|account| account.password_hash.is_some());
            let held = read.factors_record(user.id)?;
            if has_password && !user.disabled && !held.is_some_and(|held| held.any()) {
                without.push(user.id);
            }
        }
        Ok(Security {
            second_factor: read.demand()?,
            without,
        })
    })
    .await
    .map(Shown)
}

pub async fn change_security(
    app: App,
    caller: Caller,
    Json(wanted): Json<SecurityChange>,
) -> Result<Shown<Security>, Refusal> {
    let of = wanted.second_factor;
    change(&app, &caller, FactorCommand::SetDemand { of }).await?;
    security(app, caller).await
}

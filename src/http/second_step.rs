//! The second step of a sign-in with a password, and the password again for what is dangerous.

use super::app::App;
use super::guard::Caller;
use super::services::{Services, throttled};
use super::sign_in;
use crate::auth::guesses::{Account, GuessOrigin};
use crate::auth::throttle::Limit;
use crate::auth::totp;
use crate::domain::factor::{self, Proof};
use crate::domain::{Code, Refusal, UserId};
use std::time::Duration;

/// Wrong codes of one account from one of its devices or addresses, or from all others together. A
/// passkey signs in meanwhile.
const BY_ACCOUNT: Limit = Limit {
    name: "second-step",
    count: 10,
    per: Duration::from_secs(600),
};
/// Of a million codes three count at any time.
const BY_DAY: Limit = Limit {
    name: "second-step-day",
    count: 50,
    per: Duration::from_secs(24 * 3600),
};
const MAX_CODE_BYTES: usize = 64;

/// What the code proves, where one is needed. The state decides whether it counts.
pub async fn step(
    services: &Services,
    user: UserId,
    source: &GuessOrigin<'_>,
    code: Option<&str>,
) -> Result<Option<Proof>, Refusal> {
    let held = services.engine.read()?.factors_record(user)?;
    let Some(held) = held.filter(|held| held.any()) else {
        return Ok(None);
    };
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
        return Err(factor::needed());
    };
    let circle = services.throttle.circle(user, source).await;
    let whose = circle.unwrap_or_else(|_| user.to_string());
    for limit in [&BY_ACCOUNT, &BY_DAY] {
        throttled(services.throttle.take(limit, &whose).await)?;
    }
    let proof = (code.len() <= MAX_CODE_BYTES)
        .then(|| {
            let now_s = u64::try_from(services.engine.now().0 / 1000).unwrap_or(0);
            let totp = held.totp.as_ref().and_then(|totp| {
                let period = totp::period_of(&totp.secret, code, now_s)?;
                (period > totp.period).then_some(Proof::Totp { period })
            });
            totp.or_else(|| {
                let digest = totp::recovery_digest(code);
                let is_one = held.recovery.contains(&digest);
                is_one.then_some(Proof::Recovery { digest })
            })
        })
        .flatten();
    let Some(proof) = proof else {
        return Err(factor::used());
    };
    for limit in [&BY_ACCOUNT, &BY_DAY] {
        let given_back = services.throttle.give_back(limit, &whose);
        if let Err(error) = given_back.await {
            tracing::debug!(%error, "a good code counts as a wrong one");
        }
    }
    if let Err(error) = services.throttle.passed(user, source).await {
        tracing::debug!(%error, "an address stays a stranger's");
    }
    Ok(Some(proof))
}

/// Whoever found an open browser must not change how its owner signs in. Who has no password is
/// believed.
pub async fn expect_password(
    app: &App,
    caller: &Caller,
    password: Option<&str>,
) -> Result<(), Refusal> {
    let account = app.read()?.account(caller.user.id)?;
    let Some(stored) = account.and_then(|account| account.password_hash) else {
        return Ok(());
    };
    let wrong = || Refusal {
        field: Some("current_password".into()),
        ..Refusal::new(Code::Forbidden, "The password is wrong.")
    };
    let verdict = sign_in::guess(
        app.services(),
        Account::Known(caller.user.id),
        GuessOrigin::Session(caller.session),
        password.ok_or_else(wrong)?,
        Some(&stored),
    );
    if verdict.await?.right {
        Ok(())
    } else {
        Err(wrong())
    }
}

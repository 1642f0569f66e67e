//! New accounts: for everybody, or for who was invited.

use super::unexpected;
use crate::auth::{
    random,
    throttle::{SIGN_UP_BY_ADDRESS, neighbourhood},
};
use crate::config::Signup;
use crate::domain::{Actor, Code, Command, Outcome, Refusal, Role, names};
use crate::http::{
    answers::{Created, WithCookie},
    app::App,
    parts::{Json, Visitor},
    services::throttled,
    sign_in::{Planned, SignedIn, new_device},
};
use crate::state::Reader;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    username: String,
    password: String,
    /// What people are shown; the user name where it is left out.
    display_name: Option<String>,
    /// The token of an invitation, or of the setup link.
    invite: Option<String>,
}

pub async fn sign_up(
    app: App,
    visitor: Visitor,
    Json(new): Json<NewAccount>,
) -> Result<WithCookie<Created<SignedIn>>, Refusal> {
    let services = app.services();
    let invite = new.invite.as_deref().map(random::digest_text);
    // Everything cheap first: hashing a password is not.
    let read = app.read()?;
    may_sign_up(&app, &read, invite.as_deref())?;
    let username = names::username(new.username)?;
    let display_name = new.display_name.map(names::display_name).transpose()?;
    if read.account_by_name(&username)?.is_some() {
        return Err(Refusal {
            field: Some("username".into()),
            ..Refusal::new(Code::NameTaken, "This user name is taken; choose another.")
        });
    }
    drop(read);
    // Behind a proxy of this machine, loopback is nobody's own address.
    let is_local = visitor.address.is_loopback() && !app.is_proxy(visitor.address);
    if invite.is_none() && !is_local {
        let address = neighbourhood(visitor.address);
        throttled(services.throttle.take(&SIGN_UP_BY_ADDRESS, &address).await)?;
    }
    let password_hash = services.new_password(&new.password, &username).await?;
    let planned = Planned::new(services)?;
    let command = Command::CreateUser {
        username,
        display_name,
        role: Role::Member,
        password_hash: Some(password_hash),
        invite,
        session: Some(planned.session(&visitor)),
    };
    let command = command.asked_from(visitor.origin());
    match app.engine().submit(Actor::System, command).await? {
        Outcome::Session {
            user,
            session,
            ended,
        } => {
            let signed_in = planned.signed(services, user, session, ended)?;
            Ok(WithCookie {
                cookie: app.session_cookie(&signed_in),
                device: new_device(services, signed_in.user.id)
                    .map(|device| app.device_cookie(&device)),
                answer: Created(signed_in),
            })
        }
        other => Err(unexpected(&other)),
    }
}

/// The invitation is looked at again when the account is made.
fn may_sign_up(app: &App, read: &Reader, invite: Option<&str>) -> Result<(), Refusal> {
    let mode = app.settings().signup;
    match invite {
        // Without an administrator the setup link works whatever the mode.
        Some(_) if mode == Signup::Closed && read.has_admin()? => Err(closed()),
        Some(digest) => match read.invite(digest)? {
            Some(invite) if invite.uses_left > 0 && invite.expires_at > app.engine().now() => {
                Ok(())
            }
            _ => Err(Refusal {
                field: Some("invite".into()),
                ..Refusal::new(
                    Code::BadInvite,
                    "This invitation does not exist, is used up or is over; ask for a new one.",
                )
            }),
        },
        None => match mode {
            Signup::Open => Ok(()),
            Signup::Invite => Err(Refusal::new(
                Code::SignupClosed,
                "Signing up needs an invitation; ask an administrator for one.",
            )),
            Signup::Closed => Err(closed()),
        },
    }
}

fn closed() -> Refusal {
    Refusal::new(
        Code::SignupClosed,
        "Nobody can sign up here; ask an administrator for an account.",
    )
}

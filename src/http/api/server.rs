//! What a client has to know before anybody signs in.

use crate::config::Signup;
use crate::domain::{Refusal, limits};
use crate::http::{answers::Shown, app::App};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct ServerInfo {
    /// What the people who run it call it.
    pub name: String,
    /// Where the picture that stands for it is; another address for another picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    pub version: &'static str,
    pub signup: SignupMode,
    /// There is no administrator yet; the first one comes through the setup link.
    pub setup_required: bool,
    pub limits: Limits,
    /// Whether a forgotten password is set anew by mail.
    pub mail: bool,
    /// The provider that people may sign in through, at `/api/v1/oidc/start`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc: Option<SignInBy>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SignInBy {
    /// What the button says.
    pub name: String,
}

/// How much may be written and sent. Characters are what readers call so: grapheme clusters, in NFC.
#[derive(Debug, Serialize, ToSchema)]
pub struct Limits {
    pub message_characters: usize,
    /// The same message in UTF-8; only texts of stacked marks or emoji reach this one first.
    pub message_bytes: usize,
    pub file_bytes: u64,
    pub files_per_message: usize,
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignupMode {
    /// Everybody.
    Open,
    /// Whoever has an invitation.
    Invite,
    /// Nobody; administrators make accounts.
    Closed,
}

impl From<Signup> for SignupMode {
    fn from(signup: Signup) -> SignupMode {
        match signup {
            Signup::Open => SignupMode::Open,
            Signup::Invite => SignupMode::Invite,
            Signup::Closed => SignupMode::Closed,
        }
    }
}

pub async fn show(app: App) -> Result<Shown<ServerInfo>, Refusal> {
    Ok(Shown(info(&app)?))
}

pub fn info(app: &App) -> Result<ServerInfo, Refusal> {
    let workspace = app.read()?.workspace()?;
    let picture = workspace.picture.as_ref();
    Ok(ServerInfo {
        picture: picture.map(|of| format!("/api/v1/workspace/picture?v={}", of.version)),
        name: if workspace.name.is_empty() {
            app.settings().name.clone()
        } else {
            workspace.name
        },
        version: env!("CARGO_PKG_VERSION"),
        signup: app.settings().signup.into(),
        setup_required: !app.has_admin()?,
        mail: app.mail().is_some(),
        oidc: app.sso().map(|sso| SignInBy {
            name: sso.name.clone(),
        }),
        limits: Limits {
            message_characters: limits::MESSAGE_GRAPHEMES,
            message_bytes: limits::MESSAGE_BYTES,
            file_bytes: app.services().files.max_file_bytes(),
            files_per_message: limits::FILES_PER_MESSAGE,
        },
    })
}

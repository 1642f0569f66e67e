//! The provider of OpenID Connect that people may sign in through.

use crate::oidc::Provider;

/// What the operator chose. Clones are the same.
#[derive(Clone)]
pub struct Sso {
    pub provider: Provider,
    /// What the button says.
    pub name: String,
    /// Whoever has a verified address of one of these may sign up.
    pub domains: Vec<String>,
    /// Who is in it is an administrator, and nobody else is.
    pub admin_group: Option<String>,
    /// Whoever signs out here signs out there, too.
    pub signs_out: bool,
}

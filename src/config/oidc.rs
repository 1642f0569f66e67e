//! Signing in through a provider: all of it, or nothing.

use super::address::Domain;
use super::args::ServeArgs;
use super::choice::Switch;
use super::error::ConfigError;
use super::file::SettingsFile;
use super::meaning::{pick, pick_all};
use std::path::PathBuf;

/// The provider, and what it decides here.
#[derive(Debug, Clone)]
pub struct Oidc {
    pub issuer: String,
    pub client_id: String,
    pub client_secret_file: Option<PathBuf>,
    pub name: Option<String>,
    pub domains: Vec<Domain>,
    pub admin_group: Option<String>,
    pub signs_out: bool,
}

impl Oidc {
    pub(super) fn of(typed: &ServeArgs, file: &SettingsFile) -> Result<Option<Oidc>, ConfigError> {
        let issuer = pick(typed.oidc_issuer.clone(), file, "oidc-issuer")?;
        let client_id = pick(typed.oidc_client_id.clone(), file, "oidc-client-id")?;
        let secret = typed.oidc_client_secret_file.clone();
        let client_secret_file = pick(secret, file, "oidc-client-secret-file")?;
        let name = pick(typed.oidc_name.clone(), file, "oidc-name")?;
        let domains = pick_all(typed.oidc_domain.clone(), file, "oidc-domain")?;
        let admin_group = pick(typed.oidc_admin_group.clone(), file, "oidc-admin-group")?;
        let sign_out: Option<Switch> = pick(typed.oidc_sign_out, file, "oidc-sign-out")?;
        match (issuer, client_id) {
            (None, None) => Ok(None),
            (Some(issuer), Some(client_id)) => Ok(Some(Oidc {
                issuer,
                client_id,
                client_secret_file,
                name,
                domains,
                admin_group,
                signs_out: sign_out.is_some_and(Switch::is_on),
            })),
            _ => Err(ConfigError::HalfOidc),
        }
    }
}

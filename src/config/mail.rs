//! How letters are sent.

use super::args::ServeArgs;
use super::choice::Secret;
use super::error::ConfigError;
use super::file::SettingsFile;
use super::meaning::pick;

#[derive(Debug, Clone)]
pub struct Smtp {
    /// With user and password.
    pub url: Secret,
    /// Whom letters are from, if that was chosen.
    pub from: Option<String>,
}

impl Smtp {
    pub(super) fn of(typed: &ServeArgs, file: &SettingsFile) -> Result<Option<Smtp>, ConfigError> {
        let url = pick(typed.smtp_url.clone(), file, "smtp-url")?;
        let from = pick(typed.smtp_from.clone(), file, "smtp-from")?;
        match (url, from) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(ConfigError::FromWithoutUrl),
            (Some(url), from) => Ok(Some(Smtp { url, from })),
        }
    }
}

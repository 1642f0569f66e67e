//! Who sends letters, as the settings say.

use crate::config::Config;
use crate::mail::Mailer;

pub fn mailer(config: &Config) -> anyhow::Result<Option<Mailer>> {
    let Some(smtp) = &config.smtp else {
        return Ok(None);
    };
    let roots = config.outbound_roots.as_ref();
    let roots = roots.map(std::fs::read_to_string).transpose()?;
    let host = config.public_url.as_ref().and_then(|url| url.host());
    let host = host.unwrap_or_else(|| "localhost".to_owned());
    let from = match &smtp.from {
        Some(from) => from.clone(),
        None => format!("maru@{host}"),
    };
    Ok(Some(Mailer::new(
        smtp.url.reveal(),
        &from,
        roots.as_deref(),
    )?))
}

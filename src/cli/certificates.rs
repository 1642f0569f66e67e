//! Where the certificate of `serve` comes from: files, or whoever gives them out for domains.

use super::UsageError;
use crate::acme::{self, Answers, External, Renewal, Settings, Way};
use crate::config::{Acme, Config, HttpListen};
use crate::outbound::{Allow, Client, Guard, Url};
use crate::tls::Certificate;
use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::path::Path;
use std::sync::Arc;

/// The certificate of files, or one that is awaited.
pub fn open(config: &Config, dir: &Path) -> anyhow::Result<Option<Arc<Certificate>>> {
    if let Some(acme) = &config.acme {
        let name = acme.domains.first().map_or("", String::as_str);
        let file = acme::certificate_file(&dir.join("keys"), name);
        let awaited = Certificate::awaited(&file, acme.domains.clone())?;
        return Ok(Some(Arc::new(awaited)));
    }
    let (Some(cert), Some(key)) = (&config.tls_cert, &config.tls_key) else {
        ensure!(
            config.tls_cert.is_none() && config.tls_key.is_none(),
            UsageError("--tls-cert and --tls-key are given together".to_owned())
        );
        return Ok(None);
    };
    let name = config.public_url.as_ref().and_then(|url| url.host());
    let opened = Certificate::open(cert, key, name.as_deref())?;
    Ok(Some(Arc::new(opened)))
}

/// What gets and renews the certificate, where that is chosen.
pub fn renewal(
    config: &Config,
    dir: &Path,
    certificate: Option<&Arc<Certificate>>,
    answers: &Answers,
) -> anyhow::Result<Option<Renewal>> {
    let (Some(acme), Some(certificate)) = (&config.acme, certificate) else {
        return Ok(None);
    };
    let ways = match config.http_listen {
        Some(HttpListen::Off) => vec![Way::TlsAlpn01],
        _ => vec![Way::Http01, Way::TlsAlpn01],
    };
    let external = acme.external.as_ref().map(|(id, file)| external(id, file));
    let settings = Settings {
        external: external.transpose()?,
        directory: acme.directory.clone(),
        names: acme.domains.clone(),
        email: acme.email.clone(),
        folder: dir.join("keys"),
        ways,
        pace: acme::Pace::default(),
    };
    let certificate = Arc::clone(certificate);
    let renewal = Renewal::new(
        settings,
        client(config, acme)?,
        certificate,
        answers.clone(),
    );
    Ok(Some(renewal))
}

/// The account elsewhere with its key, which is shown in base64 of either alphabet.
fn external(id: &str, file: &Path) -> anyhow::Result<External> {
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("{} cannot be read", file.display()))?;
    let text = text.trim().trim_end_matches('=');
    let text = text.replace('+', "-").replace('/', "_");
    let key = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    ensure!(
        !key.is_empty(),
        UsageError(format!(
            "{} holds no key in base64; put in what whoever gives certificates shows as the HMAC key",
            file.display()
        ))
    );
    let id = id.to_owned();
    Ok(External { id, key })
}

fn client(config: &Config, acme: &Acme) -> anyhow::Result<Client> {
    let roots = config.outbound_roots.as_ref();
    let roots = roots.map(std::fs::read_to_string).transpose()?;
    let mut allowed = config.outbound_allow.clone();
    // The operator named it: it may be inside.
    let host = Url::parse(&acme.directory).ok();
    let host = host.and_then(|url| url.host_str()?.parse::<Allow>().ok());
    allowed.extend(host);
    Ok(Client::new(Guard::new(allowed), roots.as_deref())?)
}

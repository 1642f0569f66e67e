//! The provider that people may sign in through, as the settings say.

use crate::config::Config;
use crate::http::Sso;
use crate::oidc::{Provider, Settings};
use crate::outbound::{Allow, Client, Guard, Url};
use anyhow::Context;

/// What is asked of the provider: who somebody is, and which groups they are in.
const SCOPES: &str = "openid profile email";

pub fn sso(config: &Config) -> anyhow::Result<Option<Sso>> {
    let Some(oidc) = &config.oidc else {
        return Ok(None);
    };
    let secret = oidc.client_secret_file.as_ref().map(|path| {
        let text = std::fs::read_to_string(path);
        text.with_context(|| format!("{} cannot be read", path.display()))
    });
    let client_secret = secret.transpose()?.map(|text| text.trim().to_owned());
    let roots = config.outbound_roots.as_ref();
    let roots = roots.map(std::fs::read_to_string).transpose()?;
    // The operator named it: it may be inside.
    let host = Url::parse(&oidc.issuer)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    let host = host.with_context(|| {
        format!(
            "oidc-issuer `{}` is no URL; give it as the provider writes it",
            oidc.issuer
        )
    })?;
    let mut allowed = config.outbound_allow.clone();
    allowed.extend(host.parse::<Allow>().ok());
    let client = Client::new(Guard::new(allowed), roots.as_deref())?;
    let settings = Settings {
        issuer: oidc.issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret,
        scopes: SCOPES.to_owned(),
    };
    Ok(Some(Sso {
        provider: Provider::new(settings, client),
        name: oidc.name.clone().unwrap_or(host),
        domains: oidc.domains.iter().map(|domain| domain.0.clone()).collect(),
        admin_group: oidc.admin_group.clone(),
        signs_out: oidc.signs_out,
    }))
}

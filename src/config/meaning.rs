//! The settings as they are meant: every one decided, with its type.

use super::address::{Listen, ListenAt, Network, Origin, PublicUrl};
use super::args::{PlaceArgs, ServeArgs};
use super::choice::{Bytes, Eviction, Fsync, LogFormat, Sandbox, Signup, TokenAlg};
use super::cluster::Cluster;
use super::error::ConfigError;
use super::file::{DEFAULT_DATA_DIR, SettingsFile};
use super::mail::Smtp;
use super::oidc::Oidc;
use super::setting::Setting;
use super::tls::{Acme, HttpListen, https_listen};
use crate::outbound::Allow;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that can be set, decided.
#[derive(Debug, Clone)]
pub struct Config {
    /// The settings file that was read, if there is one.
    pub file: Option<PathBuf>,
    pub data_dir: PathBuf,
    /// At least one.
    pub listen: Vec<ListenAt>,
    /// Whether that was set, or is the default.
    pub is_listen_set: bool,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    /// Gets certificates, if that is chosen.
    pub acme: Option<Acme>,
    /// What sends browsers on to https; chosen by the server if `None`.
    pub http_listen: Option<HttpListen>,
    pub public_url: Option<PublicUrl>,
    /// Origins besides the server's own whose pages may use it.
    pub origins: Vec<Origin>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    pub signup: Signup,
    pub name: String,
    pub fsync: Fsync,
    /// How large the journal of events for resuming clients may grow.
    pub retain_events_bytes: u64,
    /// How long events are kept at most.
    pub retain_events_age: Option<Duration>,
    /// How much memory the cache may use; no limit if `None`.
    pub cache_max_bytes: Option<u64>,
    pub cache_eviction: Eviction,
    /// When what others keep in the cache is forced to the disk.
    pub cache_fsync: Fsync,
    /// Where the cache speaks the Redis protocol; nowhere if `None`.
    pub resp_listen: Option<Listen>,
    pub resp_password_file: Option<PathBuf>,
    /// What webhooks, push and link previews may reach besides the public internet.
    pub outbound_allow: Vec<Allow>,
    /// Root certificates besides Mozilla's.
    pub outbound_roots: Option<PathBuf>,
    /// The server reads the titles of pages that messages link to.
    pub link_previews: bool,
    /// What messages said before they were edited is kept, for administrators.
    pub edit_history: bool,
    /// Where Prometheus reads; nowhere if `None`.
    pub metrics_listen: Option<Listen>,
    /// Clustered mode, if it is on.
    pub cluster: Option<Cluster>,
    pub max_file_bytes: u64,
    /// Of all files together; no limit if `None`.
    pub files_max_bytes: Option<u64>,
    /// How many messages one person may post a minute.
    pub posts_per_minute: u32,
    /// How letters are sent.
    pub smtp: Option<Smtp>,
    /// The provider that people may sign in through.
    pub oidc: Option<Oidc>,
    /// A second place for everything, and how far back it goes.
    pub replicate: Option<String>,
    pub replicate_keep: Duration,
    /// Of rooms without a rule of their own; for ever if `None`.
    pub retention_days: Option<u32>,
    /// How long the audit log is kept.
    pub audit_days: u32,
    /// Words that search is taught.
    pub words: Option<PathBuf>,
    pub token_alg: TokenAlg,
    /// Whether the kernel confines it.
    pub sandbox: Sandbox,
    pub log_format: LogFormat,
    /// A filter in the form of `tracing`.
    pub log_level: String,
    /// Sentences about what was ignored, for the person at the terminal.
    pub warnings: Vec<String>,
}

impl Config {
    /// Where programs of this machine reach the server, as far as the settings say.
    pub fn base_url(&self) -> String {
        let scheme = if self.tls_cert.is_some() || self.acme.is_some() {
            "https"
        } else {
            "http"
        };
        let tcp = self.listen.iter().find_map(|at| match at {
            ListenAt::Tcp(address) => Some(*address),
            ListenAt::Unix(_) => None,
        });
        format!("{scheme}://{}", tcp.unwrap_or(Listen::default().0))
    }

    /// Decides everything: flags and environment (both in the arguments), then the file, then
    /// the defaults.
    pub fn resolve(place: &PlaceArgs, typed: ServeArgs) -> Result<Config, ConfigError> {
        let file = SettingsFile::find(place)?;
        Config::merge(place, typed, &file)
    }

    fn merge(
        place: &PlaceArgs,
        typed: ServeArgs,
        file: &SettingsFile,
    ) -> Result<Config, ConfigError> {
        let listen = pick_all(typed.listen.clone(), file, "listen")?;
        let listens = listen.iter().find_map(|at| match at {
            ListenAt::Tcp(address) => Some(Listen(*address)),
            ListenAt::Unix(_) => None,
        });
        let oidc = Oidc::of(&typed, file)?;
        let smtp = Smtp::of(&typed, file)?;
        let cluster = Cluster::of(&typed, file, listens.unwrap_or_default())?;
        let acme = Acme::of(&typed, file)?;
        let tls_cert = pick(typed.tls_cert, file, "tls-cert")?;
        let http_listen = pick(typed.http_listen, file, "http-listen")?;
        let public_url = pick(typed.public_url, file, "public-url")?;
        let public_url = public_url.or_else(|| acme.as_ref()?.url());
        if smtp.is_some() && public_url.is_none() {
            return Err(ConfigError::MailNeedsUrl);
        }
        if acme.is_some() && tls_cert.is_some() {
            return Err(ConfigError::TwoCertificates);
        }
        if acme.is_none() && tls_cert.is_none() && http_listen.is_some_and(HttpListen::is_on) {
            return Err(ConfigError::NoHttps);
        }
        let name = pick(typed.name, file, "name")?.unwrap_or_else(|| "Maru".to_owned());
        if name.trim().is_empty() || name.chars().count() > 64 {
            return Err(ConfigError::Name(name));
        }
        let resp_listen = pick(typed.resp_listen, file, "resp-listen")?;
        let resp_password_file = pick(typed.resp_password_file, file, "resp-password-file")?;
        refuse_to_be_exposed(resp_listen, resp_password_file.is_some())?;
        Ok(Config {
            file: file.path().map(Into::into),
            data_dir: pick(place.data_dir.clone(), file, "data-dir")?
                .unwrap_or_else(|| DEFAULT_DATA_DIR.into()),
            is_listen_set: !listen.is_empty(),
            listen: if listen.is_empty() {
                let https = acme.as_ref().map(|_| https_listen());
                vec![ListenAt::Tcp(https.unwrap_or(Listen::default().0))]
            } else {
                listen
            },
            tls_cert,
            tls_key: pick(typed.tls_key, file, "tls-key")?,
            public_url,
            acme,
            http_listen,
            origins: pick_all(typed.origin, file, "origin")?,
            trusted_proxies: pick_all(typed.trusted_proxy, file, "trusted-proxy")?,
            signup: pick(typed.signup, file, "signup")?.unwrap_or_default(),
            name,
            fsync: pick(typed.fsync, file, "fsync")?.unwrap_or_default(),
            retain_events_bytes: pick(typed.retain_events, file, "retain-events")?
                .unwrap_or(Bytes::from_mib(256))
                .0,
            retain_events_age: pick(typed.retain_events_days, file, "retain-events-days")?
                .map(|days| Duration::from_secs(u64::from(days) * 24 * 3600)),
            cache_max_bytes: pick(typed.cache_max_memory, file, "cache-max-memory")?
                .map(|size| size.0),
            cache_eviction: pick(typed.cache_eviction, file, "cache-eviction")?.unwrap_or_default(),
            cache_fsync: pick(typed.cache_fsync, file, "cache-fsync")?.unwrap_or(Fsync::EverySec),
            resp_listen,
            resp_password_file,
            outbound_allow: pick_all(typed.outbound_allow, file, "outbound-allow")?,
            outbound_roots: pick(typed.outbound_roots, file, "outbound-roots")?,
            link_previews: pick(typed.link_previews, file, "link-previews")?
                .unwrap_or_default()
                .is_on(),
            edit_history: pick(typed.edit_history, file, "edit-history")?
                .unwrap_or_default()
                .is_on(),
            metrics_listen: pick(typed.metrics_listen, file, "metrics-listen")?,
            cluster,
            max_file_bytes: pick(typed.max_file_size, file, "max-file-size")?
                .unwrap_or(Bytes::from_mib(100))
                .0,
            files_max_bytes: pick(typed.files_max_total, file, "files-max-total")?
                .map(|size| size.0),
            posts_per_minute: pick(typed.posts_per_minute, file, "posts-per-minute")?
                .unwrap_or(60_000),
            smtp,
            oidc,
            replicate: pick(typed.replicate, file, "replicate")?,
            replicate_keep: pick(typed.replicate_keep, file, "replicate-keep")?
                .map_or(Duration::from_secs(14 * 24 * 3600), |span| span.0),
            retention_days: pick(typed.retention_days, file, "retention-days")?,
            audit_days: pick(typed.audit_days, file, "audit-days")?.unwrap_or(365),
            words: pick(typed.words, file, "words")?,
            token_alg: pick(typed.token_alg, file, "token-alg")?.unwrap_or_default(),
            sandbox: pick(typed.sandbox, file, "sandbox")?.unwrap_or_default(),
            log_format: pick(typed.log_format, file, "log-format")?.unwrap_or_default(),
            log_level: pick(typed.log_level, file, "log-level")?
                .unwrap_or_else(|| "info".to_owned()),
            warnings: file.warnings(),
        })
    }
}

pub(super) fn pick<T: Setting>(
    typed: Option<T>,
    file: &SettingsFile,
    key: &'static str,
) -> Result<Option<T>, ConfigError> {
    // The file is read even where a flag wins: a wrong value in it is never silent.
    let from_file = file.get(key)?;
    Ok(typed.or(from_file))
}

pub(super) fn pick_all<T>(
    typed: Vec<T>,
    file: &SettingsFile,
    key: &'static str,
) -> Result<Vec<T>, ConfigError>
where
    Vec<T>: Setting,
{
    let from_file = file.get::<Vec<T>>(key)?.unwrap_or_default();
    Ok(if typed.is_empty() { from_file } else { typed })
}

/// Sessions and messages pass through the cache: on a network it takes a password.
fn refuse_to_be_exposed(
    resp_listen: Option<Listen>,
    has_password: bool,
) -> Result<(), ConfigError> {
    match resp_listen {
        Some(Listen(address)) if !has_password && !address.ip().to_canonical().is_loopback() => {
            Err(ConfigError::Exposed(address))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SettingsFile {
        SettingsFile::parse("maru.toml".into(), text).expect("valid TOML")
    }

    #[test]
    fn typed_wins_over_the_file_and_the_file_over_the_default() {
        let file = file("name = 'File'\nsignup = 'open'\norigin = ['https://a.example']");
        let typed = ServeArgs {
            name: Some("Flag".to_owned()),
            ..ServeArgs::default()
        };
        let config = Config::merge(&PlaceArgs::default(), typed, &file).expect("good settings");
        assert_eq!(config.name, "Flag");
        assert_eq!(config.signup, Signup::Open);
        assert_eq!(config.fsync, Fsync::Always);
        assert_eq!(config.origins.len(), 1);
        assert_eq!(config.retain_events_bytes, 256 << 20);
    }

    #[test]
    fn the_cache_is_not_exposed_without_a_password() {
        let resolve =
            |text| Config::merge(&PlaceArgs::default(), ServeArgs::default(), &file(text));
        let error = resolve("resp-listen = '0.0.0.0:6379'").expect_err("exposed");
        assert!(error.to_string().contains("resp-password-file"), "{error}");
        for sound in [
            "resp-listen = '127.0.0.1:6379'",
            "resp-listen = '[::1]:6379'",
            "resp-listen = '0.0.0.0:6379'\nresp-password-file = 'p'",
        ] {
            assert!(resolve(sound).expect(sound).resp_listen.is_some());
        }
    }

    #[test]
    fn a_wrong_value_in_the_file_is_found_even_under_a_flag() {
        let typed = ServeArgs {
            fsync: Some(Fsync::Never),
            ..ServeArgs::default()
        };
        let result = Config::merge(&PlaceArgs::default(), typed, &file("fsync = true"));
        assert!(matches!(
            result,
            Err(ConfigError::WrongValue { key: "fsync", .. })
        ));
    }
}

//! The settings as they were typed: nothing is decided here. The names of these fields are the
//! names of the flags, of the environment variables and of the keys of `maru.toml`.

#![allow(rustdoc::bare_urls, reason = "these comments are the text of --help")]

use super::address::{Domain, Listen, ListenAt, Network, Origin, PublicUrl};
use super::choice::{
    Bytes, Eviction, Fsync, LogFormat, Sandbox, Secret, Signup, Span, Switch, TokenAlg,
};
use super::tls::{HttpListen, TlsDomain};
use crate::outbound::Allow;
use std::path::PathBuf;

/// Where a command finds its data and its settings. On every command.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct PlaceArgs {
    /// Directory that holds everything [default: ./maru-data]
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,

    /// Settings file [default: maru.toml in the data directory, else in the working directory]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
}

/// The settings of the server. Commands that run beside it read the same file and environment.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ServeArgs {
    /// Addresses to listen on, given several times or separated by commas; port 0 takes a free
    /// one, unix:/run/maru.sock is a Unix socket [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", value_delimiter = ',')]
    pub listen: Vec<ListenAt>,

    /// Certificate chain (PEM): TLS is spoken on all addresses, and the file is read again when it
    /// changes
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// The certificate's private key (PEM)
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Domains whose certificate is got from Let's Encrypt and renewed; the server then listens on
    /// ports 443 and 80, and its terms are agreed to
    #[arg(long, value_name = "DOMAIN", value_delimiter = ',')]
    pub tls_domain: Vec<TlsDomain>,

    /// Who gives certificates: letsencrypt, letsencrypt-staging to try things out, or the URL of an
    /// ACME directory [default: letsencrypt]
    #[arg(long, value_name = "URL")]
    pub acme_directory: Option<String>,

    /// Address of mail for the account there [default: none]
    #[arg(long, value_name = "MAIL")]
    pub acme_email: Option<String>,

    /// Number of an account with whoever gives certificates, where they want one to be named
    /// [default: none]
    #[arg(long, value_name = "ID")]
    pub acme_eab_id: Option<String>,

    /// File with that account's key, as they show it (base64) [default: none]
    #[arg(long, value_name = "FILE")]
    pub acme_eab_key_file: Option<PathBuf>,

    /// Address that sends browsers on to https and shows that domains lead here, or off
    /// [default: port 80 with tls-domain]
    #[arg(long, value_name = "ADDR")]
    pub http_listen: Option<HttpListen>,

    /// Address under which people reach this server, for links and cookies, such as
    /// https://chat.example.org
    #[arg(long, value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Further origins whose pages may act for their users, with any scheme (also file:// and
    /// null), separated by commas
    #[arg(long, value_name = "URL", value_delimiter = ',')]
    pub origin: Vec<Origin>,

    /// Proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas
    #[arg(long, value_name = "NET", value_delimiter = ',')]
    pub trusted_proxy: Vec<Network>,

    /// Who may make an account: anybody, people with an invite link, nobody [default: invite]
    #[arg(long, value_name = "WHO")]
    pub signup: Option<Signup>,

    /// The server's name, as people see it [default: Maru]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// When a message counts as written: synced always, every second, or never (the system
    /// decides) [default: always]
    #[arg(long, value_name = "WHEN")]
    pub fsync: Option<Fsync>,

    /// How much of the past is kept ready for clients that come back, such as 256MiB
    /// [default: 256MiB]
    #[arg(long, value_name = "SIZE")]
    pub retain_events: Option<Bytes>,

    /// How long, in days, at most [default: as long as there is room]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    pub retain_events_days: Option<u32>,

    /// Largest file that people may send, such as 100MiB [default: 100MiB]
    #[arg(long, value_name = "SIZE")]
    pub max_file_size: Option<Bytes>,

    /// How much room all files may take together, such as 50GiB [default: no limit]
    #[arg(long, value_name = "SIZE")]
    pub files_max_total: Option<Bytes>,

    /// How many messages one person may post a minute, at once or one by one [default: 60000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub posts_per_minute: Option<u32>,

    /// Second place that gets everything as it is made: file:///a/folder, or s3://bucket/prefix with
    /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL in the environment [default: off]
    #[arg(long, value_name = "URL")]
    pub replicate: Option<String>,

    /// How far back that place can bring any moment, such as 14d [default: 14d]
    #[arg(long, value_name = "TIME")]
    pub replicate_keep: Option<Span>,

    /// Mail server that sends letters to people, as smtps://user:password@mail.example.org, or
    /// smtp://…?tls=required; needs public-url [default: off]
    #[arg(long, value_name = "URL")]
    pub smtp_url: Option<Secret>,

    /// Whom letters are from, such as Maru <maru@example.org> [default: maru at the host of
    /// public-url]
    #[arg(long, value_name = "MAIL")]
    pub smtp_from: Option<String>,

    /// Provider of OpenID Connect that people may sign in through, exactly as it writes its issuer
    #[arg(long, value_name = "URL")]
    pub oidc_issuer: Option<String>,

    /// How this server is known there
    #[arg(long, value_name = "ID")]
    pub oidc_client_id: Option<String>,

    /// File with its secret there; public clients have none
    #[arg(long, value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,

    /// What the button says [default: the provider's host]
    #[arg(long, value_name = "NAME")]
    pub oidc_name: Option<String>,

    /// Whoever has a verified address of these domains may sign up [default: none]
    #[arg(long, value_name = "DOMAIN", value_delimiter = ',')]
    pub oidc_domain: Vec<Domain>,

    /// Group of the provider whose members are administrators, and nobody else [default: none]
    #[arg(long, value_name = "GROUP")]
    pub oidc_admin_group: Option<String>,

    /// Whether signing out here signs out at the provider, too [default: off]
    #[arg(long, value_name = "SWITCH")]
    pub oidc_sign_out: Option<Switch>,

    /// How many days rooms keep messages that have no rule of their own [default: for ever]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_525))]
    pub retention_days: Option<u32>,

    /// How many days the audit log is kept [default: 365]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_525))]
    pub audit_days: Option<u32>,

    /// A file of words that search is taught: `갓생 noun`, `배포 = 롤아웃`, `그거 stop`, one a line
    #[arg(long, value_name = "FILE")]
    pub words: Option<PathBuf>,

    /// How tokens are signed: hs256 with a secret, or eddsa with a public key at
    /// /.well-known/jwks.json [default: hs256]
    #[arg(long, value_name = "ALG")]
    pub token_alg: Option<TokenAlg>,

    /// Log lines as text or as one JSON object each [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,

    /// What is logged: error, warn, info, debug, trace, or a filter such as info,maru::log=debug
    /// [default: info]
    #[arg(long, value_name = "FILTER")]
    pub log_level: Option<String>,

    /// Clustered mode: the Redis (7.0 or newer, or Valkey) that gives all nodes one order, as
    /// redis://, rediss://, redis+unix:// or redis+sentinel:// [default: off]
    #[arg(long, value_name = "URL")]
    pub redis_url: Option<Secret>,

    /// The name of this node among the others [default: the host's]
    #[arg(long, value_name = "NAME")]
    pub node_name: Option<String>,

    /// Where other nodes reach this one, such as 10.0.0.1:8080 [default: where it listens]
    #[arg(long, value_name = "ADDR")]
    pub advertise: Option<String>,

    /// File with a secret that is the same on all nodes; needed where they are on several machines
    #[arg(long, value_name = "FILE")]
    pub cluster_secret_file: Option<PathBuf>,

    /// How much memory the cache may use, such as 512MiB [default: no limit]
    #[arg(long, value_name = "SIZE")]
    pub cache_max_memory: Option<Bytes>,

    /// What goes when the cache is full: noeviction, allkeys-lru, volatile-ttl, or another of
    /// Redis's policies [default: noeviction]
    #[arg(long, value_name = "POLICY")]
    pub cache_eviction: Option<Eviction>,

    /// When what is kept in the cache is forced to the disk: always, everysec, never
    /// [default: everysec]
    #[arg(long, value_name = "WHEN")]
    pub cache_fsync: Option<Fsync>,

    /// Address on which the cache speaks the Redis protocol; port 0 takes a free one [default: off]
    #[arg(long, value_name = "ADDR")]
    pub resp_listen: Option<Listen>,

    /// File with the password of the Redis protocol; needed on all but loopback addresses
    #[arg(long, value_name = "FILE")]
    pub resp_password_file: Option<PathBuf>,

    /// Hosts and networks inside that webhooks, push and link previews may reach besides the public
    /// internet, such as hooks.intern,*.lan,10.0.0.0/8 [default: none]
    #[arg(long, value_name = "HOST|NET", value_delimiter = ',')]
    pub outbound_allow: Vec<Allow>,

    /// File with root certificates (PEM) that are trusted besides Mozilla's when other servers are
    /// asked
    #[arg(long, value_name = "FILE")]
    pub outbound_roots: Option<PathBuf>,

    /// Whether the server reads the titles of pages that messages link to and shows them below
    /// [default: off]
    #[arg(long, value_enum, value_name = "WHETHER")]
    pub link_previews: Option<Switch>,

    /// Whether administrators can read what messages said before they were edited [default: off]
    #[arg(long, value_enum, value_name = "WHETHER")]
    pub edit_history: Option<Switch>,

    /// Whether the kernel holds the server to writing in its own places and running nothing
    /// (Landlock), where it can: auto or off [default: auto]
    #[arg(long, value_name = "WHEN")]
    pub sandbox: Option<Sandbox>,

    /// Address on which Prometheus reads /metrics; port 0 takes a free one [default: off]
    #[arg(long, value_name = "ADDR")]
    pub metrics_listen: Option<Listen>,
}

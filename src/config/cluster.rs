//! Clustered mode: which Redis, and who this node is.

use super::address::Listen;
use super::args::ServeArgs;
use super::choice::Secret;
use super::error::ConfigError;
use super::file::SettingsFile;
use super::meaning::pick;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What `--redis-url` and its companions mean.
#[derive(Debug, Clone)]
pub struct Cluster {
    pub redis_url: Secret,
    pub node_name: String,
    /// Host and port, if it was said.
    pub advertise: Option<String>,
    /// What is in the secret's file.
    pub secret: Option<Secret>,
}

impl Cluster {
    pub(super) fn of(
        typed: &ServeArgs,
        file: &SettingsFile,
        listen: Listen,
    ) -> Result<Option<Cluster>, ConfigError> {
        let name = pick(typed.node_name.clone(), file, "node-name")?;
        let advertise: Option<String> = pick(typed.advertise.clone(), file, "advertise")?;
        let secret_file: Option<PathBuf> = pick(
            typed.cluster_secret_file.clone(),
            file,
            "cluster-secret-file",
        )?;
        let Some(redis_url) = pick(typed.redis_url.clone(), file, "redis-url")? else {
            return Ok(None);
        };
        let node_name = name.unwrap_or_else(host);
        let is_fit = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if node_name.is_empty() || node_name.len() > 64 || !node_name.chars().all(is_fit) {
            return Err(ConfigError::NodeName(node_name));
        }
        let secret = secret_file.as_deref().map(read).transpose()?;
        let cluster = Cluster {
            redis_url,
            node_name,
            advertise: advertise.map(|address| plain(&address)),
            secret,
        };
        let address = cluster.address(listen.0);
        if cluster.secret.is_none() && !is_loopback(&address) {
            return Err(ConfigError::NoClusterSecret(address));
        }
        Ok(Some(cluster))
    }

    /// Where other nodes reach this one, which listens there: host and port.
    pub fn address(&self, listens: SocketAddr) -> String {
        match &self.advertise {
            Some(address) if has_port(address) => address.clone(),
            Some(host) => format!("{host}:{}", listens.port()),
            None if listens.ip().is_unspecified() => format!("{}:{}", host(), listens.port()),
            None => listens.to_string(),
        }
    }
}

fn plain(address: &str) -> String {
    let address = address
        .split_once("://")
        .map_or(address, |(_, address)| address);
    address.trim_end_matches('/').to_owned()
}

fn has_port(address: &str) -> bool {
    let port = address.rsplit_once(':').map(|(_, port)| port);
    port.is_some_and(|port| port.parse::<u16>().is_ok())
}

fn is_loopback(address: &str) -> bool {
    if let Ok(address) = address.parse::<SocketAddr>() {
        return address.ip().to_canonical().is_loopback();
    }
    address.split(':').next() == Some("localhost")
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => "maru".to_owned(),
        name => name.to_owned(),
    }
}

fn read(path: &Path) -> Result<Secret, ConfigError> {
    let failed = |why: String| ConfigError::ClusterSecret {
        path: path.to_owned(),
        why,
    };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let secret = text.trim();
    if secret.len() < 16 {
        return Err(failed(
            "it has fewer than 16 characters; `openssl rand -hex 32` makes a good one".to_owned(),
        ));
    }
    secret.parse().map_err(|never| match never {})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, listen: &str) -> Result<Option<Cluster>, ConfigError> {
        let file = SettingsFile::parse("maru.toml".into(), text).expect("valid TOML");
        let listen: Listen = listen.parse().expect("an address");
        Cluster::of(&ServeArgs::default(), &file, listen)
    }

    #[test]
    fn nodes_on_several_machines_need_a_secret() {
        let here = "redis-url = 'redis://localhost'\nnode-name = 'a'";
        let cluster = of(here, "127.0.0.1:0").expect("good").expect("on");
        let listens = "127.0.0.1:7".parse().expect("an address");
        assert_eq!(cluster.address(listens), "127.0.0.1:7");
        for (more, listen) in [
            ("", "0.0.0.0:1"),
            ("\nadvertise = '10.0.0.1:1'", "127.0.0.1:1"),
        ] {
            let error = of(&format!("{here}{more}"), listen).expect_err("needs one");
            assert!(
                error.to_string().contains("--cluster-secret-file"),
                "{error}"
            );
        }
        let tmp = tempfile::tempdir().expect("a directory");
        let path = tmp.path().join("secret");
        let more = format!("{here}\ncluster-secret-file = '{}'", path.display());
        assert!(of(&more, "0.0.0.0:1").is_err());
        std::fs::write(&path, "short\n").expect("written");
        assert!(of(&more, "0.0.0.0:1").is_err());
        std::fs::write(&path, "0123456789abcdef\n").expect("written");
        assert!(of(&more, "0.0.0.0:1").is_ok());
    }

    #[test]
    fn off_without_an_address_and_names_are_plain() {
        assert!(
            of("node-name = 'a'", "127.0.0.1:1")
                .expect("good")
                .is_none()
        );
        let bad = of("redis-url = 'redis://x'\nnode-name = 'a b'", "127.0.0.1:1");
        assert!(matches!(bad, Err(ConfigError::NodeName(_))));
    }
}

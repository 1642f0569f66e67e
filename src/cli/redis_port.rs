//! The port on which `serve` speaks the Redis protocol, if it was asked to.

use crate::cache::Embedded;
use crate::config::Config;
use crate::http;
use crate::resp::{Door, Options};
use crate::streams::Later;
use anyhow::{Context, bail};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

/// A port that was taken, not yet served.
pub struct RedisPort {
    listener: TcpListener,
    pub address: SocketAddr,
    options: Options,
}

impl RedisPort {
    /// Takes the port, so that an address in use is known before anything is opened.
    pub fn bind(config: &Config) -> anyhow::Result<Option<RedisPort>> {
        let Some(listen) = config.resp_listen else {
            if config.resp_password_file.is_some() {
                tracing::warn!("resp-password-file has no effect without resp-listen");
            }
            return Ok(None);
        };
        let password = password(config)?;
        let listener = http::bind(listen.0).and_then(tokio::net::TcpListener::into_std);
        let listener = listener.with_context(|| {
            format!(
                "cannot listen on {} for the Redis protocol; is a Redis there? --resp-listen takes another address",
                listen.0
            )
        })?;
        let address = listener.local_addr()?;
        let options = Options {
            password,
            ..Options::default()
        };
        Ok(Some(RedisPort {
            listener,
            address,
            options,
        }))
    }

    /// Serves the node's cache on it, and the log of events to who has an access token, until the door
    /// is dropped.
    pub fn open(self, cache: Arc<Embedded>, streams: Later) -> anyhow::Result<Door> {
        let with_password = self.options.password.is_some();
        let options = Options {
            elsewhere: Some(Arc::new(streams)),
            ..self.options
        };
        let door = Door::open(self.listener, cache, options)?;
        tracing::info!(address = %self.address, with_password, "serving the Redis protocol");
        Ok(door)
    }
}

/// The first line of the file.
fn password(config: &Config) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(path) = &config.resp_password_file else {
        return Ok(None);
    };
    let text = std::fs::read(path).with_context(|| {
        format!(
            "cannot read the password of the Redis protocol from {}; check --resp-password-file and who may read it",
            path.display()
        )
    })?;
    warn_of_readers(path);
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let password = line.strip_suffix(b"\r").unwrap_or(line);
    if password.is_empty() {
        bail!(
            "{} holds no password for the Redis protocol; write one into its first line",
            path.display()
        );
    }
    Ok(Some(password.to_vec()))
}

/// A password that every account of the machine can read is hardly one.
fn warn_of_readers(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_or(0, |about| about.permissions().mode());
    if mode & 0o007 != 0 {
        tracing::warn!(
            path = %path.display(),
            "everybody on this machine can read the password of the Redis protocol; chmod 600 would change that"
        );
    }
}

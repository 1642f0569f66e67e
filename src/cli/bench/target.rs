//! Where the server is.
use anyhow::{Context, Result, anyhow, bail};
use std::net::{SocketAddr, ToSocketAddrs};

pub struct Target {
    pub address: SocketAddr,
    /// For the `Host` header.
    pub host: String,
    /// Request target of a WebSocket session.
    pub socket: String,
}

impl Target {
    pub fn parse(url: &str, path: &str) -> Result<Self> {
        let rest = match url.split_once("://") {
            Some(("http" | "ws", rest)) => rest,
            Some((scheme, _)) => {
                bail!(
                    "{scheme} is not supported: measure the server itself by http, without its TLS proxy"
                )
            }
            None => url,
        };
        let host = rest.split('/').next().unwrap_or_default().to_owned();
        let with_port = if host
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok())
        {
            host.clone()
        } else {
            format!("{host}:80")
        };
        let address = with_port
            .to_socket_addrs()
            .with_context(|| {
                format!("{host} cannot be resolved; give the server as http://HOST:PORT")
            })?
            .next()
            .ok_or_else(|| anyhow!("{host} has no address; give the server as http://HOST:PORT"))?;
        Ok(Self {
            address,
            host,
            socket: format!("{path}?EIO=4&transport=websocket"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_understood() {
        let target = Target::parse("http://127.0.0.1:8080/", "/socket.io/").unwrap();
        assert_eq!(
            (target.address.port(), target.host.as_str()),
            (8080, "127.0.0.1:8080")
        );
        assert_eq!(target.socket, "/socket.io/?EIO=4&transport=websocket");
        assert_eq!(
            Target::parse("127.0.0.1:1", "/x/").unwrap().address.port(),
            1
        );
        assert_eq!(
            Target::parse("http://127.0.0.1", "/x/")
                .unwrap()
                .address
                .port(),
            80
        );
        assert_eq!(
            Target::parse("http://[::1]:99/", "/x/")
                .unwrap()
                .address
                .port(),
            99
        );
        assert!(Target::parse("https://127.0.0.1", "/x/").is_err());
    }
}

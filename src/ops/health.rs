//! Asking a server whether it is well, in plain HTTP over a plain socket: containers have no curl.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    #[error("`{0}` is not an address this command can ask; give one such as http://127.0.0.1:8080")]
    Url(String),
    #[error("no answer from {url}: {source}; is the server running?")]
    Away { url: String, source: io::Error },
    #[error("{url} answers with status {status}: {body}")]
    Unwell {
        url: String,
        status: u16,
        body: String,
    },
}

/// Asks `path` of the server at `base` and is satisfied by a status of 200.
pub fn ask(base: &str, path: &str, patience: Duration) -> Result<(), HealthError> {
    let bad_url = || HealthError::Url(base.to_owned());
    let authority = base
        .strip_prefix("http://")
        .ok_or_else(bad_url)?
        .trim_end_matches('/');
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let host = if has_port {
        authority.to_owned()
    } else {
        format!("{authority}:80")
    };
    let address = host
        .to_socket_addrs()
        .ok()
        .and_then(|mut all| all.next())
        .ok_or_else(bad_url)?;

    let url = format!("{}{path}", base.trim_end_matches('/'));
    let answer = exchange(reachable(address), authority, path, patience);
    let answer = answer.map_err(|source| HealthError::Away {
        url: url.clone(),
        source,
    })?;
    match parse(&answer) {
        Some((200, _)) => Ok(()),
        Some((status, body)) => Err(HealthError::Unwell { url, status, body }),
        None => {
            let source = io::Error::new(io::ErrorKind::InvalidData, "it does not speak HTTP");
            Err(HealthError::Away { url, source })
        }
    }
}

/// A server that listens on every address is asked on the loopback one.
pub fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V4(_) | IpAddr::V6(_) => {}
    }
    address
}

fn exchange(
    address: SocketAddr,
    host: &str,
    path: &str,
    patience: Duration,
) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(16 * 1024).read_to_end(&mut answer)?;
    Ok(answer)
}

/// Status and body of an answer.
fn parse(answer: &[u8]) -> Option<(u16, String)> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    Some((status, body.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// A server that answers one request with these bytes.
    fn one_answer(bytes: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a caller");
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).expect("a request");
            stream.write_all(bytes.as_bytes()).expect("answered");
        });
        format!("http://{address}")
    }

    #[test]
    fn well_unwell_and_away() {
        let patience = Duration::from_secs(5);
        let well = one_answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        ask(&well, "/healthz", patience).expect("well");
        let unwell = one_answer("HTTP/1.1 503 No\r\n\r\nread only");
        let error = ask(&unwell, "/readyz", patience)
            .expect_err("unwell")
            .to_string();
        assert!(
            error.contains("503") && error.contains("read only"),
            "{error}"
        );
        let odd = one_answer("SSH-2.0-x\r\n");
        assert!(matches!(
            ask(&odd, "/", patience),
            Err(HealthError::Away { .. })
        ));
        for bad in ["https://a", "127.0.0.1:1", "http://"] {
            assert!(
                matches!(ask(bad, "/", patience), Err(HealthError::Url(_))),
                "{bad}"
            );
        }
    }

    #[test]
    fn every_address_is_asked_on_loopback() {
        let address: SocketAddr = "0.0.0.0:80".parse().expect("an address");
        assert_eq!(reachable(address).to_string(), "127.0.0.1:80");
        let address: SocketAddr = "[::]:80".parse().expect("an address");
        assert_eq!(reachable(address).to_string(), "[::1]:80");
    }
}

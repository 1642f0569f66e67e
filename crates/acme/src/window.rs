//! When whoever gave a certificate wants it renewed (ACME Renewal Information, RFC 9773).

use crate::AcmeError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use instant_acme::CertificateIdentifier;
use maru_outbound::{Client, Request};
use maru_tls::{identifier, timestamp};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// It is asked again after so long, whatever the answer says.
const OFTEN: Duration = Duration::from_secs(3600);
const SELDOM: Duration = Duration::from_secs(24 * 3600);
/// Where the answer says nothing.
const USUAL: Duration = Duration::from_secs(6 * 3600);

/// A moment of the window that was named for one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    /// The certificate, as it is asked about.
    pub name: String,
    /// When it is renewed, in seconds since 1970; nothing where nobody named a time.
    pub at: Option<i64>,
    /// Why, where it is told.
    pub why: Option<String>,
    pub ask_again: Duration,
}

#[derive(Deserialize)]
struct Directory {
    #[serde(default, rename = "renewalInfo")]
    renewal_info: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    suggested_window: Window,
    #[serde(default, rename = "explanationURL")]
    explanation_url: Option<String>,
}

#[derive(Deserialize)]
struct Window {
    start: String,
    end: String,
}

/// What a certificate is asked about by: its issuer's key and its number.
pub(crate) fn identifier_of(der: &[u8]) -> Option<CertificateIdentifier<'static>> {
    let (key, serial) = identifier(der)?;
    Some(CertificateIdentifier {
        authority_key_identifier: URL_SAFE_NO_PAD.encode(key).into(),
        serial: URL_SAFE_NO_PAD.encode(serial).into(),
    })
}

/// Asks when this certificate is to be renewed.
pub(crate) async fn ask(
    client: &Client,
    directory: &str,
    der: &[u8],
) -> Result<Planned, AcmeError> {
    let away = |why: String| AcmeError::Away {
        directory: directory.to_owned(),
        why,
    };
    let nothing = |name: String| Planned {
        name,
        at: None,
        why: None,
        ask_again: SELDOM,
    };
    let Some(name) = identifier_of(der).map(|name| name.to_string()) else {
        return Ok(nothing(String::new()));
    };
    let answer = client.send(Request::get(directory)).await;
    let answer = answer.map_err(|error| away(error.to_string()))?;
    let found: Result<Directory, _> = serde_json::from_slice(&answer.body);
    let found = found.map_err(|error| away(error.to_string()))?;
    let Some(url) = found.renewal_info else {
        return Ok(nothing(name));
    };
    let url = format!("{}/{name}", url.trim_end_matches('/'));
    let answer = client.send(Request::get(url)).await;
    let answer = answer.map_err(|error| away(error.to_string()))?;
    if !answer.status.is_success() {
        // It does not know the certificate: one of another directory.
        return Ok(nothing(name));
    }
    let info: Result<Info, _> = serde_json::from_slice(&answer.body);
    let info = info.map_err(|error| away(error.to_string()))?;
    let window = &info.suggested_window;
    let (Some(start), Some(end)) = (timestamp(&window.start), timestamp(&window.end)) else {
        return Err(away("its renewal window has no times".to_owned()));
    };
    let wait = answer.headers.get("retry-after");
    let wait = wait.and_then(|wait| wait.to_str().ok()?.trim().parse().ok());
    Ok(Planned {
        at: Some(within(&name, start, end)),
        name,
        why: info.explanation_url,
        ask_again: wait.map_or(USUAL, Duration::from_secs).clamp(OFTEN, SELDOM),
    })
}

/// Anywhere in the window, and for one certificate always at the same place: not all servers come at
/// once, and a start does not move it.
fn within(name: &str, start: i64, end: i64) -> i64 {
    let digest = Sha256::digest(name.as_bytes());
    let number = digest
        .iter()
        .take(8)
        .fold(0, |n: u64, byte| n << 8 | u64::from(*byte));
    let width = u64::try_from(end.saturating_sub(start)).unwrap_or(0);
    let at = number.checked_rem(width).unwrap_or(0);
    start.saturating_add(i64::try_from(at).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers what is asked for by path; `HOST` in a body is where it listens.
    async fn authority(answers: &'static [(&'static str, &'static str)]) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let here = host.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default();
                let found = answers.iter().find(|(start, _)| path.starts_with(start));
                let (status, body) = match found {
                    Some((_, body)) => ("200 OK", body.replace("HOST", &here)),
                    None => ("404 Not Found", String::new()),
                };
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\nretry-after: 7200\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        format!("http://{host}/dir")
    }

    fn client() -> Client {
        let inside = maru_outbound::Guard::new(vec!["127.0.0.1".parse().expect("an address")]);
        Client::new(inside, None).expect("a client")
    }

    fn certificate() -> Vec<u8> {
        let params = |name: &str| rcgen::CertificateParams::new(vec![name.to_owned()]);
        let key = || rcgen::KeyPair::generate().expect("a key");
        let mut above = params("above.example").expect("a name");
        above.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = rcgen::Issuer::new(above, key());
        let mut below = params("below.example").expect("a name");
        below.use_authority_key_identifier_extension = true;
        below
            .signed_by(&key(), &issuer)
            .expect("signed")
            .der()
            .to_vec()
    }

    #[tokio::test]
    async fn the_window_is_asked_for_where_there_is_one() {
        let der = certificate();
        let name = identifier_of(&der).expect("an identifier").to_string();
        let with = authority(&[
            ("/dir", r#"{"newOrder":"x","renewalInfo":"http://HOST/ari"}"#),
            (
                "/ari/",
                r#"{"suggestedWindow":{"start":"2026-12-01T00:00:00Z","end":"2026-12-02T00:00:00Z"},"explanationURL":"https://why.example"}"#,
            ),
        ])
        .await;
        let planned = ask(&client(), &with, &der).await.expect("told");
        let day = timestamp("2026-12-01T00:00:00Z").expect("a time");
        let at = planned.at.expect("a time");
        assert!((day..day + 86_400).contains(&at), "{at}");
        assert_eq!(planned.name, name);
        assert_eq!(planned.why.as_deref(), Some("https://why.example"));
        assert_eq!(planned.ask_again, Duration::from_secs(7200));
        // Without, of another certificate, and where the answer is none.
        let without = authority(&[("/dir", r#"{"newOrder":"x"}"#)]).await;
        let unknown = authority(&[("/dir", r#"{"renewalInfo":"http://HOST/ari"}"#)]).await;
        for directory in [without, unknown] {
            let planned = ask(&client(), &directory, &der).await.expect("told");
            assert_eq!(planned.at, None);
        }
        let broken = authority(&[
            ("/dir", r#"{"renewalInfo":"http://HOST/ari"}"#),
            (
                "/ari/",
                r#"{"suggestedWindow":{"start":"soon","end":"later"}}"#,
            ),
        ])
        .await;
        let error = ask(&client(), &broken, &der).await.expect_err("no times");
        assert!(error.to_string().contains("no times"), "{error}");
    }

    #[test]
    fn the_place_in_a_window_is_in_it_and_stays() {
        for name in ["a.b", "c.d", "e.f"] {
            let at = within(name, 1_000, 2_000);
            assert!((1_000..2_000).contains(&at), "{at}");
            assert_eq!(at, within(name, 1_000, 2_000));
        }
        assert_ne!(within("a.b", 0, 1 << 40), within("c.d", 0, 1 << 40));
        // A window that is none.
        assert_eq!(within("a.b", 2_000, 1_000), 2_000);
    }
}

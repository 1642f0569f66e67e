//! Certificates that the server gets and renews by itself, from a real server of ACME.

use super::pebble::Pebble;
use crate::cli::run::{Place, Serving};
use maru::acme::{Answers, Pace, Renewal, Settings, Way, certificate_file};
use maru::outbound::{Client, Guard};
use maru::tls::Certificate;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const NAME: &str = "chat.example.test";
/// On two busy cores.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whose root nobody knows: what is shown is looked at instead.
#[derive(Debug)]
struct Anything;

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let provider = rustls::crypto::ring::default_provider();
        provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

async fn connect(port: u16) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anything))
        .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let name = ServerName::try_from(NAME).expect("a name");
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

/// What is shown once something else is shown than before, and the stream.
async fn shown_after(port: u16, before: &[u8]) -> (Vec<u8>, TlsStream<TcpStream>) {
    let until = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < until, "no other certificate is shown");
        let Ok(stream) = connect(port).await else {
            tokio::task::yield_now().await;
            continue;
        };
        let chain = stream.get_ref().1.peer_certificates().expect("shown");
        let first = chain[0].to_vec();
        if first != before {
            return (first, stream);
        }
    }
}

async fn get(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {NAME}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn serve(place: &Place, pebble: &Pebble, http: Option<u16>) -> Serving {
    serve_with(place, pebble, http, &[])
}

fn serve_with(place: &Place, pebble: &Pebble, http: Option<u16>, more: &[&str]) -> Serving {
    let listen = format!("127.0.0.1:{}", pebble.tls_port);
    let http = http.map_or("off".to_owned(), |port| format!("127.0.0.1:{port}"));
    let args = [
        "serve",
        "--listen",
        &listen,
        "--tls-domain",
        NAME,
        "--acme-directory",
        &pebble.directory,
        "--acme-email",
        "kim@example.test",
        "--http-listen",
        &http,
        "--outbound-roots",
        "pebble.pem",
        "--outbound-allow",
        "127.0.0.0/8",
    ];
    place.serve_as(&[&args, more].concat())
}

fn mode(path: &Path) -> u32 {
    let found = std::fs::metadata(path).expect("there");
    found.permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_got_by_port_80_and_kept() {
    let place = Place::new();
    let mut pebble = Pebble::start(&place, 3600);
    let server = serve(&place, &pebble, Some(pebble.http_port));
    let (first, stream) = shown_after(pebble.tls_port, &[]).await;
    let answer = get(stream, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let plain = || TcpStream::connect(("127.0.0.1", pebble.http_port));
    let answer = get(plain().await.expect("connects"), "/rooms/1?a=b").await;
    assert!(answer.starts_with("HTTP/1.1 301"), "{answer}");
    assert!(
        answer.contains(&format!("location: https://{NAME}/rooms/1?a=b\r\n")),
        "{answer}"
    );
    let link = place.run(&["invite", "create"]).ok();
    assert!(link.starts_with("http"), "{link}");
    let keys = place.data().join("keys");
    let kept = certificate_file(&keys, NAME);
    assert_eq!(mode(&kept), 0o600);
    assert_eq!(mode(&keys.join("acme-account.json")), 0o600);
    assert_eq!(server.stop().status, 0);

    // It is shown again at once, while nobody gives any.
    pebble.stop();
    let server = serve(&place, &pebble, Some(pebble.http_port));
    let stream = connect(pebble.tls_port).await.expect("connects");
    let chain = stream.get_ref().1.peer_certificates().expect("shown");
    assert_eq!(chain[0].to_vec(), first);
    let done = server.stop();
    assert_eq!(done.status, 0);
    for secret in ["PRIVATE KEY", "BEGIN CERTIFICATE"] {
        assert!(!done.err.contains(secret), "{}", done.err);
    }
    // What is lost is got anew, and missed by nobody.
    std::fs::remove_file(&kept).expect("gone");
    let done = place.run(&["check"]);
    assert_eq!(done.status, 0, "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_port_80_it_is_got_by_port_443() {
    let place = Place::new();
    let pebble = Pebble::start(&place, 3600);
    let server = serve(&place, &pebble, None);
    let (_, stream) = shown_after(pebble.tls_port, &[]).await;
    assert!(get(stream, "/healthz").await.contains("200 OK"));
    assert_eq!(server.stop().status, 0);
}

/// As `serve` does it, with little patience.
fn renewal(place: &Place, pebble: &Pebble) -> (Renewal, Arc<Certificate>) {
    let folder = place.data().join("keys");
    let file = certificate_file(&folder, NAME);
    let names = vec![NAME.to_owned()];
    let certificate = Arc::new(Certificate::awaited(&file, names.clone()).expect("opened"));
    let settings = Settings {
        directory: pebble.directory.clone(),
        names,
        email: None,
        external: None,
        folder,
        ways: vec![Way::TlsAlpn01],
        pace: Pace {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(1),
        },
    };
    let root = std::fs::read_to_string(place.dir.path().join("pebble.pem")).expect("there");
    let allowed = vec!["localhost".parse().expect("a host")];
    let client = Client::new(Guard::new(allowed), Some(&root)).expect("a client");
    let renewal = Renewal::new(settings, client, certificate.clone(), Answers::default());
    (renewal, certificate)
}

/// Shows the certificate where pebble looks.
async fn show(port: u16, certificate: Arc<Certificate>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await;
    let listener = listener.expect("bound");
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = certificate.acceptor();
        tokio::spawn(async move { acceptor.accept(stream).await.map(drop) });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_renewed_in_time_and_a_failed_renewal_changes_nothing() {
    let place = Place::new();
    let mut pebble = Pebble::start(&place, 9);
    let (renewal, certificate) = renewal(&place, &pebble);
    let status = renewal.status();
    let showing = tokio::spawn(show(pebble.tls_port, certificate.clone()));
    let renewing = tokio::spawn(renewal.run());
    let (first, _) = shown_after(pebble.tls_port, &[]).await;
    let ends = certificate.valid_until();
    let (second, _) = shown_after(pebble.tls_port, &first).await;
    let now = maru::engine::now().0 / 1000;
    assert!(now < ends, "before the first one ended");
    // Names lead elsewhere: it fails, is counted, and the one before stays.
    pebble.lead(false);
    let until = Instant::now() + PATIENCE;
    while status.failed() < 2 {
        assert!(Instant::now() < until, "it fails");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let tries = place.data().join("keys/acme-tries.json");
    let tries = std::fs::read_to_string(tries).expect("kept");
    assert!(
        tries.contains("does not lead here by TLS-ALPN-01"),
        "{tries}"
    );
    let stream = connect(pebble.tls_port).await.expect("one is shown");
    let chain = stream.get_ref().1.peer_certificates().expect("shown");
    let third = chain[0].to_vec();
    // The account was forgotten there: another one is made.
    pebble.lead(true);
    pebble.start_again();
    let (_, _) = shown_after(pebble.tls_port, &third).await;
    assert_ne!(first, second);
    let until = Instant::now() + PATIENCE;
    while status.failed() > 0 {
        assert!(Instant::now() < until, "it is well again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    renewing.abort();
    showing.abort();
}

#[test]
fn what_does_not_fit_together_is_one_sentence() {
    let place = Place::new();
    let wrong = |args: &[&str]| {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(args);
        place.run(&all).failed(2)
    };
    let err = wrong(&["--tls-domain", NAME, "--tls-cert", "a", "--tls-key", "b"]);
    assert!(err.contains("tls-cert"), "{err}");
    let err = wrong(&["--acme-email", "kim@example.test"]);
    assert!(err.contains("needs `tls-domain`"), "{err}");
    let err = wrong(&["--tls-domain", NAME, "--acme-directory", "http://a.example"]);
    assert!(err.contains("letsencrypt-staging"), "{err}");
    let err = wrong(&["--http-listen", "127.0.0.1:0"]);
    assert!(err.contains("needs `tls-domain` or `tls-cert`"), "{err}");
    for bad in ["*.example.test", "10.0.0.1", "chat", "https://chat.example"] {
        let done = place.run(&["serve", "--tls-domain", bad]);
        assert_eq!(done.status, 2, "{bad}");
        assert!(done.err.contains("chat.example.org"), "{}", done.err);
    }
}

/// Of an authority that only gives to who has an account elsewhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_bound_to_another_gets_a_certificate() {
    let place = Place::new();
    let key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    let pebble = Pebble::start_with(&place, 3600, &[("kid-1", key)]);
    place.file("eab", &format!("{key}\n"));
    let bound = ["--acme-eab-id", "kid-1", "--acme-eab-key-file", "eab"];
    let server = serve_with(&place, &pebble, Some(pebble.http_port), &bound);
    let (_, stream) = shown_after(pebble.tls_port, &[]).await;
    assert!(get(stream, "/healthz").await.starts_with("HTTP/1.1 200"));
    drop(server);
    // What cannot be used is one sentence, and nothing begins.
    place.file("nonsense", "!!!");
    let wrong = |more: &[&str]| {
        let args = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--tls-domain",
            NAME,
            "--http-listen",
            "off",
        ];
        place.run(&[&args, more].concat()).failed(2)
    };
    let err = wrong(&["--acme-eab-id", "kid-1"]);
    assert!(err.contains("are given together"), "{err}");
    let err = wrong(&["--acme-eab-id", "kid-1", "--acme-eab-key-file", "nonsense"]);
    assert!(err.contains("holds no key in base64"), "{err}");
}

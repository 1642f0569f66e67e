//! TLS in the process: HTTP/1.1 and HTTP/2, certificates from files, taken anew when they change.

use crate::cli::run::Place;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A certificate of `localhost` and its key, valid until so many days from now.
fn certify(place: &Place, name: &str, days: i64) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let now = time::OffsetDateTime::now_utc();
    params.not_before = now - time::Duration::days(2);
    params.not_after = now + time::Duration::days(days);
    let key = KeyPair::generate().expect("a key");
    let cert = params.self_signed(&key).expect("signed");
    place.file("key.pem", &key.serialize_pem());
    place.file("cert.pem", &cert.pem());
}

fn trusted(cert: &Path) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let cert = CertificateDer::from_pem_file(cert).expect("a certificate");
    roots.add(cert).expect("added");
    roots
}

async fn connect(
    place: &Place,
    url: &str,
    protocol: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(trusted(&place.dir.path().join("cert.pem")))
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let address = url.strip_prefix("https://").expect("a URL");
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").expect("a name");
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

async fn get(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    // A server may close without saying so in TLS.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

const TLS: [&str; 4] = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_is_spoken_and_a_new_certificate_is_taken() {
    let place = Place::new();
    certify(&place, "localhost", 30);
    let server = place.serve_with(&TLS);
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let stream = connect(&place, &server.url, "http/1.1")
        .await
        .expect("connects");
    let answer = get(stream, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.to_lowercase().contains("strict-transport-security"),
        "{answer}"
    );
    assert_eq!(place.run(&["healthcheck", "--ready"]).ok(), "ok\n");
    let link = place.run(&["invite", "create"]).ok();
    assert!(link.starts_with("https://"), "{link}");

    // HTTP/2, where the host stands elsewhere.
    let stream = connect(&place, &server.url, "h2").await.expect("connects");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io)
        .await
        .expect("agreed");
    let connection = tokio::spawn(connection);
    let body = http_body_util::Full::new(bytes::Bytes::from_static(
        b"{\"username\":\"nobody\",\"password\":\"none of them\"}",
    ));
    let request = hyper::Request::post("https://localhost/api/v1/login")
        .header("content-type", "application/json")
        .header("origin", "https://localhost")
        .body(body)
        .expect("a request");
    let answer = sender.send_request(request).await.expect("answered");
    assert_eq!(answer.status(), 401, "its own page may sign in");
    drop(sender);
    connection.abort();

    // Another certificate; the old one is trusted no more by this client.
    certify(&place, "localhost", 60);
    while connect(&place, &server.url, "http/1.1").await.is_err() {
        tokio::task::yield_now().await;
    }
    // One that is over changes nothing.
    let good = std::fs::read(place.dir.path().join("cert.pem")).expect("there");
    certify(&place, "localhost", -1);
    place.file("cert.pem", std::str::from_utf8(&good).expect("text"));
    connect(&place, &server.url, "http/1.1")
        .await
        .expect("the one before");
    assert_eq!(server.stop().status, 0);
}

#[test]
fn what_is_wrong_with_a_certificate_is_one_sentence() {
    let place = Place::new();
    let start = |more: &[&str]| {
        let mut args = vec!["serve", "--listen", "127.0.0.1:0"];
        args.extend(TLS);
        args.extend(more);
        place.run(&args).failed(1)
    };
    assert!(start(&[]).contains("cannot be read"));
    certify(&place, "localhost", -1);
    assert!(start(&[]).contains("not valid any more"));
    certify(&place, "localhost", 30);
    let err = start(&["--public-url", "https://chat.example"]);
    assert!(err.contains("not of chat.example"), "{err}");
    let cert = std::fs::read_to_string(place.dir.path().join("cert.pem")).expect("there");
    certify(&place, "localhost", 30);
    place.file("cert.pem", &cert);
    assert!(start(&[]).contains("made together"));
    let err = place.run(&["serve", "--tls-cert", "cert.pem"]).failed(2);
    assert!(err.contains("--tls-key"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_addresses_and_a_unix_socket_lead_in() {
    let place = Place::new();
    let path = place.dir.path().join("door.sock");
    let at = format!("unix:{}", path.display());
    let more = ["--listen", "127.0.0.1:0", "--listen", &at];
    for _ in 0..2 {
        // The second start finds what the first, which was killed, left.
        let mut server = place.serve_with(&more);
        let second = server.line();
        assert!(
            second.contains("Also listening on http://127.0.0.1:"),
            "{second}"
        );
        let third = server.line();
        assert!(third.contains(&at), "{third}");
        let second = second.trim().rsplit("http://").next().expect("an address");
        let stream = TcpStream::connect(second).await.expect("connects");
        assert!(get(stream, "/healthz").await.contains("200 OK"));
        let stream = UnixStream::connect(&path).await.expect("connects");
        assert!(get(stream, "/healthz").await.contains("200 OK"));
        drop(server);
    }
    let server = place.serve_with(&more);
    let err = place
        .run(&["serve", "--data-dir", "other", "--listen", &at])
        .failed(1);
    assert!(err.contains("is something else there"), "{err}");
    assert_eq!(server.stop().status, 0);
    assert!(!path.exists(), "taken away at the end");
}

/// The service manager holds the socket: nobody is refused while the server restarts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_of_the_service_manager_is_served() {
    let place = Place::new();
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("an address");
    let script = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" serve 3<&0 </dev/null";
    let mut command = std::process::Command::new("/bin/sh");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_maru")])
        .current_dir(place.dir.path())
        .env_clear()
        .stdin(std::os::fd::OwnedFd::from(socket))
        .stdout(std::process::Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let out = child.stdout.take().expect("piped");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(out));
    let ready = lines.next().expect("a line").expect("text");
    assert!(ready.ends_with(&format!("http://{address}")), "{ready}");
    let stream = TcpStream::connect(address).await.expect("connects");
    assert!(get(stream, "/readyz").await.contains("200 OK"));
    child.kill().expect("killed");
    child.wait().expect("gone");
}

#[test]
fn config_check_shows_what_is_in_force_and_where_it_is_from() {
    let place = Place::new();
    place.file(
        "maru.toml",
        "name = 'Hall'\nretention-days = 30\nfsyncc = 'always'",
    );
    let mut command = place.command(&["config", "check"]);
    let output = command
        .env("MARU_SIGNUP", "closed")
        .env("MARU_NAME", "Room")
        .output()
        .expect("it runs");
    assert!(output.status.success());
    let out = String::from_utf8(output.stdout).expect("text");
    for line in [
        "signup = closed  (MARU_SIGNUP)",
        "name = Room  (MARU_NAME)",
        "retention-days = 30  (maru.toml)",
        "fsync = always  (default)",
        "listen = 127.0.0.1:8080  (default)",
        "data-dir = ./maru-data  (default)",
    ] {
        assert!(out.lines().any(|found| found == line), "{line}\n{out}");
    }
    let err = String::from_utf8(output.stderr).expect("text");
    assert!(
        err.contains("fsyncc") && err.contains("did you mean"),
        "{err}"
    );
    place.file("maru.toml", "retention-days = 'many'");
    let err = place.run(&["config", "check"]).failed(2);
    assert!(err.contains("retention-days"), "{err}");
}

//! From node to node: by TLS, with one secret, where each says it is, and both ways.

use super::kit::{Node, PASSWORD, Place, Redis, refused_with, until};
use super::proxy::Proxy;
use super::sequencer::options;
use maru::cluster::peer::{self, PeerError, Reach};
use maru::cluster::{Secret, enter};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

const PATIENCE: Duration = Duration::from_secs(10);

/// A certificate that names no address of a node, and its key.
fn certify(dir: &Path, name: &str) -> [PathBuf; 2] {
    let params = CertificateParams::new(vec!["chat.example".to_owned()]).expect("a name");
    let key = KeyPair::generate().expect("a key");
    let cert = params.self_signed(&key).expect("signed");
    let paths = [format!("{name}-cert.pem"), format!("{name}-key.pem")].map(|file| dir.join(file));
    std::fs::write(&paths[0], cert.pem()).expect("written");
    std::fs::write(&paths[1], key.serialize_pem()).expect("written");
    paths
}

fn secret(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, text).expect("written");
    path.display().to_string()
}

fn connector(cert: &Path) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(cert).expect("a certificate"))
        .expect("added");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn sealed(address: SocketAddr, cert: &Path) -> tokio_rustls::client::TlsStream<TcpStream> {
    let stream = TcpStream::connect(address).await.expect("connects");
    let name = ServerName::try_from("chat.example").expect("a name");
    connector(cert).connect(name, stream).await.expect("agrees")
}

/// As a browser would call.
async fn call(
    to: (SocketAddr, &Path),
    token: &str,
    method: &str,
    path: &str,
    body: Value,
) -> (u16, Value) {
    let mut stream = sealed(to.0, to.1).await;
    let body = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let request = format!(
        "{method} /api/v1{path} HTTP/1.1\r\nhost: chat.example\r\nconnection: close\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    // A server may close without saying so in TLS.
    let _ = stream.read_to_end(&mut answer).await;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let body = serde_json::from_str(body).unwrap_or(Value::Null);
    (status.expect("a status"), body)
}

/// Shows a certificate of its own and passes everything on.
async fn man_in_the_middle(to: (SocketAddr, PathBuf), own: [PathBuf; 2]) -> SocketAddr {
    let chain = vec![CertificateDer::from_pem_file(&own[0]).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_file(&own[1]).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("fits");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut near = acceptor.accept(stream).await.expect("agrees");
            let mut far = sealed(to.0, &to.1).await;
            let _ended = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_with_certificates_speak_by_tls() {
    let (redis, place) = (Redis::start(), Place::new());
    let text = "one secret of all the nodes";
    let file = secret(place.0.path(), "secret", text);
    let certs = ["a", "b", "between"].map(|name| certify(place.0.path(), name));
    let [a, b] = [("a", &certs[0]), ("b", &certs[1])].map(|(name, [cert, key])| {
        let (cert, key) = (cert.display().to_string(), key.display().to_string());
        let more = [
            "--tls-cert",
            &cert,
            "--tls-key",
            &key,
            "--cluster-secret-file",
            &file,
        ];
        Node::start_with(name, &redis.url(), &place.of(name), "127.0.0.1:0", &more)
    });
    let (at_a, at_b) = ((a.address, &*certs[0][0]), (b.address, &*certs[1][0]));
    let account = json!({ "username": "kim", "password": PASSWORD });
    let (status, signed) = call(at_a, "none", "POST", "/signup", account).await;
    assert_eq!(status, 201, "{signed}");
    let token = signed["token"].as_str().expect("a token");
    let (status, me) = call(at_b, token, "GET", "/me", Value::Null).await;
    assert_eq!((status, &me["username"]), (200, &json!("kim")));
    // It came with a snapshot, by TLS: both have the same keys for tokens.
    until("both ways", async || {
        let status = a.status();
        let nodes = status["nodes"].as_array().expect("nodes").clone();
        let b = nodes.iter().find(|node| node["name"] == "b");
        b.is_some_and(|b| {
            b["signals"] == "both"
                && b["address"]
                    .as_str()
                    .is_some_and(|at| at.starts_with("https://"))
        })
    })
    .await;

    let address = format!("https://{}", a.address);
    let between = man_in_the_middle((a.address, certs[0][0].clone()), certs[2].clone()).await;
    let between = format!("https://{between}");
    tokio::task::spawn_blocking(move || {
        let (ours, other) = (Secret::new(text.as_bytes()), Secret::new(b"another"));
        let standing = peer::standing(&address, &ours, PATIENCE).expect("is answered");
        assert_eq!(standing.name, "a");
        let refused = peer::standing(&address, &other, PATIENCE);
        assert!(matches!(refused, Err(PeerError::Secret)), "{refused:?}");
        // Whoever stands between has no use of what is sealed.
        let refused = peer::standing(&between, &ours, PATIENCE);
        assert!(matches!(refused, Err(PeerError::Secret)), "{refused:?}");
    })
    .await
    .expect("as it should be");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_address_or_version_is_refused_by_name() {
    let (redis, place) = (Redis::start(), Place::new());
    let right = secret(place.0.path(), "right", "the secret of these nodes");
    let wrong = secret(place.0.path(), "wrong", "the secret of other nodes");
    let with = |file| ["--cluster-secret-file", file];
    let a = Node::start_with(
        "a",
        &redis.url(),
        &place.of("a"),
        "127.0.0.1:0",
        &with(&right),
    );
    let why = refused_with("b", &redis.url(), &place.of("b"), &with(&wrong));
    assert!(
        why.contains("node a") && why.contains("--cluster-secret-file"),
        "{why}"
    );
    // A node that was one before is asked, too.
    let b = Node::start_with(
        "b",
        &redis.url(),
        &place.of("b2"),
        "127.0.0.1:0",
        &with(&right),
    );
    drop(b);
    redis.cli(&["DEL", "maru:node:b"]);
    let why = refused_with("b", &redis.url(), &place.of("b2"), &with(&wrong));
    assert!(
        why.contains("node a") && why.contains("--cluster-secret-file"),
        "{why}"
    );

    let elsewhere = a.address.to_string();
    for (address, wanted) in [
        (elsewhere.as_str(), "leads to node a"),
        ("127.0.0.1:1", "not reached"),
    ] {
        let more = [&with(&right)[..], &["--advertise", address]].concat();
        let why = refused_with("c", &redis.url(), &place.of("c"), &more);
        assert!(why.contains(wanted) && why.contains("--advertise"), "{why}");
    }

    // What others reach is asked of them.
    let word = json!({
        "name": "x", "id": "x", "address": "http://127.0.0.1:1", "version": "99.0.0", "rules": 60_000,
        "at": { "seq": 0, "hash": 0 }, "epoch": 0, "now_ms": 0
    });
    let hash = a.status()["nodes"][0]["hash"].clone();
    assert!(hash.is_string());
    let word = word_like(&redis, "a", &word);
    redis.cli(&["HSET", "maru:nodes", "x", &word]);
    redis.cli(&["SET", "maru:node:x", &word]);
    let address = format!("http://{}", a.address);
    until("asked", async || {
        let address = address.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let ours = Secret::new(b"the secret of these nodes");
            peer::json::<Reach>(&address, &ours, "POST", "reach/x", PATIENCE)
        });
        let asked = asked.await.expect("as it should be");
        asked.is_ok_and(|reach| reach.why.is_some_and(|why| why.contains("nobody listens")))
    })
    .await;
    // And it is a newer one.
    let why = refused_with("d", &redis.url(), &place.of("d"), &with(&right));
    assert!(why.contains("99.0.0") && why.contains("newer"), "{why}");
}

/// What a node says of itself, with something else in it.
fn word_like(redis: &Redis, name: &str, other: &Value) -> String {
    let said = redis.cli(&["HGET", "maru:nodes", name]);
    let mut word: Value = serde_json::from_str(&said).expect("JSON");
    for key in ["name", "id", "address", "version", "rules"] {
        word[key] = other[key].clone();
    }
    word.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_off_is_refused() {
    let (redis, place) = (Redis::start(), Place::new());
    let proxy = Proxy::to(redis.port).await;
    let begin = |name: &'static str| {
        let options = options(&proxy.url(), name, &place.of(name));
        std::fs::create_dir_all(&options.dir).expect("made");
        tokio::task::spawn_blocking(move || enter(&options).map(drop))
    };
    for ahead_s in [-8, 8, 3600] {
        proxy.set_clock_ahead(ahead_s);
        let why = begin("a")
            .await
            .expect("ends")
            .expect_err("is refused")
            .to_string();
        assert!(why.contains("clock") && why.contains("NTP"), "{why}");
    }
    proxy.set_clock_ahead(3);
    begin("b").await.expect("ends").expect("is near enough");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signals_that_do_not_travel_are_said() {
    let (redis, place) = (Redis::start(), Place::new());
    // A user who may do everything but speak and hear on channels.
    redis.cli(&[
        "ACL",
        "SETUSER",
        "mute",
        "on",
        "nopass",
        "~*",
        "resetchannels",
        "+@all",
    ]);
    let mute = format!("redis://mute:x@127.0.0.1:{}", redis.port);
    let a = Node::start("a", &redis.url(), &place.of("a"));
    let b = Node::start("b", &mute, &place.of("b"));
    let lacks = async |node: &Node| -> String {
        let (status, ready) = crate::crash::raw(node.address, "/readyz").await;
        assert_eq!(status, 200, "{ready}");
        ready["lacks"].to_string()
    };
    until("b is not heard", async || {
        lacks(&a)
            .await
            .contains("signals of node b do not come here")
    })
    .await;
    until("b does not hear", async || {
        lacks(&a).await.contains("do not come to node b")
    })
    .await;
    until("nor does b", async || {
        lacks(&b)
            .await
            .contains("signals of node a do not come here")
    })
    .await;
    let status = a.status();
    assert!(status["lacks"].to_string().contains("node b"), "{status}");
    redis.cli(&["ACL", "SETUSER", "mute", "allchannels"]);
    for node in [&a, &b] {
        until("all travels again", async || lacks(node).await == "null").await;
    }
}

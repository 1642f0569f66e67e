//! The client beside servers that behave and servers that do not.

use flate2::{Compression, write::GzEncoder};
use maru_outbound::{Allow, Bounds, Client, Error, Guard, Names, Request};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// Answers every connection with these bytes once a request's head has come, then closes; the
/// heads are in the channel. Without bytes it never answers.
async fn server(answer: Option<Vec<u8>>) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (heads, seen) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, answer.clone(), heads.clone()));
        }
    });
    (address, seen)
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    answer: Option<Vec<u8>>,
    heads: mpsc::UnboundedSender<String>,
) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let _ = heads.send(String::from_utf8_lossy(&head).into_owned());
    match answer {
        Some(answer) => {
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
        None => std::future::pending().await,
    }
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn redirect(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

fn client(allow: &[&str]) -> Client {
    let names = [
        ("inside.test", Ipv4Addr::new(10, 0, 0, 1)),
        ("maru.test", Ipv4Addr::LOCALHOST),
        ("other.test", Ipv4Addr::LOCALHOST),
    ];
    let table: BTreeMap<String, Vec<IpAddr>> = names
        .into_iter()
        .map(|(name, address)| (name.to_owned(), vec![IpAddr::V4(address)]))
        .collect();
    let allow = allow.iter().map(|one| one.parse::<Allow>().expect(one));
    let guard = Guard::new(allow.collect());
    let roots = include_str!("authority.pem");
    Client::with_names(guard, Some(roots), Names::Table(table)).expect("good roots")
}

const LOOPBACK: &[&str] = &["127.0.0.0/8"];

#[tokio::test]
async fn what_is_asked_and_answered() {
    let (address, mut seen) = server(Some(ok(b"hello"))).await;
    let url = format!("http://{address}/a%20b?c=d#e");
    let request = Request::post(url).header("x-one", "1").body("body");
    let answer = client(LOOPBACK).send(request).await.expect("an answer");
    assert_eq!(
        (answer.status.as_u16(), &answer.body[..]),
        (200, &b"hello"[..])
    );
    let head = seen.recv().await.expect("a request").to_ascii_lowercase();
    assert!(head.starts_with("post /a%20b?c=d http/1.1\r\n"), "{head}");
    for line in [
        format!("host: {address}"),
        "x-one: 1".into(),
        "content-length: 4".into(),
    ] {
        assert!(
            head.contains(&format!("\r\n{line}\r\n")),
            "{line} in {head}"
        );
    }
    assert!(head.contains("user-agent: maru/"), "{head}");
}

#[tokio::test]
async fn the_inside_is_not_reached_by_address_name_or_spelling() {
    let (address, mut seen) = server(Some(ok(b"secret"))).await;
    let port = address.port();
    for url in [
        format!("http://{address}/"),
        format!("http://127.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f000001:{port}/"),
        format!("http://0:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://maru.test:{port}/"),
        format!("http://inside.test:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ] {
        let error = client(&[]).send(Request::get(&url)).await.expect_err(&url);
        assert!(matches!(error, Error::Inside { .. }), "{url}: {error}");
        assert!(!error.is_passing());
    }
    for url in [
        "ftp://x/",
        "file:///etc/passwd",
        "gopher://x",
        "x",
        "http://",
        "http://x:0/",
    ] {
        let error = client(&[]).send(Request::get(url)).await.expect_err(url);
        assert!(matches!(error, Error::BadUrl(_)), "{url}: {error}");
    }
    let error = client(&[])
        .send(Request::get("http://a:b@maru.test/"))
        .await;
    assert!(matches!(error, Err(Error::Credentials)));
    assert!(seen.try_recv().is_err(), "nobody was asked");
    // A name that is allowed leads where it leads.
    let url = format!("http://maru.test:{port}/");
    let answer = client(&["maru.test"]).send(Request::get(url)).await;
    assert_eq!(answer.expect("allowed").body, "secret");
}

#[tokio::test]
async fn redirects_are_off_bounded_and_judged() {
    let (end, mut seen) = server(Some(ok(b"end"))).await;
    let (hop, _) = server(Some(redirect(&format!(
        "http://other.test:{}/x",
        end.port()
    ))))
    .await;
    let client = client(&["maru.test", "other.test"]);
    let url = format!("http://maru.test:{}/", hop.port());
    let off = client.send(Request::get(&url)).await.expect("an answer");
    assert_eq!(off.status.as_u16(), 302);

    let follow = Bounds {
        redirects: 2,
        ..Bounds::default()
    };
    let request = Request::get(&url)
        .bounds(follow)
        .header("authorization", "Bearer x");
    let answer = client.send(request).await.expect("an answer");
    assert_eq!(
        (answer.url.host_str(), &answer.body[..]),
        (Some("other.test"), &b"end"[..])
    );
    let head = seen.recv().await.expect("a request").to_ascii_lowercase();
    assert!(!head.contains("authorization"), "{head}");

    let (inside, _) = server(Some(redirect("http://inside.test/"))).await;
    let url = format!("http://maru.test:{}/", inside.port());
    let error = client.send(Request::get(url).bounds(follow)).await;
    assert!(matches!(error, Err(Error::Inside { .. })), "{error:?}");

    let (round, _) = server(Some(redirect("/again"))).await;
    let url = format!("http://maru.test:{}/", round.port());
    let error = client.send(Request::get(url).bounds(follow)).await;
    assert!(
        matches!(error, Err(Error::Redirects { max: 2, .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn slow_large_and_broken_servers() {
    let short = Bounds {
        total: Duration::from_millis(100),
        body_bytes: 1000,
        ..Bounds::default()
    };
    let ask = async |answer, bounds| {
        let (address, _seen) = server(answer).await;
        let request = Request::get(format!("http://{address}/")).bounds(bounds);
        client(LOOPBACK).send(request).await
    };
    assert!(matches!(ask(None, short).await, Err(Error::Slow { .. })));
    let bounds = Bounds {
        body_bytes: 1000,
        ..Bounds::default()
    };
    let large = ask(Some(ok(&[b'x'; 1001])), bounds).await;
    assert!(
        matches!(
            large,
            Err(Error::TooLarge {
                max_bytes: 1000,
                ..
            })
        ),
        "{large:?}"
    );
    let cut = ask(
        Some(ok(&[b'x'; 1001])),
        Bounds {
            cut: true,
            ..bounds
        },
    )
    .await;
    let cut = cut.expect("a part");
    assert!(cut.is_cut && cut.body.len() == 1000);
    for bytes in [
        &b"nonsense\r\n\r\n"[..],
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx",
    ] {
        let broken = ask(Some(bytes.to_vec()), bounds).await;
        assert!(matches!(broken, Err(Error::Broken { .. })), "{broken:?}");
    }
    let long_head = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(1 << 20));
    let broken = ask(Some(long_head.into_bytes()), bounds).await;
    assert!(matches!(broken, Err(Error::Broken { .. })));
}

#[tokio::test]
async fn a_compressed_body_is_unpacked_up_to_the_bound() {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(&vec![b'z'; 1 << 20]).expect("packs");
    let packed = packer.finish().expect("packs");
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        packed.len()
    )
    .into_bytes();
    answer.extend_from_slice(&packed);
    let (address, mut seen) = server(Some(answer)).await;
    let ask = async |body_bytes| {
        let bounds = Bounds {
            body_bytes,
            ..Bounds::default()
        };
        let request = Request::get(format!("http://{address}/")).bounds(bounds);
        client(LOOPBACK).send(request).await
    };
    assert_eq!(ask(1 << 20).await.expect("fits").body.len(), 1 << 20);
    assert!(matches!(ask(100_000).await, Err(Error::TooLarge { .. })));
    let head = seen.recv().await.expect("a request").to_ascii_lowercase();
    assert!(head.contains("accept-encoding: gzip"), "{head}");
}

#[tokio::test]
async fn tls_verifies_the_name() {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certificates = CertificateDer::pem_slice_iter(include_bytes!("server.pem"));
    let certificates = certificates.collect::<Result<Vec<_>, _>>().expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("server.key.pem")).expect("PEM");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .expect("a certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                let (heads, _seen) = mpsc::unbounded_channel();
                talk(stream, Some(ok(b"sealed")), heads).await;
            }
        }
    });
    let ask = async |client: &Client, host: &str| {
        client
            .send(Request::get(format!("https://{host}:{port}/")))
            .await
    };
    let trusting = client(&["maru.test", "other.test"]);
    assert_eq!(
        ask(&trusting, "maru.test").await.expect("trusted").body,
        "sealed"
    );
    let wrong_name = ask(&trusting, "other.test").await;
    assert!(
        matches!(wrong_name, Err(Error::Tls { .. })),
        "{wrong_name:?}"
    );
    let table = [(
        "maru.test".to_owned(),
        vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
    )];
    let guard = Guard::new(vec!["maru.test".parse().expect("a name")]);
    let names = Names::Table(table.into_iter().collect());
    let doubting = Client::with_names(guard, None, names).expect("roots");
    let unknown_authority = ask(&doubting, "maru.test").await;
    assert!(
        matches!(unknown_authority, Err(Error::Tls { .. })),
        "{unknown_authority:?}"
    );
    assert!(Client::new(Guard::default(), Some("no certificates")).is_err());
}

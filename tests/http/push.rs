//! Web Push against a push service of our own: it reads what it should, and forgets what is gone.

use crate::kit::{Person, TestApp};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use maru::config::Signup;
use maru::http::Settings;
use maru::outbound::Guard;
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use std::collections::HashMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const AUTH: [u8; 16] = *b"sixteen bytes  !";

/// What came in: headers in lower case, and the body.
struct Received {
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

/// A push service that answers every request with `status`.
async fn service(status: u16) -> (String, mpsc::UnboundedReceiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut bytes, mut chunk) = (Vec::new(), [0; 4_096]);
            let received = loop {
                let read = stream.read(&mut chunk).await.expect("reads");
                bytes.extend_from_slice(&chunk[..read]);
                if let Some(received) = parsed(&bytes) {
                    break received;
                }
            };
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.expect("writes");
            let _ = tell.send(received);
        }
    });
    (url, told)
}

fn parsed(bytes: &[u8]) -> Option<Received> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let original = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let headers: HashMap<String, String> = original
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    assert!(head.starts_with("post "), "{head}");
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let body = bytes.get(end + 4..end + 4 + length)?.to_vec();
    Some(Received { headers, body })
}

/// What a browser has: a key of its own, of which the server knows the public half.
struct Browser {
    private: EphemeralPrivateKey,
    public: Vec<u8>,
}

impl Browser {
    fn new() -> Browser {
        let private =
            EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).expect("a key");
        let public = private.compute_public_key().expect("its half");
        Browser {
            private,
            public: public.as_ref().to_vec(),
        }
    }

    fn subscription(&self, endpoint: &str) -> Value {
        json!({
            "endpoint": endpoint,
            "expirationTime": null,
            "keys": { "p256dh": BASE64.encode(&self.public), "auth": BASE64.encode(AUTH) },
        })
    }

    /// As RFC 8291 has it, from the other side.
    fn open(self, sealed: &[u8]) -> Value {
        let (salt, rest) = sealed.split_at(16);
        let (head, rest) = rest.split_at(5);
        assert_eq!(head[..4], 4_096u32.to_be_bytes());
        let (theirs, record) = rest.split_at(usize::from(head[4]));
        let key = UnparsedPublicKey::new(&ECDH_P256, theirs);
        let info = [b"WebPush: info\0", &self.public[..], theirs].concat();
        let secret = agree_ephemeral(self.private, &key, |secret| {
            derive(&AUTH, secret, &info, 32)
        })
        .expect("agrees");
        let key = derive(salt, &secret, b"Content-Encoding: aes128gcm\0", 16);
        let nonce = derive(salt, &secret, b"Content-Encoding: nonce\0", 12);
        let key = ring::aead::UnboundKey::new(&ring::aead::AES_128_GCM, &key).expect("a key");
        let nonce = ring::aead::Nonce::try_assume_unique_for_key(&nonce).expect("12 bytes");
        let mut record = record.to_vec();
        let plain = ring::aead::LessSafeKey::new(key)
            .open_in_place(nonce, ring::aead::Aad::empty(), &mut record)
            .expect("is ours");
        let (last, plain) = plain.split_last().expect("a delimiter");
        assert_eq!(*last, 2);
        serde_json::from_slice(plain).expect("JSON")
    }
}

fn derive(salt: &[u8], secret: &[u8], info: &[u8], bytes: usize) -> Vec<u8> {
    struct Bytes(usize);
    impl KeyType for Bytes {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut out = vec![0; bytes];
    let key = Salt::new(HKDF_SHA256, salt).extract(secret);
    let info = [info];
    let derived = key.expand(&info, Bytes(bytes)).expect("expands");
    derived.fill(&mut out).expect("fills");
    out
}

async fn app() -> TestApp {
    let settings = Settings {
        signup: Signup::Open,
        ..Settings::default()
    };
    TestApp::planned(settings, |plan| {
        plan.outbound = Guard::new(vec!["127.0.0.1".parse().expect("an address")]);
    })
    .await
}

async fn subscribed(app: &TestApp, person: &Person) -> usize {
    let pushes = app.get("/me/push").by(person).send().await.json;
    pushes["subscriptions"].as_array().expect("a list").len()
}

#[tokio::test]
async fn who_is_away_is_told_and_only_their_browser_can_read_it() {
    let app = app().await;
    let (url, mut told) = service(201).await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "마당", "private").await;
    app.add(&kim, room, &lee).await;
    let key = app.get("/me/push").by(&kim).send().await.json["public_key"].clone();
    let key = key.as_str().expect("a key").to_owned();
    assert_eq!(BASE64.decode(&key).expect("base64url").len(), 65);
    let browser = Browser::new();
    let subscription = browser.subscription(&format!("{url}/send/kim"));
    let answer = app.post("/me/push", subscription).by(&kim).send().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    // One's own words, and those of rooms that one is not in, are not told.
    app.say(&kim, room, "나").await;
    let other = app.room(&lee, "안채", "private").await;
    app.say(&lee, other, "비밀").await;
    let said = app.say(&lee, room, "저녁 먹어요").await;
    let received = told.recv().await.expect("a push");
    let header = |name: &str| received.headers.get(name).cloned().unwrap_or_default();
    assert_eq!(header("content-encoding"), "aes128gcm");
    assert_eq!(header("ttl"), "86400");
    assert_eq!(header("topic"), format!("room-{room}"));
    let authorization = header("authorization");
    assert!(authorization.starts_with("vapid t="), "{authorization}");
    assert!(authorization.ends_with(&format!(", k={key}")));
    assert_eq!(
        browser.open(&received.body),
        json!({
            "room_id": room, "message_id": said, "room": "마당", "author": "lee",
            "text": "저녁 먹어요", "language": "system",
        })
    );
    assert!(told.try_recv().is_err());
}

#[tokio::test]
async fn texts_are_private_where_that_is_wished_and_nothing_is_told_who_wants_nothing() {
    let app = app().await;
    let (url, mut told) = service(201).await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "마당", "public").await;
    app.add(&kim, room, &lee).await;
    let browser = Browser::new();
    let subscription = browser.subscription(&url);
    app.post("/me/push", subscription).by(&kim).send().await;
    let wish = async |wish: Value| {
        let changed = app.patch("/me/settings", wish).by(&kim).send().await;
        assert_eq!(changed.status, 200);
    };
    wish(json!({ "notify": "mentions", "notify_text": "hide", "language": "en" })).await;
    app.say(&lee, room, "아무나").await;
    let path = format!("/rooms/{room}/messages");
    let body = json!({ "text": "@kim 와요" });
    app.post(&path, body).by(&lee).send().await;
    let received = told.recv().await.expect("a push");
    assert_eq!(received.headers["urgency"], "high");
    let read = browser.open(&received.body);
    assert_eq!((&read["language"], read.get("text")), (&json!("en"), None));
    assert!(told.try_recv().is_err());
}

#[tokio::test]
async fn what_is_gone_is_forgotten() {
    let app = app().await;
    let (url, mut told) = service(410).await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "마당", "public").await;
    app.add(&kim, room, &lee).await;
    let subscription = Browser::new().subscription(&url);
    app.post("/me/push", subscription).by(&kim).send().await;
    assert_eq!(subscribed(&app, &kim).await, 1);
    app.say(&lee, room, "여보세요").await;
    told.recv().await.expect("a push");
    while subscribed(&app, &kim).await > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_subscription_is_one_persons_and_ends_with_their_session() {
    let app = app().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let browser = Browser::new();
    let here = browser.subscription("https://push.example/here");
    for _ in 0..2 {
        app.post("/me/push", here.clone()).by(&kim).send().await;
    }
    assert_eq!(subscribed(&app, &kim).await, 1);
    // Another person in the same browser takes it over.
    app.post("/me/push", here.clone()).by(&lee).send().await;
    assert_eq!(
        (subscribed(&app, &kim).await, subscribed(&app, &lee).await),
        (0, 1)
    );
    // Nobody ends another's.
    let drop = json!({ "endpoint": "https://push.example/here" });
    let ended = app.request("DELETE", "/me/push").by(&kim).json(&drop);
    assert_eq!(ended.send().await.status, 204);
    assert_eq!(subscribed(&app, &lee).await, 1);
    app.request("DELETE", "/me/push")
        .by(&lee)
        .json(&drop)
        .send()
        .await;
    assert_eq!(subscribed(&app, &lee).await, 0);

    for bad in [
        json!({ "endpoint": "nowhere", "keys": here["keys"] }),
        json!({ "endpoint": "https://a", "keys": { "p256dh": "AAAA", "auth": "AAAA" } }),
        json!({ "endpoint": "https://a" }),
    ] {
        let answer = app.post("/me/push", bad).by(&kim).send().await;
        assert!((400..=422).contains(&answer.status), "{answer:?}");
    }
    assert_eq!(app.get("/me/push").send().await.status, 401);
}

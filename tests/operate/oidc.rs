//! Signing in through a provider: one that tells the truth, and one that lies.

use crate::kit::{Answer, TestApp};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use maru::http::{Settings, Sso};
use maru::oidc::{Provider, Settings as Known};
use maru::outbound::{Client, Guard};
use parking_lot::Mutex;
use rcgen::{KeyPair, PublicKeyData as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// A provider of our own.
struct Fake {
    issuer: String,
    key: KeyPair,
    /// What the next token says besides; what is null is left out.
    says: Mutex<Value>,
    challenge: Mutex<String>,
}

async fn fake() -> Arc<Fake> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let fake = Arc::new(Fake {
        issuer: format!("http://{}", listener.local_addr().expect("an address")),
        key: KeyPair::generate().expect("a key"),
        says: Mutex::new(json!({})),
        challenge: Mutex::default(),
    });
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/keys", get(keys))
        .route("/token", post(token))
        .route("/userinfo", get(userinfo))
        .with_state(Arc::clone(&fake));
    tokio::spawn(async move { axum::serve(listener, router).await });
    fake
}

async fn discovery(State(fake): State<Arc<Fake>>) -> Json<Value> {
    let issuer = &fake.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
    }))
}

async fn keys(State(fake): State<Arc<Fake>>) -> Json<Value> {
    let point = fake.key.der_bytes();
    let (x, y) = point[1..].split_at(32);
    let text = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let key = json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "one", "x": text(x), "y": text(y) });
    Json(json!({ "keys": [key] }))
}

async fn token(State(fake): State<Arc<Fake>>, headers: HeaderMap, body: String) -> Json<Value> {
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let basic = format!("Basic {}", STANDARD.encode("maru:s3cret"));
    assert_eq!(headers["authorization"].to_str().ok(), Some(basic.as_str()));
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    assert_eq!(challenge, *fake.challenge.lock(), "PKCE");
    let now = maru::engine::now().0 / 1000;
    let mut claims = json!({
        "iss": fake.issuer, "sub": "subject-1", "aud": "maru", "iat": now, "exp": now + 300,
        "nonce": form["code"], "preferred_username": "kim", "name": "김 서방",
        "email": "kim@example.org", "email_verified": true, "groups": ["staff"],
    });
    for (name, value) in fake.says.lock().as_object().expect("an object") {
        claims[name] = value.clone();
    }
    let claims: serde_json::Map<String, Value> = claims.as_object().expect("an object").clone();
    let claims: Value = claims
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("one".to_owned());
    let pem = fake.key.serialize_pem();
    let key = EncodingKey::from_ec_pem(pem.as_bytes()).expect("a key");
    let id_token = jsonwebtoken::encode(&header, &claims, &key).expect("signed");
    Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": id_token }))
}

/// Of the token that it gave, and of nobody else unless it is told to.
async fn userinfo(State(fake): State<Arc<Fake>>, headers: HeaderMap) -> Json<Value> {
    assert_eq!(headers["authorization"], "Bearer a");
    let says = fake.says.lock().clone();
    let sub = says
        .get("sub")
        .cloned()
        .unwrap_or_else(|| json!("subject-1"));
    let more = says.get("more").cloned().unwrap_or_else(|| json!({}));
    let mut answer = json!({ "sub": sub });
    for (name, value) in more.as_object().expect("an object") {
        answer[name] = value.clone();
    }
    Json(answer)
}

async fn app(fake: &Fake) -> TestApp {
    let known = Known {
        issuer: fake.issuer.clone(),
        client_id: "maru".to_owned(),
        client_secret: Some("s3cret".to_owned()),
        scopes: "openid profile email".to_owned(),
    };
    let inside = Guard::new(vec!["127.0.0.1".parse().expect("an address")]);
    let client = Client::new(inside, None).expect("a client");
    let sso = Sso {
        provider: Provider::new(known, client),
        name: "the office".to_owned(),
        domains: vec!["example.org".to_owned()],
        admin_group: Some("bosses".to_owned()),
        signs_out: false,
    };
    TestApp::with(Settings {
        sso: Some(sso),
        ..Settings::default()
    })
    .await
}

fn query(url: &str, name: &str) -> String {
    let url = maru::outbound::Url::parse(url).expect("a URL");
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.expect("is there").1.into_owned()
}

/// A cookie that was set, as it is sent back.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let set = answer
        .headers
        .iter()
        .filter(|(header, _)| header == "set-cookie");
    set.filter_map(|(_, value)| value.split(';').next())
        .find(|pair| pair.starts_with(name))
        .map(str::to_owned)
}

/// The browser's way there and back; `and` are cookies that it has already.
async fn sign_in(app: &TestApp, fake: &Fake, and: Option<&str>) -> Answer {
    let mut begin = app.get("/oidc/start?to=/rooms/1");
    if let Some(held) = and {
        begin = begin.header("cookie", held);
    }
    let begun = begin.send().await;
    assert_eq!(begun.status, 302, "{}", begun.text());
    let url = begun.header("location").expect("an address");
    assert!(
        url.starts_with(&format!("{}/authorize?tenant=1&", fake.issuer)),
        "{url}"
    );
    assert_eq!(query(url, "code_challenge_method"), "S256");
    *fake.challenge.lock() = query(url, "code_challenge");
    // The fake's code is the nonce.
    let (code, state) = (query(url, "nonce"), query(url, "state"));
    let held = cookie(&begun, "maru_sign_in").expect("a cookie");
    let path = format!("/oidc/callback?code={code}&state={state}");
    app.get(&path).header("cookie", &held).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_time_an_account_is_made_and_then_it_is_the_same() {
    let fake = fake().await;
    let app = app(&fake).await;
    app.admin("root").await;
    assert_eq!(
        app.get("/server").send().await.json["oidc"]["name"],
        "the office"
    );
    let mut ids = Vec::new();
    for _ in 0..2 {
        let answer = sign_in(&app, &fake, None).await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        assert_eq!(answer.header("location"), Some("/rooms/1"));
        let session = cookie(&answer, "maru_session").expect("a session");
        let me = app.get("/me").header("cookie", &session).send().await.json;
        assert_eq!(
            (&me["username"], &me["display_name"]),
            (&json!("kim"), &json!("김 서방"))
        );
        assert_eq!(me["role"], "member");
        ids.push(me["id"].clone());
        // A group decides the role, each time.
        *fake.says.lock() = json!({ "groups": ["bosses"], "preferred_username": "other" });
        let answer = sign_in(&app, &fake, None).await;
        let session = cookie(&answer, "maru_session").expect("a session");
        let me = app.get("/me").header("cookie", &session).send().await.json;
        assert_eq!(me["role"], "admin");
        *fake.says.lock() = json!({});
    }
    assert_eq!(ids[0], ids[1]);
    // Somebody else of the same name gets another.
    *fake.says.lock() = json!({ "sub": "subject-2" });
    let answer = sign_in(&app, &fake, None).await;
    let session = cookie(&answer, "maru_session").expect("a session");
    let me = app.get("/me").header("cookie", &session).send().await.json;
    assert_eq!(me["username"], "kim2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_lies_signs_nobody_in() {
    let fake = fake().await;
    let app = app(&fake).await;
    let past = maru::engine::now().0 / 1000 - 3600;
    for lie in [
        json!({ "iss": "https://elsewhere.example" }),
        json!({ "aud": "another program" }),
        json!({ "aud": ["maru", "another"], "azp": "another" }),
        json!({ "exp": past }),
        json!({ "nonce": "of another sign-in" }),
        json!({ "nonce": null }),
        json!({ "sub": "" }),
        // Asked, it speaks of somebody else.
        json!({ "more": { "sub": "subject-2" } }),
    ] {
        *fake.says.lock() = lie.clone();
        let answer = sign_in(&app, &fake, None).await;
        assert_eq!(answer.code(), "bad_credentials", "{lie}: {}", answer.text());
        assert!(cookie(&answer, "maru_session").is_none());
    }
    // Who may not sign up: another domain, or one that was not verified.
    for stranger in [
        json!({ "email": "kim@elsewhere.example" }),
        json!({ "email_verified": false }),
        json!({ "email": null }),
    ] {
        *fake.says.lock() = stranger.clone();
        let answer = sign_in(&app, &fake, None).await;
        assert_eq!(answer.code(), "signup_closed", "{stranger}");
    }
    // What was begun in another browser, or by nobody.
    let answer = app.get("/oidc/callback?code=a&state=b").send().await;
    assert_eq!(answer.code(), "bad_credentials");
    let denied = app.get("/oidc/start?to=https://evil.example").send().await;
    let held = cookie(&denied, "maru_sign_in").expect("a cookie");
    let path = "/oidc/callback?error=access_denied";
    let answer = app.get(path).header("cookie", &held).send().await;
    assert!(answer.text().contains("access_denied"), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_signed_in_links_the_account() {
    let fake = fake().await;
    let app = app(&fake).await;
    let root = app.admin("root").await;
    let held = format!("maru_session={}", root.token);
    let answer = sign_in(&app, &fake, Some(&held)).await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    // The last administrator stays one, whatever the group says.
    let answer = sign_in(&app, &fake, None).await;
    let session = cookie(&answer, "maru_session").expect("a session");
    let me = app.get("/me").header("cookie", &session).send().await.json;
    assert_eq!((&me["id"], &me["role"]), (&json!(root.id), &json!("admin")));
    let lee = app.person("lee").await;
    let held = format!("maru_session={}", lee.token);
    let answer = sign_in(&app, &fake, Some(&held)).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_token_does_not_say_is_asked_and_what_it_says_goes_first() {
    let fake = fake().await;
    let app = app(&fake).await;
    *fake.says.lock() = json!({
        "preferred_username": null, "groups": null, "email": null, "email_verified": null,
        "more": {
            "preferred_username": "asked", "name": "not this one", "groups": ["bosses"],
            "email": "kim@example.org", "email_verified": true,
        },
    });
    let answer = sign_in(&app, &fake, None).await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    let session = cookie(&answer, "maru_session").expect("a session");
    let me = app.get("/me").header("cookie", &session).send().await.json;
    assert_eq!(
        (&me["username"], &me["display_name"], &me["role"]),
        (&json!("asked"), &json!("김 서방"), &json!("admin"))
    );
    // An address is as verified as whoever names it says.
    *fake.says.lock() = json!({
        "sub": "subject-3", "email_verified": false,
        "more": { "sub": "subject-3", "email_verified": true, "email": "kim@example.org" },
    });
    let answer = sign_in(&app, &fake, None).await;
    assert_eq!(answer.code(), "signup_closed", "{}", answer.text());
}

#[tokio::test]
async fn without_a_provider_there_is_none() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/oidc/start").send().await.status, 404);
    assert!(app.get("/server").send().await.json.get("oidc").is_none());
}

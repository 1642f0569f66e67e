//! What a sign-in does beside beginning a session, and sessions that end by time.

use crate::kit::{PASSWORD, Person, TestApp};
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use maru::auth::random;
use maru::auth::tokens::Grant;
use maru::domain::command::NewSession;
use maru::domain::{Actor, Command, Outcome, SessionId, UserId};
use serde_json::json;

async fn begin(app: &TestApp, user: u64, lifetime_ms: i64) -> (SessionId, NewSession) {
    let engine = &app.services().engine;
    let session = NewSession {
        jti: random::id().expect("random"),
        expires_at: engine.now().plus_ms(lifetime_ms),
        user_agent: "a kiosk".into(),
        address: "192.0.2.1".into(),
        verified: None,
        proof: None,
    };
    let command = Command::StartSession {
        user: UserId(user),
        session: session.clone(),
    };
    match engine.submit(Actor::System, command).await {
        Ok(Outcome::Session { session: id, .. }) => (id, session),
        other => panic!("{other:?}"),
    }
}

fn login(name: &str) -> serde_json::Value {
    json!({ "username": name, "password": PASSWORD })
}

#[tokio::test]
async fn a_sign_in_beyond_the_limit_names_the_session_that_it_ended() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let answer = app.post("/login", login("kim")).send().await;
    assert_eq!(answer.json["ended_sessions"], json!(null));
    // The first session is that of `person`, then that of the sign-in.
    for _ in 0..98 {
        begin(&app, kim.id, 3_600_000).await;
    }
    let sessions = app.get("/sessions").by(&kim).send().await.json;
    assert_eq!(
        sessions.as_array().expect("a list").len(),
        100,
        "{sessions}"
    );
    let answer = app.post("/login", login("kim")).send().await;
    assert_eq!(answer.status, 200);
    let ended = answer.json["ended_sessions"].as_array().expect("a list");
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert!(ended[0]["id"].is_u64() && ended[0]["created_at"].is_string());
    assert_eq!(
        app.get("/me").by(&kim).send().await.status,
        401,
        "the oldest one ended"
    );
}

#[tokio::test]
async fn an_outdated_hash_is_renewed_and_sessions_go_on() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let weak = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(8, 1, 1, None).expect("parameters"),
    );
    let weak = weak
        .hash_password_with_salt(PASSWORD.as_bytes(), b"sixteen bytes...")
        .expect("hashed");
    let engine = &app.services().engine;
    let command = Command::SetPassword {
        user: UserId(kim.id),
        password_hash: weak.to_string(),
        keep: None,
    };
    engine.submit(Actor::System, command).await.expect("set");
    // Several at once: the first that renews the hash keeps none of the others out.
    let sign_ins = (0..4).map(|_| app.post("/login", login("kim")).send());
    let answers = futures_util::future::join_all(sign_ins).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let stored = || {
        let account = engine.read().expect("reads").account(UserId(kim.id));
        account
            .expect("reads")
            .expect("there")
            .password_hash
            .expect("a hash")
    };
    while stored() == weak.to_string() {
        tokio::task::yield_now().await;
    }
    assert!(
        stored().starts_with("$argon2id$v=19$m=19456"),
        "{}",
        stored()
    );
    for answer in answers {
        let token = answer.json["token"].as_str().expect("a token").to_owned();
        let person = Person { id: kim.id, token };
        assert_eq!(app.get("/me").by(&person).send().await.status, 200);
    }
    assert_eq!(app.post("/login", login("kim")).send().await.status, 200);
}

#[tokio::test]
async fn open_sockets_end_when_their_session_does() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let (id, session) = begin(&app, kim.id, 2_500).await;
    let grant = Grant {
        user_id: UserId(kim.id),
        session_id: id,
        jti: session.jti,
        issued_at_ms: app.services().engine.now().0 as u64,
        expires_at_ms: session.expires_at.0 as u64,
    };
    let token = app
        .services()
        .sessions
        .tokens()
        .issue(&grant)
        .expect("a token");
    let mut socket = app.socket(&Person { id: kim.id, token }).await;
    let began = std::time::Instant::now();
    while let Some((name, _)) = socket.next().await {
        assert!(
            ["ready", "session.revoked", "presence"].contains(&&*name),
            "{name}"
        );
    }
    assert!(began.elapsed().as_secs() < 8, "{:?}", began.elapsed());
}

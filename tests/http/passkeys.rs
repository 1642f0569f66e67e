//! Passkeys: made, shown, and lies that sign nobody in.

use super::authenticator::Authenticator;
use super::factors::{ORIGIN, app, factors, sign_in, with_password};
use crate::kit::{Answer, PASSWORD, Person, TestApp};
use serde_json::{Value, json};

/// Begins, has the device answer, ends.
async fn add_passkey(app: &TestApp, person: &Person, device: &mut Authenticator) -> Answer {
    let begun = app
        .post("/factors/passkeys/begin", with_password())
        .by(person)
        .send()
        .await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let made = device.make(&begun.json["options"]);
    let new = json!({ "ceremony": begun.json["ceremony"], "name": "내 열쇠", "credential": made });
    app.post("/factors/passkeys", new).by(person).send().await
}

async fn show_passkey(app: &TestApp, device: &mut Authenticator) -> Answer {
    let begun = app.post("/login/passkey/begin", json!({})).send().await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let shown = device.show(&begun.json["options"]);
    let shown = json!({ "ceremony": begun.json["ceremony"], "credential": shown });
    app.post("/login/passkey", shown).send().await
}

#[tokio::test]
async fn a_passkey_signs_in_without_a_password() {
    let mut app = app().await;
    let kim = app.person("kim").await;
    let mut device = Authenticator::new(ORIGIN, "localhost");
    let added = add_passkey(&app, &kim, &mut device).await;
    assert_eq!(added.status, 201, "{}", added.text());
    assert_eq!(
        added.json["recovery_codes"].as_array().map(Vec::len),
        Some(10)
    );
    let mine = factors(&app, &kim).await;
    assert_eq!(mine["passkeys"][0]["name"], "내 열쇠");
    assert_eq!(mine["passkeys"][0]["id"], device.id());
    assert_eq!(mine["passkeys_possible"], true);
    // The same a second time is refused, and the password alone signs in no more.
    assert_eq!(
        add_passkey(&app, &kim, &mut device).await.code(),
        "conflict"
    );
    assert_eq!(
        sign_in(&app, "kim", None).await.code(),
        "second_factor_needed"
    );
    for _ in 0..2 {
        let answer = show_passkey(&app, &mut device).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json["user"]["id"], kim.id);
        let cookies: Vec<_> = answer.header("set-cookie").into_iter().collect();
        assert!(!cookies.is_empty(), "a session in the browser");
        app.restart().await;
    }
    let export = app.get("/me/export").by(&kim).send().await;
    assert_eq!(export.json["factors"]["passkeys"][0]["name"], "내 열쇠");
    assert!(factors(&app, &kim).await["passkeys"][0]["used_at"].is_string());
    let which = json!({ "id": device.id(), "current_password": PASSWORD });
    let removed = app
        .delete("/factors/passkeys")
        .json(&which)
        .by(&kim)
        .send()
        .await;
    assert_eq!(removed.status, 204, "{}", removed.text());
    assert_eq!(
        show_passkey(&app, &mut device).await.code(),
        "bad_credentials"
    );
}

#[tokio::test]
async fn a_passkey_that_lies_signs_nobody_in() {
    let app = app().await;
    let kim = app.person("kim").await;
    // Made on another page, for another site, or by nobody in particular.
    for (origin, rp_id, verified) in [
        ("https://evil.example", "localhost", true),
        (ORIGIN, "evil.example", true),
        (ORIGIN, "localhost", false),
    ] {
        let mut device = Authenticator::new(origin, rp_id);
        device.verified = verified;
        let added = add_passkey(&app, &kim, &mut device).await;
        assert_eq!(added.status, 401, "{origin} {rp_id}: {}", added.text());
    }
    let mut device = Authenticator::new(ORIGIN, "localhost");
    assert_eq!(add_passkey(&app, &kim, &mut device).await.status, 201);
    device.origin = "https://evil.example".to_owned();
    assert_eq!(
        show_passkey(&app, &mut device).await.code(),
        "bad_credentials"
    );
    device.origin = ORIGIN.to_owned();
    device.verified = false;
    assert_eq!(
        show_passkey(&app, &mut device).await.code(),
        "bad_credentials"
    );
    device.verified = true;
    // A copy of the key: its counter is behind.
    assert_eq!(show_passkey(&app, &mut device).await.status, 200);
    device.counter = 1;
    assert_eq!(
        show_passkey(&app, &mut device).await.code(),
        "bad_credentials"
    );
    device.counter = 100;
    // An answer counts for one ceremony, once.
    let begun = app.post("/login/passkey/begin", json!({})).send().await;
    let shown = device.show(&begun.json["options"]);
    let other = app.post("/login/passkey/begin", json!({})).send().await;
    let sent = |ceremony: &Value| {
        app.post(
            "/login/passkey",
            json!({ "ceremony": ceremony, "credential": shown }),
        )
    };
    assert_eq!(sent(&other.json["ceremony"]).send().await.status, 401);
    assert_eq!(sent(&begun.json["ceremony"]).send().await.status, 200);
    assert_eq!(sent(&begun.json["ceremony"]).send().await.status, 400);
    // Nonsense is refused, not followed.
    let begun = app.post("/login/passkey/begin", json!({})).send().await;
    let nonsense = json!({ "ceremony": begun.json["ceremony"], "credential": { "id": "a" } });
    assert_eq!(
        app.post("/login/passkey", nonsense).send().await.status,
        400
    );
    // A disabled account is nobody's.
    let root = app.admin("root").await;
    let path = format!("/users/{}", kim.id);
    app.patch(&path, json!({ "disabled": true }))
        .by(&root)
        .send()
        .await;
    device.counter = 1_000;
    assert_eq!(
        show_passkey(&app, &mut device).await.code(),
        "bad_credentials"
    );
}

#[tokio::test]
async fn without_a_name_and_https_there_are_no_passkeys() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    assert_eq!(factors(&app, &kim).await["passkeys_possible"], false);
    let begun = app
        .post("/factors/passkeys/begin", with_password())
        .by(&kim)
        .send()
        .await;
    assert_eq!(begun.code(), "conflict");
    assert!(begun.text().contains("public-url"), "{}", begun.text());
    assert_eq!(
        app.post("/login/passkey/begin", json!({}))
            .send()
            .await
            .code(),
        "conflict"
    );
}

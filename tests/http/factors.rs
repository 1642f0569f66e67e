//! Second factors: an app's codes, recovery codes, and what administrators demand.

use crate::kit::{Answer, PASSWORD, Person, TestApp};
use maru::config::Signup;
use maru::http::Settings;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

pub const ORIGIN: &str = "http://localhost:8080";

pub async fn app() -> TestApp {
    TestApp::with(Settings {
        signup: Signup::Open,
        public_url: Some(ORIGIN.parse().expect("an address")),
        ..Settings::default()
    })
    .await
}

/// What the app of somebody shows, so many periods from now.
fn code(secret: &str, periods: i64) -> String {
    let secret = Secret::try_from_base32(secret).expect("base32");
    let totp = Builder::new()
        .with_secret(secret)
        .with_account_name("x")
        .build();
    let now = maru::engine::now().0 / 1000 + 30 * periods;
    let token = totp
        .expect("an app")
        .generate(u64::try_from(now).expect("after 1970"));
    token.to_string()
}

pub fn with_password() -> Value {
    json!({ "current_password": PASSWORD })
}

/// Sets up an app; its secret and the recovery codes.
async fn set_up(app: &TestApp, person: &Person) -> (String, Vec<String>) {
    let begun = app
        .post("/factors/totp/begin", with_password())
        .by(person)
        .send()
        .await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let secret = begun.json["secret"].as_str().expect("a secret").to_owned();
    let url = begun.json["url"].as_str().expect("a URL");
    assert!(url.contains(&secret), "{url}");
    let shown = json!({ "sealed": begun.json["sealed"], "code": code(&secret, -1) });
    let added = app.post("/factors/totp", shown).by(person).send().await;
    assert_eq!(added.status, 201, "{}", added.text());
    let codes = added.json["recovery_codes"].as_array().expect("codes");
    let codes = codes
        .iter()
        .map(|code| code.as_str().expect("text").to_owned());
    (secret, codes.collect())
}

pub async fn sign_in(app: &TestApp, name: &str, code: Option<&str>) -> Answer {
    let mut login = json!({ "username": name, "password": PASSWORD });
    if let Some(code) = code {
        login["code"] = code.into();
    }
    app.post("/login", login).send().await
}

pub async fn factors(app: &TestApp, person: &Person) -> Value {
    app.get("/factors").by(person).send().await.json
}

#[tokio::test]
async fn the_password_alone_no_longer_signs_in_and_a_code_counts_once() {
    let mut app = app().await;
    let kim = app.person("kim").await;
    assert_eq!(sign_in(&app, "kim", None).await.status, 200);
    let (secret, recovery) = set_up(&app, &kim).await;
    assert_eq!(recovery.len(), 10);
    let mine = factors(&app, &kim).await;
    assert!(
        mine["totp"].is_string() && mine["recovery_codes"] == 10,
        "{mine}"
    );

    let answer = sign_in(&app, "kim", None).await;
    assert_eq!(
        (answer.status, answer.code()),
        (401, "second_factor_needed")
    );
    // A wrong password tells of no factor.
    let wrong =
        json!({ "username": "kim", "password": "another one here", "code": code(&secret, 0) });
    assert_eq!(
        app.post("/login", wrong).send().await.code(),
        "bad_credentials"
    );
    // The code that set the app up counts no more; the next one does, once.
    for (typed, status) in [
        (code(&secret, -1), 401),
        ("000000".to_owned(), 401),
        (code(&secret, 0), 200),
        (code(&secret, 0), 401),
        (recovery[3].to_uppercase(), 200),
        (recovery[3].clone(), 401),
    ] {
        let answer = sign_in(&app, "kim", Some(&typed)).await;
        assert_eq!(answer.status, status, "{typed}: {}", answer.text());
    }
    app.restart().await;
    assert_eq!(
        sign_in(&app, "kim", None).await.code(),
        "second_factor_needed"
    );
    assert_eq!(sign_in(&app, "kim", Some(&recovery[3])).await.status, 401);
    assert_eq!(factors(&app, &kim).await["recovery_codes"], 9);
    // Other recovery codes: those before count no more.
    let made = app
        .post("/factors/recovery-codes", with_password())
        .by(&kim)
        .send()
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(sign_in(&app, "kim", Some(&recovery[4])).await.status, 401);
    let fresh = made.json["recovery_codes"][0].as_str().expect("a code");
    assert_eq!(sign_in(&app, "kim", Some(fresh)).await.status, 200);
    // Without the app the password is enough again.
    let removed = app.delete("/factors/totp").json(&with_password()).by(&kim);
    assert_eq!(removed.send().await.status, 204);
    assert_eq!(sign_in(&app, "kim", None).await.status, 200);
    assert_eq!(factors(&app, &kim).await["recovery_codes"], 0);
}

#[tokio::test]
async fn whoever_found_an_open_browser_changes_nothing() {
    let app = app().await;
    let kim = app.person("kim").await;
    let (secret, _) = set_up(&app, &kim).await;
    for (method, path) in [
        ("POST", "/factors/totp/begin"),
        ("DELETE", "/factors/totp"),
        ("POST", "/factors/recovery-codes"),
        ("POST", "/factors/passkeys/begin"),
    ] {
        for body in [json!({}), json!({ "current_password": "not the password" })] {
            let asked = app.request(method, path).json(&body).by(&kim).send().await;
            assert_eq!(asked.status, 403, "{path}: {}", asked.text());
            assert_eq!(asked.json["error"]["details"]["field"], "current_password");
        }
    }
    // A secret that was sealed for somebody else, or changed.
    let lee = app.person("lee").await;
    let begun = app
        .post("/factors/totp/begin", with_password())
        .by(&lee)
        .send()
        .await;
    let theirs = begun.json["secret"].as_str().expect("a secret");
    let sealed = begun.json["sealed"].as_str().expect("sealed");
    for sealed in [sealed, &sealed.replace('-', "-1"), "", "a.b.c"] {
        let shown = json!({ "sealed": sealed, "code": code(theirs, 0) });
        assert_eq!(
            app.post("/factors/totp", shown)
                .by(&kim)
                .send()
                .await
                .status,
            400
        );
    }
    let wrong = json!({ "sealed": sealed, "code": "123" });
    let answer = app.post("/factors/totp", wrong).by(&lee).send().await;
    assert_eq!(answer.json["error"]["details"]["field"], "code");
    // A token is no person.
    let token = json!({ "name": "t", "scopes": ["read", "write", "admin"] });
    let token = app.post("/tokens", token).by(&kim).send().await;
    let token = Person {
        id: kim.id,
        token: token.json["token"]
            .as_str()
            .or(token.json["secret"].as_str())
            .expect("a token")
            .to_owned(),
    };
    assert_eq!(app.get("/factors").by(&token).send().await.status, 403);
    assert!(sign_in(&app, "kim", Some(&code(&secret, 0))).await.status == 200);
}

#[tokio::test]
async fn guessing_codes_is_throttled() {
    let app = app().await;
    let kim = app.person("kim").await;
    let (secret, _) = set_up(&app, &kim).await;
    let mut statuses = Vec::new();
    for guess in 0..12 {
        let answer = sign_in(&app, "kim", Some(&format!("0000{guess:02}"))).await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses[9], 401);
    assert_eq!(statuses[10..], [429, 429]);
    assert_eq!(
        sign_in(&app, "kim", Some(&code(&secret, 0))).await.status,
        429
    );
}

#[tokio::test]
async fn who_knows_the_password_keeps_the_owner_out_nowhere() {
    let app = TestApp::with(Settings {
        signup: Signup::Open,
        public_url: Some(ORIGIN.parse().expect("an address")),
        trusted_proxies: vec!["127.0.0.1".parse().expect("an address")],
        ..Settings::default()
    })
    .await;
    let kim = app.person("kim").await;
    let (secret, recovery) = set_up(&app, &kim).await;
    let from = async |address: &str, code: &str, device: Option<&str>| {
        let login = json!({ "username": "kim", "password": PASSWORD, "code": code });
        let mut request = app.post("/login", login).header("x-forwarded-for", address);
        if let Some(device) = device {
            request = request.header("cookie", device);
        }
        request.send().await
    };
    let owner = from("203.0.113.1", &code(&secret, 0), None).await;
    assert_eq!(owner.status, 200, "{}", owner.text());
    let device = owner.cookie("maru_device").expect("a device");
    for guess in 0..12 {
        from(&format!("2001:db8:0:{guess:x}::1"), "000000", None).await;
    }
    let stranger = from("198.51.100.1", &recovery[0], None).await;
    assert_eq!(stranger.status, 429);
    let at_home = from("203.0.113.1", &recovery[1], None).await;
    assert_eq!(at_home.status, 200, "{}", at_home.text());
    let abroad = from("198.51.100.2", &recovery[2], Some(device.as_str())).await;
    assert_eq!(abroad.status, 200, "{}", abroad.text());
    // Who has the owner's address has its limit.
    let mut statuses = Vec::new();
    for _ in 0..11 {
        statuses.push(from("203.0.113.1", "000000", None).await.status);
    }
    assert_eq!(statuses.last(), Some(&429));
}

#[tokio::test]
async fn administrators_reset_and_demand_and_it_is_in_the_audit_log() {
    let app = app().await;
    let (root, kim) = (app.admin("root").await, app.person("kim").await);
    set_up(&app, &kim).await;
    let path = format!("/users/{}/factors", kim.id);
    assert_eq!(app.delete(&path).by(&kim).send().await.status, 403);
    assert_eq!(app.delete(&path).by(&root).send().await.status, 204);
    assert_eq!(
        app.get("/me").by(&kim).send().await.status,
        401,
        "sessions ended"
    );
    let answer = sign_in(&app, "kim", None).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let kim = Person {
        token: answer.json["token"].as_str().expect("a token").to_owned(),
        ..kim
    };
    // Demanded of everyone: nothing else until there is one, whatever the door.
    let mut socket = app.socket(&kim).await;
    let demand = |of: &str| json!({ "second_factor": of });
    let answer = app
        .patch("/admin/security", demand("everyone"))
        .by(&kim)
        .send()
        .await;
    assert_eq!(answer.status, 403);
    set_up(&app, &root).await;
    let answer = app
        .patch("/admin/security", demand("everyone"))
        .by(&root)
        .send()
        .await;
    assert_eq!(
        answer.json["second_factor"],
        "everyone",
        "{}",
        answer.text()
    );
    assert_eq!(answer.json["without"], json!([kim.id]));
    for (method, path) in [
        ("GET", "/rooms"),
        ("GET", "/events"),
        ("GET", "/bootstrap"),
        ("POST", "/rooms"),
        ("GET", "/sessions"),
        ("POST", "/tokens"),
        ("PATCH", "/me"),
    ] {
        let asked = app
            .request(method, path)
            .json(&json!({}))
            .by(&kim)
            .send()
            .await;
        let expected = (403, "second_factor_missing");
        if path != "/me" {
            assert_eq!(
                (asked.status, asked.code()),
                expected,
                "{path}: {}",
                asked.text()
            );
        }
    }
    let refused = app.connect(json!({ "token": kim.token })).await;
    assert_eq!(refused.refusal().as_deref(), Some("second_factor_missing"));
    drop(socket.so_far().await);
    for path in ["/me", "/session", "/factors"] {
        assert_eq!(app.get(path).by(&kim).send().await.status, 200, "{path}");
    }
    assert_eq!(factors(&app, &kim).await["demanded"], true);
    // Who has one goes on, and so does whoever sets one up.
    assert_eq!(app.get("/rooms").by(&root).send().await.status, 200);
    set_up(&app, &kim).await;
    assert_eq!(app.get("/rooms").by(&kim).send().await.status, 200);
    let answer = app
        .patch("/admin/security", demand("admins"))
        .by(&root)
        .send()
        .await;
    assert_eq!(answer.json["without"], json!([]));
    let lee = app.person("lee").await;
    assert_eq!(app.get("/rooms").by(&lee).send().await.status, 200);

    let entries = app.get("/admin/audit?limit=200").by(&root).send().await;
    let actions: Vec<&str> = entries.json["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| entry["action"].as_str().expect("text"))
        .collect();
    for action in ["factor.added", "factors.reset", "factors.demanded"] {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
}

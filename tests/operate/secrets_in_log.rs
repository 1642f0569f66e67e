//! Secrets never reach the log, whatever is logged: everything that is shown once is looked for.

use crate::cli::run::Place;
use crate::kit::{Answer, Person, Request};
use serde_json::{Value, json};
use std::net::SocketAddr;
use totp_rs::{Builder, Secret};

const PASSWORD: &str = "hunter2-of-the-northern-mountain";
const NEXT: &str = "hunter3-of-the-southern-mountain";
const SMTP: &str = "smtp-pass-phrase";
const REDIS: &str = "redis-pass-phrase";

struct House {
    address: SocketAddr,
    /// What nobody may read in the log.
    secrets: Vec<(String, String)>,
}

impl House {
    async fn call(&self, method: &str, path: &str, by: Option<&Person>, body: Value) -> Answer {
        let request = Request::new(self.address, method, &format!("/api/v1{path}")).json(&body);
        let request = match by {
            Some(person) => request.by(person),
            None => request,
        };
        request.send().await
    }

    fn keep(&mut self, what: &str, secret: &str) {
        assert!(secret.len() >= 6, "{what}: {secret}");
        self.secrets.push((what.to_owned(), secret.to_owned()));
    }

    fn keep_field(&mut self, what: &str, answer: &Answer, field: &str) -> String {
        let found = find(&answer.json, field);
        let found = found.unwrap_or_else(|| panic!("{what}: {}", answer.text()));
        self.keep(what, &found);
        found
    }

    /// Cookies that were set, without their names.
    fn keep_cookies(&mut self, answer: &Answer) {
        let set = answer
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie");
        let values: Vec<_> = set
            .filter_map(|(_, value)| value.split(';').next()?.split_once('='))
            .map(|(_, value)| value.to_owned())
            .collect();
        for value in values.iter().filter(|value| !value.is_empty()) {
            self.keep("a cookie", value);
        }
    }
}

fn find(json: &Value, field: &str) -> Option<String> {
    match json {
        Value::Object(map) => map
            .get(field)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(|| map.values().find_map(|value| find(value, field))),
        _ => None,
    }
}

fn login(password: &str, code: Option<&str>) -> Value {
    json!({ "username": "root", "password": password, "code": code })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_the_log() {
    let place = Place::new();
    place.file("redis-password", REDIS);
    let mut server = place.serve_with(&[
        "--log-level",
        "trace",
        "--log-format",
        "json",
        "--public-url",
        "http://localhost:8080",
        "--smtp-url",
        &format!("smtp://maru:{SMTP}@127.0.0.1:9"),
        "--resp-listen",
        "127.0.0.1:0",
        "--resp-password-file",
        "redis-password",
    ]);
    let address = server.url.strip_prefix("http://").expect("a URL");
    let mut house = House {
        address: address.parse().expect("an address"),
        secrets: Vec::new(),
    };
    for (what, secret) in [
        ("a password", PASSWORD),
        ("another password", NEXT),
        ("the mail server's password", SMTP),
        ("the Redis port's password", REDIS),
    ] {
        house.keep(what, secret);
    }
    let mut line = server.line();
    while !line.contains("invite=") {
        line = server.line();
    }
    let invite = line
        .trim()
        .rsplit("invite=")
        .next()
        .expect("a link")
        .to_owned();
    house.keep("the setup link", &invite);
    let account = json!({ "username": "root", "password": PASSWORD, "invite": invite });
    let made = house.call("POST", "/signup", None, account).await;
    assert_eq!(made.status, 201, "{}", made.text());
    house.keep_cookies(&made);
    let root = Person {
        id: 0,
        token: house.keep_field("a session", &made, "token"),
    };
    let by = Some(&root);
    // Wrong ones are somebody's passwords elsewhere.
    let typed = "the-password-of-my-bank";
    house.keep("a wrong password", typed);
    assert_eq!(
        house
            .call("POST", "/login", None, login(typed, None))
            .await
            .status,
        401
    );
    let as_name = json!({ "username": typed, "password": "x" });
    house.call("POST", "/login", None, as_name).await;

    let invite = house.call("POST", "/invites", by, json!({})).await;
    house.keep_field("an invitation", &invite, "token");
    let token = json!({ "name": "t", "scopes": ["read"] });
    let token = house.call("POST", "/tokens", by, token).await;
    let field = if token.json.get("secret").is_some() {
        "secret"
    } else {
        "token"
    };
    house.keep_field("an access token", &token, field);
    let room = house
        .call("POST", "/rooms", by, json!({ "name": "room" }))
        .await;
    let room = room.json["id"].as_u64().expect("an id");
    let said = "what-was-said-in-confidence";
    house.keep("a message", said);
    let path = format!("/rooms/{room}/messages");
    assert_eq!(
        house
            .call("POST", &path, by, json!({ "text": said }))
            .await
            .status,
        201
    );
    let search = Request::new(house.address, "GET", &format!("/api/v1/search?q={said}"));
    search.by(&root).send().await;
    let hook = house
        .call(
            "POST",
            &format!("/rooms/{room}/hooks"),
            by,
            json!({ "name": "h" }),
        )
        .await;
    let secret = house.keep_field("an incoming webhook", &hook, "secret");
    let text = json!({ "text": "hook" });
    let posted = house
        .call("POST", &format!("/hooks/{secret}"), None, text)
        .await;
    assert_eq!(posted.status, 200, "{}", posted.text());
    let webhook = json!({ "url": "https://hooks.example/x" });
    let webhook = house.call("POST", "/webhooks", by, webhook).await;
    if let Some(secret) = find(&webhook.json, "secret") {
        house.keep("an outgoing webhook", &secret);
    }
    // Second factors, and mail that cannot be sent.
    let again = json!({ "current_password": PASSWORD });
    let begun = house.call("POST", "/factors/totp/begin", by, again).await;
    let secret = house.keep_field("an app's secret", &begun, "secret");
    house.keep_field("an app's secret, sealed", &begun, "sealed");
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(&secret).expect("base32"))
        .with_account_name("x")
        .build()
        .expect("an app");
    let now = u64::try_from(maru::engine::now().0 / 1000).expect("after 1970");
    let shown = json!({ "sealed": begun.json["sealed"], "code": totp.generate(now).to_string() });
    let added = house.call("POST", "/factors/totp", by, shown).await;
    let codes = added.json["recovery_codes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert_eq!(codes.len(), 10, "{}", added.text());
    for code in &codes {
        house.keep("a recovery code", code.as_str().expect("text"));
    }
    let code = codes[0].as_str();
    let signed_in = house
        .call("POST", "/login", None, login(PASSWORD, code))
        .await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text());
    house.keep_cookies(&signed_in);
    house.keep_field("a session", &signed_in, "token");
    let mail = json!({ "address": "kim@example.org", "current_password": PASSWORD });
    assert_eq!(house.call("POST", "/email", by, mail).await.status, 503);
    // A link for a new password, used.
    let me = Request::new(house.address, "GET", "/api/v1/me")
        .by(&root)
        .send()
        .await;
    let id = me.json["id"].as_u64().expect("an id");
    let link = house
        .call("POST", &format!("/users/{id}/reset"), by, json!({}))
        .await;
    let token = house.keep_field("a link for a password", &link, "token");
    let used = json!({ "token": token, "password": NEXT });
    assert_eq!(house.call("POST", "/reset", None, used).await.status, 204);
    let link = place.run(&["user", "reset", "root"]).ok();
    house.keep(
        "a link of the command line",
        link.trim().rsplit('=').next().expect("a link"),
    );

    let done = server.stop();
    assert_eq!(done.status, 0);
    assert!(
        done.err.lines().count() > 20,
        "everything is logged: {}",
        done.err
    );
    for (what, secret) in &house.secrets {
        let line = done.err.lines().find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "{what} ({secret}) is in the log: {line:?}");
    }
}

//! Signing in through a certified provider, npm's `oidc-provider`: its own pages, its own rules.

use crate::kit::{Answer, TestApp};
use maru::http::{Settings, Sso};
use maru::oidc::{Provider, Settings as Known};
use maru::outbound::{Client, Guard, Request, Url};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Where people reach the server, as far as the provider knows.
const HOME: &str = "http://chat.example:8080";

/// The provider with what it needs, installed beside the build once.
fn installed() -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operate/oidc-provider");
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc-provider");
    std::fs::create_dir_all(&to).expect("made");
    let lock = File::create(to.join(".lock")).expect("a lock");
    lock.lock().expect("locked");
    let read = |path: PathBuf| std::fs::read(path).ok();
    let is_there = read(from.join("package-lock.json")) == read(to.join("installed.json"));
    for name in ["package.json", "package-lock.json", "provider.mjs"] {
        std::fs::copy(from.join(name), to.join(name)).expect("copied");
    }
    if !is_there {
        let status = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&to)
            .stdout(Stdio::null())
            .status()
            .expect("npm must be installed to test with a provider of OpenID Connect");
        assert!(status.success(), "npm ci failed in {}", to.display());
        std::fs::copy(to.join("package-lock.json"), to.join("installed.json")).expect("copied");
    }
    to
}

struct Running {
    child: Child,
    issuer: String,
    /// It warns here, and fails where nobody takes it.
    _stdout: BufReader<ChildStdout>,
    /// It ends with this.
    _stdin: Option<ChildStdin>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn provider() -> Running {
    let place = installed();
    let mut child = Command::new("node")
        .args(["provider.mjs", &format!("{HOME}/api/v1/oidc/callback")])
        .current_dir(place)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("node starts");
    let mut issuer = String::new();
    let out = child.stdout.take().expect("piped");
    let mut out = BufReader::new(out);
    out.read_line(&mut issuer).expect("a line");
    Running {
        _stdout: out,
        _stdin: child.stdin.take(),
        child,
        issuer: issuer.trim().to_owned(),
    }
}

fn client() -> Client {
    let inside = Guard::new(vec!["127.0.0.1".parse().expect("an address")]);
    Client::new(inside, None).expect("a client")
}

async fn app(issuer: &str) -> TestApp {
    let known = Known {
        issuer: issuer.to_owned(),
        client_id: "maru".to_owned(),
        client_secret: Some("s3cret".to_owned()),
        scopes: "openid profile email".to_owned(),
    };
    TestApp::with(Settings {
        public_url: Some(HOME.parse().expect("an address")),
        sso: Some(Sso {
            provider: Provider::new(known, client()),
            name: "the office".to_owned(),
            domains: vec!["example.org".to_owned()],
            admin_group: Some("bosses".to_owned()),
            signs_out: true,
        }),
        ..Settings::default()
    })
    .await
}

/// A browser that keeps cookies and fills in the provider's forms.
#[derive(Default)]
struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// From the server's redirect to the address that the provider sends it back to.
    async fn go(&mut self, start: &str, login: &str) -> Url {
        let client = client();
        let mut url = Url::parse(start).expect("a URL");
        let mut form: Option<String> = None;
        for _ in 0..16 {
            if url.as_str().starts_with(HOME) {
                return url;
            }
            let request = match form.take() {
                Some(form) => Request::post(url.as_str())
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form),
                None => Request::get(url.as_str()),
            };
            let cookies: Vec<_> = self
                .cookies
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            let answer = client
                .send(request.header("cookie", &cookies.join("; ")))
                .await;
            let answer = answer.expect("answered");
            for set in answer.headers.get_all("set-cookie") {
                let pair = set
                    .to_str()
                    .expect("text")
                    .split(';')
                    .next()
                    .expect("a pair");
                let (name, value) = pair.split_once('=').expect("a pair");
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            if let Some(to) = answer.headers.get("location") {
                url = url.join(to.to_str().expect("text")).expect("a URL");
                continue;
            }
            let page = String::from_utf8_lossy(&answer.body).into_owned();
            assert_eq!(answer.status.as_u16(), 200, "{page}");
            if page.contains("op.logoutForm") {
                let part = |before: &str| {
                    let rest = page.split(before).nth(1).expect("a form");
                    rest.split('"').next().expect("its end").to_owned()
                };
                url = url.join(&part("action=\"")).expect("a URL");
                let xsrf = part("name=\"xsrf\" value=\"");
                form = Some(format!("xsrf={xsrf}&logout=yes"));
                continue;
            }
            let prompt = ["login", "consent"]
                .into_iter()
                .find(|prompt| page.contains(&format!("value=\"{prompt}\"")))
                .unwrap_or_else(|| panic!("a form: {page}"));
            form = Some(format!("prompt={prompt}&login={login}&password=any"));
        }
        panic!("the provider goes round in circles");
    }
}

fn cookie(answer: &Answer, name: &str) -> String {
    let set = answer
        .headers
        .iter()
        .filter(|(header, _)| header == "set-cookie");
    let mut pairs = set.filter_map(|(_, value)| value.split(';').next());
    let found = pairs.find(|pair| pair.starts_with(name));
    found.expect("a cookie").to_owned()
}

async fn sign_in(app: &TestApp, login: &str) -> Answer {
    sign_in_by(app, &mut Browser::default(), login).await
}

async fn sign_in_by(app: &TestApp, browser: &mut Browser, login: &str) -> Answer {
    let begun = app.get("/oidc/start?to=/rooms/1").send().await;
    assert_eq!(begun.status, 302, "{}", begun.text());
    let held = cookie(&begun, "maru_sign_in");
    let back = browser
        .go(begun.header("location").expect("an address"), login)
        .await;
    let path = format!("/oidc/callback?{}", back.query().expect("a code"));
    app.get(&path).header("cookie", &held).send().await
}

async fn me(app: &TestApp, answer: &Answer) -> Value {
    assert_eq!(answer.status, 302, "{}", answer.text());
    let session = cookie(answer, "maru_session");
    app.get("/me").header("cookie", &session).send().await.json
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certified_provider_signs_in_whom_it_knows() {
    let provider = tokio::task::spawn_blocking(provider).await.expect("runs");
    let app = app(&provider.issuer).await;
    app.admin("root").await;
    // Names, address and groups are told when it is asked; its group makes administrators.
    let first = me(&app, &sign_in(&app, "kim").await).await;
    assert_eq!(
        (&first["username"], &first["display_name"], &first["role"]),
        (&json!("kim"), &json!("김 서방"), &json!("admin"))
    );
    let again = me(&app, &sign_in(&app, "kim").await).await;
    assert_eq!(first["id"], again["id"]);
    // Whoever signs out here signs out there, and comes back.
    let mut browser = Browser::default();
    let answer = sign_in_by(&app, &mut browser, "kim").await;
    let cookies = ["maru_session", "maru_provider"].map(|name| cookie(&answer, name));
    let out = app.post("/logout", json!({}));
    let out = out
        .header("origin", HOME)
        .header("cookie", &cookies.join("; "));
    let out = out.send().await;
    assert_eq!(out.status, 200, "{}", out.text());
    assert_eq!(cookie(&out, "maru_provider"), "maru_provider=");
    let url = out.json["provider_url"].as_str().expect("an address");
    let back = browser.go(url, "kim").await;
    assert_eq!(back.as_str(), format!("{HOME}/"));
    // The provider asks again who it is; another domain may not sign up.
    let answer = sign_in_by(&app, &mut browser, "lee").await;
    assert_eq!(answer.code(), "signup_closed", "{}", answer.text());
    // Whoever began with a password has nothing to end there.
    let session = app.sign_in(1, "root").await;
    let out = app.post("/logout", json!({})).by(&session).send().await;
    assert_eq!(out.status, 204, "{}", out.text());
    // Who stops at the provider is told so.
    let begun = app.get("/oidc/start").send().await;
    let held = cookie(&begun, "maru_sign_in");
    let path = "/oidc/callback?error=access_denied&error_description=no";
    let answer = app.get(path).header("cookie", &held).send().await;
    assert!(answer.text().contains("access_denied"), "{}", answer.text());
    // Away, it is said; passwords work meanwhile.
    let issuer = provider.issuer.clone();
    drop(provider);
    let answer = app
        .get(&format!("/oidc/callback?code=a&state={issuer}"))
        .send()
        .await;
    assert_eq!(answer.status, 401);
    app.sign_in(1, "root").await;
}

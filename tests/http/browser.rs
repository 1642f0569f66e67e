//! What browsers care about: headers, cookies and where a request comes from.

use crate::kit::PASSWORD;
use crate::kit::{Socket, TestApp};
use maru::config::Signup;
use maru::http::Settings;
use serde_json::json;

async fn cookie(app: &TestApp) -> String {
    let login = json!({ "username": "kim", "password": PASSWORD });
    let answer = app.post("/login", login).send().await;
    let cookie = answer.header("set-cookie").expect("a cookie");
    cookie.split(';').next().expect("a value").to_owned()
}

#[tokio::test]
async fn every_answer_is_armoured() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    for answer in [
        app.get("/me").by(&kim).send().await,
        app.get("/nothing").send().await,
        app.raw("GET", "/api/docs").send().await,
        app.raw("GET", "/healthz").send().await,
        app.raw("GET", "/socket.io/?EIO=4&transport=polling")
            .send()
            .await,
    ] {
        let csp = answer.header("content-security-policy").expect("a policy");
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(csp.contains(rule), "{csp}");
        }
        assert!(csp.contains("require-trusted-types-for 'script'"), "{csp}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            Some("same-origin")
        );
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            Some("same-origin")
        );
        assert!(answer.header("permissions-policy").is_some());
        assert!(answer.header("strict-transport-security").is_none());
    }
    let me = app.get("/me").by(&kim).send().await;
    assert_eq!(me.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_cookie_works_for_our_own_pages_only() {
    let app = TestApp::start().await;
    app.person("kim").await;
    let cookie = cookie(&app).await;
    let own = app.origin();
    let room = |name: &str| json!({ "name": name });
    assert_eq!(
        app.get("/me").header("cookie", &cookie).send().await.status,
        200
    );

    let good = app
        .post("/rooms", room("a"))
        .header("cookie", &cookie)
        .header("origin", &own);
    assert_eq!(good.send().await.status, 201);
    for bad in [
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "https://127.0.0.1",
    ] {
        let request = app.post("/rooms", room("b")).header("cookie", &cookie);
        let answer = request.header("origin", bad).send().await;
        assert_eq!((answer.status, answer.code()), (403, "bad_origin"), "{bad}");
        // A login from there is refused, too: nobody is signed in behind their back.
        let login = json!({ "username": "kim", "password": PASSWORD });
        let answer = app.post("/login", login).header("origin", bad).send().await;
        assert_eq!(answer.status, 403, "{bad}");
        let headers = [("cookie", cookie.clone()), ("origin", bad.to_owned())];
        let socket = Socket::connect_with(app.address, &headers, &json!({})).await;
        let refusal = socket.map(|socket| socket.refusal());
        assert_eq!(
            refusal.ok().flatten().as_deref(),
            Some("bad_origin"),
            "{bad}"
        );
    }
    // Who knows a token is not judged by the page that it is used on.
    let token = cookie.split_once('=').expect("a token").1;
    for shell in [
        "capacitor://localhost",
        "ionic://localhost",
        "file://",
        "null",
    ] {
        let headers = [("origin", shell.to_owned())];
        let auth = json!({ "token": token });
        let socket = Socket::connect_with(app.address, &headers, &auth).await;
        let Ok(mut socket) = socket else {
            panic!("{shell} is not let in");
        };
        socket.expect("ready").await;
        let socket = Socket::connect_with(app.address, &headers, &json!({})).await;
        let refusal = socket.map(|socket| socket.refusal());
        let code = refusal.ok().flatten();
        assert_eq!(code.as_deref(), Some("unauthenticated"), "{shell}");
    }
    let cross = app.post("/rooms", room("c")).header("cookie", &cookie);
    let answer = cross.header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(answer.status, 403);

    let headers = [("cookie", cookie.clone()), ("origin", own)];
    let socket = Socket::connect_with(app.address, &headers, &json!({})).await;
    let Ok(mut socket) = socket else {
        panic!("is not let in");
    };
    socket.expect("ready").await;
    // A token in the header proves itself, whatever page it comes from.
    let token = cookie.split_once('=').expect("a token").1;
    let bearer = app
        .post("/rooms", room("d"))
        .header("origin", "https://evil.example");
    let answer = bearer
        .header("authorization", &format!("Bearer {token}"))
        .send()
        .await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let app = TestApp::with(Settings {
        signup: Signup::Open,
        public_url: Some("https://chat.example".parse().expect("a url")),
        ..Settings::default()
    })
    .await;
    app.person("kim").await;
    let login = json!({ "username": "kim", "password": PASSWORD });
    let request = app
        .post("/login", login)
        .header("origin", "https://chat.example");
    let answer = request.send().await;
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(cookie.starts_with("__Host-"), "{cookie}");
    for attribute in ["Secure", "HttpOnly", "SameSite=", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(answer.header("strict-transport-security").is_some());
}

#[tokio::test]
async fn the_app_is_served_and_cached() {
    let app = TestApp::start().await;
    let page = app
        .raw("GET", "/")
        .header("accept", "text/html")
        .send()
        .await;
    if page.status == 404 {
        // Built without npm: the binary says so.
        assert!(
            page.text().contains("without the web app"),
            "{}",
            page.text()
        );
        return;
    }
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let tag = page.header("etag").expect("a tag").to_owned();
    let again = app
        .raw("GET", "/")
        .header("if-none-match", &tag)
        .send()
        .await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let deep = app
        .raw("GET", "/rooms/5")
        .header("accept", "text/html")
        .send()
        .await;
    assert_eq!(deep.body, page.body);
    let missing = app
        .raw("GET", "/assets/none.js")
        .header("accept", "text/html")
        .send()
        .await;
    assert_eq!(missing.status, 404);

    let html = page.text();
    // The sheet of styles: what is tiny is not packed.
    let at = html.rfind("/assets/").expect("an asset");
    let asset: String = html[at..].chars().take_while(|c| *c != '"').collect();
    let plain = app.raw("GET", &asset).send().await;
    assert_eq!(plain.status, 200);
    assert!(
        plain
            .header("cache-control")
            .is_some_and(|c| c.contains("immutable"))
    );
    for coding in ["br", "gzip"] {
        let packed = app
            .raw("GET", &asset)
            .header("accept-encoding", coding)
            .send()
            .await;
        assert_eq!(packed.header("content-encoding"), Some(coding));
        assert!(packed.body.len() < plain.body.len());
        assert_ne!(packed.header("etag"), plain.header("etag"));
    }
    let head = app.raw("HEAD", &asset).send().await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

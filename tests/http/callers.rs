//! Who is calling: odd headers beside good ones, proxies, guesses from elsewhere.

use crate::kit::{Answer, PASSWORD, TestApp};
use maru::config::Signup;
use maru::http::Settings;
use serde_json::{Value, json};

async fn behind_a_proxy() -> TestApp {
    TestApp::with(Settings {
        signup: Signup::Open,
        trusted_proxies: vec!["127.0.0.1".parse().expect("an address")],
        ..Settings::default()
    })
    .await
}

async fn log_in(app: &TestApp, password: &str, headers: &[(&str, &str)]) -> Answer {
    let login = json!({ "username": "kim", "password": password });
    let request = app.post("/login", login);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    request.send().await
}

#[tokio::test]
async fn one_odd_header_does_not_spoil_the_rest() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let session = format!("maru_session={}", kim.token);
    let basic = "Basic dXNlcjpwYXNz";
    for headers in [
        &[("authorization", basic), ("cookie", session.as_str())][..],
        &[("cookie", &format!("other=한글; {session}"))],
        &[("cookie", "other=1"), ("cookie", &session)],
        &[("cookie", &session), ("cookie", "other=한글")],
        &[("cookie", &format!("maru_session=old; {session}"))],
        &[("cookie", &session), ("cookie", "maru_session=old")],
        &[("cookie", &format!("maru_session=; {session}"))],
    ] {
        let request = headers
            .iter()
            .fold(app.get("/me"), |request, (name, value)| {
                request.header(name, value)
            });
        assert_eq!(request.send().await.status, 200, "{headers:?}");
    }
    let lee = app.person("lee").await;
    let both = format!("{session}; maru_session={}", lee.token);
    let two_people = app.get("/me").header("cookie", &both).send().await;
    assert_eq!(two_people.code(), "unauthenticated");
    // A scheme that browsers send by themselves is no proof of the page.
    let forged = app
        .post("/rooms", json!({ "name": "a" }))
        .header("authorization", basic)
        .header("cookie", &session)
        .header("origin", "https://evil.example");
    assert_eq!(forged.send().await.code(), "bad_origin");
    let signed_out = app.get("/me").header("authorization", basic).send().await;
    assert_eq!(signed_out.code(), "unauthenticated");
}

#[tokio::test]
async fn a_client_cannot_choose_its_address() {
    let app = behind_a_proxy().await;
    app.person("kim").await;
    let mut refused = 0;
    for number in 0..26 {
        let heard = format!("198.51.100.{number}, x, 203.0.113.9");
        let answer = log_in(&app, "wrong password", &[("x-forwarded-for", &heard)]).await;
        refused += u32::from(answer.status == 429);
    }
    assert!(refused > 15, "{refused}");
    let elsewhere = [("forwarded", "for=\"[2001:db8::7]:4711\";proto=https")];
    let signed_in = log_in(&app, PASSWORD, &elsewhere).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text());
    let token = signed_in.json["token"].as_str().expect("a token");
    let sessions = app
        .get("/sessions")
        .header("authorization", &format!("Bearer {token}"))
        .send()
        .await;
    let sessions = sessions.json.as_array().expect("a list").clone();
    let current = |session: &&Value| session["current"] == true;
    let mine = sessions.iter().find(current).expect("this session");
    assert_eq!(mine["address"], "2001:db8::7");
}

#[tokio::test]
async fn guesses_elsewhere_keep_nobody_out() {
    let app = behind_a_proxy().await;
    app.person("kim").await;
    let (attacker, owner) = (
        [("x-forwarded-for", "203.0.113.9")],
        [("x-forwarded-for", "203.0.113.77")],
    );
    for _ in 0..12 {
        for _ in 0..5 {
            log_in(&app, "wrong password", &attacker).await;
        }
        let answer = log_in(&app, PASSWORD, &owner).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    // The attacker's own right password waits.
    assert_eq!(log_in(&app, PASSWORD, &attacker).await.status, 429);
}

#[tokio::test]
async fn a_device_that_signed_in_before_is_spared() {
    let app = behind_a_proxy().await;
    app.person("kim").await;
    let office = ("x-forwarded-for", "203.0.113.9");
    let signed_in = log_in(&app, PASSWORD, &[office]).await;
    let device = signed_in.cookie("maru_device").expect("a device");
    let mut refused = 0;
    for _ in 0..20 {
        let answer = log_in(&app, "wrong password", &[office]).await;
        refused += u32::from(answer.status == 429);
    }
    assert!(refused > 5, "{refused}");
    let answer = log_in(&app, PASSWORD, &[office, ("cookie", &device)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    // It is nobody's device for another account, nor is one that was made up.
    let forged = device.replace("maru_device=", "maru_device=1");
    let answer = log_in(&app, PASSWORD, &[office, ("cookie", &forged)]).await;
    assert_eq!(answer.status, 429);
}

#[tokio::test]
async fn a_refusal_names_the_limit_that_was_hit() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    for (text, limit, unit) in [
        ("👨‍👩‍👧‍👦".repeat(2_000), 40_000, "bytes"),
        ("가".repeat(10_001), 10_000, "characters"),
    ] {
        let path = format!("/rooms/{room}/messages");
        let answer = app
            .post(&path, json!({ "text": text }))
            .by(&kim)
            .send()
            .await;
        assert_eq!(answer.code(), "bad_length");
        let details = &answer.json["error"]["details"];
        assert_eq!(details["limit"], limit);
        assert_eq!(details["unit"], unit);
        assert!(answer.text().contains(unit));
    }
}

#[tokio::test]
async fn one_person_posts_only_so_much() {
    let settings = Settings {
        signup: Signup::Open,
        ..Settings::default()
    };
    let app = TestApp::planned(settings, |plan| plan.posts_per_minute = 3).await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "room", "public").await;
    app.add(&kim, room, &lee).await;
    let path = format!("/rooms/{room}/messages");
    let post = |person| app.post(&path, json!({ "text": "hi" })).by(person);
    for _ in 0..3 {
        assert_eq!(post(&kim).send().await.status, 201);
    }
    let refused = post(&kim).send().await;
    assert_eq!((refused.status, refused.code()), (429, "too_many_requests"));
    let wait_s = refused
        .header("retry-after")
        .and_then(|text| text.parse().ok());
    assert!(wait_s.is_some_and(|seconds: u64| (1..=20).contains(&seconds)));
    assert_eq!(refused.json["error"]["details"]["limit"], 3);
    let mut socket = app.socket(&kim).await;
    let said = socket
        .ask("message.send", json!({ "room_id": room, "text": "hi" }))
        .await;
    assert_eq!(said["error"]["code"], "too_many_requests");
    assert_eq!(post(&lee).send().await.status, 201);
}

#[tokio::test]
async fn a_page_may_ask_who_is_signed_in() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    for (cookie, user) in [
        (String::new(), Value::Null),
        ("maru_session=no.to.ken".to_owned(), Value::Null),
        (format!("maru_session={}", kim.token), json!(kim.id)),
    ] {
        let answer = app.get("/session").header("cookie", &cookie).send().await;
        assert_eq!(answer.status, 200);
        let found = &answer.json["user"];
        assert_eq!(found.get("id").unwrap_or(&Value::Null), &user);
    }
}

#[tokio::test]
async fn json_is_compressed_where_it_is_worth_it() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    for number in 0..30 {
        app.say(&kim, room, &format!("message number {number}"))
            .await;
    }
    let path = format!("/rooms/{room}/messages");
    let plain = app.get(&path).by(&kim).send().await;
    assert_eq!(plain.header("content-encoding"), None);
    let mut sizes = Vec::new();
    for (takes, coding) in [("gzip, br", "br"), ("gzip", "gzip")] {
        let request = app.get(&path).by(&kim).header("accept-encoding", takes);
        let packed = request.send().await;
        assert_eq!(packed.header("content-encoding"), Some(coding));
        sizes.push(packed.body.len());
        let body = if coding == "br" {
            let mut text = Vec::new();
            brotli::BrotliDecompress(&mut packed.body.as_slice(), &mut text).expect("brotli");
            text
        } else {
            let mut text = Vec::new();
            let mut reader = flate2::read::GzDecoder::new(packed.body.as_slice());
            std::io::Read::read_to_end(&mut reader, &mut text).expect("gzip");
            text
        };
        assert_eq!(body, plain.body);
    }
    assert!(
        sizes.iter().all(|size| size * 5 < plain.body.len()),
        "{sizes:?}"
    );
    let small = app.get("/me").by(&kim).header("accept-encoding", "br");
    assert_eq!(small.send().await.header("content-encoding"), None);
}

#[tokio::test]
async fn broken_policies_are_reported() {
    let app = TestApp::start().await;
    let page = app.raw("GET", "/healthz").send().await;
    let policy = page.header("content-security-policy").expect("a policy");
    for part in [
        "trusted-types maru",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    let report = json!({ "csp-report": { "violated-directive": "img-src" } });
    let answer = app.post("/reports", report).send().await;
    assert_eq!(answer.status, 204);
    let counted = &app.services().load.policy_reports;
    assert_eq!(counted.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert_eq!(app.post("/reports", json!({})).send().await.status, 400);
}

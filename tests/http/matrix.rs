//! Every route of the list by every kind of caller. A new route is in it from its first day: what is
//! expected follows from what the route declares.

use crate::kit::{Answer, Person, Request, TestApp};
use axum::http::Method;
use maru::domain::{Scope, Timestamp};
use maru::http::guard::Need;
use maru::http::route::Route;
use maru::http::{routes, scopes};
use serde_json::{Value, json};
use std::sync::Arc;

/// The route's path with something in each place; ids are `id`.
pub fn path(route: &Route, id: u64) -> String {
    let filled: Vec<String> = route
        .path
        .split('/')
        .map(|part| {
            match part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
            {
                None => part.to_owned(),
                Some("emoji") => "%F0%9F%91%8D".to_owned(),
                Some("name" | "word" | "file" | "room") => "nowhere".to_owned(),
                Some("secret" | "hook_secret") => "none".to_owned(),
                Some(_) => id.to_string(),
            }
        })
        .collect();
    filled.join("/")
}

fn request(app: &TestApp, route: &Route, id: u64, by: Option<&Person>) -> Request {
    let request = app.raw(route.method.as_str(), &path(route, id));
    let request = match route.method {
        Method::GET | Method::HEAD => request,
        _ => request.json(&body_of(route)),
    };
    match by {
        Some(person) => request.by(person),
        None => request,
    }
}

/// A body that can be read, so that what comes after reading it is seen, too.
pub fn body_of(route: &Route) -> Value {
    let tail = route.path.rsplit('/').next().unwrap_or_default();
    match (route.method.as_str(), tail) {
        ("POST", "messages") => json!({ "text": "x" }),
        ("POST", "scheduled") => json!({ "text": "x", "send_at": "2099-01-01T00:00:00Z" }),
        ("POST", "read" | "unread") => json!({ "message_id": 1 }),
        ("POST", "members") => json!({ "user_ids": [1] }),
        ("POST", "hooks") => json!({ "name": "x" }),
        ("PUT", "notifications") => json!({ "level": "all" }),
        ("PATCH", "{id}") if route.path.contains("/rooms/") => json!({ "topic": "x" }),
        ("PATCH", "{id}") if route.path.contains("/messages/") => json!({ "text": "x" }),
        ("PUT", "drafts") => json!({ "room_id": 1, "text": "x" }),
        _ => json!({}),
    }
}

pub fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// What was wrong, all of it.
#[derive(Default)]
struct Found(Vec<String>);

impl Found {
    fn expect(&mut self, route: &Route, who: &str, answer: &Answer, status: u16, code: &str) {
        if (answer.status, answer.code()) != (status, code) {
            let (route, got) = (name(route), answer.text());
            let got: String = got.chars().take(200).collect();
            self.0.push(format!(
                "{route} as {who}: {} instead of {status} {code}: {got}",
                answer.status
            ));
        }
    }
}

impl Drop for Found {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "{}", self.0.join("\n"));
        }
    }
}

pub fn closed() -> Vec<Route> {
    let mut routes = routes::list();
    routes.retain(|route| route.need != Need::Anyone);
    assert!(routes.len() > 100, "the list is whole");
    routes
}

#[tokio::test]
async fn nobody_and_whoever_is_disabled_pass_nothing() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let disabled = app.admin("disabled").await;
    let path = format!("/users/{}", disabled.id);
    let change = app.patch(&path, json!({ "disabled": true })).by(&admin);
    assert_eq!(change.send().await.status, 200);
    let nonsense = Person {
        id: 0,
        token: "nonsense".to_owned(),
    };
    let ended = app.sign_in(admin.id, "admin").await;
    assert_eq!(
        app.post("/logout", json!({}))
            .by(&ended)
            .send()
            .await
            .status,
        204
    );
    let mut found = Found::default();
    for route in closed() {
        for (who, person) in [
            ("nobody", None),
            ("nonsense", Some(&nonsense)),
            ("somebody disabled", Some(&disabled)),
            ("an ended session", Some(&ended)),
        ] {
            let answer = request(&app, &route, 1, person).send().await;
            found.expect(&route, who, &answer, 401, "unauthenticated");
        }
    }
}

#[tokio::test]
async fn members_and_their_bots_administer_nothing() {
    let app = TestApp::start().await;
    app.admin("admin").await;
    let member = app.person("member").await;
    let mut found = Found::default();
    for route in closed().iter().filter(|route| route.need == Need::Admin) {
        let answer = request(&app, route, 1, Some(&member)).send().await;
        found.expect(route, "a member", &answer, 403, "forbidden");
    }
}

/// A bot whose token has one scope passes what that scope opens, and nothing else.
#[tokio::test]
async fn tokens_pass_what_their_scopes_open() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let bot = json!({ "username": "robot", "scopes": ["search:read"] });
    let bot = app.post("/bots", bot).by(&admin).send().await;
    assert_eq!(bot.status, 201, "{}", bot.text());
    let secret = |json: &Value| {
        ["secret", "token"]
            .iter()
            .find_map(|key| find(json, key))
            .expect("a secret")
    };
    let bot = Person {
        id: 0,
        token: secret(&bot.json),
    };
    // The administrator's own token with the same scope is no more.
    let token = json!({ "name": "search", "scopes": ["search:read"] });
    let token = app.post("/tokens", token).by(&admin).send().await;
    let token = Person {
        id: admin.id,
        token: secret(&token.json),
    };
    let held = Some(Arc::from([Scope::SearchRead]));
    let mut found = Found::default();
    let mut refused = 0;
    for route in closed() {
        let Err(expected) = scopes::admit(scopes::of(&route), &held) else {
            continue;
        };
        refused += 1;
        for (who, person) in [("a bot", &bot), ("a token", &token)] {
            let answer = request(&app, &route, 1, Some(person)).send().await;
            found.expect(&route, who, &answer, 403, expected.code.as_str());
        }
    }
    assert!(refused > 100, "{refused}");
}

/// The text under a key, wherever it stands.
fn find(json: &Value, key: &str) -> Option<String> {
    match json {
        Value::Object(map) => map
            .get(key)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(|| map.values().find_map(|value| find(value, key))),
        _ => None,
    }
}

/// A second factor is demanded: until there is one, only that can be set up.
#[tokio::test]
async fn whoever_lacks_a_demanded_factor_passes_only_what_sets_it_up() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let demand = json!({ "second_factor": "everyone" });
    let answer = app.patch("/admin/security", demand).by(&admin).send().await;
    assert!(matches!(answer.status, 200 | 403), "{}", answer.text());
    let mut found = Found::default();
    for route in closed() {
        let is_open = ["/api/v1/me", "/api/v1/logout"].contains(&route.path)
            || route.path.starts_with("/api/v1/factors");
        if !is_open {
            let answer = request(&app, &route, 1, Some(&admin)).send().await;
            found.expect(&route, "lacking one", &answer, 403, "second_factor_missing");
        }
    }
}

/// What somebody may not see answers as what is not there: nothing tells the two apart.
#[tokio::test]
async fn what_is_hidden_answers_as_what_is_not_there() {
    let app = TestApp::start().await;
    let (admin, owner) = (app.admin("admin").await, app.person("owner").await);
    let stranger = app.person("stranger").await;
    let room = app.room(&owner, "hidden", "private").await;
    let message = app.say(&owner, room, "said in secret").await;
    let at = Timestamp(maru::engine::now().0 + 3_600_000);
    let later = json!({ "text": "later", "send_at": at });
    let later = app
        .post(&format!("/rooms/{room}/scheduled"), later)
        .by(&owner)
        .send()
        .await;
    let scheduled = later.json["id"].as_u64().expect("an id");
    let upload = json!({ "name": "a.txt", "size": 5 });
    let upload = app.post("/uploads", upload).by(&owner).send().await;
    assert_eq!(upload.status, 201, "{}", upload.text());
    let token = json!({ "name": "t", "scopes": ["read"] });
    let token = app.post("/tokens", token).by(&owner).send().await;
    let token = find_id(&token.json);
    // Ids grow with time and are never this large.
    let nothing = 9_007_199_254_740_000;
    let mut compared = 0;
    let mut wrong = Vec::new();
    for route in closed() {
        let id = match route.path.split('/').nth(3) {
            Some("rooms") => room,
            Some("messages") => message,
            Some("scheduled") => scheduled,
            Some("tokens") => token,
            _ => continue,
        };
        if !route.path.contains("{id}") || route.need == Need::Admin {
            continue;
        }
        for (who, person) in [("a stranger", &stranger), ("an administrator", &admin)] {
            compared += 1;
            let hidden = request(&app, &route, id, Some(person)).send().await;
            let missing = request(&app, &route, nothing, Some(person)).send().await;
            let told = |answer: &Answer| (answer.status, answer.text());
            if told(&hidden) != told(&missing) || hidden.status < 400 {
                wrong.push(format!(
                    "{} as {who}: {:?} is not {:?}",
                    name(&route),
                    told(&hidden),
                    told(&missing)
                ));
            }
        }
    }
    assert!(compared > 60, "{compared}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // It is all still there.
    let message = app
        .get(&format!("/messages/{message}"))
        .by(&owner)
        .send()
        .await;
    assert_eq!(message.json["text"], "said in secret");
}

fn find_id(json: &Value) -> u64 {
    let direct = json["id"].as_u64();
    direct
        .or_else(|| {
            json.as_object()?
                .values()
                .find_map(|value| value["id"].as_u64())
        })
        .expect("an id")
}

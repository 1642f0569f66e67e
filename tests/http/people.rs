//! Accounts: signing up in each mode, names, what administrators do.

use crate::kit::TestApp;
use maru::auth::random;
use maru::config::Signup;
use maru::domain::{Actor, Command, Role};
use maru::http::Settings;
use serde_json::{Value, json};

async fn in_mode(signup: Signup) -> TestApp {
    TestApp::with(Settings {
        signup,
        ..Settings::default()
    })
    .await
}

fn account(name: &str, invite: Option<&str>) -> Value {
    let mut body = json!({ "username": name, "password": "a rather long one" });
    if let Some(invite) = invite {
        body["invite"] = json!(invite);
    }
    body
}

/// As the server's start makes the setup link.
async fn setup_invite(app: &TestApp) -> String {
    let token = random::token().expect("randomness");
    let engine = &app.services().engine;
    let command = Command::CreateInvite {
        digest: random::digest_text(&token),
        role: Role::Admin,
        expires_at: engine.now().plus_ms(60_000),
        uses: 1,
        is_setup: true,
    };
    engine
        .submit(Actor::System, command)
        .await
        .expect("is made");
    token
}

#[tokio::test]
async fn the_first_administrator_comes_through_the_setup_link() {
    for mode in [Signup::Open, Signup::Invite, Signup::Closed] {
        let app = in_mode(mode).await;
        let before = app.get("/server").send().await.json;
        assert_eq!(before["setup_required"], true, "{before}");
        let token = setup_invite(&app).await;
        let answer = app
            .post("/signup", account("first", Some(&token)))
            .send()
            .await;
        assert_eq!(answer.status, 201, "{mode:?}: {answer:?}");
        assert_eq!(answer.json["user"]["role"], "admin");
        let after = app.get("/server").send().await.json;
        assert_eq!(after["setup_required"], false);
        // It works once.
        let again = app
            .post("/signup", account("second", Some(&token)))
            .send()
            .await;
        assert_eq!(again.status, 403, "{again:?}");
    }
}

#[tokio::test]
async fn an_open_house_makes_nobody_an_administrator() {
    let app = in_mode(Signup::Open).await;
    let answer = app.post("/signup", account("kim", None)).send().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.json["user"]["role"], "member");
    assert!(
        answer
            .header("set-cookie")
            .is_some_and(|cookie| cookie.contains("HttpOnly"))
    );
    let sneaky = json!({ "username": "lee", "password": "a rather long one", "role": "admin" });
    let refused = app.post("/signup", sneaky).send().await;
    assert_eq!((refused.status, refused.code()), (400, "bad_request"));
}

#[tokio::test]
async fn invited_people_get_the_role_of_the_invitation() {
    let app = in_mode(Signup::Invite).await;
    let admin = app.admin("admin").await;
    let alone = app.post("/signup", account("kim", None)).send().await;
    assert_eq!((alone.status, alone.code()), (403, "signup_closed"));
    let wrong = app
        .post("/signup", account("kim", Some("nonsense")))
        .send()
        .await;
    assert_eq!((wrong.status, wrong.code()), (403, "bad_invite"));

    let made = app
        .post("/invites", json!({ "uses": 2 }))
        .by(&admin)
        .send()
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let token = made.json["token"].as_str().expect("a token");
    let url = made.json["url"].as_str().expect("a link");
    assert_eq!(url, format!("{}/signup?invite={token}", app.origin()));
    let listed = app.get("/invites").by(&admin).send().await;
    assert_eq!(listed.json[0]["uses_left"], 2);
    assert!(listed.json[0].get("token").is_none());

    let kim = app
        .post("/signup", account("kim", Some(token)))
        .send()
        .await;
    assert_eq!(
        (kim.status, &kim.json["user"]["role"]),
        (201, &json!("member"))
    );
    let id = &made.json["id"];
    let gone = app
        .delete(&format!("/invites/{id}"))
        .by(&admin)
        .send()
        .await;
    assert_eq!(gone.status, 204);
    let late = app
        .post("/signup", account("lee", Some(token)))
        .send()
        .await;
    assert_eq!((late.status, late.code()), (403, "bad_invite"));
    for wrong in [
        json!({ "uses": 0 }),
        json!({ "expires_in_s": 0 }),
        json!({ "role": "king" }),
    ] {
        assert_eq!(
            app.post("/invites", wrong).by(&admin).send().await.status,
            400
        );
    }
}

#[tokio::test]
async fn a_closed_house_stays_closed() {
    let app = in_mode(Signup::Closed).await;
    let admin = app.admin("admin").await;
    let made = app.post("/invites", json!({})).by(&admin).send().await;
    let token = made.json["token"].as_str().expect("a token");
    for invite in [None, Some(token)] {
        let answer = app.post("/signup", account("kim", invite)).send().await;
        assert_eq!((answer.status, answer.code()), (403, "signup_closed"));
    }
}

#[tokio::test]
async fn names_are_one_in_any_case_and_form() {
    let app = in_mode(Signup::Open).await;
    let nfd = "\u{1100}\u{1175}\u{11b7}";
    let answer = app.post("/signup", account(nfd, None)).send().await;
    assert_eq!(answer.json["user"]["username"], "김", "{answer:?}");
    for taken in ["김", nfd] {
        let answer = app.post("/signup", account(taken, None)).send().await;
        assert_eq!((answer.status, answer.code()), (409, "name_taken"));
    }
    assert_eq!(
        app.post("/signup", account("Lee", None))
            .send()
            .await
            .status,
        201
    );
    let answer = app.post("/signup", account("LEE", None)).send().await;
    assert_eq!((answer.status, answer.code()), (409, "name_taken"));
    assert_eq!(answer.json["error"]["details"]["field"], "username");
    for bad in ["", "a b", "a\u{0}b", "a\u{202e}b", "<b>", &"가".repeat(65)] {
        let answer = app.post("/signup", account(bad, None)).send().await;
        assert_eq!(answer.status, 400, "{bad:?}");
    }
    // Signing in works with every form.
    let login = json!({ "username": nfd, "password": "a rather long one" });
    assert_eq!(app.post("/login", login).send().await.status, 200);
}

#[tokio::test]
async fn weak_passwords_are_refused() {
    let app = in_mode(Signup::Open).await;
    for weak in ["", "short", "password", "kimchulsoo", &"a".repeat(257)] {
        let body = json!({ "username": "kimchulsoo", "password": weak });
        let answer = app.post("/signup", body).send().await;
        assert_eq!((answer.status, answer.code()), (400, "invalid"), "{weak}");
        assert_eq!(answer.json["error"]["details"]["field"], "password");
    }
}

#[tokio::test]
async fn administrators_change_roles_but_somebody_has_to_stay() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let kim = app.person("kim").await;
    let last = app.patch(&format!("/users/{}", admin.id), json!({ "role": "member" }));
    let answer = last.by(&admin).send().await;
    assert_eq!((answer.status, answer.code()), (409, "last_one"));
    let answer = app
        .patch(&format!("/users/{}", kim.id), json!({ "role": "admin" }))
        .by(&admin)
        .send()
        .await;
    assert_eq!(answer.json["role"], "admin", "{answer:?}");
    assert_eq!(app.get("/invites").by(&kim).send().await.status, 200);
}

#[tokio::test]
async fn people_come_in_pages_and_by_half_a_name() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let name = json!({ "display_name": "김철수" });
    let named = app.patch("/me", name).by(&kim).send().await;
    assert_eq!(named.status, 200, "{named:?}");
    let mut ids = vec![kim.id];
    for n in 0..6 {
        ids.push(app.person(&format!("guest{n}")).await.id);
    }
    let list = async |path: &str| {
        let answer = app.get(path).by(&kim).send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let people = answer.json.as_array().cloned().unwrap_or_default();
        let id = |one: &Value| one["id"].as_u64().or(one["user"]["id"].as_u64());
        people.iter().filter_map(id).collect::<Vec<u64>>()
    };
    assert_eq!(list("/users").await, ids);
    assert_eq!(list("/users?limit=3").await, ids[..3]);
    let next = format!("/users?limit=3&after={}", ids[2]);
    assert_eq!(list(&next).await, ids[3..6]);
    assert_eq!(list(&format!("/users?after={}", ids[6])).await, [0; 0]);
    // Half a syllable, first consonants, the keyboard in the other language.
    for typed in ["%EA%B9%80%EC%B2%A0", "%E3%84%B1%E3%85%8A", "rlacjf", "KIM"] {
        assert_eq!(
            list(&format!("/users?q={typed}")).await,
            [kim.id],
            "{typed}"
        );
    }
    assert_eq!(list("/users?q=guest&limit=2").await.len(), 2);
    let some = format!("/users?ids={},1,{}", ids[4], ids[1]);
    assert_eq!(list(&some).await, [ids[4], ids[1]]);

    let room = app.room(&kim, "마루", "public").await;
    let body = json!({ "user_ids": &ids[1..4] });
    let added = app.post(&format!("/rooms/{room}/members"), body);
    assert_eq!(added.by(&kim).send().await.status, 201);
    let members = format!("/rooms/{room}/members");
    assert_eq!(list(&members).await, ids[..4]);
    assert_eq!(
        list(&format!("{members}?limit=2&after={}", ids[1])).await,
        ids[2..4]
    );
    assert_eq!(list(&format!("{members}?q=guest5")).await, [0; 0]);
    assert_eq!(list(&format!("{members}?q=guest1")).await, [ids[2]]);
    for wrong in ["limit=0", "limit=1001", "ids=a", "ids=", "page=2"] {
        let answer = app.get(&format!("/users?{wrong}")).by(&kim).send().await;
        assert_eq!(answer.status, 400, "{wrong}: {answer:?}");
    }
}

#[tokio::test]
async fn display_names_are_told_to_everybody() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let mut heard = app.socket(&lee).await;
    let answer = app
        .patch("/me", json!({ "display_name": "김 선생" }))
        .by(&kim)
        .send()
        .await;
    assert_eq!(answer.json["display_name"], "김 선생");
    let event = heard.find("user.updated").await;
    assert_eq!(event["user"]["display_name"], "김 선생");
    assert!(event["seq"].as_u64().is_some_and(|seq| seq > 0));
}

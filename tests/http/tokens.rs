//! Access tokens and bots: what they may, when they end, what is kept of them.

use crate::kit::{Person, Request, TestApp};
use serde_json::{Value, json};

async fn token(app: &TestApp, of: &Person, body: Value) -> (Person, u64) {
    let made = app.post("/tokens", body).by(of).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let token = made.json["token"].as_str().expect("a token").to_owned();
    let id = made.json["id"].as_u64().expect("an id");
    (Person { id: of.id, token }, id)
}

#[tokio::test]
async fn a_token_acts_for_its_person_within_its_scopes() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "private").await;
    let (reader, id) = token(&app, &kim, json!({"name": "ci", "scopes": ["read"]})).await;
    assert!(reader.token.starts_with("maru_pat_"));
    let say = |who: &Person| -> Request {
        let path = format!("/rooms/{room}/messages");
        app.post(&path, json!({"text": "hello"})).by(who)
    };
    let read = app.get(&format!("/rooms/{room}/messages")).by(&reader);
    assert_eq!(read.send().await.status, 200);
    let refused = say(&reader).send().await;
    assert_eq!((refused.status, refused.code()), (403, "missing_scope"));
    assert_eq!(refused.json["error"]["details"]["field"], "messages:write");
    let (writer, _) = token(
        &app,
        &kim,
        json!({"name": "w", "scopes": ["messages:write"]}),
    )
    .await;
    assert_eq!(say(&writer).send().await.status, 201);
    let page = app.get(&format!("/rooms/{room}/messages")).by(&writer);
    assert_eq!(page.send().await.code(), "missing_scope");
    // Who it is, every token may know; make others, none may.
    assert_eq!(app.get("/me").by(&writer).send().await.json["id"], kim.id);
    let more = app.post("/tokens", json!({"name": "x"})).by(&writer);
    assert_eq!(more.send().await.code(), "forbidden");

    let list = app.get("/tokens").by(&kim).send().await;
    assert_eq!(list.json.as_array().map(Vec::len), Some(2));
    assert!(!list.text().contains(&reader.token), "shown once");
    let used = |name: &str| {
        let tokens = list.json.as_array().expect("a list");
        let token = tokens.iter().find(|token| token["name"] == name);
        token.expect("the token")["last_used_at"].is_string()
    };
    assert!(used("ci") && used("w"));
    token(&app, &kim, json!({"name": "idle"})).await;
    let list = app.get("/tokens").by(&kim).send().await;
    assert!(list.json[2]["last_used_at"].is_null(), "{}", list.text());
    let sessions = app.get("/sessions").by(&kim).send().await;
    assert!(sessions.json[0]["last_used_at"].is_string());
    let stranger = app.person("lee").await;
    let foreign = app.delete(&format!("/tokens/{id}")).by(&stranger);
    assert_eq!(foreign.send().await.status, 404);
    let gone = app.delete(&format!("/tokens/{id}")).by(&kim);
    assert_eq!(gone.send().await.status, 204);
    assert_eq!(app.get("/me").by(&reader).send().await.status, 401);
}

#[tokio::test]
async fn scopes_give_no_role() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let kim = app.person("kim").await;
    let (member, _) = token(&app, &kim, json!({"name": "a", "scopes": ["admin"]})).await;
    assert_eq!(app.get("/invites").by(&member).send().await.status, 403);
    let (narrow, _) = token(
        &app,
        &admin,
        json!({"name": "a", "scopes": ["read", "write"]}),
    )
    .await;
    assert_eq!(
        app.get("/invites").by(&narrow).send().await.code(),
        "missing_scope"
    );
    let (whole, _) = token(&app, &admin, json!({"name": "a", "scopes": ["admin"]})).await;
    assert_eq!(app.get("/invites").by(&whole).send().await.status, 200);
    for bad in [
        json!({"name": "a", "scopes": ["everything"]}),
        json!({"name": "a", "scopes": []}),
        json!({"name": " ", "scopes": ["read"]}),
        json!({"name": "a", "expires_in_s": 0}),
        json!({"name": "a", "expires_at": "2020-01-01T00:00:00Z"}),
        json!({"name": "a", "expires_in_s": 5, "expires_at": "2999-01-01T00:00:00Z"}),
        json!({"scopes": ["read"]}),
    ] {
        let answer = app.post("/tokens", bad.clone()).by(&kim).send().await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.text());
    }
    let other = json!({"name": "a", "user_id": admin.id});
    assert_eq!(app.post("/tokens", other).by(&kim).send().await.status, 404);
}

#[tokio::test]
async fn a_token_that_is_over_counts_no_more() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let end = maru::engine::now().plus_ms(150);
    let body = json!({"name": "short", "scopes": ["read"], "expires_at": end});
    let (short, _) = token(&app, &kim, body).await;
    while maru::engine::now() <= end {
        assert!(matches!(
            app.get("/me").by(&short).send().await.status,
            200 | 401
        ));
    }
    assert_eq!(app.get("/me").by(&short).send().await.status, 401);
}

#[tokio::test]
async fn a_bot_listens_and_speaks_over_a_socket_until_its_token_is_revoked() {
    let mut app = TestApp::start().await;
    let kim = app.person("kim").await;
    let made = json!({"username": "deploy", "display_name": "Deploy"});
    let made = app.post("/bots", made).by(&kim).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json["user"]["bot"], true);
    let bot = Person {
        id: made.json["user"]["id"].as_u64().expect("an id"),
        token: made.json["token"].as_str().expect("a token").to_owned(),
    };
    assert!(bot.token.starts_with("maru_bot_"));
    let login = json!({"username": "deploy", "password": "deploy"});
    assert_eq!(app.post("/login", login).send().await.status, 401);
    let room = app.room(&kim, "room", "private").await;
    let path = format!("/rooms/{room}/messages");
    assert_eq!(
        app.get(&path).by(&bot).send().await.status,
        404,
        "not in the room"
    );
    app.add(&kim, room, &bot).await;
    let mut socket = app.socket(&bot).await;
    app.say(&kim, room, "hello bot").await;
    let heard = socket.expect("message.created").await;
    assert_eq!(heard["message"]["text"], "hello bot");
    app.say(&bot, room, "hello person").await;
    // All of it is there after a restart; the digest only.
    drop(socket);
    app.restart().await;
    let mut socket = app.socket(&bot).await;
    let id = made.json["token_id"].as_u64().expect("an id");
    let revoked = app.delete(&format!("/tokens/{id}")).by(&kim).send().await;
    assert_eq!(revoked.status, 204);
    socket.rest().await;
    assert_eq!(app.get("/me").by(&bot).send().await.status, 401);
    let foreign = app.person("lee").await;
    let path = format!("/bots/{}", bot.id);
    assert_eq!(app.delete(&path).by(&foreign).send().await.status, 404);
    assert_eq!(app.delete(&path).by(&kim).send().await.status, 204);
    let user = app.get(&format!("/users/{}", bot.id)).by(&kim).send().await;
    assert_eq!(user.json["disabled"], true);
}

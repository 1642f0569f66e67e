//! The one answer that the web app begins with, and the page that announces it.

use crate::kit::{PASSWORD, TestApp};
use serde_json::{Value, json};

#[tokio::test]
async fn one_answer_holds_all_that_a_start_needs() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "마당", "public").await;
    let private = app.room(&lee, "안채", "private").await;
    let said = app.say(&kim, room, "안녕").await;
    // A reply stands in its thread alone.
    let reply = json!({ "text": "응", "reply_to": said });
    let path = format!("/rooms/{room}/messages");
    assert_eq!(app.post(&path, reply).by(&kim).send().await.status, 201);
    let patch = json!({ "theme": "dark" });
    app.patch("/me/settings", patch).by(&kim).send().await;

    let start = app.get("/bootstrap").by(&kim).send().await;
    assert_eq!(start.status, 200, "{start:?}");
    let start = start.json;
    assert_eq!(start["me"]["username"], "kim");
    assert_eq!(start["settings"], json!({ "theme": "dark" }));
    assert_eq!(start["server"]["limits"]["message_characters"], 10_000);
    let rooms = app.get("/rooms").by(&kim).send().await.json;
    assert_eq!(start["rooms"], rooms);
    assert!(start.get("opened").is_none());
    assert!(start["epoch"].is_u64() && start["seq"].is_u64(), "{start}");

    let opened = app.get(&format!("/bootstrap?room={room}")).by(&kim);
    let opened = opened.send().await.json;
    let page = app.get(&format!("{path}?replies=false")).by(&kim);
    assert_eq!(opened["opened"]["page"], page.send().await.json);
    let messages = opened["opened"]["page"]["messages"].as_array();
    assert_eq!(messages.map(Vec::len), Some(1), "{opened}");
    assert_eq!(opened["opened"]["room"]["id"], room);

    // What one may not see is not there, and says no more than a room that never was.
    for id in [private, 999_999] {
        let hidden = app.get(&format!("/bootstrap?room={id}")).by(&kim);
        let hidden = hidden.send().await;
        assert_eq!(hidden.status, 200);
        assert_eq!(hidden.json, start);
    }
    let wrong = app.get("/bootstrap?rooms=1").by(&kim).send().await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn who_left_much_unread_begins_where_they_stopped() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "마당", "public").await;
    app.add(&kim, room, &lee).await;
    let mut said = Vec::new();
    for n in 0..120 {
        said.push(app.say(&kim, room, &format!("글 {n}")).await);
    }
    let read = json!({ "message_id": said[9] });
    let path = format!("/rooms/{room}/read");
    app.post(&path, read).by(&lee).send().await;
    let around = async |query: String| -> Value {
        let start = app.get(&format!("/bootstrap?room={room}{query}")).by(&lee);
        start.send().await.json["opened"].take()
    };
    let opened = around(String::new()).await;
    assert_eq!(opened["around"], said[9]);
    assert_eq!(opened["page"]["more_after"], true);
    let opened = around(format!("&message={}", said[60])).await;
    assert_eq!(opened["around"], said[60]);
}

#[tokio::test]
async fn nobody_learns_nothing_but_the_server() {
    let app = TestApp::start().await;
    let room = app.room(&app.person("kim").await, "마당", "public").await;
    let start = app.get(&format!("/bootstrap?room={room}")).send().await;
    assert_eq!(start.status, 200);
    let server = app.get("/server").send().await.json;
    let nothing = json!({ "me": null, "server": server, "settings": {}, "rooms": [] });
    assert_eq!(start.json, nothing);
}

#[tokio::test]
async fn a_page_announces_its_bootstrap_to_who_has_a_session() {
    let app = TestApp::start().await;
    app.person("kim").await;
    let login = json!({ "username": "kim", "password": PASSWORD });
    let answer = app.post("/login", login).send().await;
    let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
    let cookie = cookie.split(';').next().expect("a value");
    let page = async |path: &str, cookie: &str| {
        let page = app.raw("GET", path).header("accept", "text/html");
        let page = page.header("cookie", cookie).send().await;
        page.header("link").unwrap_or_default().to_owned()
    };
    let wanted = "</api/v1/bootstrap?room=5&message=7>; rel=preload; as=fetch; crossorigin";
    assert!(page("/rooms/5?m=7", cookie).await.contains(wanted));
    assert!(!page("/rooms/5?m=7", "a=b").await.contains("bootstrap"));
    assert!(!page("/icon.svg", cookie).await.contains("bootstrap"));
}

//! From nothing to a conversation.

use crate::kit::TestApp;
use serde_json::json;

#[tokio::test]
async fn two_people_talk() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "마루", "public").await;
    app.add(&kim, room, &lee).await;
    let mut heard = app.socket(&lee).await;
    let mut said = app.socket(&kim).await;
    let answer = said
        .ask("message.send", json!({ "room_id": room, "text": "안녕" }))
        .await;
    assert_eq!(answer["ok"], true, "{answer}");
    let event = heard.find("message.created").await;
    assert_eq!(event["message"]["text"], "안녕");
    assert_eq!(event["message"]["id"], answer["message"]["id"]);
    let found = app
        .get("/search?q=%EC%95%88%EB%85%95")
        .by(&lee)
        .send()
        .await;
    assert_eq!(found.json["total"], 1, "{found:?}");
}

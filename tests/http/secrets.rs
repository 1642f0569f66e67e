//! What nobody else received.

use crate::kit::TestApp;
use serde_json::json;

/// What a private room's life looks like from outside: nothing at all.
#[tokio::test]
async fn strangers_and_administrators_hear_nothing_of_a_private_room() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let owner = app.person("owner").await;
    let member = app.person("member").await;
    let stranger = app.person("stranger").await;
    let mut outside = [app.socket(&stranger).await, app.socket(&admin).await];
    let mut inside = app.socket(&member).await;

    let room = app.room(&owner, "비밀", "private").await;
    app.add(&owner, room, &member).await;
    let message = app.say(&owner, room, "아무도 모르게").await;
    let path = format!("/messages/{message}");
    for request in [
        app.patch(&path, json!({ "text": "고쳤다" })),
        app.put(&format!("{path}/reactions/%F0%9F%91%8D")),
        app.put(&format!("{path}/pin")),
        app.delete(&path),
    ] {
        let answer = request.by(&owner).send().await;
        assert!(answer.status < 300, "{answer:?}");
    }
    let typing = app
        .socket(&owner)
        .await
        .ask("typing", json!({ "room_id": room }))
        .await;
    assert_eq!(typing["ok"], true);

    // Signals pass events that are still on their way, so the order of the last two is open.
    let mut wanted = std::collections::BTreeSet::from([
        "member.joined",
        "message.created",
        "message.updated",
        "reaction.added",
        "pin.added",
        "message.deleted",
        "typing",
    ]);
    while !wanted.is_empty() {
        let (name, body) = inside.next().await.expect("the socket stays");
        if wanted.remove(name.as_str()) {
            assert_eq!(body["room_id"], room, "{name}: {body}");
        }
    }
    for socket in &mut outside {
        assert_eq!(socket.so_far().await, Vec::<String>::new());
    }
    for person in [&stranger, &admin] {
        let rooms = app.get("/rooms").by(person).send().await;
        assert_eq!(rooms.json, json!([]));
        let found = app
            .get("/search?q=%EC%95%84%EB%AC%B4%EB%8F%84")
            .by(person)
            .send()
            .await;
        assert_eq!(found.json["total"], 0);
        let suggested = app
            .get("/search/suggest?q=%EB%B9%84")
            .by(person)
            .send()
            .await;
        assert_eq!(suggested.json["rooms"], json!([]));
        assert_eq!(suggested.json["completions"], json!([]));
    }
    let suggested = app
        .get("/search/suggest?q=%EB%B9%84")
        .by(&member)
        .send()
        .await;
    assert_eq!(
        suggested.json["rooms"],
        json!([{ "id": room, "name": "비밀" }])
    );
}

/// The counts in it are nobody's business, and nobody else's cursor is of use.
#[tokio::test]
async fn a_cursor_of_search_is_sealed_for_one_person() {
    let app = TestApp::start().await;
    let one = app.person("one").await;
    let other = app.person("other").await;
    let room = app.room(&one, "모두", "public").await;
    for n in 0..3 {
        app.say(&one, room, &format!("cursor {n}")).await;
    }
    let first = app.get("/search?q=cursor&limit=1").by(&one).send().await;
    let cursor = first.json["cursor"].as_str().expect("there is more");
    let (text, seal) = cursor.split_once('.').expect("a seal");
    let next = |cursor: &str| app.get(&format!("/search?q=cursor&limit=1&cursor={cursor}"));
    assert_eq!(next(cursor).by(&one).send().await.status, 200);
    assert_eq!(next(cursor).by(&other).send().await.status, 400);
    for forged in [text.to_owned(), format!("x{text}.{seal}")] {
        assert_eq!(next(&forged).by(&one).send().await.status, 400, "{forged}");
    }
}

//! What a workspace is called and looks like.

use super::files::PNG;
use crate::kit::{Answer, Person, TestApp};
use serde_json::{Value, json};

#[tokio::test]
async fn an_administrator_names_it_and_gives_it_a_picture() {
    let mut app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let kim = app.person("kim").await;
    let path = "/admin/workspace";
    let by_kim = app.patch(path, json!({"name": "x"})).by(&kim).send().await;
    assert_eq!(by_kim.status, 403);
    let named = app
        .patch(path, json!({"name": "  한옥마을 "}))
        .by(&admin)
        .send()
        .await;
    assert_eq!(named.status, 200, "{}", named.text());
    assert_eq!(named.json["name"], "한옥마을");
    let picture = "/admin/workspace/picture";
    let none = app.get("/workspace/picture").send().await;
    assert_eq!(none.status, 404);
    let not_a_picture = app.put(picture).bytes("image/png", b"text".to_vec());
    assert_eq!(not_a_picture.by(&admin).send().await.status, 400);
    let set = app.put(picture).bytes("image/png", PNG.to_vec());
    let set = set.by(&admin).send().await;
    assert_eq!(set.status, 200, "{}", set.text());

    app.restart().await;
    // Whoever signs in sees both.
    let server = app.get("/server").send().await;
    assert_eq!(server.json["name"], "한옥마을");
    let address = server.json["picture"].as_str().expect("an address");
    let shown = app.raw("GET", address).send().await;
    assert_eq!(shown.status, 200);
    assert_eq!(shown.header("content-type"), Some("image/png"));
    let audit = app
        .get("/admin/audit?action=server.")
        .by(&admin)
        .send()
        .await;
    let entries = audit.json["entries"].as_array().expect("entries").clone();
    let details: Vec<&Value> = entries.iter().map(|entry| &entry["details"]).collect();
    assert_eq!(
        details,
        [&json!({"picture": "true"}), &json!({"name": "한옥마을"})]
    );

    let removed = app.delete(picture).by(&admin).send().await;
    assert!(removed.json["picture"].is_null());
    let unnamed = app.patch(path, json!({"name": ""})).by(&admin).send().await;
    assert_eq!(unnamed.json["name"], "Maru");
}

async fn set_default(app: &TestApp, by: &Person, room: u64, on: bool) -> Answer {
    let change = json!({ "default": on });
    app.patch(&format!("/rooms/{room}"), change)
        .by(by)
        .send()
        .await
}

async fn my_rooms(app: &TestApp, by: &Person) -> Vec<String> {
    let rooms = app.get("/rooms").by(by).send().await.json;
    let rooms = rooms.as_array().expect("rooms").iter();
    let mine = rooms.filter(|room| room.get("me").is_some_and(Value::is_object));
    let mut names: Vec<String> = mine
        .map(|room| room["name"].as_str().expect("a name").to_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn whoever_is_new_is_where_everybody_is() {
    let mut app = TestApp::start().await;
    let admin = app.admin("root").await;
    let kim = app.person("kim").await;
    let hall = app.room(&kim, "마루", "public").await;
    let news = app.room(&admin, "소식", "public").await;
    let closet = app.room(&admin, "안방", "private").await;
    app.say(&kim, hall, "먼저 온 사람의 글").await;

    // The room's owner does not decide it for everybody, and a private room cannot be it.
    assert_eq!(set_default(&app, &kim, hall, true).await.status, 403);
    let refused = set_default(&app, &admin, closet, true).await;
    assert_eq!(
        (refused.status, &refused.json["error"]["code"]),
        (400, &json!("invalid"))
    );
    for room in [hall, news, hall] {
        assert_eq!(set_default(&app, &admin, room, true).await.status, 200);
    }
    let lee = app.person("lee").await;
    assert_eq!(my_rooms(&app, &lee).await, ["마루", "소식"]);
    assert_eq!(
        my_rooms(&app, &kim).await,
        ["마루"],
        "who was here stays where they are"
    );
    // What was said before is not new to them.
    let seen = app
        .get(&format!("/rooms/{hall}"))
        .by(&lee)
        .send()
        .await
        .json;
    assert_eq!(seen["me"]["unread"], 0);
    assert_eq!(seen["member_count"], 2);

    app.restart().await;
    // A room that is put away or gone counts no more; one that is taken out neither.
    let put_away = json!({"archived": true});
    let path = format!("/rooms/{news}");
    assert_eq!(
        app.patch(&path, put_away).by(&admin).send().await.status,
        200
    );
    let listed = app.get("/admin/rooms").by(&admin).send().await.json;
    let listed = listed["rooms"].as_array().expect("rooms").iter();
    let defaults: Vec<&Value> = listed
        .filter(|room| room["default"] == true)
        .map(|room| &room["name"])
        .collect();
    assert_eq!(defaults, ["마루"]);
    assert_eq!(my_rooms(&app, &app.person("park").await).await, ["마루"]);
    assert_eq!(set_default(&app, &admin, hall, false).await.status, 200);
    assert_eq!(my_rooms(&app, &app.person("choi").await).await, [""; 0]);
    let path = "/admin/audit?action=room.changed";
    let audit = app.get(path).by(&admin).send().await.json;
    assert_eq!(audit["entries"][0]["details"], json!({"default": "false"}));
}

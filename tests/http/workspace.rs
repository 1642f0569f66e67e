//! What a workspace is called and looks like.

use super::files::PNG;
use crate::kit::TestApp;
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

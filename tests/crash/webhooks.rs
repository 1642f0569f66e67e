//! The real binary, killed after another server has got a delivery and before it knows of it.

use super::{Server, call, post};
use crate::kit::Receiver;
use serde_json::json;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_nobody_noted_comes_again_under_the_same_id() {
    let dir = TempDir::new().expect("a directory");
    let settings = "outbound-allow = [\"127.0.0.0/8\"]\n";
    std::fs::write(dir.path().join("maru.toml"), settings).expect("written");
    let receiver = Receiver::start(204).await;
    let server = Server::start(dir.path());
    let (token, room) = server.settle().await;
    let hook = json!({"url": receiver.url, "events": ["message.created"]});
    let made = call(server.address, &token, "POST", "/webhooks", Some(&hook)).await;
    let (status, made) = made.expect("answers");
    assert_eq!(status, 201, "{made}");
    post(server.address, &token, room, "noted")
        .await
        .expect("posted");
    let noted = receiver.next().await;
    let path = format!("/webhooks/{}", made["id"]);
    loop {
        let shown = call(server.address, &token, "GET", &path, None).await;
        if shown.expect("answers").1["position"] != made["position"] {
            break;
        }
    }
    // It has come, and its answer never does.
    receiver.answer_with(Receiver::NEVER);
    post(server.address, &token, room, "lost")
        .await
        .expect("posted");
    let first = receiver.next().await;
    server.kill();
    receiver.answer_with(204);
    let server = Server::start(dir.path());
    let again = receiver.next().await;
    assert_eq!(again.headers["webhook-id"], first.headers["webhook-id"]);
    assert_eq!(again.body, first.body);
    assert_ne!(again.headers["webhook-id"], noted.headers["webhook-id"]);
    // And what is new follows it, once.
    post(server.address, &token, room, "new")
        .await
        .expect("posted");
    let new = receiver.next().await;
    assert_eq!(new.json["data"]["message"]["client_id"], "new");
    server.kill();
}

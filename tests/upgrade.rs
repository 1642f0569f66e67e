//! Directories that older versions left, after a clean stop and after a kill, opened by this one.
//!
//! They are kept for ever. Beside each stands what that version answered to its people.

use crate::crash::{Server, call};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A copy to work on, and what was answered from it.
fn kept(name: &str) -> (TempDir, Value) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let copy = TempDir::new().expect("a directory");
    copy_all(&fixtures.join(name), copy.path());
    // Says to the kit that somebody has an account already.
    std::fs::write(copy.path().join("used"), b"").expect("written");
    let answers = std::fs::read(fixtures.join(format!("{name}.json"))).expect("is kept");
    (copy, serde_json::from_slice(&answers).expect("JSON"))
}

pub fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for item in std::fs::read_dir(from).expect("listed") {
        let path: PathBuf = item.expect("listed").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_all(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}

/// The fields of an answer that a newer version must give again.
fn same(found: &Value, kept: &Value, fields: &[&str]) {
    for field in fields {
        assert_eq!(found[field], kept[field], "{field} of {found}");
    }
}

async fn opens_and_answers_as_then(name: &str) {
    const MESSAGE: &[&str] = &[
        "id",
        "room_id",
        "author",
        "text",
        "sent_at",
        "edited_at",
        "deleted",
        "client_id",
        "reply_to",
        "thread",
        "reactions",
        "mentions",
        "pinned",
        "external_id",
    ];
    let (dir, kept) = kept(name);
    let server = Server::start(dir.path());
    let to = server.address;
    for token in kept["signed_out"].as_array().expect("tokens") {
        let token = token.as_str().expect("a token");
        let (status, _) = call(to, token, "GET", "/me", None).await.expect("answers");
        assert_eq!(status, 401, "a session that was over stays over");
    }
    for (person, then) in kept["answers"].as_object().expect("people") {
        if person == "users" {
            continue;
        }
        let login = json!({ "username": person, "password": kept["password"] });
        let (status, signed) = call(to, "none", "POST", "/login", Some(&login))
            .await
            .expect("answers");
        assert_eq!(status, 200, "{person}: {signed}");
        same(
            &signed["user"],
            &then["me"],
            &["id", "username", "display_name", "role", "created_at"],
        );
        let token = signed["token"].as_str().expect("a token");
        for room in then["rooms"].as_array().expect("rooms") {
            let path = format!("/rooms/{}", room["id"]);
            let (_, found) = call(to, token, "GET", &path, None).await.expect("answers");
            same(
                &found,
                room,
                &["id", "name", "topic", "kind", "member_count", "created_at"],
            );
            for field in ["role", "last_read_id", "unread", "mentions"] {
                // History from elsewhere counted as unread then; it is read for everybody now.
                let is_imported = room["last_message"]["external_id"].is_string();
                if field == "unread" && is_imported && room["me"].is_object() {
                    assert_eq!(found["me"][field], 0, "{found}");
                    continue;
                }
                if field == "last_read_id" && is_imported && room["me"].is_object() {
                    assert_eq!(found["me"][field], found["last_message"]["id"], "{found}");
                    continue;
                }
                if field == "unread" && room["me"].is_object() {
                    // Replies counted in the room then; they are unread in their threads now.
                    let last_read = room["me"]["last_read_id"].as_u64();
                    let all = then["messages"][room["id"].to_string()].as_array();
                    let is_reply = |message: &&Value| {
                        message["reply_to"].is_u64()
                            && message["author"]["id"] != then["me"]["id"]
                            && message["id"].as_u64() > last_read
                    };
                    let replies = all.into_iter().flatten().filter(is_reply).count() as u64;
                    let unread = room["me"][field].as_u64().map(|unread| unread - replies);
                    assert_eq!(found["me"][field].as_u64(), unread, "{found}");
                    continue;
                }
                assert_eq!(found["me"][field], room["me"][field], "{field} of {found}");
            }
        }
        for (room, messages) in then["messages"].as_object().expect("messages") {
            let path = format!("/rooms/{room}/messages?limit=100");
            let (_, page) = call(to, token, "GET", &path, None).await.expect("answers");
            let (found, messages) = (&page["messages"], messages.as_array().expect("messages"));
            assert_eq!(
                found.as_array().map(Vec::len),
                Some(messages.len()),
                "{page}"
            );
            for (found, message) in found.as_array().expect("messages").iter().zip(messages) {
                same(found, message, MESSAGE);
            }
        }
    }
    let login = json!({ "username": "kim", "password": kept["password"] });
    let (_, signed) = call(to, "none", "POST", "/login", Some(&login))
        .await
        .expect("answers");
    let token = signed["token"].as_str().expect("a token");
    let all = &kept["answers"]["kim"]["messages"];
    let first = all
        .as_object()
        .expect("rooms")
        .iter()
        .flat_map(|(_, m)| m.as_array());
    let repeated = first
        .flatten()
        .find(|m| m["client_id"].is_string() && m["author"]["username"] == "kim");
    let repeated = repeated.expect("kim has posted");
    let path = format!("/rooms/{}/messages", repeated["room_id"]);
    let again = json!({ "text": "again", "client_id": repeated["client_id"] });
    let (status, found) = call(to, token, "POST", &path, Some(&again))
        .await
        .expect("answers");
    assert_eq!(
        (status, &found["id"]),
        (200, &repeated["id"]),
        "once stays once"
    );
    let (status, _) = call(to, token, "POST", &path, Some(&json!({ "text": "새 글" })))
        .await
        .expect("answers");
    assert_eq!(status, 201);
    server.kill();
    // And once more, as this version left it.
    let server = Server::start(dir.path());
    let (_, page) = call(
        server.address,
        token,
        "GET",
        &format!("{path}?limit=1"),
        None,
    )
    .await
    .expect("answers");
    assert_eq!(page["messages"][0]["text"], "새 글", "{page}");
    server.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_0_1_0_stopped_in_peace() {
    opens_and_answers_as_then("v0.1.0-clean").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_0_1_0_killed_with_a_tail_to_replay() {
    opens_and_answers_as_then("v0.1.0-killed").await;
}

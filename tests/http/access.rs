//! Who may do what: every call of the API by everybody, as one table.

use crate::kit::{Person, Request, TestApp};
use serde_json::{Value, json};

/// The people of the table, in the order of its columns.
struct Cast {
    app: TestApp,
    people: [Option<Person>; 5],
    room: u64,
    /// Said by the member.
    message: u64,
}

const WHO: [&str; 5] = ["guest", "stranger", "member", "owner", "admin"];

async fn cast(kind: &str) -> Cast {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let owner = app.person("owner").await;
    let member = app.person("member").await;
    let stranger = app.person("stranger").await;
    let archived = kind == "archived";
    let kind = if archived { "public" } else { kind };
    let room = app.room(&owner, "room", kind).await;
    app.add(&owner, room, &member).await;
    let message = app.say(&member, room, "said by the member").await;
    if archived {
        let path = format!("/rooms/{room}");
        let done = app.patch(&path, json!({ "archived": true })).by(&owner);
        assert_eq!(done.send().await.status, 200);
    }
    let people = [None, Some(stranger), Some(member), Some(owner), Some(admin)];
    Cast {
        app,
        people,
        room,
        message,
    }
}

/// `POST /rooms/{room}/join` with a body, if it has one.
struct Row {
    call: &'static str,
    body: Option<Value>,
    statuses: [u16; 5],
}

fn row(call: &'static str, body: Option<Value>, statuses: [u16; 5]) -> Row {
    Row {
        call,
        body,
        statuses,
    }
}

/// Each cell on a fresh house, so that no cell depends on another.
async fn check(kind: &str, rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for row in rows {
        let cast = cast(kind).await;
        for (at, expected) in row.statuses.into_iter().enumerate() {
            let answer = cast.request(&row, at).send().await;
            if answer.status != expected {
                wrong.push(format!(
                    "{kind}: {} as {}: {} instead of {expected}: {}",
                    row.call,
                    WHO[at],
                    answer.status,
                    answer.text()
                ));
            }
            if answer.status >= 400 {
                assert!(!answer.code().is_empty(), "{}: {}", row.call, answer.text());
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Cast {
    fn request(&self, row: &Row, who: usize) -> Request {
        let (method, path) = row.call.split_once(' ').expect("a method and a path");
        let id = |at: usize| self.people[at].as_ref().map_or(0, |person| person.id);
        let path = path
            .replace("{room}", &self.room.to_string())
            .replace("{message}", &self.message.to_string())
            .replace("{stranger}", &id(1).to_string())
            .replace("{member}", &id(2).to_string());
        let mut request = self.app.request(method, &path);
        if let Some(body) = &row.body {
            let text = body
                .to_string()
                .replace("\"{message}\"", &self.message.to_string())
                .replace("\"{stranger}\"", &id(1).to_string());
            request = request.bytes("application/json", text.into_bytes());
        }
        match &self.people[who] {
            Some(person) => request.by(person),
            None => request,
        }
    }
}

#[tokio::test]
async fn what_everybody_may_do() {
    let rows = vec![
        row("GET /server", None, [200; 5]),
        row("GET /me", None, [401, 200, 200, 200, 200]),
        row(
            "PATCH /me",
            Some(json!({"display_name": "x"})),
            [401, 200, 200, 200, 200],
        ),
        row("GET /users", None, [401, 200, 200, 200, 200]),
        row("GET /users/{member}", None, [401, 200, 200, 200, 200]),
        row("GET /sessions", None, [401, 200, 200, 200, 200]),
        row("GET /rooms", None, [401, 200, 200, 200, 200]),
        row("GET /rooms/directory", None, [401, 200, 200, 200, 200]),
        row("GET /hooks", None, [401, 200, 200, 200, 200]),
        row("GET /threads", None, [401, 200, 200, 200, 200]),
        row("GET /saved", None, [401, 200, 200, 200, 200]),
        row("GET /mentions", None, [401, 200, 200, 200, 200]),
        row("GET /me/settings", None, [401, 200, 200, 200, 200]),
        row(
            "PATCH /me/settings",
            Some(json!({"theme": "dark"})),
            [401, 200, 200, 200, 200],
        ),
        row(
            "PUT /me/status",
            Some(json!({"emoji": "🍚", "text": "점심"})),
            [401, 200, 200, 200, 200],
        ),
        row("GET /search?q=said", None, [401, 200, 200, 200, 200]),
        row("GET /search/suggest?q=sa", None, [401, 200, 200, 200, 200]),
        row(
            "POST /direct",
            Some(json!({"user_ids": ["{stranger}"]})),
            [401, 201, 201, 201, 201],
        ),
        row("POST /files", None, [401, 415, 415, 415, 415]),
        row("GET /files/1", None, [401, 404, 404, 404, 404]),
        row("POST /logout", None, [401, 204, 204, 204, 204]),
        row("DELETE /sessions", None, [401, 204, 204, 204, 204]),
    ];
    check("public", rows).await;
}

#[tokio::test]
async fn what_only_administrators_may_do() {
    let rows = vec![
        row("GET /invites", None, [401, 403, 403, 403, 200]),
        row("POST /invites", Some(json!({})), [401, 403, 403, 403, 201]),
        row("GET /admin/words", None, [401, 403, 403, 403, 200]),
        row(
            "POST /admin/words",
            Some(json!({"word": "마루", "stop": true})),
            [401, 403, 403, 403, 201],
        ),
        row(
            "POST /admin/words/test",
            Some(json!({"text": "마루"})),
            [401, 403, 403, 403, 200],
        ),
        row("DELETE /admin/words/1", None, [401, 403, 403, 403, 404]),
        row("GET /admin/rooms", None, [401, 403, 403, 403, 200]),
        row("GET /admin/imports", None, [401, 403, 403, 403, 200]),
        row("GET /admin/imports/1", None, [401, 403, 403, 403, 404]),
        row(
            "POST /admin/imports",
            Some(json!({"file_id": 1, "format": "csv"})),
            [401, 403, 403, 403, 404],
        ),
        row(
            "POST /admin/imports/1/run",
            Some(json!({})),
            [401, 403, 403, 403, 404],
        ),
        row("DELETE /admin/imports/1", None, [401, 403, 403, 403, 404]),
        row("DELETE /invites/1", None, [401, 403, 403, 403, 404]),
        row(
            "PATCH /users/{stranger}",
            Some(json!({"role": "member"})),
            [401, 403, 403, 403, 200],
        ),
        row(
            "POST /users/{member}/password",
            Some(json!({"password": "another long one"})),
            [401, 403, 403, 403, 204],
        ),
    ];
    check("public", rows).await;
}

/// Public rooms are read by everybody and written by members.
#[tokio::test]
async fn public_rooms() {
    let rows = vec![
        row("GET /rooms/{room}", None, [401, 200, 200, 200, 200]),
        row("GET /rooms/{room}/pins", None, [401, 200, 200, 200, 200]),
        row(
            "PUT /rooms/{room}/notifications",
            Some(json!({"level": "mentions"})),
            [401, 403, 200, 200, 403],
        ),
        row(
            "POST /rooms/{room}/unread",
            Some(json!({"message_id": "{message}"})),
            [401, 403, 200, 200, 403],
        ),
        row(
            "PUT /messages/{message}/save",
            None,
            [401, 204, 204, 204, 204],
        ),
        row(
            "DELETE /messages/{message}/save",
            None,
            [401, 204, 204, 204, 204],
        ),
        row(
            "PUT /messages/{message}/follow",
            None,
            [401, 200, 200, 200, 200],
        ),
        row(
            "DELETE /messages/{message}/follow",
            None,
            [401, 200, 200, 200, 200],
        ),
        row(
            "POST /messages/{message}/thread/read",
            Some(json!({"message_id": "{message}"})),
            [401, 200, 200, 200, 200],
        ),
        row("GET /rooms/{room}/members", None, [401, 200, 200, 200, 200]),
        row(
            "GET /rooms/{room}/messages",
            None,
            [401, 200, 200, 200, 200],
        ),
        row("GET /messages/{message}", None, [401, 200, 200, 200, 200]),
        row(
            "GET /messages/{message}/thread",
            None,
            [401, 200, 200, 200, 200],
        ),
        row(
            "POST /rooms/{room}/messages",
            Some(json!({"text": "x"})),
            [401, 403, 201, 201, 403],
        ),
        row(
            "PUT /messages/{message}/reactions/%F0%9F%91%8D",
            None,
            [401, 403, 200, 200, 403],
        ),
        row(
            "DELETE /messages/{message}/reactions/%F0%9F%91%8D",
            None,
            [401, 403, 200, 200, 403],
        ),
        row(
            "PUT /messages/{message}/pin",
            None,
            [401, 403, 200, 200, 403],
        ),
        row(
            "DELETE /messages/{message}/pin",
            None,
            [401, 403, 200, 200, 403],
        ),
        row(
            "DELETE /messages/{message}/previews",
            None,
            [401, 403, 200, 200, 200],
        ),
        row(
            "GET /messages/{message}/history",
            None,
            [401, 403, 403, 403, 200],
        ),
        row(
            "POST /rooms/{room}/read",
            Some(json!({"message_id": "{message}"})),
            [401, 403, 200, 200, 403],
        ),
        row(
            "PATCH /messages/{message}",
            Some(json!({"text": "x"})),
            [401, 403, 200, 403, 403],
        ),
        row(
            "PATCH /rooms/{room}",
            Some(json!({"topic": "x"})),
            [401, 403, 403, 200, 200],
        ),
        row("POST /rooms/{room}/join", None, [401, 200, 200, 200, 200]),
    ];
    check("public", rows).await;
    let rows = vec![
        row(
            "POST /rooms/{room}/members",
            Some(json!({"user_ids": ["{stranger}"]})),
            [401, 403, 201, 201, 201],
        ),
        row(
            "DELETE /rooms/{room}/members/{member}",
            None,
            [401, 403, 204, 204, 204],
        ),
        row("POST /rooms/{room}/leave", None, [401, 204, 204, 204, 204]),
    ];
    check_alone("public", rows).await;
}

/// Read as before, by whoever could; nothing comes in.
#[tokio::test]
async fn archived_rooms() {
    let text = || Some(json!({"text": "x"}));
    let later = json!({"text": "x", "send_at": "2027-01-01T00:00:00Z"});
    let rows = vec![
        row("GET /rooms/{room}", None, [401, 200, 200, 200, 200]),
        row(
            "GET /rooms/{room}/messages",
            None,
            [401, 200, 200, 200, 200],
        ),
        row(
            "GET /search?q=said&room_id={room}",
            None,
            [401, 200, 200, 200, 200],
        ),
        row(
            "POST /rooms/{room}/messages",
            text(),
            [401, 403, 409, 409, 403],
        ),
        row(
            "POST /rooms/{room}/scheduled",
            Some(later),
            [401, 403, 409, 409, 403],
        ),
        row(
            "PATCH /messages/{message}",
            text(),
            [401, 403, 409, 409, 403],
        ),
        row(
            "PUT /messages/{message}/reactions/%F0%9F%91%8D",
            None,
            [401, 403, 409, 409, 403],
        ),
        row(
            "PUT /messages/{message}/pin",
            None,
            [401, 403, 409, 409, 403],
        ),
        row(
            "POST /rooms/{room}/commands",
            Some(json!({"text": "/x"})),
            [401, 403, 409, 409, 403],
        ),
        row("POST /rooms/{room}/join", None, [401, 409, 200, 200, 409]),
        row(
            "POST /rooms/{room}/members",
            Some(json!({"user_ids": ["{stranger}"]})),
            [401, 403, 409, 409, 409],
        ),
        row(
            "POST /rooms/{room}/hooks",
            Some(json!({"name": "x"})),
            [401, 403, 403, 409, 409],
        ),
        row(
            "PATCH /rooms/{room}",
            Some(json!({"topic": "x"})),
            [401, 403, 403, 409, 409],
        ),
        // What is a reader's own, and what takes away, goes on.
        row(
            "POST /rooms/{room}/read",
            Some(json!({"message_id": "{message}"})),
            [401, 403, 200, 200, 403],
        ),
        row(
            "PUT /messages/{message}/save",
            None,
            [401, 204, 204, 204, 204],
        ),
        row(
            "PATCH /rooms/{room}",
            Some(json!({"retention_days": 30})),
            [401, 403, 403, 200, 200],
        ),
        row(
            "DELETE /messages/{message}",
            None,
            [401, 403, 204, 204, 204],
        ),
        row("POST /rooms/{room}/leave", None, [401, 204, 204, 204, 204]),
    ];
    check("archived", rows).await;
    // It comes back by whoever may put it away.
    for (who, expected) in [401, 403, 403, 200, 200].into_iter().enumerate() {
        for kind in ["archived", "public"] {
            let cast = cast(kind).await;
            let archive = json!({"archived": kind == "public"});
            let change = row("PATCH /rooms/{room}", Some(archive), [0; 5]);
            let answer = cast.request(&change, who).send().await;
            assert_eq!(answer.status, expected, "{kind} {}", WHO[who]);
        }
    }
}

/// Private rooms do not exist for anybody else, administrators included.
#[tokio::test]
async fn private_rooms() {
    let rows = vec![
        row("GET /rooms/{room}", None, [401, 404, 200, 200, 404]),
        row("GET /rooms/{room}/pins", None, [401, 404, 200, 200, 404]),
        row(
            "PUT /rooms/{room}/notifications",
            Some(json!({"level": "mentions"})),
            [401, 404, 200, 200, 404],
        ),
        row(
            "POST /rooms/{room}/unread",
            Some(json!({"message_id": "{message}"})),
            [401, 404, 200, 200, 404],
        ),
        row(
            "PUT /messages/{message}/save",
            None,
            [401, 404, 204, 204, 404],
        ),
        row(
            "DELETE /messages/{message}/save",
            None,
            [401, 404, 204, 204, 404],
        ),
        row(
            "PUT /messages/{message}/follow",
            None,
            [401, 404, 200, 200, 404],
        ),
        row(
            "DELETE /messages/{message}/follow",
            None,
            [401, 404, 200, 200, 404],
        ),
        row(
            "POST /messages/{message}/thread/read",
            Some(json!({"message_id": "{message}"})),
            [401, 404, 200, 200, 404],
        ),
        row("GET /rooms/{room}/members", None, [401, 404, 200, 200, 404]),
        row(
            "GET /rooms/{room}/messages",
            None,
            [401, 404, 200, 200, 404],
        ),
        row("GET /messages/{message}", None, [401, 404, 200, 200, 404]),
        row(
            "GET /messages/{message}/thread",
            None,
            [401, 404, 200, 200, 404],
        ),
        row(
            "GET /search?q=said&room_id={room}",
            None,
            [401, 404, 200, 200, 404],
        ),
        row(
            "POST /rooms/{room}/messages",
            Some(json!({"text": "x"})),
            [401, 404, 201, 201, 404],
        ),
        row(
            "PUT /messages/{message}/reactions/%F0%9F%91%8D",
            None,
            [401, 404, 200, 200, 404],
        ),
        row(
            "PUT /messages/{message}/pin",
            None,
            [401, 404, 200, 200, 404],
        ),
        row(
            "POST /rooms/{room}/read",
            Some(json!({"message_id": "{message}"})),
            [401, 404, 200, 200, 404],
        ),
        row(
            "PATCH /messages/{message}",
            Some(json!({"text": "x"})),
            [401, 404, 200, 403, 404],
        ),
        row(
            "PATCH /rooms/{room}",
            Some(json!({"topic": "x"})),
            [401, 404, 403, 200, 404],
        ),
        row("POST /rooms/{room}/join", None, [401, 404, 200, 200, 404]),
        row("POST /rooms/{room}/leave", None, [401, 404, 204, 409, 404]),
        row(
            "DELETE /rooms/{room}/members/{member}",
            None,
            [401, 404, 204, 204, 404],
        ),
        row(
            "POST /rooms/{room}/members",
            Some(json!({"user_ids": ["{stranger}"], "role": "member"})),
            [401, 404, 201, 201, 404],
        ),
    ];
    check_alone("private", rows).await;
}

/// As [`check`], where one person's call changes what the next one may: a house for each cell.
async fn check_alone(kind: &str, rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for row in rows {
        let changes = row.call.contains("leave") || row.call.contains("members");
        let mut shared = cast(kind).await;
        for (at, expected) in row.statuses.into_iter().enumerate() {
            if changes && at > 0 {
                shared = cast(kind).await;
            }
            let answer = shared.request(&row, at).send().await;
            if answer.status != expected {
                let (call, who, status) = (row.call, WHO[at], answer.status);
                wrong.push(format!(
                    "{kind}: {call} as {who}: {status} instead of {expected}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn deleting() {
    for (who, kind, expected) in [
        (0, "public", 401),
        (1, "public", 403),
        (2, "public", 403),
        (3, "public", 204),
        (4, "public", 204),
        (1, "private", 404),
        (3, "private", 204),
        (4, "private", 404),
    ] {
        let cast = cast(kind).await;
        let row = row("DELETE /rooms/{room}", None, [0; 5]);
        let answer = cast.request(&row, who).send().await;
        assert_eq!(answer.status, expected, "{kind} room as {}", WHO[who]);
    }
    for (who, kind, expected) in [
        (1, "public", 403),
        (2, "public", 204),
        (3, "public", 204),
        (4, "public", 204),
        (1, "private", 404),
        (4, "private", 404),
    ] {
        let cast = cast(kind).await;
        let row = row("DELETE /messages/{message}", None, [0; 5]);
        let answer = cast.request(&row, who).send().await;
        assert_eq!(answer.status, expected, "{kind} message as {}", WHO[who]);
    }
}

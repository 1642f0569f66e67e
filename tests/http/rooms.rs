//! Rooms and their history.

use super::searching::encoded;
use crate::kit::TestApp;
use serde_json::{Value, json};

fn ids(page: &Value) -> Vec<u64> {
    let messages = page["messages"].as_array().expect("messages");
    messages
        .iter()
        .filter_map(|message| message["id"].as_u64())
        .collect()
}

#[tokio::test]
async fn the_same_client_id_is_the_same_message() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "room", "public").await;
    app.add(&kim, room, &lee).await;
    let path = format!("/rooms/{room}/messages");
    let body = json!({ "text": "한 번", "client_id": "c-1" });
    let first = app.post(&path, body.clone()).by(&kim).send().await;
    assert_eq!(first.status, 201);
    let second = app
        .post(&path, json!({ "text": "두 번", "client_id": "c-1" }))
        .by(&kim)
        .send()
        .await;
    assert_eq!((second.status, &second.json), (200, &first.json));
    // Somebody else's is another.
    let other = app.post(&path, body).by(&lee).send().await;
    assert_eq!(other.status, 201);
    assert_ne!(other.json["id"], first.json["id"]);
    let page = app.get(&path).by(&kim).send().await.json;
    assert_eq!(ids(&page).len(), 2);
}

#[tokio::test]
async fn pages_fit_together_whatever_their_size() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let mut said = Vec::new();
    for n in 0..23 {
        said.push(app.say(&kim, room, &format!("message {n}")).await);
    }
    let page = async |query: String| {
        let answer = app
            .get(&format!("/rooms/{room}/messages?{query}"))
            .by(&kim)
            .send()
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json
    };
    for size in [1, 2, 5, 7, 22, 23, 24, 100] {
        let (mut all, mut before) = (Vec::new(), String::new());
        loop {
            let found = page(format!("limit={size}{before}")).await;
            let mut part = ids(&found);
            assert!(part.len() <= size);
            before = format!("&before={}", part.first().copied().unwrap_or(0));
            part.append(&mut all);
            all = part;
            if found["more_before"] == false {
                break;
            }
        }
        assert_eq!(all, said, "backwards by {size}");
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let found = page(format!("limit={size}&after={after}")).await;
            let part = ids(&found);
            after = part.last().copied().unwrap_or(after);
            all.extend(part);
            if found["more_after"] == false {
                break;
            }
        }
        assert_eq!(all, said, "forwards by {size}");
    }
    let around = page(format!("limit=5&around={}", said[10])).await;
    let around_ids = ids(&around);
    assert!(
        around_ids.contains(&said[10]) && around_ids.len() == 5,
        "{around_ids:?}"
    );
    assert_eq!(
        (&around["more_before"], &around["more_after"]),
        (&json!(true), &json!(true))
    );
}

#[tokio::test]
async fn threads_reads_reactions_and_pins() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "room", "public").await;
    app.add(&kim, room, &lee).await;
    let root = app.say(&kim, room, "질문 @lee").await;
    let path = format!("/rooms/{room}/messages");
    let reply = app
        .post(&path, json!({ "text": "답", "reply_to": root }))
        .by(&lee)
        .send()
        .await;
    assert_eq!(reply.json["reply_to"], root, "{reply:?}");
    let thread = app
        .get(&format!("/messages/{root}/thread"))
        .by(&kim)
        .send()
        .await
        .json;
    assert_eq!(
        ids(&thread),
        [root, reply.json["id"].as_u64().expect("an id")]
    );

    let mine = app
        .get(&format!("/rooms/{room}"))
        .by(&lee)
        .send()
        .await
        .json;
    assert_eq!(
        (&mine["me"]["unread"], &mine["me"]["mentions"]),
        (&json!(1), &json!(1)),
        "{mine}"
    );
    let read = app.post(
        &format!("/rooms/{room}/read"),
        json!({ "message_id": root }),
    );
    let read = read.by(&lee).send().await;
    assert_eq!(read.json["last_read_id"], root, "{read:?}");
    let mine = app
        .get(&format!("/rooms/{room}"))
        .by(&lee)
        .send()
        .await
        .json;
    assert_eq!(mine["me"]["unread"], 0);

    let thumb = format!("/messages/{root}/reactions/%F0%9F%91%8D");
    for _ in 0..2 {
        let answer = app.put(&thumb).by(&lee).send().await;
        assert_eq!(
            answer.json["reactions"],
            json!([{ "emoji": "👍", "user_ids": [lee.id] }])
        );
    }
    let answer = app.delete(&thumb).by(&lee).send().await;
    assert_eq!(answer.json["reactions"], json!([]));
    let word = app
        .put(&format!("/messages/{root}/reactions/word"))
        .by(&lee)
        .send()
        .await;
    assert_eq!((word.status, word.code()), (400, "invalid"));
    assert_eq!(
        app.put(&format!("/messages/{root}/pin"))
            .by(&lee)
            .send()
            .await
            .json["pinned"],
        true
    );
    assert_eq!(
        app.delete(&format!("/messages/{root}/pin"))
            .by(&kim)
            .send()
            .await
            .json["pinned"],
        false
    );
}

#[tokio::test]
async fn direct_rooms_are_found_again() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let park = app.person("park").await;
    let first = app
        .post("/direct", json!({ "user_ids": [lee.id] }))
        .by(&kim)
        .send()
        .await;
    assert_eq!(
        (first.status, &first.json["kind"]),
        (201, &json!("direct")),
        "{first:?}"
    );
    let again = app
        .post("/direct", json!({ "user_ids": [kim.id] }))
        .by(&lee)
        .send()
        .await;
    assert_eq!((again.status, &again.json["id"]), (200, &first.json["id"]));
    let path = format!("/rooms/{}/messages", first.json["id"]);
    assert_eq!(app.get(&path).by(&park).send().await.status, 404);
    let wrong = app
        .post("/direct", json!({ "user_ids": [999] }))
        .by(&kim)
        .send()
        .await;
    assert_eq!(wrong.status, 404, "{wrong:?}");
    let kind = app
        .post("/rooms", json!({ "name": "x", "kind": "direct" }))
        .by(&kim)
        .send()
        .await;
    assert_eq!(kind.status, 400);
}

#[tokio::test]
async fn who_is_removed_is_out_at_once() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "room", "private").await;
    app.add(&kim, room, &lee).await;
    let mut heard = app.socket(&lee).await;
    let path = format!("/rooms/{room}/members/{}", lee.id);
    assert_eq!(app.delete(&path).by(&kim).send().await.status, 204);
    assert_eq!(heard.find("member.left").await["user_id"], lee.id);
    app.say(&kim, room, "unter uns").await;
    assert_eq!(heard.so_far().await, Vec::<String>::new());
    assert_eq!(
        app.get(&format!("/rooms/{room}"))
            .by(&lee)
            .send()
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_message_says_whom_it_names_and_where() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "room", "public").await;
    app.add(&kim, room, &lee).await;
    let mut heard = app.socket(&lee).await;
    let path = format!("/rooms/{room}/messages");
    let body = json!({ "text": "🎉 @Lee님!", "mentions": [lee.id] });
    let said = app.post(&path, body).by(&kim).send().await;
    let ranges = json!([{ "start": 3, "end": 7, "user_id": lee.id }]);
    assert_eq!(said.json["mention_ranges"], ranges, "{said:?}");
    assert_eq!(said.json["mentions"], json!([lee.id]));
    let event = heard.find("message.created").await;
    assert_eq!(event["message"]["mention_ranges"], ranges);
    // Nobody is named, nothing is said of ranges.
    let plain = app
        .post(&path, json!({ "text": "hi" }))
        .by(&kim)
        .send()
        .await;
    assert!(plain.json.get("mention_ranges").is_none(), "{plain:?}");
    let many = json!({ "text": "hi", "mentions": vec![1; 101] });
    let refused = app.post(&path, many).by(&kim).send().await;
    assert_eq!((refused.status, refused.code()), (400, "bad_length"));
}

#[tokio::test]
async fn the_directory_knows_half_typed_names() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    for name in ["개발팀", "개나리", "마당", "Design"] {
        app.room(&kim, name, "public").await;
    }
    app.room(&kim, "개발 비밀", "private").await;
    let found = async |typed: &str| -> Vec<String> {
        let path = format!("/rooms/directory?q={}", encoded(typed));
        let page = app.get(&path).by(&lee).send().await.json;
        let rooms = page["rooms"].as_array().expect("rooms").iter();
        rooms
            .map(|room| room["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    for typed in ["ㄱㅂㅌ", "개ㅂ", "갭", "roqkf", "#개발", "발팀"] {
        assert_eq!(found(typed).await, ["개발팀"], "{typed}");
    }
    assert_eq!(found("개").await, ["개나리", "개발팀"]);
    assert_eq!(found("des").await, ["Design"]);
    assert!(found("ㅎ").await.is_empty());
}

/// A room whose owner has left has nobody who answers for it.
#[tokio::test]
async fn administrators_see_who_owns_which_room() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "garden", "public").await;
    app.add(&kim, room, &lee).await;
    app.room(&kim, "secret", "private").await;
    app.room(&admin, "mine", "private").await;
    let owners = async || {
        let list = app.get("/admin/rooms").by(&admin).send().await;
        assert_eq!(list.status, 200, "{}", list.text());
        let rooms = list.json["rooms"].as_array().expect("rooms").clone();
        let told = rooms.iter().map(|room| {
            let owners = room["owners"].as_array().expect("owners").iter();
            let names = owners.filter_map(|owner| owner["username"].as_str());
            (
                room["name"].as_str().unwrap_or_default().to_owned(),
                names.collect::<Vec<_>>().join(" "),
            )
        });
        told.collect::<Vec<_>>()
    };
    let of = |rooms: [(&str, &str); 2]| rooms.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
    assert_eq!(owners().await, of([("mine", "admin"), ("garden", "kim")]));
    let body = json!({"user_ids": [lee.id], "role": "owner"});
    let path = format!("/rooms/{room}/members");
    app.post(&path, body).by(&kim).send().await;
    assert_eq!(
        owners().await,
        of([("mine", "admin"), ("garden", "kim lee")])
    );
}

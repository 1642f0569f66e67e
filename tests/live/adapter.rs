//! A Node server with `@socket.io/redis-adapter` works with this server's sockets through the Redis port.

use super::driver::Driver;
use crate::kit::{Person, Socket, TestApp};
use maru::resp::{Door, Options};
use serde_json::{Value, json};

struct Node {
    node: Driver,
    _door: Door,
}

impl Node {
    async fn start(app: &TestApp) -> Node {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("redis://{}", listener.local_addr().expect("an address"));
        let door = Door::open(listener, app.cache().clone(), Options::default()).expect("opens");
        let mut node = Driver::script("adapter.mjs", &[&url]).await;
        assert_eq!(node.line().await, "\"ready\"");
        Node { node, _door: door }
    }

    async fn asks(&mut self, what: Value) -> Value {
        self.node.tell(what);
        self.node.next().await
    }

    async fn fetch(&mut self, what: Value) -> Vec<Value> {
        let mut what = what;
        what["do"] = json!("fetchSockets");
        let answer = self.asks(what).await;
        let mut sockets = answer["ok"].as_array().expect("a list").clone();
        sockets.sort_by_key(|socket| socket["data"]["user_id"].as_u64());
        sockets
    }
}

fn id(socket: &Socket) -> Value {
    socket.welcome()["sid"].clone()
}

async fn people(app: &TestApp) -> [(Person, Socket); 2] {
    let (kim, lee) = (app.person("kim").await, app.person("lee").await);
    let (k, l) = (app.socket(&kim).await, app.socket(&lee).await);
    [(kim, k), (lee, l)]
}

#[tokio::test]
async fn sockets_and_rooms_are_found() {
    let app = TestApp::start().await;
    let mut node = Node::start(&app).await;
    let [(kim, mut k), (lee, mut l)] = people(&app).await;
    let room = app.room(&kim, "room", "private").await;
    k.find("room.created").await;
    let name = format!("room:{room}");

    let all = node.fetch(json!({})).await;
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!(all[0]["id"], id(&k));
    assert_eq!(all[0]["data"], json!({ "user_id": kim.id }));
    let rooms = json!([name, format!("user:{}", kim.id), id(&k)]);
    assert_eq!(all[0]["rooms"], rooms);
    assert_eq!(all[0]["handshake"]["address"], "127.0.0.1");
    let told = json!(all).to_string();
    assert!(!told.contains(&kim.token), "no secret is told");

    let join = json!({ "in": [name], "do": "socketsJoin", "args": ["vip"] });
    assert_eq!(node.asks(join).await, json!({ "ok": null }));
    let vips = node.fetch(json!({ "in": ["vip"] })).await;
    assert_eq!(vips.len(), 1);
    assert_eq!(vips[0]["id"], id(&k));
    let but = node.fetch(json!({ "except": ["vip"] })).await;
    assert_eq!(but.len(), 1);
    assert_eq!(but[0]["id"], id(&l));
    let rooms = node.asks(json!({ "do": "allRooms" })).await;
    let mut rooms: Vec<&str> = rooms["ok"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    rooms.sort_unstable();
    let (users, ids) = (
        [&kim, &lee].map(|p| format!("user:{}", p.id)),
        [id(&k), id(&l)],
    );
    let mut wanted = vec![name.as_str(), "vip", &users[0], &users[1]];
    wanted.extend(ids.iter().filter_map(Value::as_str));
    wanted.sort_unstable();
    assert_eq!(rooms, wanted);

    node.asks(json!({ "in": ["vip"], "do": "emit", "args": ["hello", 1] }))
        .await;
    assert_eq!(k.find("hello").await, 1);
    l.ask("presence", Value::Null).await;
    assert!(node.fetch(json!({ "of": "/admin" })).await.is_empty());
    node.asks(json!({ "in": ["vip"], "do": "disconnectSockets", "args": [true] }))
        .await;
    k.rest().await;
    while node.fetch(json!({})).await.len() > 1 {}
}

#[tokio::test]
async fn servers_are_answered() {
    let app = TestApp::start().await;
    let mut node = Node::start(&app).await;
    // This server has nothing to say to it, but it does not keep anybody waiting either.
    let said = node
        .asks(json!({ "do": "serverSideEmitWithAck", "args": ["hello", 1] }))
        .await;
    assert_eq!(said, json!({ "ok": [null] }));
    node.asks(json!({ "do": "serverSideEmit", "args": ["hello", 1] }))
        .await;
    let admin = json!({ "of": "/admin", "do": "serverSideEmitWithAck", "args": ["hello"] });
    assert_eq!(node.asks(admin).await, json!({ "ok": [null] }));
}

#[tokio::test]
async fn sockets_acknowledge_what_a_node_server_asks() {
    let app = TestApp::start().await;
    let mut node = Node::start(&app).await;
    let (kim, lee) = (app.person("kim").await, app.person("lee").await);
    let client = async |person: &Person, transport: &str| {
        let options = json!({ "auth": { "token": person.token }, "transports": [transport] });
        let mut client = Driver::node(&app.origin(), options).await;
        client.event("ready").await;
        client
    };
    let mut k = client(&kim, "websocket").await;
    let mut l = client(&lee, "polling").await;
    k.tell(json!({ "answers": { "n": 1, "bytes": { "$bytes": [1, 2, 255] } } }));
    l.tell(json!({ "answers": "둘" }));
    let ask = json!({ "timeout": 60_000, "do": "emitWithAck", "args": ["question", "a text"] });
    let answers = node.asks(ask).await;
    let answers = answers["ok"].as_array().expect("a list").clone();
    assert_eq!(answers.len(), 2, "{answers:?}");
    let bytes = json!({ "type": "Buffer", "data": [1, 2, 255] });
    assert!(
        answers.contains(&json!({ "n": 1, "bytes": bytes })),
        "{answers:?}"
    );
    assert!(answers.contains(&json!("둘")), "{answers:?}");
    for client in [&mut k, &mut l] {
        assert_eq!(client.event("question").await[0], "a text");
        // The question was no position.
        client.tell(json!({ "leave": null }));
        client.find("disconnect").await;
        client.tell(json!({ "join": null }));
        assert_eq!(client.find("connect").await["recovered"], true);
        client.event("ready").await;
    }

    let to = format!("user:{}", kim.id);
    let ask = json!({ "in": [to], "timeout": 60_000, "do": "emitWithAck", "args": ["question"] });
    assert_eq!(
        node.asks(ask).await["ok"],
        json!([{ "n": 1, "bytes": bytes }])
    );
    // Nobody is there: no answer is waited for.
    let ask =
        json!({ "in": ["nobody"], "timeout": 60_000, "do": "emitWithAck", "args": ["question"] });
    assert_eq!(node.asks(ask).await, json!({ "ok": [] }));
    // Who does not answer is missed when the time is over.
    l.tell(json!({ "answers": null }));
    l.tell(json!({ "ask": ["presence"] }));
    l.find("answer").await;
    let ask = json!({ "timeout": 1_500, "do": "emitWithAck", "args": ["question"] });
    let late = node.asks(ask).await;
    assert!(late["error"].is_string(), "{late}");
    assert_eq!(
        late["responses"].as_array().map(Vec::len),
        Some(1),
        "{late}"
    );
}

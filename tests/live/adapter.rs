//! A Node server with any of the Redis adapters works with this server's sockets through the Redis
//! port.

use super::driver::Driver;
use crate::kit::{Person, Socket, TestApp};
use maru::resp::{Door, Options};
use serde_json::{Value, json};

struct Node {
    node: Driver,
    _door: Door,
}

impl Node {
    async fn start(app: &TestApp, form: &str) -> Node {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("redis://{}", listener.local_addr().expect("an address"));
        let door = Door::open(listener, app.cache().clone(), Options::default()).expect("opens");
        let mut node = Driver::script("adapter.mjs", &[&url, form]).await;
        assert_eq!(node.line().await, "\"ready\"");
        Node { node, _door: door }
    }

    async fn asks(&mut self, what: Value) -> Value {
        self.node.tell(what);
        self.node.next().await
    }

    /// Fetches until there are so many.
    async fn some(&mut self, what: Value, wanted: usize) -> Vec<Value> {
        loop {
            let found = self.fetch(what.clone()).await;
            if found.len() == wanted {
                return found;
            }
        }
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

/// Each by every adapter.
macro_rules! by_every_form {
    ($($form:literal => $name:ident),*) => {$(
        mod $name {
            #[tokio::test]
            async fn sockets_and_rooms_are_found() {
                super::sockets_and_rooms_are_found($form).await;
            }

            #[tokio::test]
            async fn servers_are_answered() {
                super::servers_are_answered($form).await;
            }

            #[tokio::test]
            async fn sockets_acknowledge_what_a_node_server_asks() {
                super::sockets_acknowledge_what_a_node_server_asks($form).await;
            }
        }
    )*};
}

by_every_form!("classic" => classic, "sharded" => sharded, "streams" => streams, "streams-sharded" => streams_sharded);

async fn sockets_and_rooms_are_found(form: &str) {
    let app = TestApp::start().await;
    let mut node = Node::start(&app, form).await;
    let [(kim, mut k), (lee, mut l)] = people(&app).await;
    let room = app.room(&kim, "room", "private").await;
    k.find("room.created").await;
    let (name, user) = (format!("room:{room}"), format!("user:{}", kim.id));

    let all = node.fetch(json!({})).await;
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!(all[0]["id"], id(&k));
    assert_eq!(all[0]["data"], json!({ "user_id": kim.id }));
    let rooms = json!([name, format!("user:{}", kim.id), id(&k)]);
    assert_eq!(all[0]["rooms"], rooms);
    assert_eq!(all[0]["handshake"]["address"], "127.0.0.1");
    let told = json!(all).to_string();
    assert!(!told.contains(&kim.token), "no secret is told");

    let join = json!({ "in": [name], "do": "socketsJoin", "args": [["vip", "other"]] });
    assert_eq!(node.asks(join).await, json!({ "ok": null }));
    // By a stream it takes its time.
    let vips = node.some(json!({ "in": ["vip"] }), 1).await;
    let others = json!({ "in": ["other"], "do": "socketsLeave", "args": ["other"] });
    assert_eq!(node.asks(others).await, json!({ "ok": null }));
    node.some(json!({ "in": ["other"] }), 0).await;
    assert_eq!(vips[0]["id"], id(&k));
    let but = node.fetch(json!({ "except": ["vip"] })).await;
    assert_eq!(but.len(), 1);
    assert_eq!(but[0]["id"], id(&l));
    assert_eq!(node.asks(json!({ "do": "serverCount" })).await["ok"], 2);
    if form == "classic" {
        all_rooms_are_named(&mut node, &[&kim, &lee], [id(&k), id(&l)], &name).await;
    }

    node.asks(json!({ "in": ["vip"], "do": "emit", "args": ["hello", 1] }))
        .await;
    assert_eq!(k.find("hello").await, 1);
    let named = json!({ "in": [name], "do": "emit", "args": ["named", 2] });
    node.asks(named).await;
    assert_eq!(k.find("named").await, 2);
    let both = json!({ "in": ["vip", name], "except": [user], "do": "emit", "args": ["nobody"] });
    node.asks(both).await;
    node.asks(json!({ "do": "emit", "args": ["everybody", { "n": 3 }] }))
        .await;
    assert_eq!(k.find("everybody").await, json!({ "n": 3 }));
    assert_eq!(l.find("everybody").await, json!({ "n": 3 }));
    assert!(node.fetch(json!({ "of": "/admin" })).await.is_empty());
    node.asks(json!({ "in": ["vip"], "do": "disconnectSockets", "args": [true] }))
        .await;
    let rest = k.rest().await;
    assert!(rest.iter().all(|(name, _)| name != "nobody"), "{rest:?}");
    node.some(json!({}), 1).await;
}

async fn all_rooms_are_named(node: &mut Node, people: &[&Person], ids: [Value; 2], name: &str) {
    let rooms = node.asks(json!({ "do": "allRooms" })).await;
    let mut rooms: Vec<&str> = rooms["ok"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    rooms.sort_unstable();
    let users: Vec<String> = people.iter().map(|p| format!("user:{}", p.id)).collect();
    let mut wanted = vec![name, "vip"];
    wanted.extend(users.iter().map(String::as_str));
    wanted.extend(ids.iter().filter_map(Value::as_str));
    wanted.sort_unstable();
    assert_eq!(rooms, wanted);
}

async fn servers_are_answered(form: &str) {
    let app = TestApp::start().await;
    let mut node = Node::start(&app, form).await;
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

async fn sockets_acknowledge_what_a_node_server_asks(form: &str) {
    let app = TestApp::start().await;
    let mut node = Node::start(&app, form).await;
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

/// What is said by the stream while a client is away is told when it recovers, once and in its place.
#[tokio::test]
async fn a_client_that_recovers_hears_what_the_stream_said() {
    let app = TestApp::start().await;
    let mut node = Node::start(&app, "streams").await;
    let (kim, lee) = (app.person("kim").await, app.person("lee").await);
    let room = app.room(&kim, "room", "private").await;
    let options = json!({ "auth": { "token": kim.token }, "transports": ["websocket"] });
    let mut client = Driver::node(&app.origin(), options).await;
    client.event("ready").await;
    let mut l = app.socket(&lee).await;
    let user = format!("user:{}", kim.id);
    node.asks(json!({ "in": [user], "do": "emit", "args": ["before"] }))
        .await;
    client.event("before").await;
    for round in 1..=2 {
        client.tell(json!({ "leave": null }));
        client.find("disconnect").await;
        app.say(&kim, room, "away").await;
        for (to, n) in [
            (user.as_str(), 1),
            ("nobody", 2),
            (&format!("room:{room}"), 3),
        ] {
            node.asks(json!({ "in": [to], "do": "emit", "args": ["missed", n, "a text"] }))
                .await;
        }
        node.asks(json!({ "do": "emit", "args": ["last"] })).await;
        // All of it has come here.
        l.find("last").await;
        client.tell(json!({ "join": null }));
        assert_eq!(client.find("connect").await["recovered"], true, "{round}");
        let mut heard = Vec::new();
        loop {
            let what = client.find("event").await;
            heard.push((what["name"].clone(), what["args"][0].clone()));
            let is_told = |name: &str| heard.iter().any(|(heard, _)| heard == name);
            if is_told("last") && is_told("message.created") && is_told("ready") {
                break;
            }
        }
        let missed: Vec<&Value> = heard
            .iter()
            .filter(|(name, _)| name == "missed")
            .map(|(_, n)| n)
            .collect();
        assert_eq!(missed, [1, 3], "{round}: {heard:?}");
        let once = |wanted: &str| heard.iter().filter(|(name, _)| name == wanted).count() == 1;
        assert!(once("last") && once("message.created"), "{heard:?}");
        node.asks(json!({ "in": [user], "do": "emit", "args": ["between"] }))
            .await;
        client.event("between").await;
    }
}

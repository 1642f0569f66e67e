//! Node servers with each of the Redis adapters, the emitter, and two nodes on one Redis.

use super::kit::{Node, Place, Redis};
use crate::live::driver::Driver;
use serde_json::{Value, json};

struct World {
    redis: Redis,
    _place: Place,
    a: Node,
    b: Node,
    /// Signed in on each node, with an official client there.
    clients: [Driver; 2],
    users: [String; 2],
    tokens: [String; 2],
}

async fn client(node: &Node, token: &str, more: Value) -> Driver {
    let mut options = json!({ "auth": { "token": token }, "transports": ["websocket"] });
    for (name, value) in more.as_object().expect("a map") {
        options[name] = value.clone();
    }
    Driver::node(&format!("http://{}", node.address), options).await
}

impl World {
    async fn start() -> World {
        let (redis, place) = (Redis::start(), Place::new());
        let [a, b] = ["a", "b"].map(|name| Node::start(name, &redis.url(), &place.of(name)));
        let tokens = [a.sign_up("kim").await, b.sign_up("lee").await];
        let mut clients = Vec::new();
        let mut users = Vec::new();
        for (node, token) in [&a, &b].into_iter().zip(&tokens) {
            let mut client = client(node, token, json!({})).await;
            let ready = client.event("ready").await;
            users.push(format!("user:{}", ready[0]["user"]["id"]));
            clients.push(client);
        }
        World {
            redis,
            _place: place,
            a,
            b,
            clients: clients.try_into().map_err(|_| ()).expect("two"),
            users: users.try_into().expect("two"),
            tokens,
        }
    }

    async fn server(&self, form: &str) -> Driver {
        let url = self.redis.url();
        let mut server = Driver::script("adapter.mjs", &[&url, form, "3"]).await;
        assert_eq!(server.line().await, "\"ready\"");
        server
    }
}

async fn asks(server: &mut Driver, what: Value) -> Value {
    server.tell(what);
    server.next().await
}

/// Whether an event of this name is the next of that kind; Maru's own have dots in their names.
async fn hears(client: &mut Driver, name: &str) -> Value {
    loop {
        let mut what = client.find("event").await;
        if what["name"] == name {
            return what["args"].take();
        }
        let other = what["name"].as_str().unwrap_or_default();
        assert!(other.contains('.') || other == "ready", "{what}");
    }
}

async fn all_of_it(form: &str) {
    let mut world = World::start().await;
    let room = world.a.room(&world.tokens[0], "마루").await;
    let (status, _) = world
        .b
        .call(
            &world.tokens[1],
            "POST",
            &format!("/rooms/{room}/join"),
            None,
        )
        .await;
    assert_eq!(status, 200);
    let mut server = world.server(form).await;
    let [k, l] = &mut world.clients;
    if form != "classic" {
        let count = asks(&mut server, json!({ "do": "serverCount" })).await;
        assert_eq!(count, json!({ "ok": 3 }));
    }

    let name = format!("room:{room}");
    // The sharded adapter speaks to a room on a channel of its own, which a node listens to within
    // a second after the first such server.
    if form == "sharded" {
        let channel = format!("socket.io#/#{name}#");
        super::kit::until("rooms are listened to", async || {
            world
                .redis
                .cli(&["PUBSUB", "SHARDNUMSUB", &channel])
                .ends_with('2')
        })
        .await;
    }

    // To everybody, to one, to a room of the chat: on whichever node they are.
    asks(
        &mut server,
        json!({ "do": "emit", "args": ["all", { "n": 1 }] }),
    )
    .await;
    for client in [&mut *k, &mut *l] {
        assert_eq!(hears(client, "all").await[0], json!({ "n": 1 }));
    }
    let user = &world.users[1];
    asks(
        &mut server,
        json!({ "in": [user], "do": "emit", "args": ["one", "둘"] }),
    )
    .await;
    assert_eq!(hears(l, "one").await[0], "둘");
    asks(
        &mut server,
        json!({ "in": [name], "do": "emit", "args": ["room", { "$n": 2 }] }),
    )
    .await;
    for client in [&mut *k, &mut *l] {
        hears(client, "room").await;
    }

    // In, out, and found.
    let join = json!({ "in": [world.users[0]], "do": "socketsJoin", "args": [["vip", "other"]] });
    asks(&mut server, join).await;
    loop {
        let found = asks(&mut server, json!({ "in": ["vip"], "do": "fetchSockets" })).await;
        if found["ok"].as_array().map(Vec::len) == Some(1) {
            let rooms = found["ok"][0]["rooms"].to_string();
            assert!(rooms.contains("other") && rooms.contains(&name), "{rooms}");
            break;
        }
    }
    let found = asks(&mut server, json!({ "do": "fetchSockets" })).await;
    assert_eq!(found["ok"].as_array().map(Vec::len), Some(2), "{found}");
    let leave = json!({ "in": ["vip"], "do": "socketsLeave", "args": ["other"] });
    asks(&mut server, leave).await;
    let but = json!({ "except": ["vip"], "do": "emit", "args": ["but", 1] });
    asks(&mut server, but).await;
    hears(l, "but").await;
    if form == "sharded" {
        super::kit::until("the new room is listened to", async || {
            world
                .redis
                .cli(&["PUBSUB", "SHARDNUMSUB", "socket.io#/#vip#"])
                .ends_with('1')
        })
        .await;
    }
    asks(
        &mut server,
        json!({ "in": ["vip"], "do": "emit", "args": ["vip", 1] }),
    )
    .await;
    hears(k, "vip").await;
    let gone = asks(
        &mut server,
        json!({ "in": ["other"], "do": "fetchSockets" }),
    )
    .await;
    assert_eq!(gone["ok"], json!([]));

    // Asked, they answer, from both nodes.
    k.tell(json!({ "answers": { "$bytes": [1, 255] } }));
    l.tell(json!({ "answers": "나" }));
    for client in [&mut *k, &mut *l] {
        // What it is told it has done before it answers this.
        client.tell(json!({ "ask": ["presence"] }));
        client.find("answer").await;
    }
    let ask = json!({ "timeout": 60_000, "do": "emitWithAck", "args": ["question", 1] });
    let answers = asks(&mut server, ask).await;
    let answers = answers["ok"].as_array().expect("answers").clone();
    let bytes = json!({ "type": "Buffer", "data": [1, 255] });
    assert_eq!(answers.len(), 2, "{answers:?}");
    assert!(
        answers.contains(&bytes) && answers.contains(&json!("나")),
        "{answers:?}"
    );
    let said = json!({ "do": "serverSideEmitWithAck", "args": ["hello", 1] });
    assert_eq!(asks(&mut server, said).await, json!({ "ok": [null, null] }));

    let go = json!({ "in": [world.users[1]], "do": "disconnectSockets", "args": [true] });
    asks(&mut server, go).await;
    l.find("disconnect").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_the_classic_adapter() {
    all_of_it("classic").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_the_sharded_adapter() {
    all_of_it("sharded").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_the_streams_adapter() {
    all_of_it("streams").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_the_emitter() {
    let mut world = World::start().await;
    let mut emitter = Driver::script("emitter.mjs", &[&world.redis.url()]).await;
    emitter.tell(json!({ "do": "emit", "args": ["all", { "n": 1 }] }));
    for client in &mut world.clients {
        assert_eq!(hears(client, "all").await[0], json!({ "n": 1 }));
    }
    let user = &world.users[1];
    emitter.tell(json!({ "to": [user], "do": "socketsJoin", "args": ["vip"] }));
    emitter.tell(json!({ "to": ["vip"], "do": "emit", "args": ["vip", 1] }));
    hears(&mut world.clients[1], "vip").await;
}

/// A client that was on one node hears on the other what was said by the stream meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_recovers_on_another_node() {
    let mut world = World::start().await;
    let mut server = world.server("streams").await;
    let say = |name: &str| json!({ "in": [world.users[0]], "do": "emit", "args": [name, 1] });
    asks(&mut server, say("before")).await;
    let [k, l] = &mut world.clients;
    hears(k, "before").await;
    k.tell(json!({ "forge": {} }));
    let known = k.find("forged").await;
    k.tell(json!({ "leave": null }));
    k.find("disconnect").await;
    asks(&mut server, say("missed")).await;
    let room = world.a.room(&world.tokens[0], "마루").await;
    world
        .b
        .post_until_taken(&world.tokens[0], room, "away")
        .await;
    // The other node has come so far.
    asks(&mut server, json!({ "do": "emit", "args": ["last", 1] })).await;
    hears(l, "last").await;

    let later = json!({ "autoConnect": false });
    let mut again = client(&world.b, &world.tokens[0], later).await;
    again.tell(json!({ "forge": { "pid": known["pid"], "offset": known["offset"] } }));
    again.tell(json!({ "join": null }));
    assert_eq!(again.find("connect").await["recovered"], true);
    let mut heard = Vec::new();
    while !["missed", "last", "message.created"]
        .iter()
        .all(|wanted| heard.iter().any(|name| name == wanted))
    {
        heard.push(again.find("event").await["name"].clone());
    }
    assert!(heard.iter().all(|name| name != "before"), "{heard:?}");
    let missed = heard.iter().filter(|name| *name == "missed").count();
    assert_eq!(missed, 1, "{heard:?}");
}

//! `@socket.io/redis-emitter` speaks to sockets through the cache of this process.

use super::driver::Driver;
use crate::kit::{Person, Socket, TestApp};
use bytes::Bytes;
use maru::resp::{Door, Options};
use serde_json::{Value, json};

/// The real emitter, whose Redis client hands its bytes to the test.
struct Emitter {
    node: Driver,
}

impl Emitter {
    async fn start() -> Emitter {
        let node = Driver::script("emitter.mjs", &[]).await;
        Emitter { node }
    }

    async fn says(&mut self, app: &TestApp, what: Value) {
        self.node.tell(what);
        let line = self.node.line().await;
        let (channel, hex) = line.split_once(' ').expect("a channel and a message");
        let bytes = (0..hex.len()).step_by(2);
        let bytes = bytes.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("a digit"));
        let payload: Bytes = bytes.collect::<Vec<u8>>().into();
        app.cache().publish(channel.as_bytes(), payload);
    }

    async fn emits(&mut self, app: &TestApp, to: &[&str], args: Value) {
        self.says(app, json!({ "to": to, "do": "emit", "args": args }))
            .await;
    }
}

/// What the house says itself, which may still be on its way, has a dot in its name.
async fn hears(socket: &mut Socket, name: &str) -> Vec<Value> {
    loop {
        let (found, args) = socket.next_whole().await.expect("is open");
        if found == name {
            return args;
        }
        assert!(found.contains('.'), "expected {name}, got {found} {args:?}");
    }
}

async fn silent(sockets: &mut [&mut Socket]) {
    for socket in sockets {
        let heard = socket.so_far().await;
        assert!(heard.iter().all(|name| name.contains('.')), "{heard:?}");
    }
}

async fn three(app: &TestApp) -> [(Person, Socket); 3] {
    let mut all = Vec::new();
    for name in ["kim", "lee", "park"] {
        let person = app.person(name).await;
        let socket = app.socket(&person).await;
        all.push((person, socket));
    }
    all.try_into().map_err(|_| ()).expect("three")
}

#[tokio::test]
async fn events_reach_rooms_users_and_everybody() {
    let app = TestApp::start().await;
    let mut emitter = Emitter::start().await;
    let [(kim, mut k), (lee, mut l), (_, mut p)] = three(&app).await;
    let room = app.room(&kim, "room", "private").await;
    app.add(&kim, room, &lee).await;
    k.find("member.joined").await;
    l.find("member.joined").await;
    let (room_name, kim_name) = (format!("room:{room}"), format!("user:{}", kim.id));

    emitter
        .emits(&app, &[], json!(["all", { "n": 1 }, "둘", null]))
        .await;
    for socket in [&mut k, &mut l, &mut p] {
        assert_eq!(
            hears(socket, "all").await,
            [json!({ "n": 1 }), json!("둘"), json!(null)]
        );
    }
    emitter.emits(&app, &[&room_name], json!(["room", 1])).await;
    assert_eq!(hears(&mut k, "room").await, [json!(1)]);
    assert_eq!(hears(&mut l, "room").await, [json!(1)]);
    emitter
        .emits(
            &app,
            &[&kim_name, &room_name],
            json!(["both", { "$date": "2026-11-22T10:20:30.456Z" }]),
        )
        .await;
    assert_eq!(
        hears(&mut k, "both").await,
        [json!("2026-11-22T10:20:30.456Z")]
    );
    hears(&mut l, "both").await;
    let except = json!({ "except": [kim_name], "do": "emit", "args": ["others"] });
    emitter.says(&app, except).await;
    hears(&mut l, "others").await;
    hears(&mut p, "others").await;
    let except = json!({ "except": [room_name], "do": "emit", "args": ["outside"] });
    emitter.says(&app, except).await;
    hears(&mut p, "outside").await;
    silent(&mut [&mut k, &mut l, &mut p]).await;

    // Who is out of the room is out of its events, at once.
    let path = format!("/rooms/{room}/members/{}", lee.id);
    assert_eq!(app.delete(&path).by(&kim).send().await.status, 204);
    l.find("member.left").await;
    k.find("member.left").await;
    emitter.emits(&app, &[&room_name], json!(["room", 2])).await;
    assert_eq!(hears(&mut k, "room").await, [json!(2)]);
    silent(&mut [&mut l, &mut p]).await;
}

#[tokio::test]
async fn sockets_join_leave_and_go() {
    let app = TestApp::start().await;
    let mut emitter = Emitter::start().await;
    let [(kim, mut k), (lee, mut l), (_, mut p)] = three(&app).await;
    let room = app.room(&kim, "room", "private").await;
    k.find("room.created").await;
    let user = |person: &Person| format!("user:{}", person.id);

    let join =
        |who: String, rooms: Value| json!({ "to": [who], "do": "socketsJoin", "args": [rooms] });
    emitter
        .says(&app, join(user(&kim), json!(["vip", "other"])))
        .await;
    emitter.says(&app, join(user(&lee), json!("vip"))).await;
    emitter.emits(&app, &["vip"], json!(["for", "vips"])).await;
    hears(&mut k, "for").await;
    hears(&mut l, "for").await;
    let except = json!({ "to": ["vip"], "except": ["other"], "do": "emit", "args": ["not both"] });
    emitter.says(&app, except).await;
    hears(&mut l, "not both").await;
    let leave = json!({ "to": [user(&lee)], "do": "socketsLeave", "args": ["vip"] });
    emitter.says(&app, leave).await;
    emitter.emits(&app, &["vip"], json!(["again"])).await;
    hears(&mut k, "again").await;
    silent(&mut [&mut k, &mut l, &mut p]).await;

    // The chat's own rooms are not entered from outside.
    let name = format!("room:{room}");
    emitter.says(&app, join(user(&lee), json!([name]))).await;
    emitter.emits(&app, &[&name], json!(["secret"])).await;
    hears(&mut k, "secret").await;
    silent(&mut [&mut l]).await;

    let sid = p.welcome()["sid"].as_str().expect("an id").to_owned();
    emitter.emits(&app, &[&sid], json!(["you"])).await;
    hears(&mut p, "you").await;
    let go = json!({ "to": [user(&kim)], "do": "disconnectSockets", "args": [true] });
    emitter.says(&app, go).await;
    let rest = k.rest().await;
    assert!(rest.iter().all(|(name, _)| name.contains('.')), "{rest:?}");
    silent(&mut [&mut l, &mut p]).await;
}

#[tokio::test]
async fn an_official_client_gets_bytes_and_keeps_its_place() {
    let app = TestApp::start().await;
    let mut emitter = Emitter::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let options = json!({ "auth": { "token": kim.token }, "transports": ["websocket"] });
    let mut client = Driver::node(&app.origin(), options).await;
    client.event("ready").await;
    emitter
        .emits(&app, &[], json!(["file", { "$bytes": [1, 2, 3] }]))
        .await;
    let args = client.event("file").await;
    assert_eq!(args[0], json!({ "type": "Buffer", "data": [1, 2, 3] }));
    app.say(&kim, room, "one").await;
    client.event("message.created").await;
    // Clients take a last text for their position.
    emitter
        .emits(&app, &[], json!(["text", "not a position"]))
        .await;
    assert_eq!(client.event("text").await[0], "not a position");
    client.tell(json!({ "leave": null }));
    client.find("disconnect").await;
    app.say(&kim, room, "two").await;
    client.tell(json!({ "join": null }));
    assert_eq!(client.find("connect").await["recovered"], true);
    client.event("ready").await;
    let args = client.event("message.created").await;
    assert_eq!(
        args[0]["message"]["text"], "two",
        "once, and nothing before it"
    );
}

#[tokio::test]
async fn the_redis_port_is_enough() {
    let app = TestApp::start().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("redis://{}", listener.local_addr().expect("an address"));
    let door = Door::open(listener, app.cache().clone(), Options::default()).expect("opens");
    let mut node = Driver::script("emitter.mjs", &[&url]).await;
    let [(kim, mut k), (_, mut l), (_, mut p)] = three(&app).await;
    let to = format!("user:{}", kim.id);
    node.tell(json!({ "to": [to], "do": "socketsJoin", "args": ["vip"] }));
    node.tell(json!({ "to": ["vip"], "do": "emit", "args": ["hello", { "n": 1 }] }));
    node.tell(json!({ "do": "emit", "args": ["all", { "$date": "2026-11-22T10:20:30.456Z" }] }));
    assert_eq!(hears(&mut k, "hello").await, [json!({ "n": 1 })]);
    for socket in [&mut k, &mut l, &mut p] {
        assert_eq!(
            hears(socket, "all").await,
            [json!("2026-11-22T10:20:30.456Z")]
        );
    }
    door.close();
}

#[tokio::test]
async fn administrators_hear_their_namespace_and_rubbish_nobody() {
    let app = TestApp::start().await;
    let mut emitter = Emitter::start().await;
    let root = app.admin("root").await;
    let mut main = app.socket(&root).await;
    let auth = json!({ "token": root.token });
    let mut admin = Socket::connect(app.address, "/admin", &auth).await;
    admin.expect("stats").await;
    for rubbish in [
        &b""[..],
        b"{",
        b"\x93",
        b"\xdd\xff\xff\xff\xff",
        &[0x91; 4096],
    ] {
        let rubbish = Bytes::copy_from_slice(rubbish);
        app.cache().publish(b"socket.io#/#", rubbish.clone());
        app.cache().publish(b"socket.io-request#/#", rubbish);
    }
    let alert = json!({ "of": "/admin", "do": "emit", "args": ["alert", 1] });
    emitter.says(&app, alert).await;
    assert_eq!(admin.find("alert").await, 1);
    silent(&mut [&mut main]).await;
}

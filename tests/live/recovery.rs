//! Connection state recovery: an unmodified official client, and those that lie.

use super::driver::Driver;
use crate::kit::{Person, Socket, TestApp};
use bytes::Bytes;
use serde_json::{Value, json};

async fn client(app: &TestApp, person: &Person, transport: &str) -> Driver {
    let auth = json!({ "token": person.token });
    let options = json!({ "auth": auth, "transports": [transport] });
    let mut driver = Driver::node(&app.origin(), options).await;
    assert_eq!(driver.find("connect").await["recovered"], false);
    driver.event("ready").await;
    driver
}

async fn hears(driver: &mut Driver, text: &str) -> Value {
    let args = driver.event("message.created").await;
    assert_eq!(args[0]["message"]["text"], text, "{args}");
    assert_eq!(args[1], args[0]["seq"].to_string(), "{args}");
    args
}

#[tokio::test]
async fn an_official_client_recovers_again_and_again() {
    for transport in ["websocket", "polling"] {
        let mut app = TestApp::start().await;
        let kim = app.person("kim").await;
        let room = app.room(&kim, "room", "public").await;
        let mut driver = client(&app, &kim, transport).await;
        app.say(&kim, room, "before").await;
        hears(&mut driver, "before").await;
        for round in 0..3 {
            driver.tell(json!({ "leave": null }));
            driver.find("disconnect").await;
            app.say(&kim, room, &format!("missed {round}")).await;
            if round == 1 {
                app.restart().await;
            }
            driver.tell(json!({ "join": null }));
            assert_eq!(driver.find("connect").await["recovered"], true);
            driver.event("ready").await;
            hears(&mut driver, &format!("missed {round}")).await;
            app.say(&kim, room, &format!("live {round}")).await;
            hears(&mut driver, &format!("live {round}")).await;
            assert!(driver.cut().await);
            driver.event("ready").await;
        }
    }
}

#[tokio::test]
async fn a_quiet_client_recovers_too() {
    let mut app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let mut driver = client(&app, &kim, "websocket").await;
    // Nothing has ever been said to it but `ready`; now not even that.
    driver.tell(json!({ "forge": { "offset": null } }));
    driver.find("forged").await;
    driver.tell(json!({ "leave": null }));
    driver.find("disconnect").await;
    app.say(&kim, room, "one").await;
    app.restart().await;
    driver.tell(json!({ "join": null }));
    assert_eq!(driver.find("connect").await["recovered"], true);
    driver.event("ready").await;
    hears(&mut driver, "one").await;
}

#[tokio::test]
async fn what_is_forged_foreign_or_too_old_starts_anew() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "room", "public").await;
    let mut foreign = client(&app, &lee, "websocket").await;
    foreign.tell(json!({ "forge": {} }));
    let foreign = foreign.find("forged").await["pid"].clone();
    let mut driver = client(&app, &kim, "websocket").await;
    driver.tell(json!({ "forge": {} }));
    let own = driver.find("forged").await["pid"].clone();
    let turned = own
        .as_str()
        .expect("a name")
        .replace(&format!("{}~", kim.id), &format!("{}~", lee.id));
    let long = "x".repeat(50_000);
    for (pid, offset) in [
        (json!("forged"), json!("1")),
        (json!(long), json!("1")),
        (json!(7), json!({})),
        (foreign, json!("1")),
        (json!(turned), json!("1")),
        (own.clone(), json!("99999999")),
        (own.clone(), json!("-1")),
        (own.clone(), json!("18446744073709551616")),
        (own, json!("1; drop")),
    ] {
        driver.tell(json!({ "forge": { "pid": pid, "offset": offset } }));
        driver.find("forged").await;
        assert!(!driver.cut().await, "{pid} {offset}");
        app.say(&kim, room, "live").await;
        loop {
            let event = driver.find("event").await;
            if event["name"] == "message.created" {
                break;
            }
        }
        assert!(driver.cut().await, "what it was given instead is good");
        // The last thing that comes: nothing else moves its position any more.
        driver.event("ready").await;
    }
}

#[tokio::test]
async fn other_clients_get_neither_name_nor_position() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let auth = json!({ "token": kim.token });
    for (agent, knows) in [("node", true), ("Python/3.11 aiohttp/3.9", false)] {
        let headers = [("user-agent", agent.to_owned())];
        app.settled().await;
        let mut socket = Socket::connect_with(app.address, &headers, &auth)
            .await
            .expect("upgrades");
        assert_eq!(socket.welcome().get("pid").is_some(), knows, "{agent}");
        assert_eq!(
            socket.arguments("ready").await.len(),
            if knows { 2 } else { 1 }
        );
        app.say(&kim, room, "hi").await;
        let args = socket.arguments("message.created").await;
        assert_eq!(args.len(), if knows { 2 } else { 1 }, "{agent} {args:?}");
    }
}

/// As `socketsJoin` and `emit` of another server say it.
fn outside(app: &TestApp, request: &Value) {
    let bytes: Bytes = request.to_string().into();
    app.cache().publish(b"socket.io-request#/#", bytes);
}

fn join(app: &TestApp, socket: &str, room: &str) {
    let to = json!({ "rooms": [socket], "except": [] });
    outside(app, &json!({ "type": 2, "opts": to, "rooms": [room] }));
}

/// For everybody in a room; one that wants answers is an event all the same.
fn emit(app: &TestApp, room: &str, name: &str) {
    let to = json!({ "rooms": [room], "except": [] });
    let packet = json!({ "type": 2, "data": [name], "nsp": "/" });
    outside(app, &json!({ "type": 7, "packet": packet, "opts": to }));
}

#[tokio::test]
async fn a_recovered_socket_is_the_same_in_the_same_rooms() {
    for transport in ["websocket", "polling"] {
        let mut app = TestApp::start().await;
        let kim = app.person("kim").await;
        let auth = json!({ "token": kim.token });
        let options = json!({ "auth": auth, "transports": [transport] });
        let mut driver = Driver::node(&app.origin(), options).await;
        let id = driver.find("connect").await["id"].clone();
        driver.event("ready").await;
        join(&app, id.as_str().expect("an id"), "vip");
        for _ in 0..2 {
            driver.tell(json!({ "cut": null }));
            driver.find("disconnect").await;
            let back = driver.find("connect").await;
            assert_eq!((&back["recovered"], &back["id"]), (&json!(true), &id));
            driver.event("ready").await;
            emit(&app, "vip", "still in");
            driver.event("still in").await;
        }
        // Who leaves has left.
        driver.tell(json!({ "leave": null }));
        driver.find("disconnect").await;
        driver.tell(json!({ "join": null }));
        assert_eq!(driver.find("connect").await["id"], id);
        driver.event("ready").await;
        emit(&app, "vip", "still in");
        emit(&app, id.as_str().expect("an id"), "you");
        driver.event("you").await;

        app.restart().await;
        let back = driver.find("connect").await;
        assert_eq!((&back["recovered"], &back["id"]), (&json!(true), &id));
    }
}

/// A laptop that changes its network is back before the server knows that it was gone.
#[tokio::test]
async fn one_that_is_back_early_ends_its_earlier_self() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let headers = [("user-agent", "node".to_owned())];
    let auth = json!({ "token": kim.token });
    let connect = async |auth: &Value| {
        let socket = Socket::connect_with(app.address, &headers, auth).await;
        socket.expect("upgrades")
    };
    let mut early = connect(&auth).await;
    early.expect("ready").await;
    let welcome = early.welcome().clone();
    let id = welcome["sid"].as_str().expect("an id");
    join(&app, id, "vip");
    // After it, in the same order.
    emit(&app, "vip", "in");
    early.find("in").await;
    let auth = json!({ "token": kim.token, "pid": welcome["pid"] });
    let mut late = connect(&auth).await;
    assert_eq!(late.welcome(), &welcome);
    assert!(
        early
            .rest()
            .await
            .iter()
            .all(|(name, _)| name.contains('.'))
    );
    late.expect("ready").await;
    emit(&app, "vip", "still in");
    late.find("still in").await;
    late.ask("presence", Value::Null).await;
    // Somebody else's name is worth nothing.
    let lee = app.person("lee").await;
    let auth = json!({ "token": lee.token, "pid": welcome["pid"] });
    let stranger = connect(&auth).await;
    assert_ne!(stranger.welcome()["sid"], welcome["sid"]);
    emit(&app, "vip", "still in");
    late.find("still in").await;
}

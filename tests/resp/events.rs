//! The log of events as streams, by an access token.

use super::clients::python;
use super::kit::Client;
use crate::kit::{Person, TestApp};
use maru::resp::{Door, Options};
use maru::streams::Streams;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::Arc;

fn port(app: &TestApp) -> (Door, SocketAddr) {
    let (engine, cache) = (app.services().engine.clone(), app.cache().clone());
    let (used, runtime) = (
        app.services().used.clone(),
        tokio::runtime::Handle::current(),
    );
    let streams = Streams::new(engine, cache.clone(), used, runtime);
    let options = Options {
        elsewhere: Some(Arc::new(streams)),
        ..Options::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    (
        Door::open(listener, cache, options).expect("opens"),
        address,
    )
}

async fn token(app: &TestApp, of: &Person, scopes: &[&str]) -> (String, u64) {
    let body = json!({"name": "t", "scopes": scopes});
    let made = app.post("/tokens", body).by(of).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = made.json["token"].as_str();
    let id = made.json["id"].as_u64();
    (secret.expect("a secret").to_owned(), id.expect("an id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_py_reads_the_log_and_shares_it() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "room", "private").await;
    let secret = app.room(&lee, "secret", "private").await;
    app.say(&lee, secret, "not for kim").await;
    app.say(&kim, room, "first").await;
    app.say(&kim, room, "second").await;
    app.settled().await;
    let (token, _) = token(&app, &kim, &["events:read"]).await;
    let (door, address) = port(&app);
    let (python, script) = python("streams.py");
    let mut child = Command::new(python)
        .arg(script)
        .args([address.port().to_string(), token])
        .args([room.to_string(), secret.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let (send, mut said) = tokio::sync::mpsc::unbounded_channel();
    let reader = tokio::task::spawn_blocking(move || {
        for line in lines.by_ref().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    let mut is_well = false;
    while let Some(line) = said.recv().await {
        if line == "waiting" {
            app.say(&kim, room, "third").await;
        }
        is_well = line == "well";
    }
    reader.await.expect("reads");
    let status = child.wait().expect("ends");
    assert!(status.success() && is_well);
    drop(door);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_its_own_streams_and_nothing_when_it_is_over() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    app.room(&kim, "room", "private").await;
    app.settled().await;
    let (without, _) = token(&app, &kim, &["messages:read"]).await;
    let (with, id) = token(&app, &kim, &["events:read"]).await;
    let (door, address) = port(&app);
    let ask = move |auth: String, asked: &'static str| {
        tokio::task::spawn_blocking(move || {
            let mut client = Client::connect(address);
            let auth = client.ask(&format!("AUTH kim {auth}")).text();
            (auth, client.ask(asked).text())
        })
    };
    let (auth, _) = ask(without, "XLEN maru:events").await.expect("asks");
    assert!(auth.starts_with("WRONGPASS"), "{auth}");
    let (auth, length) = ask(with.clone(), "XLEN maru:events").await.expect("asks");
    assert_eq!(auth, "OK");
    assert!(length.parse::<u64>().expect("a number") > 0, "{length}");
    let (_, who) = ask(with.clone(), "HELLO 3 AUTH x y").await.expect("asks");
    assert!(who.contains("WRONGPASS"), "{who}");
    // An open connection ends to be of use with its token.
    let mut client = {
        let with = with.clone();
        let open = move || {
            let mut client = Client::connect(address);
            client.ask(&format!("AUTH {with}"));
            client
        };
        tokio::task::spawn_blocking(open).await.expect("opens")
    };
    let path = format!("/tokens/{id}");
    assert_eq!(app.delete(&path).by(&kim).send().await.status, 204);
    let answer = tokio::task::spawn_blocking(move || client.ask("XRANGE maru:events - +").text());
    let answer = answer.await.expect("asks");
    assert!(answer.starts_with("NOAUTH"), "{answer}");
    let (auth, _) = ask(with, "PING").await.expect("asks");
    assert!(auth.starts_with("WRONGPASS"), "{auth}");
    drop(door);
}

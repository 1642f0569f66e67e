//! The bots that the README shows, as they are, against the server.

use crate::kit::{Person, TestApp};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

struct Bot {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Bot {
    fn start(mut command: Command, app: &TestApp, token: &str) -> Bot {
        command
            .env("MARU_URL", app.origin())
            .env("MARU_TOKEN", token);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("starts");
        let (sender, lines) = mpsc::unbounded_channel();
        let out = BufReader::new(child.stdout.take().expect("piped"));
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // Nobody listens any more when the test is over.
                let _ = sender.send(line);
            }
        });
        Bot { child, lines }
    }

    async fn line(&mut self) -> String {
        let line = timeout(PATIENCE, self.lines.recv()).await;
        line.expect("a line in time").expect("the bot lives")
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/bots")
        .join(name)
}

async fn python(name: &str) -> Command {
    let python = tokio::task::spawn_blocking(crate::socketio::clients::python).await;
    let mut command = Command::new(python.expect("installs"));
    command.arg(script(name));
    command
}

/// A bot of this person in a room, and its token.
async fn bot(
    app: &TestApp,
    owner: &Person,
    room: u64,
    name: &str,
    scopes: &[&str],
) -> (u64, String) {
    let made = json!({"username": name, "scopes": scopes});
    let made = app.post("/bots", made).by(owner).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json["user"]["id"].as_u64().expect("an id");
    let path = format!("/rooms/{room}/members");
    let added = app
        .post(&path, json!({"user_id": id}))
        .by(owner)
        .send()
        .await;
    assert_eq!(added.status, 201, "{}", added.text());
    (id, made.json["token"].as_str().expect("a token").to_owned())
}

async fn command(app: &TestApp, who: &Person, room: u64, text: &str) -> (u16, Value) {
    let path = format!("/rooms/{room}/commands");
    let answer = app.post(&path, json!({"text": text})).by(who).send().await;
    (answer.status, answer.json)
}

#[tokio::test(flavor = "multi_thread")]
async fn node_answers_a_slash_command_at_once_or_later() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let room = app.room(&kim, "ops", "private").await;
    let other = app.room(&kim, "other", "private").await;
    let scopes = ["events:read", "messages:write", "hooks:write"];
    let (_, token) = bot(&app, &kim, room, "deploy", &scopes).await;
    let place = tokio::task::spawn_blocking(crate::socketio::clients::node);
    let place = place.await.expect("installs");
    let copy = place.join("deploy.mjs");
    let new = place.join(format!(".deploy.{}", std::process::id()));
    std::fs::copy(script("deploy.mjs"), &new).expect("copied");
    std::fs::rename(new, &copy).expect("renamed");
    let mut node = Command::new("node");
    node.arg(copy);
    let mut bot = Bot::start(node, &app, &token);
    assert_eq!(bot.line().await, "ready");
    let list = app.get("/commands").by(&lee).send().await;
    assert_eq!(list.json[0]["name"], "deploy");
    assert_eq!(list.json[0]["usage"], "<branch>");
    let mut socket = app.socket(&kim).await;
    let (status, answer) = command(&app, &kim, room, "/deploy").await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["text"], "Which branch? Write `/deploy main`.");
    assert_eq!(answer["deferred"], false);
    let (status, answer) = command(&app, &kim, room, "/Deploy  main ").await;
    assert_eq!(
        (status, &answer["deferred"]),
        (200, &json!(true)),
        "{answer}"
    );
    let said = socket.find("message.created").await;
    assert_eq!(said["message"]["text"], "@kim deployed **main**");
    let told = socket.find("command.answered").await;
    assert_eq!(told["invocation_id"], answer["invocation_id"]);
    assert_eq!(told["message_id"], said["message"]["id"]);
    for (who, room, text, expected) in [
        (&lee, room, "/deploy x", 404),
        (&kim, other, "/deploy x", 403),
        (&kim, room, "/nothing", 404),
        (&kim, room, "/", 400),
    ] {
        let (status, answer) = command(&app, who, room, text).await;
        assert_eq!(status, expected, "{text} {answer}");
    }
    drop(bot);
    app.settled().await;
    let gone = async {
        loop {
            let (status, answer) = command(&app, &kim, room, "/deploy x").await;
            if answer["error"]["code"] == "unavailable" {
                return status;
            }
        }
    };
    assert_eq!(timeout(PATIENCE, gone).await.expect("in time"), 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_says_nothing_has_three_seconds() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "ops", "private").await;
    let scopes = ["events:read", "messages:write", "hooks:write"];
    let (id, token) = bot(&app, &kim, room, "mute", &scopes).await;
    let mute = Person { id, token };
    let set = app
        .put("/commands/mute")
        .json(&json!({"description": "says nothing"}));
    assert_eq!(set.by(&mute).send().await.status, 204);
    let mut socket = app.socket(&mute).await;
    let began = std::time::Instant::now();
    let (status, answer) = command(&app, &kim, room, "/mute please").await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (503, &json!("timeout")),
        "{answer}"
    );
    assert!((2..20).contains(&began.elapsed().as_secs()));
    let told = socket.find("command.invoked").await;
    assert_eq!(
        (&told["name"], &told["text"]),
        (&json!("mute"), &json!("please"))
    );
    assert_eq!(told["user"]["username"], "kim");
    // Too late, and never somebody else's.
    let late = json!({"invocation_id": told["invocation_id"], "text": "here"});
    assert_eq!(
        app.post("/commands/answer", late.clone())
            .by(&mute)
            .send()
            .await
            .status,
        404
    );
    assert_eq!(
        app.post("/commands/answer", late)
            .by(&kim)
            .send()
            .await
            .status,
        404
    );
    assert_eq!(
        app.delete("/commands/mute").by(&kim).send().await.status,
        204
    );
    assert_eq!(command(&app, &kim, room, "/mute x").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn python_answers_whoever_names_it() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "ops", "private").await;
    let scopes = ["events:read", "messages:write"];
    let (_, token) = bot(&app, &kim, room, "hello", &scopes).await;
    let mut bot = Bot::start(python("hello.py").await, &app, &token);
    assert_eq!(bot.line().await, "ready");
    let mut socket = app.socket(&kim).await;
    app.say(&kim, room, "nobody in particular").await;
    let root = app.say(&kim, room, "hi @hello").await;
    let reply = loop {
        let said = socket.find("message.created").await;
        if said["message"]["author"]["username"] == "hello" {
            break said;
        }
    };
    assert_eq!(reply["message"]["text"], "안녕하세요, kim!");
    assert_eq!(reply["message"]["reply_to"], root);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_stream_goes_on_where_it_was_committed() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "ops", "private").await;
    let body = json!({"name": "t", "scopes": ["events:read", "events:write"]});
    let made = app.post("/tokens", body).by(&kim).send().await;
    let token = made.json["token"].as_str().expect("a token").to_owned();
    let follow = || async {
        let mut python = python("follow.py").await;
        python.arg("follower");
        python
    };
    let mut first = Bot::start(follow().await, &app, &token);
    assert_eq!(first.line().await, "ready");
    let path = "/consumers/follower/commit";
    let begun = app.get(path).by(&kim).send().await.json["seq"].clone();
    app.say(&kim, room, "one").await;
    assert_eq!(first.line().await, "one");
    let committed = async {
        while app.get(path).by(&kim).send().await.json["seq"] == begun {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, committed).await.expect("committed");
    drop(first);
    app.say(&kim, room, "two").await;
    let mut second = Bot::start(follow().await, &app, &token);
    let (ready, two) = (second.line().await, second.line().await);
    assert_eq!((ready.as_str(), two.as_str()), ("ready", "two"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_posts_any_text_once() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "ops", "private").await;
    let body = json!({"name": "t", "scopes": ["messages:write"]});
    let made = app.post("/tokens", body).by(&kim).send().await;
    let token = made.json["token"].as_str().expect("a token").to_owned();
    let text = "디스크 90%\n\"quoted\"\tand C:\\tmp $HOME `id`";
    let url = app.origin();
    let posted = tokio::task::spawn_blocking(move || {
        use std::io::Write;
        let mut child = Command::new("sh")
            .arg(script("post.sh"))
            .env("MARU_URL", url)
            .env("MARU_TOKEN", token)
            .env("ROOM", room.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(text.as_bytes()).expect("written");
        drop(stdin);
        child.wait_with_output().expect("ends")
    });
    let output = posted.await.expect("runs");
    assert!(output.status.success());
    let message: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(message["text"], text);
}

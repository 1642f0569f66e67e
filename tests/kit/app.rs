//! The server under test: the real one, in this process, on a directory of its own.

use super::{Answer, Request, Socket};
use maru::config::{Fsync, Signup, TokenAlg};
use maru::domain::{Actor, Command, Outcome, Role};
use maru::http::{App, Services, Settings};
use maru::node::{Node, Plan};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A good password of everybody.
pub const PASSWORD: &str = "북한산 위의 구름 셋";

pub struct TestApp {
    pub address: SocketAddr,
    dir: Option<TempDir>,
    plan: Plan,
    settings: Settings,
    node: Option<Node>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

/// Somebody with an account and a session.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: u64,
    pub token: String,
}

impl TestApp {
    pub async fn start() -> TestApp {
        TestApp::with(Settings {
            signup: Signup::Open,
            ..Settings::default()
        })
        .await
    }

    pub async fn with(settings: Settings) -> TestApp {
        TestApp::planned(settings, |_| ()).await
    }

    pub async fn planned(settings: Settings, change: impl FnOnce(&mut Plan)) -> TestApp {
        let dir = tempfile::tempdir().expect("a directory");
        let mut plan = Plan {
            dir: dir.path().to_owned(),
            fsync: Fsync::Never,
            retain_events_bytes: 64 << 20,
            retain_events_age: None,
            cache_max_bytes: None,
            cache_eviction: maru::cache::Policy::default(),
            cache_fsync: Fsync::EverySec,
            state_cache_bytes: 8 << 20,
            at_least: maru::domain::Seq(0),
            token_alg: TokenAlg::Hs256,
            posts_per_minute: 60_000,
            retention_days: None,
            audit_days: 365,
            outbound: maru::outbound::Guard::new(vec!["127.0.0.0/8".parse().expect("a network")]),
            outbound_roots: None,
            link_previews: false,
            own_url: None,
            push_subject: "mailto:maru@localhost".into(),
            max_file_bytes: 64 << 20,
            files_max_bytes: None,
            cache: None,
            cluster: None,
            was_clustered: false,
        };
        change(&mut plan);
        let node = Node::open(plan.clone()).await.expect("opens");
        let mut app = TestApp {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            dir: Some(dir),
            plan,
            settings,
            node: Some(node),
            stop: None,
            serving: None,
        };
        app.serve();
        app
    }

    fn serve(&mut self) {
        let app = App::new(self.services().clone(), self.settings.clone()).expect("good origins");
        let listener = maru::http::bind(self.address).expect("a free port");
        self.address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        self.stop = Some(stop);
        self.serving = Some(tokio::spawn(maru::http::serve(listener, app, async {
            // Dropping the sender stops as well.
            let _ = stopped.await;
        })));
    }

    /// Stops the server and opens the same directory again, on the same port.
    pub async fn restart(&mut self) {
        self.stop().await;
        let node = Node::open(self.plan.clone()).await.expect("opens again");
        self.node = Some(node);
        self.serve();
    }

    pub async fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            serving.await.expect("the server ends in peace");
        }
        if let Some(node) = self.node.take() {
            tokio::task::spawn_blocking(|| node.close())
                .await
                .expect("closes");
        }
    }

    /// The rooms behind the doors.
    pub fn services(&self) -> &Services {
        &self.node.as_ref().expect("is open").services
    }

    /// The cache of the node.
    pub fn cache(&self) -> &std::sync::Arc<maru::cache::Embedded> {
        &self.node.as_ref().expect("is open").cache
    }

    /// The log of the node.
    pub fn log(&self) -> maru::log::LogReader {
        self.node.as_ref().expect("is open").log.clone()
    }

    /// The data directory.
    pub fn path(&self) -> &std::path::Path {
        &self.plan.dir
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A request to `/api/v1` and this path.
    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    pub fn post(&self, path: &str, body: Value) -> Request {
        self.request("POST", path).json(&body)
    }

    pub fn patch(&self, path: &str, body: Value) -> Request {
        self.request("PATCH", path).json(&body)
    }

    pub fn put(&self, path: &str) -> Request {
        self.request("PUT", path)
    }

    pub fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        self.raw(method, &format!("/api/v1{path}"))
    }

    /// A request to any path.
    pub fn raw(&self, method: &str, path: &str) -> Request {
        Request::new(self.address, method, path)
    }

    /// Makes an account beside the doors and signs in through them.
    pub async fn person(&self, name: &str) -> Person {
        self.somebody(name, Role::Member).await
    }

    pub async fn admin(&self, name: &str) -> Person {
        self.somebody(name, Role::Admin).await
    }

    async fn somebody(&self, name: &str, role: Role) -> Person {
        let password_hash = self.services().new_password(PASSWORD, name).await;
        let command = Command::CreateUser {
            username: name.to_owned(),
            display_name: None,
            role,
            password_hash: Some(password_hash.expect("a good password")),
            invite: None,
            session: None,
        };
        let made = self.services().engine.submit(Actor::System, command).await;
        let Ok(Outcome::User(user)) = made else {
            panic!("{made:?}")
        };
        self.sign_in(user.id.0, name).await
    }

    /// Another session of somebody.
    pub async fn sign_in(&self, id: u64, name: &str) -> Person {
        let login = json!({ "username": name, "password": PASSWORD });
        let answer = self.post("/login", login).send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        Person {
            id,
            token: answer.json["token"].as_str().expect("a token").to_owned(),
        }
    }

    /// A room of this person: `public` or `private`.
    pub async fn room(&self, owner: &Person, name: &str, kind: &str) -> u64 {
        let room = json!({ "name": name, "kind": kind });
        let answer = self.post("/rooms", room).by(owner).send().await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json["id"].as_u64().expect("an id")
    }

    pub async fn add(&self, owner: &Person, room: u64, member: &Person) {
        let path = format!("/rooms/{room}/members");
        let body = json!({ "user_id": member.id });
        let answer = self.post(&path, body).by(owner).send().await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    pub async fn say(&self, author: &Person, room: u64, text: &str) -> u64 {
        let path = format!("/rooms/{room}/messages");
        let answer = self
            .post(&path, json!({ "text": text }))
            .by(author)
            .send()
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json["id"].as_u64().expect("an id")
    }

    /// A Socket.IO connection that has become `ready`.
    pub async fn socket(&self, person: &Person) -> Socket {
        let mut socket = self.connect(json!({ "token": person.token })).await;
        socket.expect("ready").await;
        socket
    }

    /// Live has told all that was done before now: who listens from here on hears none of it.
    pub async fn settled(&self) {
        let engine = &self.services().engine;
        let done = engine.read().expect("a state").seq();
        while engine.live().published() < done.end() {
            tokio::task::yield_now().await;
        }
    }

    pub async fn connect(&self, auth: Value) -> Socket {
        self.settled().await;
        Socket::connect(self.address, "/", &auth).await
    }
}

impl Answer {
    /// The error's code; empty where there is none.
    pub fn code(&self) -> &str {
        self.json["error"]["code"].as_str().unwrap_or_default()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The engine's threads go before the directory does.
        if let Some(node) = self.node.take() {
            node.close();
        }
        drop(self.dir.take());
    }
}

//! A redis-server and nodes, each a process of its own on free ports.

use crate::crash::call;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const PASSWORD: &str = "마루 위의 긴 비밀번호";
/// Longer than anything here takes; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

pub struct Redis {
    pub dir: TempDir,
    pub port: u16,
    child: Child,
}

impl Redis {
    pub fn start() -> Redis {
        Redis::start_with(&[])
    }

    pub fn start_with(more: &[&str]) -> Redis {
        let dir = TempDir::new().expect("a directory");
        // Somebody else may take the port meanwhile.
        for _ in 0..20 {
            let port = free_port();
            let mut child = Redis::spawn(dir.path(), port, more);
            if Redis::is_up(&mut child, port) {
                return Redis { dir, port, child };
            }
        }
        panic!("redis-server finds no port");
    }

    fn spawn(dir: &Path, port: u16, more: &[&str]) -> Child {
        Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "yes"])
            .arg("--dir")
            .arg(dir)
            .args(more)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed")
    }

    fn is_up(child: &mut Child, port: u16) -> bool {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if child.try_wait().expect("is known").is_some() {
                return false;
            }
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn kill(&mut self) {
        self.child.kill().expect("is killed");
        self.child.wait().expect("is gone");
    }

    pub fn start_again(&mut self) {
        self.start_again_with(&[]);
    }

    pub fn start_again_with(&mut self, more: &[&str]) {
        self.child = Redis::spawn(self.dir.path(), self.port, more);
        assert!(Redis::is_up(&mut self.child, self.port), "starts again");
    }

    /// What it has, on another port.
    pub fn move_to(mut self, port: u16) -> Redis {
        self.signal(Signal::TERM);
        self.child.wait().expect("is gone");
        self.port = port;
        self.start_again();
        self
    }

    /// What it had is gone.
    pub fn empty(&self) {
        let files = self.dir.path().join("appendonlydir");
        std::fs::remove_dir_all(files).expect("is removed");
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a signal");
    }

    pub fn cli(&self, words: &[&str]) -> String {
        cli(self.port, words)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Watches one Redis and its replicas, and names another master soon.
pub struct Sentinel {
    _dir: TempDir,
    port: u16,
    child: Child,
}

impl Sentinel {
    pub fn of(redis: &Redis) -> Sentinel {
        for _ in 0..20 {
            let (dir, port) = (TempDir::new().expect("a directory"), free_port());
            let conf = dir.path().join("sentinel.conf");
            let text = format!(
                "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor main 127.0.0.1 {} 1\n\
                 sentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 3000\n",
                dir.path().display(),
                redis.port
            );
            std::fs::write(&conf, text).expect("written");
            let mut child = Command::new("redis-server")
                .arg(&conf)
                .arg("--sentinel")
                .stdout(Stdio::null())
                .spawn()
                .expect("redis-server is installed");
            if Redis::is_up(&mut child, port) {
                return Sentinel {
                    _dir: dir,
                    port,
                    child,
                };
            }
        }
        panic!("the Sentinel finds no port");
    }

    pub fn url(&self) -> String {
        format!("redis+sentinel://127.0.0.1:{}/main", self.port)
    }

    pub fn cli(&self, words: &[&str]) -> String {
        cli(self.port, words)
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cli(port: u16, words: &[&str]) -> String {
    let done = Command::new("redis-cli")
        .args(["-p", &port.to_string()])
        .args(words)
        .output()
        .expect("redis-cli is installed");
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

pub struct Node {
    pub name: &'static str,
    pub dir: PathBuf,
    pub address: SocketAddr,
    url: String,
    more: Vec<String>,
    child: Child,
}

fn command(name: &str, url: &str, dir: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maru"));
    command
        .args(["serve", "--signup", "open", "--log-level", "warn"])
        .args(["--listen", listen, "--node-name", name])
        .args(["--redis-url", url, "--data-dir"])
        .arg(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a node says that does not start.
pub fn refused(name: &str, url: &str, dir: &Path) -> String {
    refused_with(name, url, dir, &[])
}

pub fn refused_with(name: &str, url: &str, dir: &Path, more: &[&str]) -> String {
    let output = command(name, url, dir, "127.0.0.1:0").args(more).output();
    let output = output.expect("it ends");
    assert!(!output.status.success(), "it started");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

impl Node {
    pub fn start(name: &'static str, url: &str, dir: &Path) -> Node {
        Node::start_with(name, url, dir, "127.0.0.1:0", &[])
    }

    pub fn start_with(
        name: &'static str,
        url: &str,
        dir: &Path,
        listen: &str,
        more: &[&str],
    ) -> Node {
        let started = command(name, url, dir, listen).args(more).spawn();
        let mut child = started.expect("starts");
        let out = child.stdout.take().expect("is piped");
        let ready = BufReader::new(out).lines().map_while(Result::ok).next();
        let Some(ready) = ready else {
            let output = child.wait_with_output().expect("it ends");
            panic!("{name}: {}", String::from_utf8_lossy(&output.stderr));
        };
        // Nobody reads what it says, and it must not wait for that.
        let mut err = child.stderr.take().expect("is piped");
        std::thread::spawn(move || std::io::copy(&mut err, &mut std::io::sink()));
        let address = ready.rsplit("://").next().and_then(|a| a.parse().ok());
        Node {
            name,
            dir: dir.to_owned(),
            address: address.expect("an address"),
            url: url.to_owned(),
            more: more.iter().map(|&word| word.to_owned()).collect(),
            child,
        }
    }

    pub fn kill(&mut self) {
        self.child.kill().expect("is killed");
        self.child.wait().expect("is gone");
    }

    /// The same directory, at the same address.
    pub fn start_again(&mut self) {
        let listen = self.address.to_string();
        let more: Vec<&str> = self.more.iter().map(String::as_str).collect();
        let fresh = Node::start_with(self.name, &self.url, &self.dir, &listen, &more);
        *self = fresh;
    }

    pub async fn call(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let called = call(self.address, token, method, path, body.as_ref()).await;
        called.expect("answers")
    }

    pub async fn sign_up(&self, name: &str) -> String {
        let account = json!({ "username": name, "password": PASSWORD });
        let (status, signed) = self.call("none", "POST", "/signup", Some(account)).await;
        assert_eq!(status, 201, "{signed}");
        signed["token"].as_str().expect("a token").to_owned()
    }

    pub async fn room(&self, token: &str, name: &str) -> u64 {
        let room = json!({ "name": name });
        let (status, room) = self.call(token, "POST", "/rooms", Some(room)).await;
        assert_eq!(status, 201, "{room}");
        room["id"].as_u64().expect("an id")
    }

    pub async fn post(&self, token: &str, room: u64, client_id: &str) -> (u16, Value) {
        let body = json!({ "text": client_id, "client_id": client_id });
        let path = format!("/rooms/{room}/messages");
        self.call(token, "POST", &path, Some(body)).await
    }

    /// Posts until it is taken, as clients do.
    pub async fn post_until_taken(&self, token: &str, room: u64, client_id: &str) -> u64 {
        let began = Instant::now();
        loop {
            let (status, answer) = self.post(token, room, client_id).await;
            if matches!(status, 200 | 201) {
                return answer["id"].as_u64().expect("an id");
            }
            assert!(began.elapsed() < PATIENCE, "{}: {answer}", self.name);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The texts of a room, the oldest first.
    pub async fn texts(&self, token: &str, room: u64) -> Vec<String> {
        let path = format!("/rooms/{room}/messages?limit=100");
        let (status, page) = self.call(token, "GET", &path, None).await;
        assert_eq!(status, 200, "{page}");
        let messages = page["messages"].as_array().expect("a page");
        let texts = messages.iter().map(|message| &message["text"]);
        texts
            .map(|text| text.as_str().expect("a text").to_owned())
            .collect()
    }

    /// Waits until a room reads so.
    pub async fn reads(&self, token: &str, room: u64, wanted: &[String]) {
        let began = Instant::now();
        loop {
            let texts = self.texts(token, room).await;
            if texts == wanted {
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{}: {texts:?}, not {wanted:?}",
                self.name
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// `cluster status` of this node.
    pub fn status(&self) -> Value {
        let done = Command::new(env!("CARGO_BIN_EXE_maru"))
            .args(["cluster", "status", "--json", "--data-dir"])
            .arg(&self.dir)
            .output()
            .expect("it runs");
        serde_json::from_slice(&done.stdout).expect("JSON")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Directories of three nodes.
pub struct Place(pub TempDir);

impl Place {
    pub fn new() -> Place {
        Place(TempDir::new().expect("a directory"))
    }

    pub fn of(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn three(&self, redis: &Redis) -> [Node; 3] {
        ["a", "b", "c"].map(|name| Node::start(name, &redis.url(), &self.of(name)))
    }
}

/// A look that is repeated until it holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

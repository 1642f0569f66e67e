//! The real binary, killed without warning while people talk, with a journal kept outside.

mod cache;
mod descriptors;
mod read_only;
mod webhooks;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

const PASSWORD: &str = "마루 위의 긴 비밀번호";

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    setup: Option<String>,
}

impl Server {
    pub fn start(dir: &Path) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_maru"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let out = child.stdout.take().expect("is piped");
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let ready = lines.next().expect("says that it listens");
        let address = ready.rsplit("http://").next().and_then(|a| a.parse().ok());
        let fresh = !dir.join("used").exists();
        let setup = fresh.then(|| lines.next().expect("prints the setup link"));
        let setup = setup.and_then(|l| l.rsplit("invite=").next().map(str::to_owned));
        std::fs::write(dir.join("used"), b"").expect("writes");
        Server {
            child,
            address: address.expect("an address"),
            setup,
        }
    }

    /// Kim's token and a room.
    pub async fn settle(&self) -> (String, u64) {
        let setup = self.setup.as_ref().expect("the first start prints a link");
        let account = json!({ "username": "kim", "password": PASSWORD, "invite": setup });
        let (status, signed) = call(self.address, "none", "POST", "/signup", Some(&account))
            .await
            .expect("answers");
        assert_eq!(status, 201, "{signed}");
        let token = signed["token"].as_str().expect("a token").to_owned();
        let room = json!({ "name": "마루" });
        let (_, room) = call(self.address, &token, "POST", "/rooms", Some(&room))
            .await
            .expect("answers");
        (token, room["id"].as_u64().expect("an id"))
    }

    pub fn kill(mut self) {
        // SIGKILL: nothing is flushed, nobody is told.
        self.child.kill().expect("is killed");
        self.child.wait().expect("is gone");
    }
}

pub async fn call(
    to: SocketAddr,
    token: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> io::Result<(u16, Value)> {
    whole(to, token, method, &format!("/api/v1{path}"), body).await
}

/// Of a path outside the API.
pub async fn raw(to: SocketAddr, path: &str) -> (u16, Value) {
    let asked = whole(to, "none", "GET", path, None).await;
    asked.expect("answers")
}

async fn whole(
    to: SocketAddr,
    token: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> io::Result<(u16, Value)> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(to).await?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok());
    let body = match body {
        "" => Value::Null,
        body => serde_json::from_str(body).map_err(io::Error::other)?,
    };
    Ok((status.ok_or(io::ErrorKind::InvalidData)?, body))
}

/// client_id → message id, for what was acknowledged.
type Journal = Arc<Mutex<BTreeMap<String, u64>>>;

pub async fn post(to: SocketAddr, token: &str, room: u64, nonce: &str) -> Option<u64> {
    let body = json!({ "text": format!("끊겨도 남는 글 {nonce}"), "client_id": nonce });
    let path = format!("/rooms/{room}/messages");
    match call(to, token, "POST", &path, Some(&body)).await {
        Ok((200 | 201, message)) => message["id"].as_u64(),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_being_killed_and_nothing_is_there_twice() {
    const WRITERS: usize = 6;
    const ROUNDS: usize = 5;
    let dir = TempDir::new().expect("a directory");
    let mut server = Server::start(dir.path());
    let (token, room) = server.settle().await;

    let journal = Journal::default();
    for round in 0..ROUNDS {
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (token, journal) = (token.clone(), journal.clone());
                let (address, acknowledged) = (server.address, acknowledged.clone());
                tokio::spawn(async move {
                    // The last one that got no answer is where the next round goes on.
                    for n in 0.. {
                        let nonce = format!("{round}-{writer}-{n}");
                        match post(address, &token, room, &nonce).await {
                            Some(id) => {
                                journal.lock().await.insert(nonce, id);
                                acknowledged.fetch_add(1, Ordering::SeqCst);
                            }
                            None => return nonce,
                        }
                    }
                    unreachable!("writers go on until the server is gone")
                })
            })
            .collect();
        while acknowledged.load(Ordering::SeqCst) < 40 + 31 * round {
            tokio::task::yield_now().await;
        }
        server.kill();
        server = Server::start(dir.path());
        for writer in writers {
            // Nobody knows whether it was done: it is sent again.
            let nonce = writer.await.expect("runs");
            let id = post(server.address, &token, room, &nonce)
                .await
                .expect("is done now");
            journal.lock().await.insert(nonce, id);
        }
    }

    let journal = journal.lock().await;
    let mut stored = BTreeMap::new();
    let mut after = 0;
    loop {
        let path = format!("/rooms/{room}/messages?after={after}&limit=100");
        let (_, page) = call(server.address, &token, "GET", &path, None)
            .await
            .expect("answers");
        for message in page["messages"].as_array().expect("messages") {
            let id = message["id"].as_u64().expect("an id");
            assert!(id > after, "ids grow");
            after = id;
            let nonce = message["client_id"].as_str().expect("ours").to_owned();
            assert_eq!(message["text"], format!("끊겨도 남는 글 {nonce}"));
            assert_eq!(stored.insert(nonce, id), None, "nothing is there twice");
        }
        if page["more_after"] == false {
            break;
        }
    }
    assert_eq!(
        stored, *journal,
        "what was acknowledged is there, under the id that was told"
    );
    let (_, found) = call(
        server.address,
        &token,
        "GET",
        "/search?q=%EA%B8%80&limit=1",
        None,
    )
    .await
    .expect("answers");
    assert_eq!(found["total"], stored.len(), "search finds each of them");
    server.kill();
}

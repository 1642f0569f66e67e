//! A bad network and a server that is killed: everybody ends with the same messages in one order.
//!
//! `MARU_CHAOS_MESSAGES` sets how many there are (10,000 is the full size), `MARU_CHAOS_CLIENTS` how
//! many listen.

use super::driver::Driver;
use super::proxy::Proxy;
use crate::crash::Server;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// One client in five is an official one.
const OFFICIAL: usize = 5;
/// Posts of one client under way at once.
const WINDOW: usize = 3;
const KILLS: usize = 3;
/// Nothing at all for so long is a failure.
const PATIENCE: Duration = Duration::from_secs(60);

fn size(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// A client by Maru's own fields, which posts its share, too.
struct Client {
    proxy: SocketAddr,
    token: String,
    room: u64,
    name: usize,
    /// Posts that nobody has confirmed, by number.
    owed: VecDeque<usize>,
    position: Option<(u64, u64)>,
    heard: Vec<u64>,
    total: usize,
    confirmed: Arc<AtomicUsize>,
}

type Wire = WebSocketStream<TcpStream>;

impl Client {
    /// Goes on until it has heard everything; `begun` is passed when everybody is there.
    async fn run(mut self, begun: Arc<Barrier>) -> Vec<u64> {
        let mut waits = Some(begun);
        let mut progress = (self.heard.len(), Instant::now());
        while self.heard.len() < self.total {
            if let Some(mut wire) = self.connect().await {
                self.talk(&mut wire, &mut waits).await;
            }
            if self.heard.len() > progress.0 {
                progress = (self.heard.len(), Instant::now());
            }
            let idle = progress.1.elapsed();
            assert!(
                idle < PATIENCE,
                "client {} heard {} only",
                self.name,
                self.heard.len()
            );
            sleep(Duration::from_millis(20)).await;
        }
        self.heard
    }

    async fn connect(&self) -> Option<Wire> {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", self.proxy);
        let stream = TcpStream::connect(self.proxy).await.ok()?;
        let opened = timeout(Duration::from_secs(10), client_async(url, stream)).await;
        let (mut wire, _) = opened.ok()?.ok()?;
        let auth = match self.position {
            Some((epoch, since)) => json!({ "token": self.token, "epoch": epoch, "since": since }),
            None => json!({ "token": self.token }),
        };
        wire.send(Message::text(format!("40{auth}"))).await.ok()?;
        Some(wire)
    }

    /// Until the line breaks or everything was heard.
    async fn talk(&mut self, wire: &mut Wire, waits: &mut Option<Arc<Barrier>>) -> Option<()> {
        let mut under_way = 0;
        while self.heard.len() < self.total {
            let message = timeout(PATIENCE, wire.next()).await.ok()??;
            let Ok(Message::Text(text)) = message else {
                return None;
            };
            if text.as_str() == "2" {
                wire.send(Message::text("3")).await.ok()?;
            } else if let Some(event) = text.strip_prefix("42") {
                let is_ready = self.hear(&serde_json::from_str(event).expect("an event"));
                if is_ready {
                    if let Some(barrier) = waits.take() {
                        barrier.wait().await;
                    }
                    under_way = 0;
                    self.post(wire, &mut under_way).await?;
                }
            } else if let Some(answer) = text.strip_prefix("43") {
                let at = answer.find('[').expect("an answer");
                let number: usize = answer[..at].parse().expect("a number");
                let answer: Value = serde_json::from_str(&answer[at..]).expect("JSON");
                assert_eq!(answer[0]["ok"], true, "{answer}");
                if let Some(place) = self.owed.iter().position(|owed| *owed == number) {
                    self.owed.remove(place);
                    under_way -= 1;
                    self.confirmed.fetch_add(1, SeqCst);
                }
                self.post(wire, &mut under_way).await?;
            }
        }
        Some(())
    }

    fn hear(&mut self, event: &Value) -> bool {
        let (name, body) = (event[0].as_str().expect("a name"), &event[1]);
        assert_ne!(
            name, "resync",
            "client {} had to start over: {body}",
            self.name
        );
        if name == "ready" {
            let number = |name: &str| body[name].as_u64().expect("a number");
            self.position
                .get_or_insert((number("epoch"), number("seq")));
        }
        if let (Some(seq), Some((_, since)), true) =
            (body["seq"].as_u64(), &mut self.position, name != "ready")
        {
            assert!(
                seq > *since,
                "client {} hears {seq} after {since}",
                self.name
            );
            *since = seq;
            if name == "message.created" {
                self.heard
                    .push(body["message"]["id"].as_u64().expect("an id"));
            }
        }
        name == "ready"
    }

    /// The same ones again, if nobody knows whether they were done.
    async fn post(&mut self, wire: &mut Wire, under_way: &mut usize) -> Option<()> {
        while *under_way < WINDOW.min(self.owed.len()) {
            let number = self.owed[*under_way];
            let nonce = format!("{}-{number}", self.name);
            let body =
                json!({ "room_id": self.room, "text": format!("글 {nonce}"), "client_id": nonce });
            let packet = format!("42{number}{}", json!(["message.send", body]));
            wire.send(Message::text(packet)).await.ok()?;
            *under_way += 1;
        }
        Some(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_hears_the_same_however_bad_the_line() {
    let (clients, messages) = (
        size("MARU_CHAOS_CLIENTS", 100),
        size("MARU_CHAOS_MESSAGES", 1_000),
    );
    let official = clients / OFFICIAL;
    let own = clients - official;
    let dir = TempDir::new().expect("a directory");
    let mut server = Server::start(dir.path());
    let (token, room) = server.settle().await;

    let proxy = Proxy::start(server.address, 40 * messages as u64).await;
    let url = format!("http://{}", proxy.address);
    let args = [
        url.as_str(),
        &token,
        &official.to_string(),
        &messages.to_string(),
    ];
    let mut crowd = Driver::script("crowd.mjs", &args).await;
    assert_eq!(crowd.line().await, "ready");
    let confirmed = Arc::new(AtomicUsize::new(0));
    let begun = Arc::new(Barrier::new(own));
    let running: Vec<_> = (0..own)
        .map(|name| {
            let client = Client {
                proxy: proxy.address,
                token: token.clone(),
                room,
                name,
                owed: (0..messages).skip(name).step_by(own).collect(),
                position: None,
                heard: Vec::new(),
                total: messages,
                confirmed: confirmed.clone(),
            };
            tokio::spawn(client.run(begun.clone()))
        })
        .collect();
    for kill in 1..=KILLS {
        let wanted = messages * kill / (KILLS + 1);
        let mut progress = (0, Instant::now());
        while confirmed.load(SeqCst) < wanted {
            let now = confirmed.load(SeqCst);
            if now > progress.0 {
                progress = (now, Instant::now());
            }
            assert!(
                progress.1.elapsed() < PATIENCE,
                "{now} of {wanted} were confirmed"
            );
            sleep(Duration::from_millis(5)).await;
        }
        server.kill();
        server = Server::start(dir.path());
        proxy.lead_to(server.address);
    }

    let mut all = Vec::new();
    for client in running {
        all.push(client.await.expect("runs to the end"));
    }
    for _ in 0..official {
        let line = crowd.line().await;
        let heard = line.strip_prefix("heard ");
        let heard = heard.unwrap_or_else(|| panic!("{line}"));
        all.push(serde_json::from_str(heard).expect("a list"));
    }
    assert_eq!(all[0].len(), messages);
    assert!(all[0].is_sorted_by(|a, b| a < b), "ids grow");
    for (client, heard) in all.iter().enumerate() {
        assert!(*heard == all[0], "client {client} heard something else");
    }
    let (cut, connections) = proxy.figures();
    // Each kill ends all connections, most of them before their time; a fifth of it is chance.
    assert!(
        cut * 5 > clients,
        "{cut} of {connections} connections were cut"
    );
    println!(
        "{clients} clients, {messages} messages, {connections} connections, {cut} cut by the proxy"
    );
    server.kill();
}

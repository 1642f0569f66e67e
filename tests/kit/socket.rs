//! A small Socket.IO client over WebSocket, for tests.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite};
use tungstenite::Message;
use tungstenite::client::IntoClientRequest as _;

const PATIENCE: Duration = Duration::from_secs(20);

pub struct Socket {
    wire: WebSocketStream<TcpStream>,
    namespace: String,
    /// Events that came while something else was waited for.
    waiting: VecDeque<(String, Vec<Value>)>,
    welcome: Value,
    next_ack: u64,
    acks: Vec<(u64, Value)>,
    /// What ended it, where something did.
    ended: Option<String>,
}

impl Socket {
    /// Connects and joins the namespace; a refusal is in [`Socket::refusal`].
    pub async fn connect(address: SocketAddr, namespace: &str, auth: &Value) -> Socket {
        let socket = Socket::open(address, namespace, &[])
            .await
            .expect("upgrades");
        socket.joined(auth).await
    }

    /// Joins with headers of the handshake, such as a cookie.
    pub async fn connect_with(
        address: SocketAddr,
        headers: &[(&'static str, String)],
        auth: &Value,
    ) -> Result<Socket, u16> {
        let socket = Socket::open(address, "/", headers).await?;
        Ok(socket.joined(auth).await)
    }

    async fn open(
        address: SocketAddr,
        namespace: &str,
        headers: &[(&'static str, String)],
    ) -> Result<Socket, u16> {
        let stream = TcpStream::connect(address).await.expect("connects");
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let mut request = url.into_client_request().expect("a request");
        for (name, value) in headers {
            let value = value.parse().expect("a header");
            request.headers_mut().insert(*name, value);
        }
        let wire = match client_async(request, stream).await {
            Ok((wire, _)) => wire,
            Err(tungstenite::Error::Http(response)) => return Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        };
        Ok(Socket {
            wire,
            namespace: namespace.to_owned(),
            waiting: VecDeque::new(),
            welcome: Value::Null,
            next_ack: 0,
            acks: Vec::new(),
            ended: None,
        })
    }

    async fn joined(mut self, auth: &Value) -> Socket {
        let prefix = self.prefix();
        self.say(format!("40{prefix}{auth}")).await;
        loop {
            match self.packet().await {
                Some(text) if text.starts_with("40") => {
                    let json = text.find('{').map_or("null", |at| &text[at..]);
                    self.welcome = serde_json::from_str(json).expect("JSON");
                    return self;
                }
                Some(text) if text.starts_with("44") => {
                    self.ended = Some(text);
                    return self;
                }
                Some(_) => {}
                None => return self,
            }
        }
    }

    fn prefix(&self) -> String {
        match self.namespace.as_str() {
            "/" => String::new(),
            namespace => format!("{namespace},"),
        }
    }

    /// What the server said when it let this socket in.
    pub fn welcome(&self) -> &Value {
        &self.welcome
    }

    /// The `data.code` of a `connect_error`.
    pub fn refusal(&self) -> Option<String> {
        let text = self.ended.as_deref()?.strip_prefix("44")?;
        let json = &text[text.find('{')?..];
        let error: Value = serde_json::from_str(json).ok()?;
        Some(error["data"]["code"].as_str()?.to_owned())
    }

    async fn say(&mut self, text: String) {
        // A closed line shows itself when something is waited for.
        let _ = self.wire.send(Message::text(text)).await;
    }

    /// The next packet that is not the heartbeat's; None when the line is closed.
    async fn packet(&mut self) -> Option<String> {
        loop {
            let message = timeout(PATIENCE, self.wire.next())
                .await
                .expect("something within twenty seconds")?;
            match message {
                Ok(Message::Text(text)) if text.as_str() == "2" => self.say("3".to_owned()).await,
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Reads one packet into the queues; false at the end.
    async fn pump(&mut self) -> bool {
        let Some(text) = self.packet().await else {
            self.ended.get_or_insert_default();
            return false;
        };
        let prefix = self.prefix();
        if let Some(rest) = text.strip_prefix("42") {
            let rest = rest.strip_prefix(prefix.as_str()).unwrap_or(rest);
            let mut event: Vec<Value> = serde_json::from_str(rest).expect("an event");
            let name = event.remove(0).as_str().expect("a name").to_owned();
            self.waiting.push_back((name, event));
        } else if let Some(rest) = text.strip_prefix("43") {
            let rest = rest.strip_prefix(prefix.as_str()).unwrap_or(rest);
            let split = rest.find('[').expect("an answer");
            let id = rest[..split].parse().expect("an id");
            let answer: Vec<Value> = serde_json::from_str(&rest[split..]).expect("an answer");
            self.acks
                .push((id, answer.into_iter().next().unwrap_or_default()));
        } else if text.starts_with("41") {
            self.ended.get_or_insert(text);
            return false;
        }
        true
    }

    /// The next event, whatever it is, except presence, with its first argument.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        let (name, args) = self.next_whole().await?;
        Some((name, args.into_iter().next().unwrap_or_default()))
    }

    /// All arguments of the next event, which has this name.
    pub async fn arguments(&mut self, name: &str) -> Vec<Value> {
        match self.next_whole().await {
            Some((found, args)) if found == name => args,
            other => panic!("expected {name}, got {other:?}"),
        }
    }

    /// The next event with all its arguments, except presence.
    pub async fn next_whole(&mut self) -> Option<(String, Vec<Value>)> {
        loop {
            while let Some(event) = self.waiting.pop_front() {
                if event.0 != "presence" {
                    return Some(event);
                }
            }
            if self.ended.is_some() || !self.pump().await {
                return self.waiting.pop_front();
            }
        }
    }

    /// The next event, which has this name.
    pub async fn expect(&mut self, name: &str) -> Value {
        match self.next().await {
            Some((found, body)) if found == name => body,
            other => panic!("expected {name}, got {other:?}"),
        }
    }

    /// The next event of this name; others before it are forgotten.
    pub async fn find(&mut self, name: &str) -> Value {
        loop {
            match self.next().await {
                Some((found, body)) if found == name => return body,
                Some(_) => {}
                None => panic!("closed before {name} came"),
            }
        }
    }

    /// Sends an event and waits for its answer.
    pub async fn ask(&mut self, name: &str, body: Value) -> Value {
        let id = self.emit(name, body).await;
        self.answer(id).await
    }

    /// Sends an event; its answer is for [`Socket::answer`].
    pub async fn emit(&mut self, name: &str, body: Value) -> u64 {
        let id = self.next_ack;
        self.next_ack += 1;
        let prefix = self.prefix();
        self.say(format!("42{prefix}{id}{}", json!([name, body])))
            .await;
        id
    }

    /// Sends all of them in one go, and tells in which order they are answered.
    pub async fn emit_at_once(&mut self, name: &str, bodies: &[Value]) -> (Vec<u64>, Vec<u64>) {
        let first = self.next_ack;
        self.next_ack += bodies.len() as u64;
        let asked: Vec<u64> = (first..self.next_ack).collect();
        let prefix = self.prefix();
        for (id, body) in asked.iter().zip(bodies) {
            let text = format!("42{prefix}{id}{}", json!([name, body]));
            self.wire.feed(Message::text(text)).await.expect("feeds");
        }
        self.wire.flush().await.expect("sends");
        while self.acks.len() < bodies.len() {
            assert!(self.pump().await, "closed before the answers came");
        }
        let answered = self.acks.drain(..).map(|(id, _)| id).collect();
        (asked, answered)
    }

    pub async fn answer(&mut self, id: u64) -> Value {
        loop {
            if let Some(at) = self.acks.iter().position(|(ack, _)| *ack == id) {
                return self.acks.swap_remove(at).1;
            }
            assert!(self.pump().await, "closed before the answer came");
        }
    }

    /// Everything that comes before the line is closed.
    pub async fn rest(&mut self) -> Vec<(String, Value)> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }

    /// Events that were sent to this socket before now: what follows an answer was sent after it.
    pub async fn so_far(&mut self) -> Vec<String> {
        self.ask("presence", Value::Null).await;
        self.waiting
            .drain(..)
            .map(|(name, _)| name)
            .filter(|name| name != "presence")
            .collect()
    }
}

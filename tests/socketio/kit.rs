//! A server on a free port, and clients that say exactly what they are told.
use super::serving::{RawEcho, message_back, serve};
use futures_util::{SinkExt, StreamExt};
use maru::socketio::engine::Engine;
use maru::socketio::{
    Ack, BoxFuture, Config, Event, Frame, Handler, HttpRefusal, Reason, Refusal, Server, Socket,
    Welcome, Work,
};
use parking_lot::Mutex;
use serde_json::json;
use serde_json::value::RawValue;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// What handlers have seen, as `disconnect / client` and the like.
pub type Seen = mpsc::UnboundedReceiver<String>;

pub struct Running {
    pub address: SocketAddr,
    pub server: Arc<Server>,
    pub engine: Arc<Engine>,
    pub seen: tokio::sync::Mutex<Seen>,
    pub sockets: Arc<Mutex<Vec<Socket>>>,
}

/// Echoes on `/` and `/custom`, refuses on `/closed`, thinks on `/slow`.
pub struct Echo {
    seen: mpsc::UnboundedSender<String>,
    sockets: Arc<Mutex<Vec<Socket>>>,
}

impl Echo {
    fn saw(&self, what: String) {
        let _ = self.seen.send(what);
    }
}

impl Handler for Echo {
    fn connect(
        &self,
        socket: &Socket,
        auth: Option<Box<RawValue>>,
    ) -> BoxFuture<Result<Welcome, Refusal>> {
        let refused = socket.namespace() == "/closed";
        let slow = socket.namespace() == "/slow";
        socket.set_data(Arc::new(auth));
        Box::pin(async move {
            if slow {
                tokio::task::yield_now().await;
            }
            if refused {
                return Err(Refusal::new(
                    "not you",
                    Some(json!({ "code": "unauthorized" })),
                ));
            }
            Ok(Welcome::default())
        })
    }

    fn connected(&self, socket: &Socket) -> Work {
        self.sockets.lock().push(socket.clone());
        self.saw(format!("connected {}", socket.namespace()));
        let auth = socket
            .data::<Option<Box<RawValue>>>()
            .and_then(|auth| auth.as_ref());
        match auth {
            Some(auth) => socket.emit("auth", auth).unwrap(),
            None => socket.emit("auth", &json!({})).unwrap(),
        }
        Work::Done
    }

    fn event(&self, socket: &Socket, event: Event, ack: Option<Ack>) -> Work {
        match (event.name.as_str(), ack) {
            ("message", _) => message_back(socket, &event),
            ("message-with-ack", Some(ack)) => {
                let _ = ack.send_raw(&event.args, &event.attachments);
            }
            ("later", Some(ack)) => {
                self.saw(format!("begun {}", event.args[0]));
                let turns: u32 = event.arg(0).unwrap();
                return Work::later(async move {
                    for _ in 0..turns {
                        tokio::task::yield_now().await;
                    }
                    let _ = ack.send(&turns);
                });
            }
            ("ask", Some(ack)) => {
                let answer = socket.emit_with_ack("question", &1, Duration::from_secs(5));
                return Work::later(async move {
                    let _ = match answer.await {
                        Ok(reply) => ack.send_raw(&reply.args, &reply.attachments),
                        Err(error) => ack.send(&error.to_string()),
                    };
                });
            }
            ("message.send", Some(ack)) => {
                let post: serde_json::Value = event.arg(0).unwrap();
                if post["room_id"] == 2 {
                    let _ = ack.send(&json!({ "ok": false, "error": { "code": "not_found" } }));
                    return Work::Done;
                }
                let frame = Frame::event("/", "message.created", &post).unwrap();
                for socket in self.sockets.lock().iter() {
                    let _ = socket.send_frame(&frame);
                }
                let _ = ack.send(&json!({ "ok": true }));
            }
            ("leave-me", _) => socket.disconnect(false),
            ("close-me", _) => socket.disconnect(true),
            ("panic", _) => panic!("a handler's bug"),
            (name, _) => self.saw(format!("event {name}")),
        }
        Work::Done
    }

    fn disconnect(&self, socket: &Socket, reason: Reason) {
        self.saw(format!("disconnect {} {reason}", socket.namespace()));
    }
}

pub fn config() -> Config {
    Config {
        max_payload_bytes: 1_000_000,
        ..Config::default()
    }
}

/// One whose beats are short enough to wait for.
pub fn brisk() -> Config {
    Config {
        ping_interval: Duration::from_millis(100),
        ping_timeout: Duration::from_millis(60),
        connect_timeout: Duration::from_millis(80),
        ..config()
    }
}

pub async fn start(config: Config) -> Running {
    let (sender, seen) = mpsc::unbounded_channel();
    let sockets = Arc::new(Mutex::new(Vec::new()));
    let echo = || Echo {
        seen: sender.clone(),
        sockets: sockets.clone(),
    };
    let server = Server::builder(config.clone())
        .namespace("/", echo())
        .namespace("/custom", echo())
        .namespace("/closed", echo())
        .namespace("/slow", echo())
        .authorize(|head| {
            if head.parts.headers.contains_key("x-forbidden") {
                Err(HttpRefusal {
                    status: hyper::StatusCode::FORBIDDEN,
                    message: "not from there".into(),
                })
            } else {
                Ok(())
            }
        })
        .build();
    let raw = Config {
        path: "/engine.io/".into(),
        ..config
    };
    let closed = sender.clone();
    // Nobody looks when the test is over.
    let echo = RawEcho(move |reason| drop(closed.send(format!("closed {reason}"))));
    let engine = Arc::new(Engine::new(raw, Arc::new(echo), None));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, server.clone(), engine.clone()));
    Running {
        address,
        server,
        engine,
        seen: tokio::sync::Mutex::new(seen),
        sockets,
    }
}

impl Running {
    /// One request on a connection of its own: status and body.
    pub async fn request(&self, method: &str, target: &str, body: &[u8]) -> (u16, String) {
        let mut stream = self.send(method, target, body).await;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status");
        (status, body.to_owned())
    }

    /// A request whose answer is not waited for.
    pub async fn send(&self, method: &str, target: &str, body: &[u8]) -> TcpStream {
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n",
            body.len()
        );
        self.send_raw(&head, body).await
    }

    /// The head's lines and a body, as they are.
    pub async fn send_raw(&self, head: &str, body: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!("{head}connection: close\r\n\r\n");
        stream
            .write_all(&[head.as_bytes(), body].concat())
            .await
            .unwrap();
        stream
    }

    pub async fn get(&self, target: &str) -> (u16, String) {
        self.request("GET", target, b"").await
    }

    pub async fn post(&self, target: &str, body: &str) -> (u16, String) {
        self.request("POST", target, body.as_bytes()).await
    }

    /// Opens a polling session at a path; its target for further requests.
    pub async fn poll(&self, path: &str) -> (String, serde_json::Value) {
        let target = format!("{path}?EIO=4&transport=polling");
        let (status, body) = self.get(&target).await;
        assert_eq!(status, 200, "{body}");
        let open: serde_json::Value =
            serde_json::from_str(body.strip_prefix('0').unwrap()).unwrap();
        (
            format!("{target}&sid={}", open["sid"].as_str().unwrap()),
            open,
        )
    }

    /// A WebSocket, or the status with which it was refused.
    pub async fn websocket(&self, target: &str) -> Result<Ws, u16> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        match client_async(format!("ws://{}{target}", self.address), stream).await {
            Ok((ws, _)) => Ok(Ws(ws)),
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => {
                Err(answer.status().as_u16())
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// A WebSocket session past its open packet.
    pub async fn open(&self, path: &str) -> Ws {
        let mut ws = self
            .websocket(&format!("{path}?EIO=4&transport=websocket"))
            .await
            .unwrap();
        assert!(ws.text().await.starts_with("0{"));
        ws
    }

    /// A socket in the main namespace, past `auth`.
    pub async fn connect(&self) -> Ws {
        let mut ws = self.open("/socket.io/").await;
        ws.say("40").await;
        assert!(ws.text().await.starts_with(r#"40{"sid":""#));
        assert_eq!(ws.text().await, r#"42["auth",{}]"#);
        ws
    }

    /// The next thing a handler saw.
    pub async fn saw(&self) -> String {
        within(self.seen.lock().await.recv()).await.unwrap()
    }

    /// Waits until a handler has seen this.
    pub async fn see(&self, wanted: &str) {
        while self.saw().await != wanted {}
    }
}

/// Nothing here takes seconds; a hang is a failure with a place.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .expect("it never happened")
}

/// A client's WebSocket.
pub struct Ws(pub WebSocketStream<TcpStream>);

impl Ws {
    pub async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub async fn say_binary(&mut self, data: &[u8]) {
        self.0.send(Message::binary(data.to_vec())).await.unwrap();
    }

    /// The next message; `None` when the connection is closed.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            match within(self.0.next()).await {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    return Some(message);
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    pub async fn text(&mut self) -> String {
        match self.next().await {
            Some(Message::Text(text)) => text.as_str().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    pub async fn binary(&mut self) -> Vec<u8> {
        match self.next().await {
            Some(Message::Binary(data)) => data.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    /// Waits for the close; nothing but pings may come before it. Its code, if it has one.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            match within(self.0.next()).await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                None | Some(Err(_)) => return None,
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => {}
                Some(Ok(other)) => panic!("{other:?}"),
            }
        }
    }
}

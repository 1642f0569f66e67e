//! The server that the "Test suite" sections of the Engine.IO and Socket.IO protocol documents
//! describe, built on the engine alone: Socket.IO at `/socket.io/` with `/` and `/custom`, and a raw
//! Engine.IO echo at `/engine.io/`.
#[path = "socketio/serving.rs"]
mod serving;

use clap::Parser;
use maru::socketio::engine::Engine;
use maru::socketio::{
    Ack, BoxFuture, Config, Cors, Event, Handler, Refusal, Server, Socket, Welcome, Work,
};
use serde_json::value::RawValue;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Echoes over Socket.IO and Engine.IO.
#[derive(Parser)]
struct Args {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// Silence before a ping, in milliseconds.
    #[arg(long, default_value_t = 300)]
    ping_interval_ms: u64,
    /// How long a ping may stay unanswered, in milliseconds.
    #[arg(long, default_value_t = 200)]
    ping_timeout_ms: u64,
    /// How long a connection may stay without a namespace, in milliseconds.
    #[arg(long, default_value_t = 1000)]
    connect_timeout_ms: u64,
    /// Largest message, in bytes.
    #[arg(long, default_value_t = 1_000_000)]
    max_payload: usize,
}

impl Args {
    fn config(&self, path: &str) -> Config {
        Config {
            path: path.into(),
            ping_interval: Duration::from_millis(self.ping_interval_ms),
            ping_timeout: Duration::from_millis(self.ping_timeout_ms),
            connect_timeout: Duration::from_millis(self.connect_timeout_ms),
            max_payload_bytes: self.max_payload,
            max_queued_bytes: 16 * self.max_payload.max(64 * 1024),
            cors: Cors::Any,
            ..Config::default()
        }
    }
}

/// Sends the auth payload back as `auth`, then echoes.
struct Echo;

impl Handler for Echo {
    fn connect(
        &self,
        socket: &Socket,
        auth: Option<Box<RawValue>>,
    ) -> BoxFuture<Result<Welcome, Refusal>> {
        socket.set_data(Arc::new(auth));
        Box::pin(async { Ok(Welcome::default()) })
    }

    fn connected(&self, socket: &Socket) -> Work {
        let auth = socket
            .data::<Option<Box<RawValue>>>()
            .and_then(Option::as_ref);
        // Nobody to tell when the client has gone already.
        let _ = match auth {
            Some(auth) => socket.emit("auth", auth),
            None => socket.emit("auth", &serde_json::json!({})),
        };
        Work::Done
    }

    fn event(&self, socket: &Socket, event: Event, ack: Option<Ack>) -> Work {
        match (event.name.as_str(), ack) {
            ("message", _) => serving::message_back(socket, &event),
            ("message-with-ack", Some(ack)) => {
                let _ = ack.send_raw(&event.args, &event.attachments);
            }
            _ => {}
        }
        Work::Done
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let server = Server::builder(args.config("/socket.io/"))
        .namespace("/", Echo)
        .namespace("/custom", Echo)
        .build();
    let engine = Arc::new(Engine::new(
        args.config("/engine.io/"),
        Arc::new(serving::RawEcho(|_| ())),
        None,
    ));
    let listener = TcpListener::bind(args.listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    serving::serve(listener, server, engine).await;
    Ok(())
}

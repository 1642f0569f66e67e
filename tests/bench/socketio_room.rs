//! A Socket.IO server with the chat's events and nothing behind them: what the engine alone can do,
//! to be measured beside the one in `node-socketio`.
//!
//! usage: `cargo run --release --example socketio-room`, then `maru bench http://127.0.0.1:8091 --no-setup`
use clap::Parser;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use maru::socketio::{
    Ack, Audience, BoxFuture, Config, Event, Frame, Handler, Refusal, Server, Socket, Welcome, Work,
};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::net::TcpListener;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sends every post to its room.
#[derive(Parser)]
struct Args {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8091")]
    listen: SocketAddr,
}

#[derive(Default)]
struct Room {
    seq: AtomicU64,
    server: Arc<OnceLock<Arc<Server>>>,
}

#[derive(Deserialize)]
struct Auth {
    room_id: u64,
}

#[derive(Deserialize)]
struct Post {
    room_id: u64,
    text: String,
    client_id: String,
}

impl Handler for Room {
    fn connect(
        &self,
        socket: &Socket,
        auth: Option<Box<RawValue>>,
    ) -> BoxFuture<Result<Welcome, Refusal>> {
        let auth = auth.and_then(|auth| serde_json::from_str::<Auth>(auth.get()).ok());
        let Some(Auth { room_id }) = auth else {
            return Box::pin(async { Err(Refusal::new("name your room", None)) });
        };
        socket.set_data(Arc::new(room_id));
        Box::pin(async { Ok(Welcome::default()) })
    }

    fn connected(&self, socket: &Socket) -> Work {
        if let Some(room) = socket.data::<u64>() {
            socket.join(&room.to_string());
        }
        Work::Done
    }

    fn event(&self, socket: &Socket, event: Event, ack: Option<Ack>) -> Work {
        let Ok(Post {
            room_id,
            text,
            client_id,
        }) = event.arg(0)
        else {
            return Work::Done;
        };
        let seq = self.seq.fetch_add(1, Ordering::Relaxed) + 1;
        let created = json!({ "seq": seq, "message": {
            "id": seq, "room_id": room_id, "text": text, "client_id": client_id,
            "author": { "id": 1, "username": "bench", "display_name": "Bench" },
            "sent_at": "2026-01-01T00:00:00.000Z",
            "reactions": [], "files": [], "mentions": [], "pinned": false,
        }});
        let namespace = self
            .server
            .get()
            .and_then(|server| server.namespace(socket.namespace()));
        if let (Ok(frame), Some(namespace)) =
            (Frame::event("/", "message.created", &created), namespace)
        {
            let rooms = &[room_id.to_string()];
            namespace.send(
                Audience {
                    rooms: &[&rooms[0]],
                    ..Audience::default()
                },
                &frame,
            );
        }
        if let Some(ack) = ack {
            // The client may have gone.
            let _ = ack.send(&json!({ "ok": true, "message_id": seq }));
        }
        Work::Done
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let home = Arc::new(OnceLock::new());
    let room = Room {
        server: home.clone(),
        ..Room::default()
    };
    let server = Server::builder(Config::default())
        .namespace("/", room)
        .build();
    let _ = home.set(server.clone());
    let listener = TcpListener::bind(args.listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let Ok((stream, remote)) = listener.accept().await else {
            continue;
        };
        let server = server.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let server = server.clone();
                async move { Ok::<_, std::convert::Infallible>(server.handle(request, remote).await) }
            });
            // A connection that breaks is its client's affair.
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
                .await;
        });
    }
}

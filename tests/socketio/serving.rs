//! What the echo server of the protocol suites and the tests' own server have in common: a raw
//! Engine.IO echo beside a Socket.IO server, on one port.
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use maru::socketio::engine::{Application, Driver, Engine, Flow, Received, Session};
use maru::socketio::wire::Message;
use maru::socketio::{Event, Frame, Reason, Server, Socket};
use std::sync::Arc;
use std::task::Context;
use tokio::net::TcpListener;
use tokio::time::Instant;

/// Engine.IO without Socket.IO: every message comes back. Tells why sessions ended.
pub struct RawEcho<F>(pub F);

struct RawEchoDriver<F>(Arc<Session>, F);

impl<F: Fn(Reason) + Clone + Send + Sync + 'static> Application for RawEcho<F> {
    fn open(&self, session: &Arc<Session>) -> Box<dyn Driver> {
        Box::new(RawEchoDriver(session.clone(), self.0.clone()))
    }
}

impl<F: Fn(Reason) + Send + 'static> Driver for RawEchoDriver<F> {
    fn message(&mut self, _: &mut Context<'_>, message: Received<'_>) -> Result<(), Reason> {
        let message = match message {
            Received::Text(text) => Message::text(&format!("4{text}")),
            Received::Binary(data) => Message::binary(data),
        };
        // A session that cannot take it is closed by this.
        let _ = self.0.send(&[message]);
        Ok(())
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Result<Flow, Reason> {
        Ok(Flow::Read)
    }

    fn flow(&self) -> Flow {
        Flow::Read
    }

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn expired(&mut self) -> Result<(), Reason> {
        Ok(())
    }

    fn closed(&mut self, reason: Reason) {
        (self.1)(reason);
    }
}

/// `message` comes back as `message-back`.
pub fn message_back(socket: &Socket, event: &Event) {
    let (args, attachments) = (&event.args, &event.attachments);
    if let Ok(frame) = Frame::event_raw(socket.namespace(), "message-back", args, attachments) {
        // Nobody to tell when the client has gone already.
        let _ = socket.send_frame(&frame);
    }
}

/// Answers for both, each under its own path.
pub async fn serve(listener: TcpListener, server: Arc<Server>, engine: Arc<Engine>) {
    loop {
        let Ok((stream, remote)) = listener.accept().await else {
            continue;
        };
        let (server, engine) = (server.clone(), engine.clone());
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let (server, engine) = (server.clone(), engine.clone());
            async move {
                let raw = engine.config().serves(request.uri().path());
                Ok::<_, std::convert::Infallible>(if raw {
                    engine.handle(request, remote).await
                } else {
                    server.handle(request, remote).await
                })
            }
        });
        tokio::spawn(async move {
            // A connection that breaks is its client's affair.
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
                .await;
        });
    }
}

//! What carries a session's messages at the moment.
use super::application::Received;
use super::polling::Upgrade;
use super::session::Session;
use super::websocket::{Next, WebSocket};
use crate::packet::engine::Packet;
use crate::packet::payload::Owned;
use crate::reason::Reason;
use crate::wire::Item;
use std::io;
use std::task::{Context, Poll};

pub enum Transport {
    /// The requests do the work; see [`super::polling`].
    Polling,
    WebSocket(WebSocket),
}

/// What a session's task has to deal with.
pub enum Input<'a> {
    Message(Received<'a>),
    Pong,
}

impl Transport {
    /// Hands what has come to `take` until nothing more is there or it says hold.
    pub fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        session: &Session,
        mut take: impl FnMut(Input<'_>) -> Result<Next, Reason>,
    ) -> Result<(), Reason> {
        if matches!(self, Self::Polling) {
            while let Some(packet) = pop(session) {
                if take_owned(packet, &mut take)? == Next::Hold {
                    return Ok(());
                }
            }
            self.switch(session);
        }
        let Self::WebSocket(transport) = self else {
            return Ok(());
        };
        transport.poll_read(cx, session.config().max_payload_bytes, |item| match item {
            Item::Text(text) => match Packet::parse(text).map_err(|_| Reason::Protocol)? {
                Packet::Text(text) => take(Input::Message(Received::Text(text))),
                Packet::Pong => take(Input::Pong),
                Packet::Close => Err(Reason::Client),
                Packet::Noop | Packet::Upgrade => Ok(Next::Read),
                Packet::Ping(_) | Packet::Binary(_) => Err(Reason::Protocol),
            },
            Item::Binary(data) => take(Input::Message(Received::Binary(data))),
            Item::Close => Err(Reason::Transport),
            Item::Ping(_) | Item::Pong => Ok(Next::Read),
        })
    }

    /// Moves to the WebSocket that the client has switched to.
    fn switch(&mut self, session: &Session) {
        let mut state = session.state().lock();
        let Some(polling) = &mut state.polling else {
            return;
        };
        if !matches!(polling.upgrade, Upgrade::Done(_)) {
            return;
        }
        if let Upgrade::Done(transport) = std::mem::take(&mut polling.upgrade) {
            polling.wake_getter();
            polling.wake_poster();
            state.polling = None;
            state.tcp_stream = transport.tcp_stream().cloned();
            *self = Self::WebSocket(*transport);
        }
    }

    /// Writes what waits, if there is something to write to.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, session: &Session) -> Poll<io::Result<()>> {
        match self {
            Self::WebSocket(transport) => transport.poll_write(cx, session),
            Self::Polling => Poll::Pending,
        }
    }
}

fn pop(session: &Session) -> Option<Owned> {
    let mut state = session.state().lock();
    let polling = state.polling.as_mut()?;
    let packet = polling.inbox.pop_front();
    if polling.inbox.is_empty() {
        polling.wake_poster();
    }
    packet
}

fn take_owned(
    packet: Owned,
    take: &mut impl FnMut(Input<'_>) -> Result<Next, Reason>,
) -> Result<Next, Reason> {
    match packet {
        Owned::Close => Err(Reason::Client),
        Owned::Pong => take(Input::Pong),
        Owned::Text(text) => {
            let text = std::str::from_utf8(&text).map_err(|_| Reason::Protocol)?;
            take(Input::Message(Received::Text(text)))
        }
        Owned::Binary(data) => take(Input::Message(Received::Binary(&data))),
    }
}

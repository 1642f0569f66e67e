//! From polling to WebSocket: `2probe`, `3probe`, `5`.
use super::polling::Upgrade;
use super::session::Session;
use super::websocket::{Next, WebSocket};
use crate::reason::Reason;
use crate::wire::{Item, Message};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// A client that switches without waiting has this long before its polls are sent away, so that
/// it does not depend on which of its connections is heard first.
const PATIENCE: Duration = Duration::from_millis(20);

/// Reserves the one upgrade of a session; false when it has none to give.
pub fn reserve(session: &Session) -> bool {
    let mut state = session.state().lock();
    if state.closing.is_some() {
        return false;
    }
    let Some(polling) = &mut state.polling else {
        return false;
    };
    let free = matches!(polling.upgrade, Upgrade::None);
    if free {
        polling.upgrade = Upgrade::Begun;
    }
    free
}

/// Plays the server's part; the session polls on if the client does not play its own in time.
pub async fn probe(session: Arc<Session>, transport: Option<WebSocket>) {
    let wait = session.config().upgrade_timeout;
    let done = match transport {
        None => None,
        Some(mut transport) => {
            let played = tokio::select! {
                played = tokio::time::timeout(wait, play(&session, &mut transport)) => played,
                () = session.closed() => return,
            };
            matches!(played, Ok(Ok(()))).then(|| Box::new(transport))
        }
    };
    let mut state = session.state().lock();
    let Some(polling) = &mut state.polling else {
        return;
    };
    polling.upgrade = done.map_or(Upgrade::None, Upgrade::Done);
    polling.wake_getter();
    drop(state);
    session.nudge();
}

/// Closes a connection that nobody waits for, without a word.
pub async fn turn_away(mut transport: WebSocket, wait: Duration) {
    transport.close_silently();
    let closed = async {
        if poll_fn(|cx| transport.poll_control(cx)).await.is_ok() {
            poll_fn(|cx| transport.poll_goodbye(cx)).await;
        }
    };
    // Who does not hang up is cut off.
    let _: Result<(), _> = tokio::time::timeout(wait, closed).await;
}

async fn play(session: &Session, transport: &mut WebSocket) -> Result<(), Reason> {
    poll_fn(|cx| poll_expect(session, transport, cx, "2probe")).await?;
    transport.queue(&Message::text("3probe"));
    poll_fn(|cx| transport.poll_control(cx))
        .await
        .map_err(|_| Reason::Transport)?;
    let mut switched = Box::pin(poll_fn(|cx| poll_expect(session, transport, cx, "5")));
    if let Ok(switched) = tokio::time::timeout(PATIENCE, &mut switched).await {
        return switched;
    }
    if let Some(polling) = &mut session.state().lock().polling {
        polling.upgrade = Upgrade::Probed;
        polling.wake_getter();
    }
    session.nudge();
    switched.await
}

/// Takes exactly one message, which must be this one.
fn poll_expect(
    session: &Session,
    transport: &mut WebSocket,
    cx: &mut Context<'_>,
    wanted: &str,
) -> Poll<Result<(), Reason>> {
    let mut come = false;
    let read = transport.poll_read(cx, session.config().max_payload_bytes, |item| match item {
        Item::Text(text) if text == wanted => {
            come = true;
            Ok(Next::Hold)
        }
        _ => Err(Reason::Protocol),
    });
    if come || read.is_err() {
        return Poll::Ready(read);
    }
    ready!(transport.poll_control(cx)).map_err(|_| Reason::Transport)?;
    Poll::Pending
}

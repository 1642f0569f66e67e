//! The WebSocket transport of one session. Idle, it holds no buffer: reads and writes go through
//! the thread's, and only what is unfinished stays here.
use super::session::Session;
use crate::reason::Reason;
use crate::wire::{Io, Item, Message, Reader, WireError, close_frame, pong_frame};
use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::net::TcpStream;

/// What one read takes, and what one write carries at most (unless a single message is larger).
pub(super) const CHUNK_BYTES: usize = 64 * 1024;

/// Reads before other work of this session has its turn.
const READS_IN_A_ROW: usize = 16;

/// Pongs a client may have us owe; beyond it, it does not read while it pings.
const MAX_CONTROL_BYTES: usize = 4096;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Lends the thread's buffer; one that is lent twice is simply made anew.
pub(super) fn with_scratch<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let mut scratch = SCRATCH.take();
    let result = work(&mut scratch);
    SCRATCH.set(scratch);
    result
}

pub struct WebSocket {
    io: Io,
    reader: Reader,
    /// Read, but not yet a whole frame or not yet wanted.
    unread: Vec<u8>,
    /// Given up for writing, but not yet taken by the kernel.
    unwritten: Vec<u8>,
    /// Pongs and the close frame, which go between messages.
    control: Vec<u8>,
}

/// What to do after an item.
#[derive(PartialEq, Eq)]
pub enum Next {
    Read,
    Hold,
}

impl WebSocket {
    pub fn new(io: Io, unread: &[u8]) -> Self {
        Self {
            io,
            reader: Reader::default(),
            unread: unread.to_vec(),
            unwritten: Vec::new(),
            control: Vec::new(),
        }
    }

    /// Hands what arrives to `take` until nothing more is there or it says hold.
    /// Pings are answered here; `Item::Ping` and `Item::Pong` are not handed on.
    pub fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        max_bytes: usize,
        mut take: impl FnMut(Item<'_>) -> Result<Next, Reason>,
    ) -> Result<(), Reason> {
        if !self.unread.is_empty() {
            let mut unread = std::mem::take(&mut self.unread);
            let (used, next) = self.frames(&mut unread, max_bytes, &mut take)?;
            unread.drain(..used);
            if !unread.is_empty() {
                self.unread = unread;
            }
            if next == Next::Hold {
                return Ok(());
            }
        }
        with_scratch(|scratch| {
            scratch.resize(CHUNK_BYTES, 0);
            for _ in 0..READS_IN_A_ROW {
                let len = match self.io.poll_read(cx, scratch) {
                    Poll::Pending => return Ok(()),
                    Poll::Ready(Ok(0) | Err(_)) => return Err(Reason::Transport),
                    Poll::Ready(Ok(len)) => len,
                };
                if self.digest(&mut scratch[..len], max_bytes, &mut take)? == Next::Hold {
                    return Ok(());
                }
            }
            cx.waker().wake_by_ref();
            Ok(())
        })
    }

    /// Takes frames from what was just read, together with what waited.
    fn digest(
        &mut self,
        read: &mut [u8],
        max_bytes: usize,
        take: &mut impl FnMut(Item<'_>) -> Result<Next, Reason>,
    ) -> Result<Next, Reason> {
        if self.unread.is_empty() {
            let (used, next) = self.frames(read, max_bytes, take)?;
            if used < read.len() {
                self.unread = read[used..].to_vec();
            }
            return Ok(next);
        }
        let mut unread = std::mem::take(&mut self.unread);
        unread.extend_from_slice(read);
        let (used, next) = self.frames(&mut unread, max_bytes, take)?;
        unread.drain(..used);
        if !unread.is_empty() {
            self.unread = unread;
        }
        Ok(next)
    }

    fn frames(
        &mut self,
        input: &mut [u8],
        max_bytes: usize,
        take: &mut impl FnMut(Item<'_>) -> Result<Next, Reason>,
    ) -> Result<(usize, Next), Reason> {
        let mut at = 0;
        loop {
            let control = &mut self.control;
            let taken = self
                .reader
                .frame(&mut input[at..], max_bytes, |item| match item {
                    Item::Ping(data) => {
                        control.extend_from_slice(&pong_frame(data));
                        if control.len() > MAX_CONTROL_BYTES {
                            Err(Reason::SlowConsumer)
                        } else {
                            Ok(Next::Read)
                        }
                    }
                    Item::Pong => Ok(Next::Read),
                    item => take(item),
                });
            let (used, taken) = taken.map_err(|error| match error {
                WireError::TooBig => Reason::TooBig,
                WireError::Protocol | WireError::Utf8 => Reason::Protocol,
            })?;
            at += used;
            if taken.transpose()? == Some(Next::Hold) {
                return Ok((at, Next::Hold));
            }
            if used == 0 {
                return Ok((at, Next::Read));
            }
        }
    }

    /// Writes all that waits, as few writes as possible. Ready when nothing does.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, session: &Session) -> Poll<io::Result<()>> {
        ready!(self.poll_unwritten(cx, session))?;
        loop {
            let written = with_scratch(|scratch| {
                scratch.clear();
                self.collect(scratch, session);
                if scratch.is_empty() {
                    None
                } else {
                    Some(self.poll_chunk(cx, scratch))
                }
            });
            match written {
                None => return Poll::Ready(Ok(())),
                Some(written) => ready!(written)?,
            }
        }
    }

    fn collect(&mut self, chunk: &mut Vec<u8>, session: &Session) {
        chunk.append(&mut self.control);
        self.control = Vec::new();
        let mut state = session.state().lock();
        let messages = state.outbox.collect(chunk, CHUNK_BYTES);
        session.wake_drained(&mut state);
        drop(state);
        session.shared().metrics.sent(messages, chunk.len());
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>, chunk: &[u8]) -> Poll<io::Result<()>> {
        let mut at = 0;
        while at < chunk.len() {
            match self.io.poll_write(cx, &chunk[at..]) {
                Poll::Ready(Ok(written)) => at += written,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.unwritten = chunk[at..].to_vec();
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Finishes what a write, here or by [`Session::flush`], has begun.
    fn poll_unwritten(&mut self, cx: &mut Context<'_>, session: &Session) -> Poll<io::Result<()>> {
        if self.unwritten.is_empty() {
            self.unwritten = std::mem::take(&mut session.state().lock().unwritten);
        }
        if self.unwritten.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let unwritten = std::mem::take(&mut self.unwritten);
        self.poll_chunk(cx, &unwritten)
    }

    /// What [`Session::flush`] may write to while the session's task sleeps.
    pub fn tcp_stream(&self) -> Option<&Arc<TcpStream>> {
        self.io.tcp_stream()
    }

    /// Queues one message, ahead of the session's own.
    pub fn queue(&mut self, message: &Message) {
        self.control.extend_from_slice(message.wire());
    }

    /// Writes what was queued here, and nothing of the session's own. Only before the session
    /// writes to it.
    pub fn poll_control(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.unwritten.is_empty() {
            let unwritten = std::mem::take(&mut self.unwritten);
            ready!(self.poll_chunk(cx, &unwritten))?;
        }
        let control = std::mem::take(&mut self.control);
        self.poll_chunk(cx, &control)
    }

    /// Queues the close frame behind what is being written; the outbox is written before it
    /// only if [`Self::poll_write`] is called first.
    pub fn begin_close(&mut self, reason: Reason) {
        self.control
            .extend_from_slice(&close_frame(reason.close_code(), reason.as_str()));
    }

    /// Queues a close frame that says nothing.
    pub fn close_silently(&mut self) {
        const EMPTY_CLOSE: [u8; 2] = [0x88, 0];
        self.control.extend_from_slice(&EMPTY_CLOSE);
    }

    /// After the last write: says goodbye and waits for the client to hang up, so that
    /// nothing it has not yet read is thrown away by a reset.
    pub fn poll_goodbye(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if ready!(self.io.poll_shutdown(cx)).is_err() {
            return Poll::Ready(());
        }
        with_scratch(|scratch| {
            scratch.resize(CHUNK_BYTES, 0);
            loop {
                match ready!(self.io.poll_read(cx, scratch)) {
                    Ok(0) | Err(_) => return Poll::Ready(()),
                    Ok(_) => {}
                }
            }
        })
    }
}

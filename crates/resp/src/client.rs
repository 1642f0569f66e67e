//! One connection, as the server knows it.

use super::acl::User;
use super::call::Wait;
use super::elsewhere::Reader;
use super::index::Row;
use super::out::{Out, Protocol};
use super::request::{Bounds, Parser};
use super::settings::{OutputLimit, Settings};
use futures_util::Stream;
use maru_cache::{Publication, Selector, Subscription, Watch};
use std::any::Any;
use std::net::TcpStream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// Who has not said who it is reads its answers, or goes.
const STRANGER_OUTPUT_BYTES: usize = 64 << 10;

/// A connection and everything that was said on it so far.
pub struct Client {
    /// Never used twice while the server runs.
    pub id: u64,
    pub stream: TcpStream,
    pub address: String,
    pub local_address: String,

    pub parser: Parser,
    /// Bytes that are no whole request yet, or wait for their turn.
    pub held: Vec<u8>,
    /// Bytes of the request that runs, and of those behind it.
    pub query_bytes: usize,
    /// Answers, and how many of their bytes are on their way.
    pub out: Out,
    /// Told by others, meanwhile: follows the answers.
    pub pushed: Out,
    pub protocol: Protocol,
    pub sent_bytes: usize,
    /// Whether the socket is watched for room to write.
    pub wants_write: bool,
    /// Since when more than the soft limit waits.
    pub over_soft_since: Option<Instant>,

    pub db: u8,
    pub name: Vec<u8>,
    pub library: Vec<u8>,
    pub library_version: Vec<u8>,
    pub user: Arc<User>,
    /// Reads streams that are no keys, and nothing else.
    pub reader: Option<Arc<Reader>>,
    /// Has said who it is, or need not.
    pub known: bool,

    /// Between MULTI and EXEC.
    pub queue: Option<Queue>,
    /// EXEC runs.
    pub in_exec: bool,
    /// Keys that must not change before EXEC.
    pub watch: Option<Watch>,
    /// Wakes the loop for it.
    pub waker: Waker,
    /// What it hears; `None` before the first subscription.
    pub ear: Option<Subscription>,
    /// How many names it hears of each kind: channels, patterns, shard channels.
    pub hears: [usize; 3],
    pub replies: Replies,
    pub is_monitor: bool,
    pub no_evict: bool,
    pub no_touch: bool,
    /// Its command has to wait.
    pub waiting: Option<Waiting>,
    pub tracking: Option<Box<super::tracking::Tracking>>,
    /// Room for its answers that is elsewhere while its requests run.
    pub lent_bytes: usize,
    /// What it took up when that was last looked at.
    pub weighed_bytes: usize,
    /// Closed as soon as what is to be said has been said.
    pub closing: bool,
    /// Closed now.
    pub dead: bool,
    /// Its other requests wait for the next turn.
    pub goes_on: bool,

    pub since: Instant,
    pub last_used: Instant,
    pub last_row: Option<&'static Row>,
}

/// Commands between MULTI and EXEC.
#[derive(Default)]
pub struct Queue {
    pub commands: Vec<Vec<Vec<u8>>>,
    /// Of their arguments.
    pub size_bytes: usize,
    /// Of all of them.
    pub flags: u32,
    /// One of them was refused, so none is run.
    pub spoiled: bool,
}

impl Queue {
    pub fn add(&mut self, flags: u32, args: &[&[u8]]) {
        self.flags |= flags;
        let each = args.iter().map(|arg| size_of::<Vec<u8>>() + arg.len());
        self.size_bytes += each.sum::<usize>();
        self.commands
            .push(args.iter().map(|arg| arg.to_vec()).collect());
    }
}

/// Whether the client wants to hear answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replies {
    #[default]
    On,
    Off,
    /// Not this one's (`CLIENT REPLY SKIP`).
    SkipThis,
    /// Not the next one's.
    SkipNext,
}

/// Why a client's next command is not run.
pub enum Waiting {
    /// For keys; with the command to run again.
    Keys { wait: Wait, args: Vec<Vec<u8>> },
    /// All or all writing clients are paused; its request stays in `held`.
    Pause,
    /// For an answer from elsewhere; dropped, nobody asks for it any more.
    Elsewhere(#[expect(dead_code, reason = "held until the client goes on")] Box<dyn Any + Send>),
}

impl Client {
    /// Has just connected.
    pub fn new(
        id: u64,
        stream: TcpStream,
        [address, local_address]: [String; 2],
        user: Arc<User>,
        waker: Waker,
    ) -> Client {
        let now = Instant::now();
        Client {
            id,
            stream,
            address,
            local_address,
            parser: Parser::default(),
            held: Vec::new(),
            query_bytes: 0,
            out: Out::default(),
            pushed: Out::default(),
            protocol: Protocol::Resp2,
            sent_bytes: 0,
            wants_write: false,
            over_soft_since: None,
            db: 0,
            name: Vec::new(),
            library: Vec::new(),
            library_version: Vec::new(),
            known: user.on && user.nopass,
            user,
            reader: None,
            queue: None,
            in_exec: false,
            watch: None,
            waker,
            ear: None,
            hears: [0; 3],
            replies: Replies::On,
            is_monitor: false,
            no_evict: false,
            no_touch: false,
            waiting: None,
            tracking: None,
            lent_bytes: 0,
            weighed_bytes: 0,
            closing: false,
            dead: false,
            goes_on: false,
            since: now,
            last_used: now,
            last_row: None,
        }
    }

    /// Bytes that wait to be sent.
    pub fn backlog_bytes(&self) -> usize {
        self.backlog_with(self.out.bytes.len())
    }

    /// The same, while so many bytes of answers are kept elsewhere, or here.
    fn backlog_with(&self, answers_bytes: usize) -> usize {
        let unsent = answers_bytes.saturating_sub(self.sent_bytes) + self.pushed.bytes.len();
        unsent + self.ear.as_ref().map_or(0, Subscription::waiting_bytes)
    }

    /// What may wait to be sent.
    pub fn output_limit(&self, settings: &Settings) -> OutputLimit {
        let hears = self.subscriptions() > 0 || self.is_monitor;
        settings.output[usize::from(hears)]
    }

    /// Whether more waits to be sent than it may, with `more_bytes` that it does not know of yet.
    pub fn waits_for_too_much(
        &mut self,
        settings: &Settings,
        more_bytes: usize,
        now: Instant,
    ) -> bool {
        let limit = self.output_limit(settings);
        let backlog = self.backlog_with(self.out.bytes.len() + more_bytes);
        if !self.known && backlog > STRANGER_OUTPUT_BYTES {
            return true;
        }
        if limit == OutputLimit::default() {
            self.over_soft_since = None;
            return false;
        }
        let over = |limit: usize| limit > 0 && backlog > limit;
        self.over_soft_since = if over(limit.soft_bytes) {
            self.over_soft_since.or(Some(now))
        } else {
            None
        };
        let since = self.over_soft_since;
        over(limit.hard_bytes) || since.is_some_and(|since| now - since >= limit.soft_for)
    }

    /// Whether what it was to hear has become too much.
    pub fn is_deaf(&self) -> bool {
        self.ear.as_ref().is_some_and(Subscription::is_closed)
    }

    /// What its requests may be.
    pub fn bounds(&self, settings: &Settings) -> Bounds {
        if self.known {
            Bounds {
                argument_bytes: settings
                    .argument_max_bytes
                    .min(Bounds::KNOWN.argument_bytes),
                ..Bounds::KNOWN
            }
        } else {
            Bounds::STRANGER
        }
    }

    /// How many names it hears.
    pub fn subscriptions(&self) -> usize {
        self.hears.iter().sum()
    }

    /// Moves messages that have come to `out`, until so many bytes wait there. `false` if there was
    /// more to hear than it may have. The waker is told when more comes.
    pub fn listen(
        ear: &mut Subscription,
        waker: &Waker,
        out: &mut Out,
        until_bytes: usize,
    ) -> bool {
        let mut cx = Context::from_waker(waker);
        while out.bytes.len() < until_bytes {
            match Pin::new(&mut *ear).poll_next(&mut cx) {
                Poll::Ready(Some(Ok(message))) => write_message(out, &message),
                Poll::Ready(Some(Err(_)) | None) => return false,
                Poll::Pending => return true,
            }
        }
        true
    }

    /// Flags as `CLIENT LIST` shows them.
    pub fn flags(&self) -> String {
        let mut flags = String::new();
        let tracking = self.tracking.as_deref();
        for (is_set, flag) in [
            (self.is_monitor, 'O'),
            (self.subscriptions() > 0, 'P'),
            (self.queue.is_some(), 'x'),
            (
                matches!(
                    self.waiting,
                    Some(Waiting::Keys { .. } | Waiting::Elsewhere(_))
                ),
                'b',
            ),
            (tracking.is_some(), 't'),
            (tracking.is_some_and(|it| it.redirect_is_broken), 'R'),
            (tracking.is_some_and(|it| it.broadcast), 'B'),
            (self.closing, 'c'),
            (self.no_evict, 'e'),
            (self.no_touch, 'T'),
        ] {
            if is_set {
                flags.push(flag);
            }
        }
        if flags.is_empty() {
            flags.push('N');
        }
        flags
    }
}

/// A message to subscribers, encoded once for each protocol.
pub fn write_message(out: &mut Out, message: &Publication) {
    let protocol = out.protocol;
    let bytes = message.wire(protocol as usize, |message| {
        let mut out = Out::new(protocol);
        match message.selector {
            Selector::Channel => {
                out.push(3);
                out.bulk(b"message");
            }
            Selector::Sharded => {
                out.push(3);
                out.bulk(b"smessage");
            }
            Selector::Pattern => {
                out.push(4);
                out.bulk(b"pmessage");
                out.bulk(&message.subscribed);
            }
        }
        out.bulk(&message.channel);
        out.bulk(&message.payload);
        out.bytes.into()
    });
    out.bytes.extend_from_slice(&bytes);
}

#[cfg(test)]
mod tests;

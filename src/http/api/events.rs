//! The caller's events as a stream of server-sent events.

use super::consumers::{self, Share};
use crate::domain::{Position, Refusal, User};
use crate::http::{
    answers::EventStream, app::App, body::Body, guard::Caller, load::Load, parts::Query,
};
use crate::live::{Attached, Close, Guard, Missed, Packet, Subscriber};
use axum::http::{HeaderMap, HeaderValue};
use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::stream;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};
use utoipa::IntoParams;

/// A comment keeps the line open and shows that somebody is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that may wait for a slow reader; then the stream ends and the client resumes.
const WAITING: usize = 4_096;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListenQuery {
    /// Every event after this position comes first. The `Last-Event-ID` header wins, because browsers
    /// send it when they come back: the `id` of an event, a position, or position and epoch.
    #[param(value_type = Option<u64>)]
    since: Option<Position>,
    /// Which history `since` belongs to, from `ready`; the present one where it is left out.
    epoch: Option<u64>,
    /// A name: goes on where `POST /consumers/{name}/commit` left it. Several streams of one name
    /// share the rooms.
    consumer: Option<String>,
}

#[derive(Serialize)]
struct Ready<'a> {
    user: &'a User,
    seq: Position,
    epoch: u64,
}

pub async fn listen(
    app: App,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<ListenQuery>,
) -> Result<EventStream, Refusal> {
    let live = app.engine().live();
    let epoch = query.epoch.unwrap_or_else(|| live.epoch());
    let mut since = match headers.get("last-event-id") {
        Some(id) if !id.is_empty() => Some(Ids::now(&app).read(id, query.epoch)),
        _ => query.since.map(|since| (epoch, since)),
    };
    let mut share = None;
    if let Some(name) = &query.consumer {
        let consumer = consumers::stand(&app, &caller, name).await?;
        since = Some((consumer.epoch, consumer.position));
        let groups = &app.services().groups;
        let membership = groups.join(caller.user.id, &consumer.name, consumer.position);
        share = Some(Share::new(&app, &caller, consumer, membership));
    }
    let (subscriber, heard) = StreamSubscriber::new();
    let attach = |since| {
        let subscriber: Arc<dyn Subscriber> = subscriber.clone();
        live.attach(caller.user.id, caller.session, since, subscriber)
    };
    let mut head = BytesMut::new();
    let mut resumed_at = since.map(|(_, since)| since);
    let attached = match attach(since)? {
        Ok(attached) => attached,
        Err(reason) => {
            resumed_at = None;
            let attached = attach(None)?.map_err(|reason| refused(&reason))?;
            let body = json!({
                "epoch": attached.epoch,
                "seq": attached.seq,
                "message": reason.to_string(),
            });
            let body = body.to_string();
            let id = Ids::now(&app).of(attached.seq);
            write(&mut head, Some(id), "resync", body.as_bytes());
            attached
        }
    };
    // The session may have ended before the hub knew of this stream.
    app.services().identify(&caller.token).await?;
    let Attached {
        seq,
        epoch,
        missed,
        guard,
    } = attached;
    let ready = Ready {
        user: &caller.user,
        seq,
        epoch,
    };
    let ready = serde_json::to_vec(&ready).unwrap_or_default();
    // A stream that is cut before its first event goes on from here. What was missed follows.
    let ids = Ids::now(&app);
    let id = ids.of(resumed_at.unwrap_or(seq));
    write(&mut head, Some(id), "ready", &ready);
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let listening = Listening {
        head: Some(head.freeze()),
        missed: Some(missed),
        heard,
        heartbeat,
        load: app.services().load.clone(),
        start: (seq, epoch),
        ids,
        guard: Some(guard),
        share,
    };
    let chunks = stream::unfold(listening, |mut listening| async move {
        let chunk = listening.next().await?;
        Some((Ok::<Bytes, Infallible>(chunk), listening))
    });
    Ok(EventStream(Body::from_stream(chunks)))
}

fn refused(reason: &crate::live::Resync) -> Refusal {
    Refusal::new(crate::domain::Code::Unavailable, reason.to_string())
}

/// Passes on what it hears; without a sender it hears nothing more, and the stream ends.
struct StreamSubscriber(Mutex<Option<mpsc::Sender<Arc<Packet>>>>);

impl StreamSubscriber {
    fn new() -> (Arc<StreamSubscriber>, mpsc::Receiver<Arc<Packet>>) {
        let (send, heard) = mpsc::channel(WAITING);
        (Arc::new(StreamSubscriber(Mutex::new(Some(send)))), heard)
    }
}

impl Subscriber for StreamSubscriber {
    fn hear(&self, packet: &Arc<Packet>) {
        let mut send = self.0.lock();
        if let Some(sender) = &*send
            && sender.try_send(Arc::clone(packet)).is_err()
        {
            *send = None;
        }
    }

    fn close(&self, _: Close) {
        *self.0.lock() = None;
    }
}

struct Listening {
    head: Option<Bytes>,
    missed: Option<Missed>,
    heard: mpsc::Receiver<Arc<Packet>>,
    heartbeat: Interval,
    load: Load,
    /// Live events follow this position of this epoch.
    start: (Position, u64),
    ids: Ids,
    guard: Option<Guard>,
    /// Of a consumer.
    share: Option<Share>,
}

impl Listening {
    fn resync(&self, message: &str) -> Bytes {
        let (seq, epoch) = self.start;
        let body = json!({ "epoch": epoch, "seq": seq, "message": message });
        let mut text = BytesMut::new();
        let id = self.ids.of(seq);
        write(&mut text, Some(id), "resync", body.to_string().as_bytes());
        text.freeze()
    }

    /// The next part of the stream; None ends it.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(head) = self.head.take() {
            return Some(head);
        }
        loop {
            if let Some(text) = self.rebalanced() {
                return Some(text);
            }
            let Some(mut missed) = self.missed.take() else {
                break;
            };
            if self.heard.is_closed() {
                // The session has ended: the past is not told any more either.
                return None;
            }
            let read = self.load.catch_up(move || {
                let batch = missed.next_batch();
                (missed, batch)
            });
            match read.await {
                Some((missed, Ok(Some(packets)))) => {
                    self.missed = Some(missed);
                    if let Some(text) = self.told(packets) {
                        return Some(text);
                    }
                }
                Some((_, Ok(None))) => {}
                Some((_, Err(error))) => {
                    tracing::warn!(%error, "what a client missed cannot be told; it starts over");
                    return Some(self.resync(&error.to_string()));
                }
                None => return None,
            }
        }
        loop {
            let mut moves = self.share.as_ref().map(Share::moves);
            let moved = async {
                match &mut moves {
                    // The sender lives as long as the membership.
                    Some(moves) => drop(moves.changed().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                packet = self.heard.recv() => {
                    let mut packets = vec![packet?];
                    while packets.len() < 64 && let Ok(packet) = self.heard.try_recv() {
                        packets.push(packet);
                    }
                    if let Some(text) = self.told(packets) {
                        return Some(text);
                    }
                }
                () = moved => {
                    if let Some(text) = self.rebalanced() {
                        return Some(text);
                    }
                }
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }

    /// What of these packets this stream passes on; None where nothing is left.
    fn told(&mut self, packets: Vec<Arc<Packet>>) -> Option<Bytes> {
        let packets = match &mut self.share {
            Some(share) => share.own(packets),
            None => packets,
        };
        (!packets.is_empty()).then(|| written(&packets, self.ids))
    }

    /// Where streams of its consumer came or went: it begins anew behind what is committed, with
    /// the rooms that are its from now on.
    fn rebalanced(&mut self) -> Option<Bytes> {
        let share = self.share.as_mut()?;
        if !share.has_moved() {
            return None;
        }
        let (subscriber, heard) = StreamSubscriber::new();
        let attached = share.attach(subscriber)?;
        self.heard = heard;
        self.start = (attached.seq, attached.epoch);
        self.missed = Some(attached.missed);
        self.guard = Some(attached.guard);
        let mut text = BytesMut::new();
        let body = share.about().to_string();
        write(&mut text, None, "rebalance", body.as_bytes());
        Some(text.freeze())
    }
}

fn written(packets: &[Arc<Packet>], ids: Ids) -> Bytes {
    let mut text = BytesMut::new();
    for packet in packets {
        let id = packet.seq.map(|seq| ids.of(seq));
        write(&mut text, id, packet.name, &packet.json);
    }
    text.freeze()
}

/// How positions stand in `id:`, which is all that a browser's EventSource brings back: with their
/// epoch, unless the server has all positions since the first one.
#[derive(Clone, Copy)]
struct Ids {
    epoch: u64,
    is_told: bool,
}

impl Ids {
    fn now(app: &App) -> Ids {
        let live = app.engine().live();
        Ids {
            epoch: live.epoch(),
            is_told: !live.keeps_all(),
        }
    }

    fn of(self, seq: Position) -> String {
        match self.is_told {
            true => format!("{seq}-{}", self.epoch),
            false => seq.to_string(),
        }
    }

    /// Epoch and position. What cannot be read, or names no epoch where it should, is of none that is
    /// here: whoever brings it starts over.
    fn read(self, id: &HeaderValue, asked: Option<u64>) -> (u64, Position) {
        let text = id.to_str().unwrap_or_default().trim();
        let (seq, epoch) = match text.split_once('-') {
            Some((seq, epoch)) => (seq, epoch.parse().ok()),
            None if self.is_told => (text, asked),
            None => (text, Some(asked.unwrap_or(self.epoch))),
        };
        match (seq.parse(), epoch) {
            (Ok(seq), Some(epoch)) => (epoch, Position(seq)),
            _ => (!self.epoch, Position(0)),
        }
    }
}

/// JSON has no line breaks of its own, so one `data` line is enough.
fn write(text: &mut BytesMut, id: Option<String>, name: &str, json: &[u8]) {
    if let Some(id) = id {
        text.put_slice(format!("id: {id}\n").as_bytes());
    }
    text.put_slice(b"event: ");
    text.put_slice(name.as_bytes());
    text.put_slice(b"\ndata: ");
    text.put_slice(json);
    text.put_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_three_lines_and_an_empty_one() {
        let mut text = BytesMut::new();
        write(
            &mut text,
            Some("7".to_owned()),
            "read.moved",
            b"{\"seq\":7}",
        );
        assert_eq!(
            &text[..],
            b"id: 7\nevent: read.moved\ndata: {\"seq\":7}\n\n"
        );
    }

    #[test]
    fn an_id_is_read_as_it_was_written() {
        for is_told in [false, true] {
            let ids = Ids { epoch: 9, is_told };
            let read = |text: &[u8], asked| {
                let (epoch, seq) =
                    ids.read(&HeaderValue::from_bytes(text).expect("a value"), asked);
                (epoch == 9).then_some(seq.0)
            };
            assert_eq!(read(ids.of(Position(7)).as_bytes(), None), Some(7));
            assert_eq!(read(b"7-9", None), Some(7));
            assert_eq!(read(b"7-8", None), None);
            assert_eq!(read(b"7", Some(9)), Some(7));
            assert_eq!(read(b"7", None), (!is_told).then_some(7));
            for odd in [
                &b"abc"[..],
                b"-1",
                b"7-",
                b"7-x",
                b"99999999999999999999",
                b"\xff",
                b" ",
            ] {
                assert_eq!(read(odd, None), None);
            }
        }
    }
}

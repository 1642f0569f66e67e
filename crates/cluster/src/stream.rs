//! The stream `maru:log`, and the few things that are done with it. Whatever depends on what is
//! there is one script, so nothing comes between the look and the deed.

use crate::keys::{CLUSTER, EPOCH, FIELD, LOCK, LOG};
use crate::link::{Fault, Link};
use crate::scripts::{APPEND, BEGIN, LOOK, OPEN, PUT, SHUT};
use bytes::Bytes;
use maru_domain::Seq;
use redis::{Value, cmd};
use std::time::Duration;

pub use crate::scripts::digest;

const KEYS: [&str; 4] = [LOG, EPOCH, CLUSTER, LOCK];

/// What an append came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Up to this position.
    Done(Seq),
    /// The writer's last entry is not there any more, or another is, or the stream is gone: nothing
    /// was appended.
    Changed,
    /// Another epoch has begun: nothing was appended.
    OtherEpoch,
}

/// `own` is the writer's last position with the digest of its payload; nothing in an empty log.
pub fn append(
    link: &mut Link,
    epoch: u64,
    own: Option<(Seq, &str)>,
    batch: &[Bytes],
) -> Result<Appended, Fault> {
    let epoch = epoch.to_string();
    let at = own.map_or(String::new(), |(seq, _)| id(seq));
    let digest = own.map_or("", |(_, digest)| digest);
    let mut arguments: Vec<&[u8]> = vec![epoch.as_bytes(), at.as_bytes(), digest.as_bytes()];
    arguments.extend(batch.iter().map(|payload| &payload[..]));
    let answer = link.run(&APPEND, &[LOG, EPOCH], &arguments)?;
    let words = texts(&answer);
    match (
        words.first().map(String::as_str),
        words.get(1).and_then(|id| position(id)),
    ) {
        (Some("ok"), Some(last)) => Ok(Appended::Done(last)),
        (Some("epoch"), _) => Ok(Appended::OtherEpoch),
        (Some("missing" | "other" | "gone"), _) => Ok(Appended::Changed),
        _ => Err(Fault::away("its answer makes no sense")),
    }
}

/// An entry as the stream has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub seq: Seq,
    pub payload: Bytes,
}

/// Why entries cannot be taken.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Nobody of ours wrote this.
    #[error("{0} was written into the stream maru:log by something else than Maru")]
    Foreign(String),
}

/// The entries behind `after`, waited for so long; none if none came.
pub fn read(
    link: &mut Link,
    after: Seq,
    count: usize,
    wait: Duration,
) -> Result<Vec<Entry>, ReadError> {
    let mut command = cmd("XREAD");
    command.arg("COUNT").arg(count);
    command.arg("BLOCK").arg(wait.as_millis() as u64);
    command.arg("STREAMS").arg(LOG).arg(id(after));
    let answer: Value = link.ask(&command)?;
    let mut entries = Vec::new();
    for found in entries_of(answer) {
        let (name, fields) = found?;
        let seq = position(&name).ok_or_else(|| ReadError::Foreign(name.clone()))?;
        match <[Value; 2]>::try_from(fields) {
            Ok([Value::BulkString(field), Value::BulkString(payload)])
                if field == FIELD.as_bytes() =>
            {
                entries.push(Entry {
                    seq,
                    payload: payload.into(),
                });
            }
            _ => return Err(ReadError::Foreign(name)),
        }
    }
    Ok(entries)
}

type Raw = (String, Vec<Value>);

fn entries_of(answer: Value) -> Vec<Result<Raw, Fault>> {
    let odd = || Err(Fault::away("its answer makes no sense"));
    let streams = match answer {
        Value::Array(streams) => streams,
        Value::Nil => return Vec::new(),
        _ => return vec![odd()],
    };
    let entries = streams.into_iter().flat_map(|stream| match stream {
        Value::Array(mut both) if both.len() == 2 => match both.pop() {
            Some(Value::Array(entries)) => entries,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    });
    entries
        .map(|entry| {
            let Value::Array(both) = entry else {
                return odd();
            };
            match <[Value; 2]>::try_from(both) {
                Ok([Value::BulkString(id), Value::Array(fields)]) => {
                    Ok((String::from_utf8_lossy(&id).into_owned(), fields))
                }
                _ => odd(),
            }
        })
        .collect()
}

/// What is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// `none`, `stream`, or what else a key can be.
    pub kind: String,
    pub epoch: String,
    /// Empty if no cluster was begun here.
    pub cluster: String,
    /// Who mends the stream.
    pub lock: String,
    /// The id that was given last.
    pub last: String,
    pub added: String,
    /// The oldest entry still there.
    pub first: Option<Seq>,
    /// The digest of what stands where it was asked for.
    pub at: Option<String>,
}

impl Found {
    pub fn is_nothing(&self) -> bool {
        self.kind == "none" && self.cluster.is_empty() && self.epoch.is_empty()
    }

    /// The position that was given last, if only positions were.
    pub fn last_seq(&self) -> Option<Seq> {
        position(&self.last)
    }

    /// The epoch, if the stream is open.
    pub fn epoch(&self) -> Option<u64> {
        self.epoch.parse().ok()
    }

    /// Why the stream is not as Maru writes it.
    pub fn damage(&self) -> Option<String> {
        match self.kind.as_str() {
            "none" => return None,
            "stream" => {}
            other => {
                return Some(format!(
                    "the key maru:log holds a {other}, which is not Maru's"
                ));
            }
        }
        let Some(last) = self.last_seq() else {
            return Some(format!(
                "something else than Maru wrote the entry {} into the stream maru:log; nothing can \
                 be added behind it",
                self.last
            ));
        };
        let added = self.added.parse::<u64>().ok();
        // Servers that do not count say nothing.
        (added.is_some_and(|added| added != last.0)).then(|| {
            format!(
                "the stream maru:log ends at {last}, but {} entries were added to it: something \
                 else than Maru wrote or set it",
                self.added
            )
        })
    }
}

pub fn look(link: &mut Link, at: Option<Seq>) -> Result<Found, Fault> {
    let at = at.map_or(String::new(), id);
    let answer = link.run(&LOOK, &KEYS, &[at.as_bytes()])?;
    let words = texts(&answer);
    let word = |n: usize| words.get(n).cloned().unwrap_or_default();
    if words.len() < 8 {
        return Err(Fault::away("its answer makes no sense"));
    }
    Ok(Found {
        kind: word(0),
        epoch: word(1),
        cluster: word(2),
        lock: word(3),
        last: word(4),
        added: word(5),
        first: position(&word(6)),
        at: Some(word(7)).filter(|digest| !digest.is_empty()),
    })
}

/// Begins a cluster where there is nothing; `false` if there is something. `entries` are the last
/// ones up to `last`.
pub fn begin(
    link: &mut Link,
    cluster: &str,
    epoch: u64,
    last: Seq,
    entries: &[(Seq, Bytes)],
) -> Result<bool, Fault> {
    let (epoch, last) = (epoch.to_string(), last.0.to_string());
    let ids: Vec<String> = entries.iter().map(|(seq, _)| id(*seq)).collect();
    let mut arguments: Vec<&[u8]> = vec![cluster.as_bytes(), epoch.as_bytes(), last.as_bytes()];
    for (id, (_, payload)) in ids.iter().zip(entries) {
        arguments.extend([id.as_bytes(), &payload[..]]);
    }
    let answer = link.run(&BEGIN, &[LOG, EPOCH, CLUSTER], &arguments)?;
    Ok(texts(&answer).first().is_some_and(|word| word == "begun"))
}

/// Mending, step by step; each fails if somebody else has the lock meanwhile.
pub struct Mending<'a> {
    pub link: &'a mut Link,
    pub me: &'a str,
    pub cluster: &'a str,
    pub epoch: u64,
}

impl Mending<'_> {
    fn token(&self) -> String {
        format!("mending {}", self.epoch)
    }

    /// Takes the lock; `false` if somebody has it.
    pub fn lock(&mut self) -> Result<bool, Fault> {
        let mut command = cmd("SET");
        command
            .arg(LOCK)
            .arg(self.me)
            .arg("NX")
            .arg("PX")
            .arg(10_000);
        let taken: Value = self.link.ask(&command)?;
        Ok(taken != Value::Nil)
    }

    pub fn shut(&mut self, anew: bool) -> Result<(), Fault> {
        let (token, anew) = (self.token(), if anew { "anew" } else { "" });
        let arguments = [
            self.me.as_bytes(),
            token.as_bytes(),
            self.cluster.as_bytes(),
            anew.as_bytes(),
        ];
        let answer = self.link.run(&SHUT, &KEYS, &arguments)?;
        expect(&answer, "shut")
    }

    pub fn put(&mut self, entries: &[(Seq, Bytes)]) -> Result<(), Fault> {
        let token = self.token();
        let ids: Vec<String> = entries.iter().map(|(seq, _)| id(*seq)).collect();
        let mut arguments: Vec<&[u8]> = vec![self.me.as_bytes(), token.as_bytes()];
        for (id, (_, payload)) in ids.iter().zip(entries) {
            arguments.extend([id.as_bytes(), &payload[..]]);
        }
        let answer = self.link.run(&PUT, &KEYS, &arguments)?;
        expect(&answer, "put")
    }

    pub fn open(&mut self, last: Seq) -> Result<(), Fault> {
        let (token, epoch, last) = (self.token(), self.epoch.to_string(), last.0.to_string());
        let arguments = [
            self.me.as_bytes(),
            token.as_bytes(),
            epoch.as_bytes(),
            last.as_bytes(),
        ];
        let answer = self.link.run(&OPEN, &KEYS, &arguments)?;
        expect(&answer, "open")
    }
}

fn expect(answer: &Value, word: &str) -> Result<(), Fault> {
    match texts(answer).first() {
        Some(found) if found == word => Ok(()),
        _ => Err(Fault::refused("was mended by another node meanwhile")),
    }
}

/// Whether the server takes writes just now; changes nothing that counts.
pub fn probe(link: &mut Link) -> Result<(), Fault> {
    let mut command = cmd("SET");
    command.arg("maru:probe").arg("1").arg("PX").arg(1_000);
    let _set: Value = link.ask(&command)?;
    Ok(())
}

/// Removes entries before `first`, a few at a time.
pub fn trim(link: &mut Link, from: Seq, first: Seq) -> Result<(), Fault> {
    const STEP: u64 = 10_000;
    let mut at = from.0;
    while at < first.0 {
        at = (at + STEP).min(first.0);
        let mut command = cmd("XTRIM");
        command.arg(LOG).arg("MINID").arg(id(Seq(at)));
        let _removed: u64 = link.ask(&command)?;
    }
    Ok(())
}

pub fn id(seq: Seq) -> String {
    format!("0-{}", seq.0)
}

pub fn position(id: &str) -> Option<Seq> {
    id.strip_prefix("0-")?.parse().ok().map(Seq)
}

/// The texts of an answer, one after another.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::BulkString(bytes) => vec![String::from_utf8_lossy(bytes).into_owned()],
        Value::SimpleString(text) => vec![text.clone()],
        Value::Okay => vec!["OK".to_owned()],
        Value::Int(number) => vec![number.to_string()],
        Value::Nil => vec![String::new()],
        _ => Vec::new(),
    }
}

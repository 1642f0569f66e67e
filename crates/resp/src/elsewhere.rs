//! Streams that are no keys: a log that somebody else keeps, as one reader may see it. Who signs in
//! with a secret of theirs reads those streams, and nothing else of the cache.

use super::acl::User;
use super::call::Nothing;
use super::client::Waiting;
use super::index::Row;
use super::out::Out;
use super::wakes::Wakes;
use super::world::World;
use maru_cache::StreamId;
use parking_lot::Mutex;
use std::any::Any;
use std::sync::Arc;

/// Somebody who reads streams that are kept elsewhere.
#[derive(Clone, Debug)]
pub struct Reader {
    pub name: String,
    /// What the keeper knows them by.
    pub secret: Arc<[u8]>,
    /// Begins the names of the keys in which the reader's groups are kept.
    pub groups: String,
}

/// What is answered, before it is bytes.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Nothing,
    Integer(i64),
    Text(Vec<u8>),
    Array(Vec<Reply>),
    /// Names and values: a map where there are maps, else one after the other.
    Map(Vec<(Reply, Reply)>),
    /// Streams with their entries: a map where there are maps, else pairs.
    Streams(Vec<(Vec<u8>, Reply)>),
    Error(String),
}

/// Sends the answer; dropping it without one closes nothing, the client waits on.
pub type Done = Box<dyn FnOnce(Reply) + Send>;

/// Who keeps such streams. Nothing here blocks.
pub trait Elsewhere: Send + Sync {
    /// Whose secret this is, if it is one of theirs.
    fn sign_in(&self, secret: &[u8]) -> Option<Reader>;
    /// Where a stream ends; `None`: there is no such stream for this reader.
    fn last_id(&self, reader: &Reader, key: &[u8]) -> Option<StreamId>;
    /// Runs a command on streams, and calls `done`. What is returned is dropped when nobody waits
    /// any more.
    fn ask(&self, reader: &Reader, args: Vec<Vec<u8>>, done: Done) -> Box<dyn Any + Send>;
}

/// Answers on their way to the loop.
#[derive(Default)]
pub struct Answers(Mutex<Vec<(usize, u64, Reply)>>);

impl Answers {
    pub fn take(&self) -> Vec<(usize, u64, Reply)> {
        std::mem::take(&mut self.0.lock())
    }
}

/// What such readers may do, by the rules of `ACL SETUSER`.
const RULES: &[&str] = &[
    "on",
    "nopass",
    "~maru:events",
    "~maru:room:*",
    "+@connection",
    "-select",
    "-client|kill",
    "-client|list",
    "-client|pause",
    "-client|unpause",
    "-client|unblock",
    "-client|no-evict",
    "-client|tracking",
    "-client|caching",
    "+command",
    "+xread",
    "+xreadgroup",
    "+xrange",
    "+xrevrange",
    "+xlen",
    "+xack",
    "+xpending",
    "+xclaim",
    "+xautoclaim",
    "+xgroup",
    "+xinfo",
];

/// Commands on groups alone, which are kept as keys.
const OF_GROUPS: &[&str] = &[
    "xack",
    "xpending",
    "xgroup|create",
    "xgroup|createconsumer",
    "xgroup|delconsumer",
    "xgroup|destroy",
    "xgroup|setid",
    "xinfo|consumers",
];

/// The user of the access list that such a reader is.
pub fn user_of(reader: &Reader) -> Arc<User> {
    let mut user = User::new(reader.name.as_bytes());
    for rule in RULES {
        if let Err(error) = user.follow(rule.as_bytes()) {
            debug_assert!(false, "{rule}: {error}");
        }
    }
    Arc::new(user)
}

/// What becomes of a request of such a reader.
pub enum Way {
    /// It is run here, with these arguments: groups are keys.
    Here(Vec<Vec<u8>>),
    /// It waits for an answer from elsewhere.
    Away,
    /// It is no request on streams.
    Usual,
}

impl World {
    /// Decides where a request on streams is run, and sends it there.
    pub fn send_away(&mut self, token: usize, row: &Row, args: &[&[u8]]) -> Result<Way, String> {
        let Some(reader) = self.clients[token].reader.clone() else {
            return Ok(Way::Usual);
        };
        let Some(elsewhere) = self.elsewhere.clone() else {
            return Ok(Way::Usual);
        };
        let name = row.full_name.as_str();
        if row.group != "stream" || name.ends_with("|help") {
            return Ok(Way::Usual);
        }
        let mut args: Vec<Vec<u8>> = args.iter().map(|arg| arg.to_vec()).collect();
        if OF_GROUPS.contains(&name) {
            let at = if name.contains('|') { 2 } else { 1 };
            let key = args[at].clone();
            let last = elsewhere.last_id(&reader, &key);
            let last = last.ok_or_else(|| "ERR no such key".to_owned())?;
            args[at] = group_key(&reader, &key);
            if matches!(name, "xgroup|create" | "xgroup|setid") && args[4] == b"$" {
                args[4] = last.to_string().into_bytes();
            }
            if name == "xgroup|create" {
                args.push(b"MKSTREAM".to_vec());
            }
            return Ok(Way::Here(args));
        }
        let id = self.clients[token].id;
        let (answers, wakes) = (self.answers.clone(), self.wakes.clone());
        let waker = Wakes::waker(&wakes, token, id);
        let done: Done = Box::new(move |reply| {
            answers.0.lock().push((token, id, reply));
            waker.wake();
        });
        let asked = elsewhere.ask(&reader, args, done);
        self.clients[token].waiting = Some(Waiting::Elsewhere(asked));
        Ok(Way::Away)
    }

    /// Answers that have come go to those who still wait for them.
    pub fn take_answers(&mut self) {
        for (token, id, reply) in self.answers.take() {
            if self.token_of(id) != Some(token) {
                continue;
            }
            let client = &mut self.clients[token];
            if !matches!(client.waiting, Some(Waiting::Elsewhere(_))) {
                continue;
            }
            client.waiting = None;
            client.out.protocol = client.protocol;
            if let Reply::Error(text) = &reply {
                self.stats.count_error(text);
            }
            write(&reply, &mut self.clients[token].out);
            self.touch(token);
        }
    }
}

/// The key in which the groups of a reader on a stream are kept.
pub fn group_key(reader: &Reader, key: &[u8]) -> Vec<u8> {
    [reader.groups.as_bytes(), key].concat()
}

fn write(reply: &Reply, out: &mut Out) {
    match reply {
        Reply::Nothing => Nothing::NullArray.write(out),
        Reply::Integer(number) => out.integer(*number),
        Reply::Text(text) => out.bulk(text),
        Reply::Array(items) => {
            out.array(items.len());
            items.iter().for_each(|item| write(item, out));
        }
        Reply::Map(pairs) => {
            out.map(pairs.len());
            for (name, value) in pairs {
                write(name, out);
                write(value, out);
            }
        }
        Reply::Streams(streams) => {
            if out.is_resp3() {
                out.map(streams.len())
            } else {
                out.array(streams.len())
            }
            for (key, entries) in streams {
                if !out.is_resp3() {
                    out.array(2);
                }
                out.bulk(key);
                write(entries, out);
            }
        }
        Reply::Error(text) => out.error(text),
    }
}

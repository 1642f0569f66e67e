//! One run of one command: what a handler is given, and what it may ask for.

use super::client::Client;
use super::failure::Failure;
use super::number;
use super::out::Out;
use super::world::World;
use maru_cache::{Embedded, Stats, Txn, ValueType};
use std::time::{Duration, Instant};

/// Where no limit is set, an answer that can be of any length ends here.
const LONGEST_DRAW_BYTES: usize = 256 << 20;

/// What a handler works with. `args[0]` is the command's name (of a subcommand, `args[1]`).
pub struct Call<'c> {
    pub args: &'c [&'c [u8]],
    /// Takes the answer. What was written before a failure is thrown away.
    pub out: &'c mut Out,
    pub world: &'c mut World,
    pub cache: &'c Embedded,
    /// Of the client, in [`World::clients`].
    pub token: usize,
    /// Runs between others, which must see nothing in between: it cannot wait.
    pub in_exec: bool,
    /// It has waited, and is run again because this key of its database was filled: no other key
    /// counts.
    pub woken_by: Option<&'c [u8]>,
    /// Set by [`Call::wait`].
    pub wait: Option<Wait>,
    /// The answer is an error, and was written and counted as one.
    pub failed: bool,
    /// Figures of the cache, where it is locked by the running transaction.
    pub seen: Option<Stats>,
}

/// A client that waits for keys to be changed; its command is then run again.
#[derive(Clone, Debug)]
pub struct Wait {
    /// Keys that it waits for, in the client's database.
    pub keys: Vec<Vec<u8>>,
    /// What it waits for in them.
    pub kind: Option<ValueType>,
    pub since: Instant,
    /// When it gives up; `None` is never.
    pub until: Option<Instant>,
    /// What it is answered then.
    pub otherwise: Nothing,
    /// Arguments to run with later, where "now" meant something.
    pub args: Option<Vec<Vec<u8>>>,
    /// Keys whose change others hear of only then.
    pub ready: Vec<(u8, Vec<u8>)>,
}

/// How a client is told that nothing came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nothing {
    NullArray,
    Zero,
    Ok,
    /// An answer that was ready when the sleep began.
    Answer(Vec<u8>),
}

impl Wait {
    /// A client that sleeps with an answer that it has earned; also those who wait for what it has
    /// changed hear of it only then, as if all slept.
    pub fn asleep(sleep: Duration, answer: Vec<u8>, ready: Vec<(u8, Vec<u8>)>) -> Wait {
        let since = Instant::now();
        Wait {
            keys: Vec::new(),
            kind: None,
            since,
            until: Some(since + sleep),
            otherwise: Nothing::Answer(answer),
            args: None,
            ready,
        }
    }
}

impl Nothing {
    pub fn write(&self, out: &mut Out) {
        match self {
            Nothing::NullArray => out.null_array(),
            Nothing::Zero => out.integer(0),
            Nothing::Ok => out.ok(),
            Nothing::Answer(bytes) => out.bytes.extend_from_slice(bytes),
        }
    }
}

impl<'c> Call<'c> {
    pub fn client(&mut self) -> &mut Client {
        &mut self.world.clients[self.token]
    }

    /// Figures of the cache.
    pub fn cache_stats(&self) -> Stats {
        let seen = self.seen.clone();
        seen.unwrap_or_else(|| self.cache.stats())
    }

    /// Whether the answer has become longer than the client may be told, or anybody should: it is
    /// to end here, and the connection ends with it.
    pub fn is_too_long(&mut self) -> bool {
        let client = &self.world.clients[self.token];
        let limit = client.output_limit(&self.world.settings).hard_bytes;
        let limit = if limit == 0 {
            LONGEST_DRAW_BYTES
        } else {
            limit
        };
        let is_too_long = self.out.bytes.len() > limit;
        if is_too_long && !client.dead {
            self.world.stats.slow_subscribers += 1;
            self.client().dead = true;
        }
        is_too_long
    }

    /// Fails unless the user may read any key, for an option that names keys by a pattern.
    pub fn must_read_everything(&self, option: &str) -> Result<(), Failure> {
        let user = &self.world.clients[self.token].user;
        let row = super::dispatch::find(self.args)?;
        if user.may_read_everything(row, self.args) {
            return Ok(());
        }
        Err(Failure::of(format!(
            "ERR {option} option of SORT denied due to insufficient ACL permissions."
        )))
    }

    /// Whether an argument is this word (given in upper case), in any case.
    pub fn is(&self, at: usize, word: &str) -> bool {
        self.args
            .get(at)
            .is_some_and(|arg| arg.eq_ignore_ascii_case(word.as_bytes()))
    }

    /// The argument as an integer.
    pub fn integer(&self, at: usize) -> Result<i64, Failure> {
        let text = self.args.get(at).ok_or(Failure::SYNTAX)?;
        number::integer(text).ok_or(Failure::NOT_AN_INTEGER)
    }

    /// The argument as an integer that is not negative.
    pub fn size(&self, at: usize, otherwise: Failure) -> Result<usize, Failure> {
        let size = self.integer(at).ok();
        size.and_then(|size| usize::try_from(size).ok())
            .ok_or(otherwise)
    }

    /// The argument as a number with a fraction.
    pub fn float(&self, at: usize) -> Result<f64, Failure> {
        let text = self.args.get(at).ok_or(Failure::SYNTAX)?;
        number::float(text).ok_or(Failure::NOT_A_FLOAT)
    }

    /// Argument as seconds to wait (0 is for ever): when that ends.
    pub fn timeout(&self, at: usize) -> Result<Option<Instant>, Failure> {
        let seconds = self
            .args
            .get(at)
            .and_then(|text| number::float(text))
            .ok_or(Failure::new("ERR timeout is not a float or out of range"))?;
        // As Redis says it, also of what is too much to be told in milliseconds.
        let wait = Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|wait| wait.as_millis() < i64::MAX as u128)
            .ok_or(Failure::new("ERR timeout is negative"))?;
        if seconds == 0.0 {
            return Ok(None);
        }
        Ok(Instant::now().checked_add(wait.max(Duration::from_millis(1))))
    }

    /// Whether a client that has waited passes a key over: it was woken by another one, or the key
    /// holds something of another kind. Who has only just come looks at each, and is told.
    pub fn passes_over(&self, txn: &mut Txn<'_>, key: &[u8], kind: ValueType) -> bool {
        self.woken_by
            .is_some_and(|filled| filled != key || txn.kind(key).is_some_and(|held| held != kind))
    }

    /// There is nothing yet: the command is run again when one of the keys has been filled, until
    /// the time runs out. Between MULTI and EXEC the time has run out already. To be followed by
    /// `Ok(())` without an answer.
    pub fn wait_for(&mut self, kind: ValueType, keys: Vec<Vec<u8>>, until: Option<Instant>) {
        self.wait(until, Nothing::NullArray);
        if let Some(wait) = &mut self.wait {
            wait.keys = keys;
            wait.kind = Some(kind);
        }
    }

    /// The command is answered when the time has run out; between MULTI and EXEC it has already.
    pub fn wait(&mut self, until: Option<Instant>, otherwise: Nothing) {
        if self.in_exec {
            otherwise.write(self.out);
            return;
        }
        self.wait = Some(Wait {
            keys: Vec::new(),
            kind: None,
            since: Instant::now(),
            until,
            otherwise,
            args: None,
            ready: Vec::new(),
        });
    }
}

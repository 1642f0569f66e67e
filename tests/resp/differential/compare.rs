//! When two answers count as the same.

use super::super::kit::Reply;
use super::Request;

/// Answers in no order.
const UNORDERED: &[&str] = &[
    "keys", "smembers", "sinter", "sunion", "sdiff", "hgetall", "hkeys", "hvals", "command",
];
/// Answers that are a time: a little more or less is the same.
const TIMES: &[&str] = &["ttl", "pttl", "expiretime", "pexpiretime"];
/// Such fields within answers.
const TIME_FIELDS: &[&str] = &["idle", "inactive", "seen-time", "active-time"];
/// Pages: cursors are each server's own, and so is how much is on a page.
const PAGES: &[&str] = &["scan", "sscan", "hscan", "zscan"];
/// Milliseconds that answers on time may differ by.
const SLACK_MS: i64 = 30_000;
/// No other number is as large as a unix time in milliseconds.
const LEAST_UNIX_MS: i64 = 1_000_000_000_000;

/// What shows everything that a command may pick from by chance; it is asked right before.
pub fn everything(name: &str) -> Option<fn(&[u8]) -> Request> {
    fn of(words: [&[u8]; 2]) -> Request {
        words.iter().map(|word| word.to_vec()).collect()
    }
    Some(match name {
        "spop" | "srandmember" => |key| of([b"smembers", key]),
        "hrandfield" => |key| of([b"hgetall", key]),
        "zrandmember" => |key| {
            let mut request = of([b"zrange", key]);
            request.extend([b"0".to_vec(), b"-1".to_vec(), b"withscores".to_vec()]);
            request
        },
        "randomkey" => |_| of([b"keys", b"*"]),
        _ => return None,
    })
}

/// A conversation with both servers.
pub struct Said<'a> {
    pub requests: &'a [Request],
    pub expected: &'a [Reply],
    pub answered: &'a [Reply],
}

impl Said<'_> {
    pub fn is_same(&self, at: usize) -> bool {
        let (expected, answered) = (&self.expected[at], &self.answered[at]);
        let name = String::from_utf8_lossy(&self.requests[at][0]).to_lowercase();
        if expected == answered {
            return true;
        }
        if name == "exec" {
            return self.is_same_step(at);
        }
        if everything(&name).is_some() && at > 0 {
            let request = &self.requests[at];
            return sizes(expected) == sizes(answered)
                && is_picked(request, expected, &self.expected[at - 1])
                && is_picked(request, answered, &self.answered[at - 1]);
        }
        is_alike(&self.requests[at], expected, answered)
    }

    /// All that came to be queued before, one by one.
    fn is_same_step(&self, at: usize) -> bool {
        let (Reply::Array(expected), Reply::Array(answered)) =
            (&self.expected[at], &self.answered[at])
        else {
            return false;
        };
        let begin = self.requests[..at]
            .iter()
            .rposition(|request| request[0].eq_ignore_ascii_case(b"multi"));
        let queued = (begin.unwrap_or(0)..at)
            .filter(|&at| self.expected[at] == Reply::Simple("QUEUED".into()))
            .map(|at| &self.requests[at]);
        expected.len() == answered.len()
            && queued
                .zip(expected.iter().zip(answered))
                .all(|(request, (expected, answered))| is_alike(request, expected, answered))
    }
}

fn is_alike(request: &Request, expected: &Reply, answered: &Reply) -> bool {
    if expected == answered {
        return true;
    }
    let name = String::from_utf8_lossy(&request[0]).to_lowercase();
    let name = name.as_str();
    match name {
        name if PAGES.contains(&name) => {
            matches!((expected, answered), (Reply::Array(_), Reply::Array(_)))
        }
        name if UNORDERED.contains(&name) => sorted(expected) == sorted(answered),
        "sort" | "sort_ro" => is_sorted_alike(request, expected, answered),
        name if TIMES.contains(&name) => is_near(expected, answered),
        "object" if has(request, b"idletime") => is_near(expected, answered),
        // Who else holds a value is each server's own business.
        "object" if has(request, b"refcount") => sizes(expected) == sizes(answered),
        "xinfo" | "xpending" => is_told_alike(expected, answered),
        _ => false,
    }
}

fn has(request: &Request, word: &[u8]) -> bool {
    request.iter().any(|other| other.eq_ignore_ascii_case(word))
}

/// What SORT leaves as it is may come from a set, and texts under other names may be the same.
fn is_sorted_alike(request: &Request, expected: &Reply, answered: &Reply) -> bool {
    let by = request
        .windows(2)
        .find(|pair| pair[0].eq_ignore_ascii_case(b"by"));
    let Some(by) = by else { return false };
    let leaves = !by[1].contains(&b'*');
    if leaves && has(request, b"limit") {
        sizes(expected) == sizes(answered)
    } else {
        (leaves || has(request, b"alpha")) && sorted(expected) == sorted(answered)
    }
}

fn is_near(expected: &Reply, answered: &Reply) -> bool {
    match (expected, answered) {
        (Reply::Integer(expected), Reply::Integer(answered)) => {
            *expected >= 0 && *answered >= 0 && (expected - answered).abs() <= SLACK_MS
        }
        _ => expected == answered,
    }
}

/// What is told about streams is the same but for times.
fn is_told_alike(expected: &Reply, answered: &Reply) -> bool {
    let (expected, answered) = match (expected, answered) {
        (Reply::Array(expected), Reply::Array(answered))
        | (Reply::Map(expected), Reply::Map(answered)) => (expected, answered),
        (Reply::Integer(number), _) if *number >= LEAST_UNIX_MS => {
            return is_near(expected, answered);
        }
        _ => return expected == answered,
    };
    // Of an entry that is pending: its id, who holds it, for how long, how often it was handed out.
    let is_pending = matches!(
        expected.as_slice(),
        [_, Reply::Bulk(_), Reply::Integer(_), Reply::Integer(_)]
    );
    expected.len() == answered.len()
        && (0..expected.len()).all(|at| {
            let is_time = (is_pending && at == 2)
                || (at % 2 == 1 && TIME_FIELDS.contains(&expected[at - 1].text().as_str()));
            if is_time {
                is_near(&expected[at], &answered[at])
            } else {
                is_told_alike(&expected[at], &answered[at])
            }
        })
}

/// Whether a pick comes from what there is, and nothing twice unless that was asked for.
fn is_picked(request: &Request, picked: &Reply, all: &Reply) -> bool {
    let name = request[0].as_slice();
    let has_pairs = request
        .last()
        .is_some_and(|word| word.to_ascii_lowercase().starts_with(b"with"));
    // Fields and scores stand beside what can be picked.
    let beside = matches!(name, b"hrandfield" | b"zrandmember");
    let (all, picked) = (texts(all), texts(picked));
    let mut all: Vec<&[String]> = all.chunks(1 + usize::from(beside)).collect();
    let mut picked = picked.chunks(1 + usize::from(has_pairs));
    let may_repeat = request.get(2).is_some_and(|count| count.starts_with(b"-"));
    picked.all(|item| {
        let found = all.iter().position(|held| held.starts_with(item));
        if let (Some(at), false) = (found, may_repeat) {
            all.swap_remove(at);
        }
        found.is_some()
    })
}

/// All texts in an answer, one after the other.
fn texts(reply: &Reply) -> Vec<String> {
    match reply {
        Reply::Array(items) | Reply::Set(items) | Reply::Map(items) => {
            items.iter().flat_map(texts).collect()
        }
        Reply::Null => Vec::new(),
        other => vec![other.text()],
    }
}

/// Which items there are, whatever they are.
fn sizes(reply: &Reply) -> String {
    match reply {
        Reply::Array(items) | Reply::Set(items) | Reply::Map(items) => {
            let sizes: Vec<String> = items.iter().map(sizes).collect();
            format!("[{}]", sizes.join(", "))
        }
        Reply::Bulk(_) => "bulk".to_owned(),
        Reply::Double(_) => "double".to_owned(),
        Reply::Integer(_) => "integer".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Items in one order, those of items too.
fn sorted(reply: &Reply) -> String {
    match reply {
        Reply::Array(items) | Reply::Set(items) | Reply::Map(items) => {
            let mut texts: Vec<String> = items.iter().map(sorted).collect();
            texts.sort();
            format!("[{}]", texts.join(", "))
        }
        other => format!("{other:?}"),
    }
}

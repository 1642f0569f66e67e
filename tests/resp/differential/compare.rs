//! When two answers count as the same.

use super::super::kit::Reply;

/// Answers in no order.
const UNORDERED: &[&str] = &[
    "keys", "smembers", "sinter", "sunion", "sdiff", "hgetall", "hkeys", "hvals", "command",
];
/// Answers that tell of time: a little more or less is the same.
const TIMES: &[&str] = &[
    "ttl",
    "pttl",
    "expiretime",
    "pexpiretime",
    "object",
    "xinfo",
    "xpending",
];
/// Pages: cursors are each server's own, and so is how much is on a page.
const PAGES: &[&str] = &["scan", "sscan", "hscan", "zscan"];
/// Milliseconds that answers on time may differ by.
const SLACK_MS: i64 = 30_000;

pub fn same(request: &[Vec<u8>], expected: &Reply, answered: &Reply) -> bool {
    let name = String::from_utf8_lossy(&request[0]).to_lowercase();
    let name = name.as_str();
    if expected == answered {
        return true;
    }
    if PAGES.contains(&name) {
        return matches!((expected, answered), (Reply::Array(_), Reply::Array(_)));
    }
    // What SORT leaves as it is may come from a set.
    let unsorted = matches!(name, "sort" | "sort_ro")
        && request
            .iter()
            .any(|word| word.eq_ignore_ascii_case(b"nosort"));
    if unsorted || UNORDERED.contains(&name) {
        return sorted(expected) == sorted(answered);
    }
    if name == "exec" {
        let (Reply::Array(expected), Reply::Array(answered)) = (expected, answered) else {
            return false;
        };
        // What was asked is not at hand here, so all that may be in no order is sorted.
        let pairs = expected.iter().zip(answered);
        return expected.len() == answered.len()
            && pairs.into_iter().all(|(expected, answered)| {
                sorted(expected) == sorted(answered) || near(expected, answered)
            });
    }
    if TIMES.contains(&name) {
        return near(expected, answered);
    }
    false
}

fn near(expected: &Reply, answered: &Reply) -> bool {
    match (expected, answered) {
        (Reply::Integer(expected), Reply::Integer(answered)) => {
            *expected >= 0 && *answered >= 0 && (expected - answered).abs() <= SLACK_MS
        }
        (Reply::Array(expected), Reply::Array(answered))
        | (Reply::Map(expected), Reply::Map(answered)) => {
            expected.len() == answered.len()
                && expected
                    .iter()
                    .zip(answered)
                    .all(|(expected, answered)| expected == answered || near(expected, answered))
        }
        _ => false,
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

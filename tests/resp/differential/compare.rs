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
    if UNORDERED.contains(&name) || name == "exec" {
        return sorted(expected, name == "exec") == sorted(answered, name == "exec");
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

/// Items in one order; in pairs where they are pairs, which all that is sorted here may be.
fn sorted(reply: &Reply, deep: bool) -> Vec<String> {
    match reply {
        Reply::Array(items) | Reply::Set(items) | Reply::Map(items) => {
            let mut texts: Vec<String> = items
                .iter()
                .map(|item| match (deep, item) {
                    // Within EXEC, answers keep their places, and numbers may be times.
                    (true, Reply::Array(_) | Reply::Set(_) | Reply::Map(_)) => {
                        sorted(item, false).join("\0")
                    }
                    (true, Reply::Integer(number)) if number.abs() > SLACK_MS => "large".to_owned(),
                    _ => format!("{item:?}"),
                })
                .collect();
            if !deep {
                texts.sort();
            }
            texts
        }
        other => vec![format!("{other:?}")],
    }
}

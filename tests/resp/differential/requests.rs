//! Requests by chance, the same for the same seed.

use super::chance::Chance;
use super::shapes::{LEFT_OUT, SHAPES};
use super::{Request, compare};
use std::collections::HashMap;

/// Makes sequences of requests out of the command table.
pub struct Maker {
    commands: Vec<(&'static str, i32)>,
    shapes: HashMap<&'static str, &'static str>,
}

const VALUES: &[&str] = &[
    "",
    "a",
    "abc",
    "0",
    "1",
    "-1",
    "10",
    "3.14",
    "9223372036854775807",
    "hello world",
    "\u{1F600}",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "x\r\ny",
    "b",
];
const INTEGERS: &[&str] = &["0", "1", "-1", "2", "-2", "5", "-5", "100", "-100"];
const FLOATS: &[&str] = &[
    "0", "1", "-1", "1.5", "-2.25", "3", "100", "1e3", "0.1", "7.7", "inf", "-inf", "1e308",
    "-1e308",
];
const MEMBERS: &[&str] = &["a", "b", "c", "m1", "m2", "1", "2", "3", "-5", "zz"];
const ODD: &[&str] = &[
    "",
    "abc",
    "9223372036854775808",
    "-9223372036854775808",
    "nan",
    "inf",
    "1.5",
    " 1",
    "0x10",
    "k:0",
    "COUNT",
    "-",
    "+",
    "*",
    "NX",
    "(1",
    "[a",
    "99999999999999999999",
];
/// Settings up to where collections count as small.
const SMALL: &str = "CONFIG SET hash-max-listpack-entries 3 hash-max-listpack-value 8 set-max-intset-entries 3 \
    zset-max-listpack-entries 3 zset-max-listpack-value 8 stream-node-max-entries 3";
const USUAL: &str = "CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 64 set-max-intset-entries 512 \
    zset-max-listpack-entries 128 zset-max-listpack-value 64 stream-node-max-entries 100";
/// At the end: is all the same that is kept?
const LOOK: &[&str] = &[
    "DEBUG DIGEST",
    "SELECT 0",
    "OBJECT ENCODING k:0",
    "OBJECT ENCODING k:1",
    "OBJECT ENCODING k:2",
    "OBJECT ENCODING k:3",
    "OBJECT ENCODING k:4",
    "PTTL k:0",
    "PTTL k:1",
    "XINFO STREAM k:0 FULL",
    "XINFO STREAM k:1 FULL",
    "XINFO STREAM k:2 FULL",
];
const NAMES: &[&str] = &[
    "k:*", "k:*->a", "k:*->b", "*", "k:*->", "k:0->*", "k:**", "nothing*",
];
const PATTERNS: &[&str] = &["*", "k:*", "k:?", "a*", "[ab]*", "nothing", "*[", "k:[0-2]"];

impl Maker {
    pub fn new() -> Maker {
        let commands = maru::resp::commands().into_iter();
        let commands: Vec<_> = commands
            .filter(|command| !command.is_subcommand && !LEFT_OUT.contains(&command.name))
            .map(|command| (command.name, command.arity))
            .collect();
        let shapes = SHAPES.iter().copied().collect();
        Maker { commands, shapes }
    }

    /// Some dozens of requests that begin with empty databases, and end with a look at what is kept.
    pub fn sequence(&self, seed: u64) -> Vec<Request> {
        let mut chance = Chance::new(seed);
        let mut requests = vec![words("FLUSHALL"), words("SELECT 0")];
        // In some, collections soon count as large.
        requests.push(words(if chance.one_in(3) { SMALL } else { USUAL }));
        // Some sequences stay with a few commands, so that these meet on the same keys.
        let few: Vec<usize> = (0..6).map(|_| chance.below(self.commands.len())).collect();
        let focused = chance.one_in(2);
        let one_odd_in = if chance.one_in(6) { 2 } else { 12 };
        let length = 8 + chance.below(32);
        let mut queued = 0;
        for _ in 0..length {
            if queued == 0 && chance.one_in(8) {
                requests.push(words("MULTI"));
                queued = 1 + chance.below(8);
            }
            let at = if focused && !chance.one_in(4) {
                *chance.pick(&few)
            } else {
                chance.below(self.commands.len())
            };
            let mut request = self.request(at, one_odd_in, &mut chance);
            let name = String::from_utf8_lossy(&request[0]).into_owned();
            let everything = compare::everything(&name);
            if queued == 0 {
                if let Some(before) = everything {
                    let key = request.get(1).map(Vec::as_slice).unwrap_or_default();
                    requests.push(before(key));
                }
                let key = request.get(1).cloned();
                requests.push(request);
                if let ("spop", Some(key)) = (name.as_str(), key) {
                    // What each has left is its own.
                    requests.push(vec![b"del".to_vec(), key]);
                }
            } else if everything.is_none() && !name.ends_with("scan") {
                // Within a step, what comes by chance and in pages cannot be told apart; but nothing
                // waits there, however long it may.
                for word in &mut request {
                    if word == b"0.001" {
                        *word = b"0".to_vec();
                    }
                }
                requests.push(request);
            }
            if queued > 0 {
                queued -= 1;
                if queued == 0 {
                    let end = if chance.one_in(8) { "DISCARD" } else { "EXEC" };
                    requests.push(words(end));
                }
            }
        }
        if queued > 0 {
            requests.push(words("EXEC"));
        }
        requests.extend(LOOK.iter().map(|request| words(request)));
        requests
    }

    fn request(&self, at: usize, one_odd_in: usize, chance: &mut Chance) -> Request {
        let (name, arity) = self.commands[at];
        let mut request = vec![name.as_bytes().to_vec()];
        match self.shapes.get(name) {
            Some(shape) => expand(shape, chance, &mut request),
            None => {
                let least = (arity.unsigned_abs() as usize).saturating_sub(1);
                let more = if arity < 0 { chance.below(3) } else { 0 };
                for position in 0..least + more {
                    request.push(match position {
                        0 => key(chance),
                        _ if chance.one_in(2) => key(chance),
                        _ => one_of(MEMBERS, chance),
                    });
                }
            }
        }
        // Now and then something that nobody would write. Ranges by name are not defined where scores
        // differ, and what another time to wait would mean is known.
        let first = if request[0].contains(&b'l') && request[0].ends_with(b"lex") {
            2
        } else {
            1
        };
        if chance.one_in(one_odd_in) && request.len() > first {
            let at = first + chance.below(request.len() - first);
            let lex = request.iter().any(|word| word == b"BYLEX") && at < 3;
            let odd = one_of(ODD, chance);
            // An id that each makes by its own clock.
            let is_id_of_now = name == "xadd" && odd == b"*";
            if !lex && !is_id_of_now && request[at] != b"0.001" {
                request[at] = odd;
            }
        }
        if chance.one_in(40) {
            request.push(one_of(ODD, chance));
        }
        if chance.one_in(60) && request.len() > 1 {
            request.pop();
        }
        request
    }
}

fn words(text: &str) -> Request {
    text.split(' ')
        .map(|word| word.as_bytes().to_vec())
        .collect()
}

fn one_of(from: &[&str], chance: &mut Chance) -> Vec<u8> {
    chance.pick(from).as_bytes().to_vec()
}

fn key(chance: &mut Chance) -> Vec<u8> {
    format!("k:{}", chance.below(5)).into_bytes()
}

fn stream_id(chance: &mut Chance) -> Vec<u8> {
    if chance.one_in(6) {
        format!("{}-{}", chance.below(9), chance.below(3)).into_bytes()
    } else {
        format!("{}-1", 1 + chance.below(30)).into_bytes()
    }
}

/// Adds what a shape stands for.
fn expand(shape: &str, chance: &mut Chance, request: &mut Request) {
    let mut rest = shape.trim();
    while !rest.is_empty() {
        let (part, after) = match rest.as_bytes()[0] {
            open @ (b'[' | b'(') if !is_bound(rest) => {
                let end = closing(rest, open);
                (&rest[..=end], &rest[end + 1..])
            }
            _ => rest.split_once(' ').unwrap_or((rest, "")),
        };
        let (repeated, after) = match after.strip_prefix('*') {
            Some(after) => (true, after),
            None => (false, after),
        };
        let inside = part.get(1..part.len() - 1).unwrap_or_default();
        match part.as_bytes()[0] {
            b'[' => {
                let mut times = chance.below(if repeated { 4 } else { 2 });
                while times > 0 {
                    expand(inside, chance, request);
                    times -= 1;
                }
            }
            b'(' if !is_bound(part) => {
                let choices = alternatives(inside);
                let choice = *chance.pick(&choices);
                expand(choice, chance, request);
            }
            _ => word(part, chance, request),
        }
        rest = after.trim_start();
    }
}

/// `(F` and `(S` are words: excluded bounds.
fn is_bound(text: &str) -> bool {
    ["(F", "(S"].iter().any(|bound| {
        text.strip_prefix(bound)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ')', ']']))
    })
}

/// Where what opens at the beginning closes.
fn closing(text: &str, open: u8) -> usize {
    let close = if open == b'[' { b']' } else { b')' };
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte == open && !(at > 0 && is_bound(&text[at..])) {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    panic!("{text} is not closed")
}

/// Parts between bars that are not within brackets.
fn alternatives(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' if is_bound(&text[at..]) => {}
            b'[' | b'(' => depth += 1,
            b']' | b')' => depth -= 1,
            b'|' if depth == 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

fn word(word: &str, chance: &mut Chance, request: &mut Request) {
    let small = |chance: &mut Chance| chance.below(12).to_string();
    let argument = match word {
        "K" => key(chance),
        "V" => one_of(VALUES, chance),
        "M" => one_of(MEMBERS, chance),
        "I" => one_of(INTEGERS, chance),
        "F" => one_of(FLOATS, chance),
        "(F" => [b"(".to_vec(), one_of(FLOATS, chance)].concat(),
        "<M" => [b"[".to_vec(), one_of(MEMBERS, chance)].concat(),
        "{M" => [b"(".to_vec(), one_of(MEMBERS, chance)].concat(),
        "P" => one_of(PATTERNS, chance),
        "W" => one_of(NAMES, chance),
        "L" => format!("lex:{}", chance.below(2)).into_bytes(),
        "C" => one_of(&["g", "h"], chance),
        "A" => one_of(&["one", "two", "three"], chance),
        "(S" => [b"(".to_vec(), stream_id(chance)].concat(),
        "D" => chance.below(3).to_string().into_bytes(),
        "B" => chance.below(2).to_string().into_bytes(),
        "N" => small(chance).into_bytes(),
        "#N" => format!("#{}", small(chance)).into_bytes(),
        "N00" | "N000" | "1N" => word.replace('N', &small(chance)).into_bytes(),
        // Long enough that nothing ends while the two servers are asked.
        "T" | "T000" | "99999T" | "99999999T" => {
            // Which of two is later must not hang on a millisecond.
            let seconds = (100_000 + chance.below(500_000)).to_string();
            word.replace('T', &seconds).into_bytes()
        }
        "S" => stream_id(chance),
        "G" => {
            request.push((chance.below(340) as i64 - 170).to_string().into_bytes());
            (chance.below(160) as i64 - 80).to_string().into_bytes()
        }
        literal => literal.as_bytes().to_vec(),
    };
    request.push(argument);
}

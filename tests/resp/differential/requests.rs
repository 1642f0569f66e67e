//! Requests by chance, the same for the same seed.

use super::Request;
use super::shapes::{LEFT_OUT, SHAPES};
use std::collections::HashMap;

/// Numbers by chance (SplitMix64).
pub struct Chance(u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, below: usize) -> usize {
        (self.next() % below as u64) as usize
    }

    pub fn one_in(&mut self, several: usize) -> bool {
        self.below(several) == 0
    }

    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }
}

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
    "0", "1", "-1", "1.5", "-2.25", "3", "100", "1e3", "0.1", "7.7",
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

    /// Some dozens of requests that begin with empty databases.
    pub fn sequence(&self, seed: u64) -> Vec<Request> {
        let mut chance = Chance(seed.wrapping_mul(0x5851_f42d_4c95_7f2d));
        let mut requests = vec![words("FLUSHALL"), words("SELECT 0")];
        // Some sequences stay with a few commands, so that these meet on the same keys.
        let few: Vec<usize> = (0..6).map(|_| chance.below(self.commands.len())).collect();
        let focused = chance.one_in(2);
        let length = 8 + chance.below(32);
        let mut queued = 0;
        for _ in 0..length {
            if queued == 0 && chance.one_in(15) {
                requests.push(words("MULTI"));
                queued = 1 + chance.below(5);
            }
            let at = match focused && !chance.one_in(4) {
                true => *chance.pick(&few),
                false => chance.below(self.commands.len()),
            };
            let request = self.request(at, &mut chance);
            // Pages are each server's own, and within a step they are not told apart.
            if queued == 0 || !request[0].ends_with(b"scan") {
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
        requests
    }

    fn request(&self, at: usize, chance: &mut Chance) -> Request {
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
        // Which of two mistakes is told first may differ where it has not been looked at.
        // Now and then something that nobody would write.
        if chance.one_in(12) && request.len() > 1 {
            let at = 1 + chance.below(request.len() - 1);
            request[at] = one_of(ODD, chance);
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

/// `(F` is a word: an excluded bound. Alternatives that begin with a number do not begin so.
fn is_bound(text: &str) -> bool {
    text.strip_prefix("(F")
        .is_some_and(|rest| !rest.starts_with(['|', 'R']))
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
    let (mut parts, mut depth, mut bounds, mut from) = (Vec::new(), 0, 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' if is_bound(&text[at..]) => bounds += 1,
            b')' if bounds > 0 => bounds -= 1,
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
        "D" => chance.below(3).to_string().into_bytes(),
        "B" => chance.below(2).to_string().into_bytes(),
        "N" => small(chance).into_bytes(),
        "#N" => format!("#{}", small(chance)).into_bytes(),
        "N00" | "N000" | "1N" => word.replace('N', &small(chance)).into_bytes(),
        // Long enough that nothing ends while the two servers are asked.
        "T" | "T000" | "99999T" | "99999999T" => {
            let seconds = (100_000 + chance.below(5) * 100_000).to_string();
            word.replace('T', &seconds).into_bytes()
        }
        "S" => match chance.one_in(6) {
            true => format!("{}-{}", chance.below(9), chance.below(3)).into_bytes(),
            false => format!("{}-1", 1 + chance.below(30)).into_bytes(),
        },
        "G" => {
            request.push((chance.below(340) as i64 - 170).to_string().into_bytes());
            (chance.below(160) as i64 - 80).to_string().into_bytes()
        }
        literal => literal.as_bytes().to_vec(),
    };
    request.push(argument);
}

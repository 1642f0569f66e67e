//! Bytes of any kind: requests however they are cut, answers as another decoder reads them.

use super::kit::{PATIENCE, Port, Reply, request};
use maru::resp::{Argument, Bounds, Malformed, Parser, Step};
use proptest::collection::vec;
use proptest::prelude::*;
use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

type Requests = Vec<Vec<Vec<u8>>>;

/// Reads what is there in pieces; what was asked, and how it ended.
fn read(bytes: &[u8], cuts: &[usize], bounds: Bounds) -> (Requests, Option<Malformed>) {
    let mut parser = Parser::default();
    let (mut requests, mut from) = (Vec::new(), 0);
    let ends = cuts.iter().map(|cut| cut % (bytes.len() + 1));
    let mut ends: Vec<usize> = ends.chain([bytes.len()]).collect();
    ends.sort_unstable();
    for end in ends {
        loop {
            match parser.parse(&bytes[from.min(end)..end], bounds) {
                Ok(Step::Incomplete) => break,
                Ok(Step::Complete(length)) => {
                    let here = &bytes[from..end];
                    let arguments = parser.arguments().iter().map(|argument| match argument {
                        Argument::At(from, to) => here[*from..*to].to_vec(),
                        Argument::Copied(word) => word.clone(),
                    });
                    requests.push(arguments.collect());
                    assert!(length > 0, "it would never end");
                    from += length;
                    parser.next();
                    if from == end {
                        break;
                    }
                }
                Err(malformed) => return (requests, Some(malformed)),
            }
        }
    }
    (requests, None)
}

fn requests() -> impl Strategy<Value = Requests> {
    let word = prop_oneof![
        vec(any::<u8>(), 0..40),
        Just(b"*2\r\n$1".to_vec()),
        Just(b"\r\n".to_vec())
    ];
    vec(vec(word, 1..6), 1..8)
}

proptest! {
    #[test]
    fn requests_are_read_alike_however_they_are_cut(
        requests in requests(),
        cuts in vec(any::<usize>(), 0..12),
    ) {
        let bytes: Vec<u8> = requests.iter().flat_map(|args| {
            request(&args.iter().map(Vec::as_slice).collect::<Vec<_>>())
        }).collect();
        prop_assert_eq!(read(&bytes, &cuts, Bounds::KNOWN), (requests, None));
    }

    #[test]
    fn nonsense_is_read_alike_however_it_is_cut(
        requests in requests(),
        changes in vec((any::<usize>(), any::<u8>(), 0..4u8), 1..6),
        cuts in vec(any::<usize>(), 0..12),
    ) {
        let mut bytes: Vec<u8> = requests.iter().flat_map(|args| {
            request(&args.iter().map(Vec::as_slice).collect::<Vec<_>>())
        }).collect();
        for (at, byte, how) in changes {
            change(&mut bytes, at, byte, how);
        }
        for bounds in [Bounds::KNOWN, Bounds::STRANGER] {
            prop_assert_eq!(read(&bytes, &cuts, bounds), read(&bytes, &[], bounds));
        }
    }
}

fn change(bytes: &mut Vec<u8>, at: usize, byte: u8, how: u8) {
    let at = at % bytes.len().max(1);
    match how {
        _ if bytes.is_empty() => bytes.push(byte),
        0 => bytes[at] = byte,
        1 => bytes.insert(at, byte),
        2 => drop(bytes.remove(at)),
        // Digits and signs are where it hurts.
        _ => bytes[at] = b"0123456789-+*$\r\n"[usize::from(byte % 16)],
    }
}

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % sides as u64) as usize
    }
}

/// Commands that end the conversation, wait, or are answered otherwise than once.
const NOT_ASKED: &[&str] = &[
    "monitor",
    "quit",
    "reset",
    "hello",
    "auth",
    "debug",
    "shutdown",
    "save",
    "subscribe",
    "psubscribe",
    "ssubscribe",
    "unsubscribe",
    "punsubscribe",
    "sunsubscribe",
    "client|kill",
    "client|pause",
    "client|reply",
    "client|tracking",
    "acl|setuser",
    "acl|deluser",
    "config|set",
    "blpop",
    "brpop",
    "blmove",
    "blmpop",
    "brpoplpush",
    "bzpopmin",
    "bzpopmax",
    "bzmpop",
    "xread",
    "xreadgroup",
    "wait",
    "select",
    "swapdb",
];

#[test]
fn answers_are_what_another_decoder_expects() {
    let port = Port::open();
    let words = [
        "k1",
        "k2",
        "k3",
        "0",
        "1",
        "-1",
        "2.5",
        "*",
        "a",
        "WITHSCORES",
        "COUNT",
        "GET",
        "x y",
        "",
    ];
    for hello in ["HELLO 2", "HELLO 3"] {
        let mut dice = Dice(7);
        let stream = TcpStream::connect(port.address).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let mut reader = BufReader::new(stream);
        let mut decoder = redis::Parser::new();
        let mut ask = |args: &[&[u8]]| {
            reader.get_mut().write_all(&request(args)).expect("sent");
            decoder.parse_value(&mut reader)
        };
        let hello: Vec<&[u8]> = hello.split(' ').map(str::as_bytes).collect();
        ask(&hello).expect("hello");
        for (command, seeds) in [
            ("RPUSH", "k1 a b 1"),
            ("HSET", "k2 a 1 b 2.5"),
            ("ZADD", "k3 1 a 2 b"),
        ] {
            let args: Vec<&[u8]> = [command]
                .into_iter()
                .chain(seeds.split(' '))
                .map(str::as_bytes)
                .collect();
            ask(&args).expect("a key of each kind");
        }
        let rows = maru::resp::commands();
        let rows: Vec<_> = rows
            .iter()
            .filter(|row| !NOT_ASKED.contains(&row.name))
            .collect();
        for round in 0..3000 {
            let row = rows[round % rows.len()];
            let mut args: Vec<&[u8]> = row.name.split('|').map(str::as_bytes).collect();
            let wanted =
                row.arity.unsigned_abs() as usize + if row.arity < 0 { dice.roll(4) } else { 0 };
            while args.len() < wanted {
                args.push(words[dice.roll(words.len())].as_bytes());
            }
            if let Err(error) = ask(&args) {
                // Errors are answers too; what cannot be decoded is not.
                let kind = error.kind();
                assert!(
                    !matches!(kind, redis::ErrorKind::Parse | redis::ErrorKind::Io),
                    "{hello:?} {args:?}: {error}"
                );
            }
        }
        let pong = ask(&[b"ECHO", b"in step"]).expect("an answer");
        // A transaction may have been begun on the way.
        let queued = redis::Value::SimpleString("QUEUED".into());
        assert!(
            pong == redis::Value::BulkString(b"in step".to_vec()) || pong == queued,
            "{pong:?}"
        );
    }
}

#[test]
fn nonsense_on_the_wire_ends_nobody_else() {
    let port = Port::open();
    let mut dice = Dice(11);
    for _ in 0..300 {
        let mut bytes = [
            request(&[b"SET", b"k", b"v"]),
            request(&[b"HELLO", b"3"]),
            request(&[b"LRANGE", b"l", b"0", b"-1"]),
            b"GET \"k\"\r\n".to_vec(),
            request(&[b"MULTI"]),
            request(&[b"EXEC"]),
            request(&[b"XADD", b"s", b"*", b"f", b"v"]),
        ]
        .concat();
        for _ in 0..=dice.roll(5) {
            let (at, byte, how) = (
                dice.roll(bytes.len()),
                dice.roll(256) as u8,
                dice.roll(4) as u8,
            );
            change(&mut bytes, at, byte, how);
        }
        let mut stream = TcpStream::connect(port.address).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        // It may hang up in the middle.
        let half = dice.roll(bytes.len());
        let _ = stream
            .write_all(&bytes[..half])
            .and_then(|()| stream.write_all(&bytes[half..]));
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
    assert_eq!(port.client().ask("PING"), Reply::Simple("PONG".into()));
}

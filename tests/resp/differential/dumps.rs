//! What one of the two dumps, the other restores, and it is the same key then.

use super::super::kit::{Client, Port, Reply};
use super::Redis;
use std::io::{Read, Write};

/// Keys of all kinds, small and large, as commands.
fn commands() -> Vec<String> {
    let long = "x".repeat(200);
    let mut commands: Vec<String> = [
        "SET empty ",
        "SET number 12345",
        "SET negative -70000",
        "SET wide 9223372036854775807",
        "SET text hello",
        "RPUSH list a 1 -5 70000 3000000000 9223372036854775807",
        "SADD numbers 1 2 3 -70000",
        "SADD longs 1 3000000000 9223372036854775807",
        "SADD words a b 3",
        "HSET hash f v n 1 m -3",
        "ZADD ranked 1 a 2.5 b -3 c inf d -inf e",
        "XADD stream 1-1 f v g w",
        "XADD stream 1-2 f x g y",
        "XADD stream 5-0 other 1",
        "XADD stream 6-0 f 1 g 2",
        "XDEL stream 1-2",
        "XGROUP CREATE stream group 0",
        "XGROUP CREATE stream idle $",
        "XREADGROUP GROUP group one COUNT 1 STREAMS stream >",
        "XREADGROUP GROUP group two COUNT 1 STREAMS stream >",
        "XGROUP CREATECONSUMER stream idle nobody",
        "XADD emptied 7-7 f v",
        "XDEL emptied 7-7",
        "PFADD hll a b c d",
    ]
    .map(str::to_owned)
    .to_vec();
    commands.push(format!("SET long {long}"));
    commands.push(format!("RPUSH longlist {long} a {long}"));
    commands.push(format!("HSET longhash field {long}"));
    commands.push(format!("ZADD longranked 1.1 {long}"));
    for number in 0..600 {
        commands.push(format!("RPUSH biglist {number} element:{number}"));
        commands.push(format!("SADD bigset member:{number}"));
        commands.push(format!("SADD bignumbers {number}"));
        commands.push(format!("HSET bighash field:{number} {number}"));
        commands.push(format!("ZADD bigranked {number}.5 member:{number}"));
        commands.push(format!("XADD bigstream {}-0 f {number}", number + 1));
    }
    commands
}

/// A key's kind, encoding and value, in one order.
fn picture<S: Read + Write>(client: &mut Client<S>, key: &str) -> String {
    let read = match client.ask(&format!("TYPE {key}")).text().as_str() {
        "string" => vec![format!("GET {key}")],
        "list" => vec![format!("LRANGE {key} 0 -1")],
        "set" => vec![format!("SORT {key} ALPHA")],
        "hash" => vec![format!("HGETALL {key}")],
        "zset" => vec![format!("ZRANGE {key} 0 -1 WITHSCORES")],
        "stream" => vec![
            format!("XRANGE {key} - +"),
            format!("XINFO GROUPS {key}"),
            format!("XPENDING {key} group"),
        ],
        other => panic!("{key} is of kind {other}"),
    };
    // What was changed in place is told apart no more when it is made anew.
    let mut picture = match key {
        "hll" => String::new(),
        key => client.ask(&format!("OBJECT ENCODING {key}")).text(),
    };
    for request in read {
        let reply = match client.ask(&request) {
            Reply::Array(mut items) if request.starts_with("HGETALL") => {
                items.sort_by_key(Reply::text);
                Reply::Array(items)
            }
            reply => reply,
        };
        picture.push_str(&format!("\n{reply:?}"));
    }
    picture
}

fn carry<A: Read + Write, B: Read + Write>(from: &mut Client<A>, to: &mut Client<B>) {
    to.ask("FLUSHALL");
    let keys = from.ask("KEYS *");
    assert!(keys.items().len() > 20);
    for key in keys.items() {
        let key = key.text();
        let Reply::Bulk(dump) = from.ask(&format!("DUMP {key}")) else {
            panic!("{key} cannot be dumped");
        };
        let restored = to.call(&[b"RESTORE", key.as_bytes(), b"0", &dump]);
        assert_eq!(restored, Reply::Simple("OK".into()), "{key}");
        assert_eq!(picture(from, &key), picture(to, &key), "{key}");
        for at in [0, dump.len() / 2, dump.len() - 1] {
            let mut torn = dump.clone();
            torn[at] ^= 1;
            let refused = to.call(&[b"RESTORE", b"torn", b"0", &torn]);
            let why = "ERR DUMP payload version or checksum are wrong";
            assert_eq!(refused, Reply::Error(why.into()), "{key}");
        }
    }
}

#[test]
fn what_one_dumps_the_other_restores() {
    let (redis, port) = (Redis::start(), Port::open());
    let (mut theirs, mut ours) = (redis.client(), port.client());
    for command in commands() {
        assert!(
            !matches!(theirs.ask(&command), Reply::Error(_)),
            "{command}"
        );
        assert!(!matches!(ours.ask(&command), Reply::Error(_)), "{command}");
    }
    carry(&mut ours, &mut theirs);
    for command in commands() {
        theirs.ask(&command);
    }
    theirs.ask("FLUSHALL");
    for command in commands() {
        theirs.ask(&command);
    }
    carry(&mut theirs, &mut ours);
}

/// As `redis-server` 6.2 dumped them: older packed forms, which 7.0 reads and does not write.
#[test]
fn older_forms_are_read() {
    let port = Port::open();
    let mut client = port.client();
    for (name, body, read, expected) in OLDER {
        let mut dump = body.to_vec();
        dump.extend([9, 0]);
        dump.extend(crc64(&dump).to_le_bytes());
        let restored = client.call(&[b"RESTORE", name.as_bytes(), b"0", &dump]);
        assert_eq!(restored, Reply::Simple("OK".into()), "{name}");
        let reply = client.ask(&format!("{read} {name}{}", range(read)));
        let items: Vec<String> = reply.items().iter().map(Reply::text).collect();
        assert_eq!(items, *expected, "{name}");
    }
}

fn range(read: &str) -> &'static str {
    match read {
        "HGETALL" => "",
        "ZRANGE" => " 0 -1 WITHSCORES",
        _ => " 0 -1",
    }
}

type Older = (
    &'static str,
    &'static [u8],
    &'static str,
    &'static [&'static str],
);

const OLDER: &[Older] = &[
    (
        "hash",
        &[
            13, 19, 19, 0, 0, 0, 13, 0, 0, 0, 2, 0, 0, 1, b'f', 3, 3, b'o', b'n', b'e', 0xff,
        ],
        "HGETALL",
        &["f", "one"],
    ),
    (
        "ranked",
        &[
            12, 16, 16, 0, 0, 0, 13, 0, 0, 0, 2, 0, 0, 1, b'a', 3, 0xf2, 0xff,
        ],
        "ZRANGE",
        &["a", "1"],
    ),
    (
        "list",
        &[
            14, 1, 16, 16, 0, 0, 0, 13, 0, 0, 0, 2, 0, 0, 1, b'a', 3, 0xf2, 0xff,
        ],
        "LRANGE",
        &["a", "1"],
    ),
];

fn crc64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u64::from(*byte), |crc, _| match crc & 1 {
            0 => crc >> 1,
            _ => crc >> 1 ^ 0x95ac_9329_ac4b_c9b5,
        })
    })
}

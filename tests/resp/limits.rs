//! What clients may take up, and what happens when they want more.

use super::kit::{PATIENCE, Port, Reply, bulk, request};
use maru::resp::Options;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Asks until it holds; nothing that must happen takes longer than the patience.
fn eventually(mut holds: impl FnMut() -> bool, what: &str) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

fn figure(client: &mut super::kit::Client, name: &str) -> u64 {
    let info = client.ask("INFO everything").text();
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}:")));
    line.unwrap_or_else(|| panic!("{name}"))
        .parse()
        .expect("a number")
}

#[test]
fn a_listener_that_does_not_read_is_closed() {
    for limit in ["pubsub 1mb 0 0", "pubsub 0 64kb 0"] {
        let port = Port::open();
        let (mut deaf, mut speaker) = (port.client(), port.client());
        let words: [&[u8]; 4] = [
            b"CONFIG",
            b"SET",
            b"client-output-buffer-limit",
            limit.as_bytes(),
        ];
        assert_eq!(speaker.call(&words), Reply::Simple("OK".into()));
        deaf.ask("SUBSCRIBE c");
        let payload = vec![b'x'; 100_000];
        eventually(
            || speaker.call(&[b"PUBLISH", b"c", &payload]) == Reply::Integer(0),
            "it goes on being written to",
        );
        let closed = || figure(&mut speaker, "client_output_buffer_limit_disconnections") == 1;
        eventually(closed, "it is not closed");
        assert_eq!(figure(&mut speaker, "connected_clients"), 1);
    }
}

#[test]
fn a_listener_that_reads_nothing_may_let_32_megabytes_wait() {
    const HARD_BYTES: usize = 32 << 20;
    /// What the system takes on both sides before the port has to keep anything.
    const ON_THE_WAY_BYTES: usize = 16 << 20;
    let port = Port::open();
    let (mut deaf, mut speaker) = (port.client(), port.client());
    deaf.ask("SUBSCRIBE c");
    let payload = vec![b'x'; 64 << 10];
    let mut said = 0;
    while speaker.call(&[b"PUBLISH", b"c", &payload]) == Reply::Integer(1) {
        said += payload.len();
        assert!(
            said < HARD_BYTES + ON_THE_WAY_BYTES,
            "it goes on being written to"
        );
    }
    assert!(said >= HARD_BYTES, "closed after {said} bytes");
}

#[test]
fn the_limits_of_subscribers_are_those_of_redis_unless_set() {
    let port = Port::open();
    let mut client = port.client();
    let limits = client.ask("CONFIG GET client-output-buffer-limit");
    assert_eq!(
        limits.items()[1],
        bulk("normal 67108864 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60")
    );
    let words: [&[u8]; 4] = [
        b"CONFIG",
        b"SET",
        b"client-output-buffer-limit",
        b"nobody 1 2 3",
    ];
    assert!(client.call(&words).text().contains("Invalid client class"));
}

/// The port is in one process with the chat: nobody takes all of its memory by not reading.
#[test]
fn a_client_that_does_not_read_is_closed() {
    let port = Port::open();
    let (mut deaf, mut other) = (port.client(), port.client());
    other.call(&[b"SET", b"large", &vec![b'x'; 1 << 20]]);
    // Two hundred megabytes, of which the system takes some.
    let asked = super::kit::request(&[b"GET", b"large"]).repeat(200);
    deaf.send_raw(&asked);
    let started = Instant::now();
    while !other
        .ask("INFO clients")
        .text()
        .contains("connected_clients:1\r")
    {
        assert!(started.elapsed() < PATIENCE, "it stays");
    }
    assert_eq!(
        other.ask("CONFIG GET maxmemory-clients").items()[1],
        bulk("268435456")
    );
}

#[test]
fn an_ordinary_client_gets_no_answer_beyond_its_limit() {
    let port = Port::open();
    let (mut client, mut other) = (port.client(), port.client());
    client.call(&[b"SET", b"large", &vec![b'x'; 200_000]]);
    let words: [&[u8]; 4] = [
        b"CONFIG",
        b"SET",
        b"client-output-buffer-limit",
        b"normal 100000 0 0",
    ];
    client.call(&words);
    client.send(&[b"GET", b"large"]);
    assert!(client.is_closed());
    assert_eq!(other.ask("EXISTS large"), Reply::Integer(1));
}

#[test]
fn clients_together_may_take_up_so_much() {
    let port = Port::open();
    let (mut spared, mut greedy) = (port.client(), port.client());
    spared.ask("CLIENT NO-EVICT ON");
    spared.ask("CONFIG SET maxmemory-clients 1mb");
    greedy.ask("MULTI");
    let queued = vec![b'x'; 2 << 20];
    greedy.send(&[b"SET", b"k", &queued]);
    eventually(|| figure(&mut spared, "evicted_clients") == 1, "it stays");
    let answer = spared.ask("CONFIG SET maxmemory-clients 200%").text();
    assert!(
        answer.ends_with("percentage argument must be less or equal to 100"),
        "{answer}"
    );
}

#[test]
fn strangers_may_say_little() {
    let options = Options {
        password: Some(b"secret".to_vec()),
        ..Options::default()
    };
    let port = Port::with(options);
    for (said, told) in [
        (&b"*11\r\n"[..], "unauthenticated multibulk length"),
        (
            b"*2\r\n$4\r\nAUTH\r\n$16385\r\n",
            "unauthenticated bulk length",
        ),
        (b"*2\r\n$-1\r\n", "invalid bulk length"),
        (b"*x\r\n", "invalid multibulk length"),
        (b"*1\r\n:1\r\n", "expected '$', got ':'"),
        (b"PING \"a\r\n", "unbalanced quotes in request"),
    ] {
        let mut client = port.client();
        client.send_raw(said);
        assert_eq!(client.read().text(), format!("ERR Protocol error: {told}"));
        assert!(client.is_closed());
    }
    // A line without an end is not waited for for ever.
    let mut stream = TcpStream::connect(port.address).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let chatter = vec![b'a'; 1 << 20];
    let mut told = Vec::new();
    let _ = stream
        .write_all(&chatter)
        .and_then(|()| stream.write_all(&chatter));
    let _ = stream.read_to_end(&mut told);
    let told = String::from_utf8_lossy(&told);
    assert!(
        told.is_empty() || told.contains("too big inline request"),
        "{told}"
    );
}

#[test]
fn nothing_is_allocated_for_what_was_only_announced() {
    let port = Port::open();
    let resident = || {
        let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
        let pages: u64 = statm
            .split(' ')
            .nth(1)
            .expect("pages")
            .parse()
            .expect("a number");
        pages * 4096
    };
    let before = resident();
    let mut liars: Vec<_> = (0..50).map(|_| port.client()).collect();
    for liar in &mut liars {
        liar.send_raw(b"*1000000\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870000\r\nabc");
    }
    let mut client = port.client();
    let reached = || {
        let list = client.ask("CLIENT LIST").text();
        list.lines()
            .filter(|line| line.contains(" qbuf=3 "))
            .count()
            == liars.len()
    };
    eventually(reached, "what they said was not read");
    let more = resident().saturating_sub(before);
    assert!(more < 200 << 20, "{} MiB", more >> 20);
}

#[test]
fn hard_patterns_hold_nobody_up() {
    let port = Port::open();
    let mut client = port.client();
    let key = b"a".repeat(50_000);
    client.call(&[b"SET", &key, b"v"]);
    let pattern = [b"*a".repeat(2_000), b"b".to_vec()].concat();
    assert_eq!(client.call(&[b"KEYS", &pattern]), Reply::Array(vec![]));
    let hard = b"a*".repeat(30);
    client.call(&[b"PSUBSCRIBE", &[&hard[..], b"b"].concat()]);
    assert_eq!(
        port.client().call(&[b"PUBLISH", &key, b"x"]),
        Reply::Integer(0)
    );
}

#[test]
fn commands_can_be_held_back() {
    let port = Port::open();
    let (mut root, mut writer, mut reader) = (port.client(), port.client(), port.client());
    root.ask("CLIENT PAUSE 100000 WRITE");
    assert_eq!(reader.ask("GET k"), Reply::Null);
    writer.send(&[b"SET", b"k", b"v"]);
    eventually(
        || figure(&mut root, "blocked_clients") == 1,
        "it is not held back",
    );
    reader.ask("MULTI");
    reader.ask("GET k");
    assert_eq!(reader.ask("EXEC"), Reply::Array(vec![Reply::Null]));
    root.ask("CLIENT UNPAUSE");
    assert_eq!(writer.read(), Reply::Simple("OK".into()));
    reader.ask("MULTI");
    reader.ask("SET k w");
    root.ask("CLIENT PAUSE 100000 WRITE");
    reader.send(&[b"EXEC"]);
    // As Redis does, even what is only queued.
    writer.ask("MULTI");
    writer.send(&[b"SET", b"k", b"v"]);
    eventually(
        || figure(&mut root, "blocked_clients") == 2,
        "EXEC and what is queued are not held back",
    );
    assert_eq!(root.ask("CLIENT UNPAUSE"), Reply::Simple("OK".into()));
    assert_eq!(writer.read().text(), "QUEUED");
    assert_eq!(
        reader.read(),
        Reply::Array(vec![Reply::Simple("OK".into())])
    );
    root.ask("CLIENT PAUSE 300");
    let started = Instant::now();
    assert_eq!(reader.ask("PING"), Reply::Simple("PONG".into()));
    assert!(started.elapsed() >= Duration::from_millis(200));
}

#[test]
fn answers_can_be_declined() {
    let port = Port::open();
    let mut client = port.client();
    client.send_raw(
        &[
            request(&[b"CLIENT", b"REPLY", b"OFF"]),
            request(&[b"SET", b"k", b"1"]),
        ]
        .concat(),
    );
    assert_eq!(client.ask("CLIENT REPLY ON"), Reply::Simple("OK".into()));
    client.send_raw(
        &[
            request(&[b"CLIENT", b"REPLY", b"SKIP"]),
            request(&[b"INCR", b"k"]),
        ]
        .concat(),
    );
    assert_eq!(client.ask("GET k"), bulk("2"));
    // Subscriptions and messages are no answers.
    client.ask("HELLO 3");
    client.send_raw(&request(&[b"CLIENT", b"REPLY", b"OFF"]));
    client.send_raw(&request(&[b"PING"]));
    assert_eq!(client.ask("SUBSCRIBE c").items()[1], bulk("c"));
    port.client().ask("PUBLISH c x");
    assert_eq!(client.read().items()[0], bulk("message"));
}

#[test]
fn connections_are_closed_by_what_they_are() {
    let port = Port::open();
    let mut root = port.client();
    let open = || {
        let mut client = port.client();
        let id = client.ask("CLIENT ID").text();
        (client, id)
    };
    let (mut one, id) = open();
    assert_eq!(root.ask(&format!("CLIENT KILL ID {id}")), Reply::Integer(1));
    assert!(one.is_closed());
    let (mut listener, _) = open();
    listener.ask("SUBSCRIBE c");
    assert_eq!(root.ask("CLIENT KILL TYPE pubsub"), Reply::Integer(1));
    assert!(listener.is_closed());
    assert_eq!(
        root.ask("CLIENT KILL 1.2.3.4:5").text(),
        "ERR No such client"
    );
    assert_eq!(root.ask("CLIENT KILL SKIPME no"), Reply::Integer(1));
    assert!(root.is_closed());
}

#[test]
fn slow_commands_and_spikes_are_noted() {
    let port = Port::open();
    let mut client = port.client();
    client.ask("CONFIG SET slowlog-log-slower-than 100000 latency-monitor-threshold 100");
    client.ask("CONFIG RESETSTAT");
    client.ask("SLOWLOG RESET");
    client.ask("DEBUG SLEEP 0.15");
    let slow = client.ask("SLOWLOG GET");
    let entry = slow.items()[0].items();
    assert!(
        matches!(entry[2], Reply::Integer(us) if us >= 150_000),
        "{slow:?}"
    );
    assert_eq!(entry[3].items()[0], bulk("DEBUG"));
    let spike = client.ask("LATENCY LATEST");
    assert_eq!(spike.items()[0].items()[0], bulk("command"));
    assert_eq!(client.ask("LATENCY HISTORY command").items().len(), 1);
    client.ask("SET k v");
    client.ask("SET k w");
    let histogram = client.ask("LATENCY HISTOGRAM set");
    assert_eq!(
        histogram.items()[1].items()[1],
        Reply::Integer(2),
        "{histogram:?}"
    );
    let stats = client.ask("INFO latencystats").text();
    assert!(
        stats.contains("latency_percentiles_usec_set:p50="),
        "{stats}"
    );
    assert_eq!(client.ask("LATENCY RESET"), Reply::Integer(1));
    client.ask("CONFIG SET requirepass x slowlog-log-slower-than 0");
    let slow = client.ask("SLOWLOG GET").items()[0].items()[3].clone();
    assert_eq!(slow.items()[3], bulk("(redacted)"));
}

#[test]
fn a_password_can_be_set_and_on_this_machine_taken_away() {
    let port = Port::open();
    let mut client = port.client();
    client.ask("CONFIG SET requirepass p");
    assert_eq!(
        port.client().ask("GET k").text(),
        "NOAUTH Authentication required."
    );
    assert_eq!(
        client.call(&[b"CONFIG", b"SET", b"requirepass", b""]),
        Reply::Simple("OK".into())
    );
    assert_eq!(port.client().ask("GET k"), Reply::Null);
}

#[test]
fn settings_are_changed_all_or_none() {
    let port = Port::open();
    let mut client = port.client();
    client.ask("CONFIG SET maxmemory 10mb");
    let answer = client.ask("CONFIG SET maxmemory 20mb hz many").text();
    assert_eq!(
        answer,
        "ERR CONFIG SET failed (possibly related to argument 'hz') - argument couldn't be parsed into an integer"
    );
    assert_eq!(
        client.ask("CONFIG GET maxmemory").items()[1],
        bulk("10485760")
    );
    for (words, told) in [
        ("hz 1 hz 2", "duplicate parameter"),
        ("daemonize yes", "can't set immutable config"),
        ("dbfilename x", "can't set protected config"),
        ("activerehashing maybe", "argument must be 'yes' or 'no'"),
        (
            "maxclients 0",
            "argument must be between 1 and 4294967295 inclusive",
        ),
        (
            "loglevel loud",
            "argument(s) must be one of the following: debug, verbose, notice, warning",
        ),
        (
            "nonsense x",
            "ERR Unknown option or number of arguments for CONFIG SET - 'nonsense'",
        ),
    ] {
        let answer = client.ask(&format!("CONFIG SET {words}")).text();
        assert!(answer.ends_with(told), "{answer}");
    }
    assert_eq!(
        client.ask("CONFIG GET lua-time-limit busy*").items().len(),
        4
    );
}

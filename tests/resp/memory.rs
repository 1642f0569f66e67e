//! What keys and clients take up, what of it is counted, and what goes first.

use super::kit::{Client, PATIENCE, Port, Reply, bulk};
use maru::resp::Options;
use std::time::Instant;

fn figure(client: &mut Client, name: &str) -> u64 {
    let info = client.ask("INFO everything").text();
    let mut lines = info.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.expect("is told").parse().expect("a number")
}

fn eventually(mut holds: impl FnMut() -> bool, what: &str) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

fn set(client: &mut Client, name: &str, value: &str) {
    let words = [b"CONFIG", &b"SET"[..], name.as_bytes(), value.as_bytes()];
    assert_eq!(client.call(&words), Reply::Simple("OK".into()), "{name}");
}

#[test]
fn use_is_counted_as_the_settings_say() {
    let port = Port::open();
    let mut client = port.client();
    client.ask("SET k v");
    assert!(
        client
            .ask("OBJECT FREQ k")
            .text()
            .starts_with("ERR An LFU maxmemory policy is not")
    );
    client.ask("CONFIG SET maxmemory-policy allkeys-lfu lfu-log-factor 0 lfu-decay-time 0");
    client.ask("DEL k");
    client.ask("SET k v");
    client.ask("RPUSH list a b c");
    (0..3).for_each(|_| drop(client.ask("GET k")));
    assert_eq!(client.ask("OBJECT FREQ k"), Reply::Integer(8));
    // Another value is one use more, and so is a command of many steps.
    client.ask("SET k w");
    client.ask("RPUSH list a b c d e f");
    assert_eq!(client.ask("OBJECT FREQ k"), Reply::Integer(9));
    assert_eq!(client.ask("OBJECT FREQ list"), Reply::Integer(6));
    set(&mut client, "lfu-log-factor", "1000000000");
    (0..20).for_each(|_| drop(client.ask("GET k")));
    assert_eq!(
        client.ask("OBJECT FREQ k"),
        Reply::Integer(9),
        "by all odds"
    );
}

#[test]
fn what_clients_take_up_is_taken_from_the_keys() {
    let port = Port::open();
    let (mut root, mut deaf) = (port.client(), port.client());
    for key in 0..50 {
        root.call(&[b"SETRANGE", format!("k{key}").as_bytes(), b"100000", b"x"]);
    }
    assert!(figure(&mut root, "used_memory") > 5_000_000);
    root.ask("CONFIG SET maxmemory-policy allkeys-lru maxmemory 8mb");
    assert_eq!(root.ask("DBSIZE"), Reply::Integer(50));
    // It asks for more and more, and reads nothing.
    eventually(
        || {
            deaf.send(&[b"MGET", b"k1"]);
            figure(&mut root, "evicted_keys") > 0
        },
        "its answers are not counted",
    );
    assert!(figure(&mut root, "used_memory") > 6_000_000);
    drop(deaf);
    let limit = figure(&mut root, "maxmemory");
    root.ask("SET more x");
    assert!(figure(&mut root, "used_memory") <= limit);
}

#[test]
fn a_client_is_closed_for_the_names_it_keeps() {
    for command in [
        "WATCH",
        "SUBSCRIBE",
        "PSUBSCRIBE",
        "SSUBSCRIBE",
        "CLIENT TRACKING ON BCAST PREFIX",
    ] {
        let port = Port::open();
        let (mut root, mut greedy) = (port.client(), port.client());
        root.ask("CLIENT NO-EVICT ON");
        set(&mut root, "maxmemory-clients", "200kb");
        let mut names = 0;
        eventually(
            || {
                names += 1;
                let words = format!("{command} {names:06}");
                let args: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
                greedy.try_send(&args).is_err() || greedy.try_read().is_err()
            },
            "it keeps as many names as it likes",
        );
        assert_eq!(figure(&mut root, "evicted_clients"), 1, "{command}");
        assert!((1000..5000).contains(&names), "{command}: {names}");
    }
}

#[test]
fn the_largest_clients_go_first_and_no_more_than_must() {
    let port = Port::open();
    let mut root = port.client();
    root.ask("CLIENT NO-EVICT ON");
    let mut clients: Vec<Client> = (0..10).map(|_| port.client()).collect();
    for (at, client) in clients.iter_mut().enumerate() {
        let size = 100_000 * (at + 1);
        client.send_raw(format!("*2\r\n${}\r\n", size + 1000).as_bytes());
        client.send_raw(&vec![b'x'; size]);
    }
    let held = |root: &mut Client| {
        let list = root.ask("CLIENT LIST").text();
        let held = list
            .split_whitespace()
            .filter_map(|word| word.strip_prefix("qbuf="));
        held.filter_map(|bytes| bytes.parse::<usize>().ok())
            .filter(|bytes| *bytes >= 100_000)
            .collect::<Vec<_>>()
    };
    eventually(
        || held(&mut root).iter().sum::<usize>() >= 5_500_000,
        "they say it all",
    );
    // In force when it is answered.
    set(&mut root, "maxmemory-clients", "3mb");
    let mut left = held(&mut root);
    left.sort_unstable();
    assert!((4..=7).contains(&left.len()), "{left:?}");
    let smallest: Vec<usize> = (1..=left.len()).map(|at| 100_000 * at).collect();
    assert!(
        left.iter()
            .zip(smallest)
            .all(|(bytes, size)| *bytes - size < 100),
        "{left:?}"
    );
    assert_eq!(
        figure(&mut root, "evicted_clients") as usize,
        10 - left.len()
    );
}

#[test]
fn an_answer_of_any_length_ends_at_the_limit() {
    for request in ["HRANDFIELD h", "SRANDMEMBER s", "ZRANDMEMBER z"] {
        let port = Port::open();
        let (mut root, mut greedy) = (port.client(), port.client());
        root.ask("HSET h a b");
        root.ask("SADD s a");
        root.ask("ZADD z 1 a");
        let words = format!("{request} -5");
        assert_eq!(greedy.ask(&words).items(), vec![bulk("a"); 5]);
        set(
            &mut root,
            "client-output-buffer-limit",
            "normal 1000000 0 0",
        );
        let words = format!("{request} -999999999999");
        let words: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
        greedy.send(&words);
        assert!(greedy.is_closed(), "{request}");
        assert_eq!(
            figure(&mut root, "client_output_buffer_limit_disconnections"),
            1
        );
    }
}

#[test]
fn counts_of_different_elements_are_kept_as_the_setting_says() {
    let port = Port::open();
    let mut client = port.client();
    client.ask("PFADD few a b c d e f");
    assert_eq!(client.ask("PFDEBUG ENCODING few").text(), "sparse");
    set(&mut client, "hll-sparse-max-bytes", "30");
    client.ask("PFADD dense a b c d e f");
    assert_eq!(client.ask("PFDEBUG ENCODING dense").text(), "dense");
    assert_eq!(client.ask("PFCOUNT few dense"), Reply::Integer(6));
}

#[test]
fn a_stranger_that_reads_nothing_is_closed() {
    let options = Options {
        password: Some(b"secret".to_vec()),
        ..Options::default()
    };
    let port = Port::with(options);
    let stranger = port.client();
    let request = b"PING\r\n".repeat(10_000);
    let mut said = 0;
    // As much as the system takes on its own, and no more.
    while std::io::Write::write_all(&mut stranger.socket(), &request).is_ok() {
        said += request.len();
        assert!(said < 64 << 20, "it goes on being answered");
    }
    let mut known = port.client();
    known.ask("AUTH secret");
    assert_eq!(figure(&mut known, "connected_clients"), 1);
}

//! What others' suites ask of values, and what was wrong once.

use super::kit::{Port, Reply, bulk};

fn error(text: &str) -> Reply {
    Reply::Error(text.to_owned())
}

#[test]
fn who_waits_for_a_list_goes_on_waiting_when_something_else_comes() {
    let port = Port::open();
    let (mut waits, mut other) = (port.client(), port.client());
    waits.send(&[b"BLPOP", b"k", b"0"]);
    while !other
        .ask("INFO clients")
        .text()
        .contains("blocked_clients:1")
    {
        std::thread::yield_now();
    }
    for request in ["MULTI", "LPUSH k a", "DEL k", "SET k b", "EXEC", "DEL k"] {
        other.ask(request);
    }
    other.ask("RPUSH k c");
    assert_eq!(waits.read(), Reply::Array(vec![bulk("k"), bulk("c")]));
}

#[test]
fn who_waits_for_a_stream_is_told_that_it_is_gone() {
    let port = Port::open();
    let (mut waits, mut other) = (port.client(), port.client());
    other.ask("XGROUP CREATE s g $ MKSTREAM");
    waits.send(
        b"XREADGROUP GROUP g c BLOCK 0 STREAMS s >"
            .split(|b| *b == b' ')
            .collect::<Vec<_>>()
            .as_slice(),
    );
    while !other
        .ask("INFO clients")
        .text()
        .contains("blocked_clients:1")
    {
        std::thread::yield_now();
    }
    other.ask("DEL s");
    assert_eq!(
        waits.read(),
        error("UNBLOCKED the stream key no longer exists")
    );
}

#[test]
fn what_sort_keeps_wakes_who_waits_for_it() {
    let port = Port::open();
    let (mut waits, mut other) = (port.client(), port.client());
    waits.send(&[b"BLPOP", b"target", b"0"]);
    while !other
        .ask("INFO clients")
        .text()
        .contains("blocked_clients:1")
    {
        std::thread::yield_now();
    }
    other.ask("RPUSH source 2 1");
    other.ask("SORT source STORE target");
    assert_eq!(waits.read(), Reply::Array(vec![bulk("target"), bulk("1")]));
}

#[test]
fn streams_are_trimmed_roughly_by_what_lies_together() {
    let port = Port::open();
    let mut client = port.client();
    for id in 1..=1000 {
        client.ask(&format!("XADD s {id}-0 f v"));
    }
    for (request, left) in [
        ("XTRIM s MAXLEN 666", 666),
        ("XTRIM s MAXLEN = 555", 555),
        ("XTRIM s MAXLEN ~ 444", 500),
        ("XTRIM s MAXLEN ~ 0 LIMIT 150", 400),
    ] {
        client.ask(request);
        assert_eq!(client.ask("XLEN s"), Reply::Integer(left), "{request}");
    }
}

#[test]
fn small_collections_are_what_the_settings_say() {
    let port = Port::open();
    let mut client = port.client();
    client.ask("ZADD before 1 a 2 b");
    client.ask("CONFIG SET zset-max-ziplist-entries 1 hash-max-listpack-value 3");
    client.ask("ZADD after 1 a 2 b");
    client.ask("HSET hash f long");
    for (key, encoding) in [
        ("before", "listpack"),
        ("after", "skiplist"),
        ("hash", "hashtable"),
    ] {
        let told = client.ask(&format!("OBJECT ENCODING {key}"));
        assert_eq!(told, bulk(encoding), "{key}");
    }
}

#[test]
fn a_password_that_a_client_set_is_taken_away_again() {
    let port = Port::open();
    let mut client = port.client();
    client.ask("CONFIG SET requirepass secret");
    let refused = port.client().ask("PING");
    assert_eq!(refused, error("NOAUTH Authentication required."));
    let args = [&b"CONFIG"[..], b"SET", b"requirepass", b""];
    assert_eq!(client.call(&args), Reply::Simple("OK".into()));
    assert_eq!(port.client().ask("PING"), Reply::Simple("PONG".into()));
}

#[test]
fn an_error_can_be_had_for_the_asking() {
    let port = Port::open();
    let mut client = port.client();
    let answer = client.call(&[b"DEBUG", b"ERROR", b"LOADING so\r\nthey say"]);
    assert_eq!(answer, error("LOADING so  they say"));
    assert_eq!(client.ask("PING").text(), "PONG");
}

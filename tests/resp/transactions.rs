//! MULTI and EXEC where something comes between them.

use super::kit::{Client, PATIENCE, Port, Reply, bulk};
use std::time::{Duration, Instant};

fn ok() -> Reply {
    Reply::Simple("OK".into())
}

/// A client that has queued these commands.
fn queueing(port: &Port, commands: &[&str]) -> Client {
    let mut client = port.client();
    assert_eq!(client.ask("MULTI"), ok());
    for command in commands {
        assert_eq!(client.ask(command).text(), "QUEUED", "{command}");
    }
    client
}

#[test]
fn exec_is_refused_for_what_it_would_run() {
    let port = Port::open();
    let mut root = port.client();
    let mut writer = queueing(&port, &["SET k v", "GET k"]);
    let mut reader = queueing(&port, &["GET k", "PING"]);
    root.ask("CONFIG SET maxmemory 1");
    let refused = writer.ask("EXEC").text();
    assert_eq!(
        refused,
        "EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'."
    );
    assert_eq!(writer.ask("EXEC").text(), "ERR EXEC without MULTI");
    assert_eq!(
        reader.ask("EXEC"),
        Reply::Array(vec![Reply::Null, Reply::Simple("PONG".into())])
    );
    // What is queued takes room too; giving up is always allowed.
    reader.ask("MULTI");
    assert!(reader.ask("GET k").text().starts_with("OOM"));
    assert_eq!(reader.ask("DISCARD"), ok());
    root.ask("CONFIG SET maxmemory 0");
    let mut writer = queueing(&port, &["SET k v"]);
    root.ask("CONFIG SET min-replicas-to-write 1");
    assert_eq!(
        writer.ask("EXEC").text(),
        "EXECABORT Transaction discarded because of: NOREPLICAS Not enough good replicas to write."
    );
    assert_eq!(root.ask("GET k"), Reply::Null);
    assert!(root.ask("SET k v").text().starts_with("NOREPLICAS"));
}

#[test]
fn whoever_sleeps_within_a_transaction_sleeps_alone() {
    let port = Port::open();
    let (mut other, mut waiting) = (port.client(), port.client());
    let mut sleeper = queueing(&port, &["SET k v", "DEBUG SLEEP 3600", "GET k"]);
    sleeper.send(&[b"EXEC"]);
    let started = Instant::now();
    while other.ask("GET k") != bulk("v") {
        assert!(started.elapsed() < PATIENCE, "it is not run");
    }
    // Everything is locked by this, and it does not wait.
    assert_eq!(other.ask("FLUSHALL"), ok());
    drop(sleeper);
    // Those who wait for what was changed sleep with it.
    waiting.send(&[b"BLPOP", b"list", b"0"]);
    while !other
        .ask("INFO clients")
        .text()
        .contains("blocked_clients:1")
    {
        assert!(started.elapsed() < PATIENCE, "it does not wait");
    }
    let mut sleeper = queueing(
        &port,
        &["RPUSH list a", "DEBUG SLEEP 0.2", "DEBUG SLEEP 0.2"],
    );
    other.ask("CONFIG SET slowlog-log-slower-than 100000");
    let started = Instant::now();
    let done = sleeper.ask("EXEC");
    assert!(started.elapsed() >= Duration::from_millis(400));
    assert_eq!(done, Reply::Array(vec![Reply::Integer(1), ok(), ok()]));
    // These two and the one before.
    assert_eq!(other.ask("SLOWLOG LEN"), Reply::Integer(3));
    assert_eq!(waiting.read(), Reply::Array(vec![bulk("list"), bulk("a")]));
    assert!(started.elapsed() >= Duration::from_millis(400));
}

#[test]
fn figures_can_be_asked_for_within_a_transaction() {
    let port = Port::open();
    // Each looks at all keys, some of which the transaction has locked already.
    for command in [
        "INFO",
        "INFO keyspace",
        "MEMORY STATS",
        "CONFIG RESETSTAT",
        "CONFIG SET maxmemory 100mb",
        "CLIENT TRACKING ON",
        "DBSIZE",
    ] {
        let mut client = queueing(&port, &["SET k v", command, "GET k"]);
        let done = client.ask("EXEC");
        assert_eq!(done.items()[2], bulk("v"), "{command}: {done:?}");
    }
    let mut client = queueing(&port, &["SET k2 v", "INFO keyspace"]);
    let told = client.ask("EXEC").items()[1].text();
    assert!(told.contains("db0:keys=2,"), "{told}");
}

//! Clients that keep copies are told when these are no longer true.

use super::kit::{Client, Port, Reply, bulk};

fn invalidate(keys: &[&str]) -> Reply {
    let keys = keys.iter().map(|key| bulk(key)).collect();
    Reply::Push(vec![bulk("invalidate"), Reply::Array(keys)])
}

/// A client in RESP3 that tracks.
fn tracking(port: &Port, options: &str) -> Client {
    let mut client = port.client();
    client.ask("HELLO 3");
    let words = format!("CLIENT TRACKING ON {options}");
    assert_eq!(client.ask(words.trim_end()), Reply::Simple("OK".into()));
    client
}

#[test]
fn keys_that_were_read_are_told_once() {
    let port = Port::open();
    let (mut keeper, mut writer) = (tracking(&port, ""), port.client());
    writer.ask("SET k 1");
    writer.ask("SET unread 1");
    keeper.ask("GET k");
    writer.ask("SET unread 2");
    // Nothing changes here, so nothing is told.
    writer.ask("SET k 9 NX");
    writer.ask("SET k 2");
    writer.ask("SET k 3");
    assert_eq!(keeper.read(), invalidate(&["k"]));
    assert_eq!(keeper.ask("PING"), Reply::Simple("PONG".into()));
    // Its own changes too, after the answer.
    keeper.ask("GET k");
    assert_eq!(keeper.ask("DEL k"), Reply::Integer(1));
    assert_eq!(keeper.read(), invalidate(&["k"]));
    keeper.ask("GET k");
    writer.ask("FLUSHALL");
    assert_eq!(
        keeper.read(),
        Reply::Push(vec![bulk("invalidate"), Reply::Null])
    );
}

#[test]
fn keys_that_end_by_themselves_are_told() {
    let port = Port::open();
    let (mut keeper, mut writer) = (tracking(&port, "NOLOOP"), port.client());
    keeper.ask("SET kept v");
    keeper.ask("GET kept");
    loop {
        // It must still have been there when it was read.
        keeper.ask("MULTI");
        keeper.ask("SET k v PX 20");
        keeper.ask("EXISTS k");
        if keeper.ask("EXEC").items()[1] == Reply::Integer(1) {
            break;
        }
    }
    assert_eq!(keeper.read(), invalidate(&["k"]), "not by this client");
    writer.ask("GET kept");
    assert_eq!(keeper.ask("PING"), Reply::Simple("PONG".into()));
}

#[test]
fn prefixes_are_told_together_and_not_to_the_author() {
    let port = Port::open();
    let mut keeper = tracking(&port, "BCAST PREFIX a: PREFIX b: NOLOOP");
    let mut writer = port.client();
    assert_eq!(
        keeper.ask("CLIENT TRACKING ON BCAST PREFIX a:b").text(),
        "ERR Prefix 'a:b' overlaps with an existing prefix 'a:'. Prefixes for a single client must not overlap."
    );
    keeper.ask("SET a:own 1");
    writer.ask("MSET a:1 x a:2 x c:1 x b:1 x");
    assert_eq!(keeper.read(), invalidate(&["a:1", "a:2"]));
    assert_eq!(keeper.read(), invalidate(&["b:1"]));
    assert_eq!(
        keeper.ask("CLIENT TRACKING ON").text(),
        "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it \
         with a different mode."
    );
}

#[test]
fn what_is_tracked_can_be_chosen_command_by_command() {
    let port = Port::open();
    let mut writer = port.client();
    for (options, word) in [("OPTIN", "YES"), ("OPTOUT", "NO")] {
        let mut keeper = tracking(&port, options);
        writer.ask("MSET plain 1 named 1 later 1");
        keeper.ask("GET plain");
        keeper.ask(&format!("CLIENT CACHING {word}"));
        keeper.ask("GET named");
        keeper.ask("GET later");
        writer.ask("SET plain 2");
        writer.ask("SET named 2");
        writer.ask("SET later 2");
        let told: &[&str] = match word {
            "YES" => &["named"],
            _ => &["plain", "later"],
        };
        for key in told {
            assert_eq!(keeper.read(), invalidate(&[key]), "{options}");
        }
        assert_eq!(keeper.ask("PING"), Reply::Simple("PONG".into()));
    }
}

#[test]
fn another_connection_can_be_told_instead() {
    let port = Port::open();
    let (mut keeper, mut subscriber, mut writer) = (port.client(), port.client(), port.client());
    let id = subscriber.ask("CLIENT ID").text();
    subscriber.ask("SUBSCRIBE __redis__:invalidate");
    keeper.ask(&format!("CLIENT TRACKING ON REDIRECT {id}"));
    assert_eq!(keeper.ask("CLIENT GETREDIR").text(), id);
    keeper.ask("GET k");
    writer.ask("SET k 1");
    assert_eq!(
        subscriber.read(),
        Reply::Array(vec![
            bulk("message"),
            bulk("__redis__:invalidate"),
            Reply::Array(vec![bulk("k")])
        ])
    );
    keeper.ask("HELLO 3");
    keeper.ask("GET k");
    subscriber.ask("QUIT");
    assert!(subscriber.is_closed());
    writer.ask("SET k 2");
    let broken = keeper.read();
    assert_eq!(broken.items()[0], bulk("tracking-redir-broken"));
    let flags = keeper.ask("CLIENT TRACKINGINFO").items()[1].clone();
    assert_eq!(flags, Reply::Set(vec![bulk("on"), bulk("broken_redirect")]));
    assert_eq!(
        keeper.ask("CLIENT TRACKING ON REDIRECT 999999").text(),
        "ERR The client ID you want redirect to does not exist"
    );
}

#[test]
fn only_so_many_keys_are_remembered() {
    let port = Port::open();
    let mut keeper = tracking(&port, "");
    keeper.ask("CONFIG SET tracking-table-max-keys 1");
    keeper.ask("MGET one two three");
    let told = [keeper.read(), keeper.read()];
    assert!(
        told.iter().all(|it| matches!(it, Reply::Push(_))),
        "{told:?}"
    );
    let info = keeper.ask("INFO stats").text();
    assert!(info.contains("tracking_total_keys:1\r\n"), "{info}");
}

#[test]
fn a_script_that_reads_is_tracked_by_the_keys_it_was_given() {
    let port = Port::open();
    let mut keeper = tracking(&port, "");
    let mut writer = port.client();
    let eval = |script: &str| {
        let script = format!("redis.call{script} return 1");
        [&b"EVAL"[..], script.as_bytes(), b"2", b"k1", b"k2"].map(<[u8]>::to_vec)
    };
    let mut run = |keeper: &mut super::kit::Client<_>, script: &str| {
        let words = eval(script);
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        assert_eq!(keeper.call(&words), Reply::Integer(1), "{script}");
        writer.ask("MSET k1 1 k2 2");
    };
    run(&mut keeper, "('set', 'k1', 'x')");
    assert_eq!(keeper.ask("PING"), Reply::Simple("PONG".into()));
    run(&mut keeper, "('get', 'other')");
    let told = [keeper.read(), keeper.read()];
    for key in ["k1", "k2"] {
        assert!(told.contains(&invalidate(&[key])), "{told:?}");
    }
    let words = [&b"EVAL_RO"[..], b"return redis.call('ping')", b"1", b"k1"];
    keeper.call(&words);
    keeper.ask("GET other");
    port.client().ask("SET k1 3");
    assert_eq!(keeper.ask("PING"), Reply::Simple("PONG".into()));
}

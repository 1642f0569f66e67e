//! Connections: protocols, pipelines, limits, and what is refused.

use super::kit::{Port, Reply, bulk, request};
use maru::resp::Options;

#[test]
fn keys_are_set_and_got() {
    let port = Port::open();
    let mut client = port.client();
    assert_eq!(client.ask("SET k v"), Reply::Simple("OK".into()));
    assert_eq!(client.ask("get k"), bulk("v"));
    assert_eq!(client.ask("get missing"), Reply::Null);
    assert_eq!(client.ask("INCR n"), Reply::Integer(1));
    assert_eq!(
        client.ask("get k extra").text(),
        "ERR wrong number of arguments for 'get' command"
    );
    assert_eq!(
        client.ask("nothing a b").text(),
        "ERR unknown command 'nothing', with args beginning with: 'a' 'b' "
    );
    client.send_raw(b"set inline \"a b\"\r\n\r\nget inline\r\n");
    assert_eq!(client.read(), Reply::Simple("OK".into()));
    assert_eq!(client.read(), bulk("a b"));
    assert_eq!(
        port.cache.get(b"inline").expect("there").as_deref(),
        Some(&b"a b"[..])
    );
}

#[test]
fn a_pipeline_is_answered_in_order_and_stays_in_step() {
    let port = Port::open();
    let mut client = port.client();
    let mut bytes = Vec::new();
    for number in 0..1000 {
        let text = number.to_string();
        bytes.extend(request(&[b"SET", text.as_bytes(), text.as_bytes()]));
        bytes.extend(request(&[b"NONSENSE"]));
        bytes.extend(request(&[b"GET", text.as_bytes()]));
    }
    client.send_raw(&bytes);
    for number in 0..1000 {
        assert_eq!(client.read(), Reply::Simple("OK".into()));
        assert!(client.read().text().starts_with("ERR unknown command"));
        assert_eq!(client.read(), bulk(&number.to_string()));
    }
}

#[test]
fn a_large_value_comes_and_goes_in_pieces() {
    let port = Port::open();
    let mut client = port.client();
    let value = vec![b'x'; 20 << 20];
    let mut reader = port.client();
    let bytes = request(&[b"SET", b"large", &value]);
    for piece in bytes.chunks(1 << 20) {
        client.send_raw(piece);
    }
    assert_eq!(client.read(), Reply::Simple("OK".into()));
    assert_eq!(reader.ask("GET large"), Reply::Bulk(value));
}

#[test]
fn strangers_are_asked_who_they_are() {
    let options = Options {
        password: Some(b"secret".to_vec()),
        ..Options::default()
    };
    let port = Port::with(options);
    let mut client = port.client();
    assert_eq!(
        client.ask("GET k").text(),
        "NOAUTH Authentication required."
    );
    assert_eq!(
        client.ask("AUTH wrong").text(),
        "WRONGPASS invalid username-password pair or user is disabled."
    );
    assert_eq!(client.ask("AUTH secret"), Reply::Simple("OK".into()));
    assert_eq!(client.ask("GET k"), Reply::Null);

    let mut client = port.client();
    let hello = client.ask("HELLO 3 AUTH default secret SETNAME me");
    assert!(matches!(hello, Reply::Map(_)), "{hello:?}");
    assert_eq!(client.ask("GET k"), Reply::Null);
    assert_eq!(client.ask("CLIENT GETNAME"), bulk("me"));

    let mut client = port.client();
    client.send_raw(b"*11\r\n");
    assert_eq!(
        client.read().text(),
        "ERR Protocol error: unauthenticated multibulk length"
    );
    assert!(client.is_closed());
}

#[test]
fn http_is_hung_up_on() {
    let port = Port::open();
    let mut client = port.client();
    client.send_raw(b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET k v\r\n");
    assert!(client.is_closed());
    assert_eq!(port.cache.get(b"k"), Ok(None));
}

#[test]
fn messages_reach_those_who_listen() {
    let port = Port::open();
    let (mut two, mut three, mut speaker) = (port.client(), port.client(), port.client());
    three.ask("HELLO 3");
    assert_eq!(
        two.ask("SUBSCRIBE c").items(),
        [bulk("subscribe"), bulk("c"), Reply::Integer(1)]
    );
    let confirmed = three.ask("PSUBSCRIBE c*");
    assert_eq!(
        confirmed,
        Reply::Push(vec![bulk("psubscribe"), bulk("c*"), Reply::Integer(1)])
    );
    assert_eq!(speaker.ask("PUBLISH c hello"), Reply::Integer(2));
    assert_eq!(
        two.read(),
        Reply::Array(vec![bulk("message"), bulk("c"), bulk("hello")])
    );
    let pushed = three.read();
    assert_eq!(
        pushed,
        Reply::Push(vec![bulk("pmessage"), bulk("c*"), bulk("c"), bulk("hello")])
    );
    assert!(
        two.ask("GET k")
            .text()
            .starts_with("ERR Can't execute 'get'")
    );
    assert_eq!(three.ask("GET k"), Reply::Null);
    assert_eq!(two.ask("UNSUBSCRIBE").items()[2], Reply::Integer(0));
    assert_eq!(
        two.ask("UNSUBSCRIBE").items(),
        [bulk("unsubscribe"), Reply::Null, Reply::Integer(0)]
    );
    assert_eq!(two.ask("GET k"), Reply::Null);
}

#[test]
fn what_is_queued_runs_as_one() {
    let port = Port::open();
    let (mut client, mut other) = (port.client(), port.client());
    client.ask("MULTI");
    assert_eq!(client.ask("SET k 1"), Reply::Simple("QUEUED".into()));
    client.ask("INCR k");
    assert_eq!(other.ask("GET k"), Reply::Null);
    assert_eq!(
        client.ask("EXEC"),
        Reply::Array(vec![Reply::Simple("OK".into()), Reply::Integer(2)])
    );
    client.ask("WATCH k");
    other.ask("SET k 9");
    client.ask("MULTI");
    client.ask("GET k");
    assert_eq!(client.ask("EXEC"), Reply::NullArray);
    client.ask("MULTI");
    client.ask("nonsense");
    assert_eq!(
        client.ask("EXEC").text(),
        "EXECABORT Transaction discarded because of previous errors."
    );
}

//! Rust's client, in both protocols.

use super::kit::{PATIENCE, Port};
use redis::{Commands, ConnectionLike};

fn client(port: &Port, protocol: &str) -> redis::Client {
    let url = format!("redis://{}/3?protocol={protocol}", port.address);
    redis::Client::open(url).expect("an address")
}

#[test]
fn it_feels_at_home() {
    for protocol in ["resp2", "resp3"] {
        let port = Port::open();
        let mut connection = client(&port, protocol).get_connection().expect("connected");
        assert_eq!(connection.get_db(), 3);
        let () = connection.set_ex("session", "a", 60).expect("set");
        assert_eq!(
            connection.get::<_, String>("session"),
            Ok("a".into()),
            "{protocol}"
        );
        assert_eq!(connection.hset::<_, _, _, u32>("h", "f", 1), Ok(1));
        let all: std::collections::HashMap<String, u32> = connection.hgetall("h").expect("a map");
        assert_eq!(all["f"], 1);
        assert_eq!(connection.zadd::<_, _, _, u32>("z", "m", 1.5), Ok(1));
        assert_eq!(connection.zscore::<_, _, f64>("z", "m"), Ok(1.5));
        let piped: (u32, u32, Option<String>) = redis::pipe()
            .atomic()
            .incr("n", 1)
            .incr("n", 1)
            .get("nothing")
            .query(&mut connection)
            .expect("a transaction");
        assert_eq!(piped, (1, 2, None));
        let keys: Vec<String> = connection
            .scan_match("sess*")
            .expect("a scan")
            .map(Result::unwrap)
            .collect();
        assert_eq!(keys, ["session"]);
        // A lock is given back by who has it, and by nobody else.
        let mut give_back = |token: &str| -> u32 {
            let release = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";
            let call = redis::cmd("EVAL")
                .arg(release)
                .arg(1)
                .arg("lock")
                .arg(token)
                .to_owned();
            call.query(&mut connection).expect("it runs")
        };
        assert_eq!(give_back("mine"), 0);
        let set = redis::cmd("SET")
            .arg(&["lock", "mine", "NX", "PX", "60000"])
            .query::<String>(&mut connection);
        assert_eq!(set.as_deref(), Ok("OK"));
        let mut give_back = |token: &str| -> u32 {
            let release = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";
            let call = redis::cmd("EVAL")
                .arg(release)
                .arg(1)
                .arg("lock")
                .arg(token)
                .to_owned();
            call.query(&mut connection).expect("it runs")
        };
        assert_eq!((give_back("other"), give_back("mine")), (0, 1));
        assert_eq!(
            connection.blpop::<_, Option<(String, String)>>("l", 0.01),
            Ok(None)
        );
        assert!(connection.check_connection());
    }
}

#[test]
fn it_hears_messages() {
    let port = Port::open();
    let mut connection = client(&port, "resp2").get_connection().expect("connected");
    let mut speaker = port.client();
    let mut subscriber = connection.as_pubsub();
    subscriber
        .set_read_timeout(Some(PATIENCE))
        .expect("a timeout");
    subscriber
        .psubscribe("__keyevent@*__:expired")
        .expect("subscribed");
    speaker.ask("CONFIG SET notify-keyspace-events Ex");
    speaker.ask("SET k v PX 1");
    let message = subscriber.get_message().expect("it ends");
    assert_eq!(message.get_channel_name(), "__keyevent@0__:expired");
    assert_eq!(message.get_payload::<String>(), Ok("k".into()));
}

//! Nobody waits for a client that asks for much at once.

use super::kit::{Port, Reply, request};

fn calls(other: &mut super::kit::Client) -> usize {
    let said = other.ask("INFO commandstats").text();
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("cmdstat_get:calls="));
    let calls = line.and_then(|line| line.split(',').next());
    calls.map_or(0, |calls| calls.parse().expect("a number"))
}

#[test]
fn long_answers_are_given_in_turns() {
    const REQUESTS: usize = 1_000;
    let port = Port::open();
    let (mut greedy, mut other) = (port.client(), port.client());
    other.call(&[b"SET", b"k", &vec![b'x'; 60_000]]);
    other.ask("PING");
    greedy.send_raw(&request(&[b"GET", b"k"]).repeat(REQUESTS));
    // Its first answer has come: the others are not all made yet.
    assert_eq!(greedy.read().text().len(), 60_000);
    let made = calls(&mut other);
    assert!(
        made < REQUESTS,
        "{made} answers were made before anybody else was served"
    );
    for _ in 1..REQUESTS {
        assert_eq!(greedy.read().text().len(), 60_000);
    }
    assert_eq!(calls(&mut other), REQUESTS);
    assert_eq!(greedy.ask("PING"), Reply::Simple("PONG".into()));
}

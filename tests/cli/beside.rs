//! A server, and commands beside it.

use super::run::{Place, line};
use std::time::{Duration, Instant};

#[test]
fn the_first_administrator_gets_a_link_until_there_is_one() {
    let place = Place::new();
    let mut server = place.serve();
    let link = server.line();
    let expected = format!("{}/signup?invite=", server.url);
    assert!(
        link.contains(&expected) && link.contains("30 minutes"),
        "{link}"
    );
    let add = ["user", "add", "kim", "--role", "admin", "--password-stdin"];
    place.run_with(&add, "세 마리의 고래와 등대").ok();
    let asked = Instant::now();
    assert_eq!(server.stop().status, 0);
    assert!(asked.elapsed() < Duration::from_secs(10));

    let again = place.serve();
    let done = again.stop();
    assert!(!done.out.contains("signup"), "{done:?}");
}

#[test]
fn a_second_server_is_told_the_first_ones_pid() {
    let place = Place::new();
    let server = place.serve();
    let err = place.run(&["serve", "--listen", "127.0.0.1:0"]).failed(1);
    assert!(err.contains(&server.pid().to_string()), "{err}");
    assert_eq!(server.stop().status, 0);
}

#[test]
fn commands_go_through_the_server() {
    let place = Place::new();
    let server = place.serve_with(&["--public-url", "https://chat.example"]);
    let link = place.run(&["invite", "create", "--uses", "3"]).ok();
    assert!(
        link.starts_with("https://chat.example/signup?invite="),
        "{link}"
    );

    let text: String = (0..3000)
        .map(|n| line(&n.to_string(), "마루에 모였다"))
        .collect();
    place.file("history", &text);
    let done = place.run(&["import", "history"]).ok();
    assert!(done.starts_with("3000 messages loaded"), "{done}");
    let bad = format!("{text}broken\n");
    let err = place.run_with(&["import", "-"], &bad).failed(1);
    assert!(err.contains("line 3001"), "{err}");
    let done = place
        .run_with(&["import", "-", "--skip-bad-lines"], &bad)
        .ok();
    assert!(
        done.contains("3000 were there already, 1 bad lines"),
        "{done}"
    );

    assert_eq!(place.run(&["export"]).ok().lines().count(), 3000);
    assert!(place.run(&["user", "list"]).ok().contains("kim"));
    assert!(
        place
            .run(&["check"])
            .ok()
            .contains("3000 of them in the index")
    );
    place
        .run_with(&["user", "add", "park", "--password-stdin"], "short")
        .failed(1);
    assert_eq!(server.stop().status, 0);
    assert_eq!(place.run(&["export"]).ok().lines().count(), 3000);
}

#[test]
fn health_is_asked_where_the_server_is() {
    let place = Place::new();
    let server = place.serve();
    assert_eq!(place.run(&["healthcheck"]).ok(), "ok\n");
    assert_eq!(
        place
            .run(&["healthcheck", "--ready", "--url", &server.url])
            .ok(),
        "ok\n"
    );
    server.stop();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = closed.local_addr().expect("an address");
    drop(closed);
    place
        .run(&["healthcheck", "--url", &format!("http://{address}")])
        .failed(1);
}

#[test]
fn a_killed_server_leaves_nothing_in_the_way() {
    let place = Place::new();
    drop(place.serve());
    assert!(place.data().join("control.sock").exists(), "it was killed");
    place.run(&["user", "list"]).ok();
    assert_eq!(place.serve().stop().status, 0);
}

#[test]
fn an_address_in_use_is_named() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let err = place.run(&["serve", "--listen", &address]).failed(1);
    assert!(err.contains(&address) && err.contains("--listen"), "{err}");
}

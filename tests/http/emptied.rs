//! What others do to the keys of the cache signs nobody out, and nobody in.

use crate::kit::{Person, TestApp};
use crate::resp::kit::Client;
use maru::resp::{Door, Options};
use std::net::TcpListener;

/// A server whose cache can be reached from outside.
async fn open() -> (TestApp, Door, Client) {
    let app = TestApp::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let door = Door::open(listener, app.cache().clone(), Options::default()).expect("opens");
    (app, door, Client::connect(address))
}

async fn is_signed_in(app: &TestApp, person: &Person) -> bool {
    let answer = app.get("/me").by(person).send().await;
    assert!(matches!(answer.status, 200 | 401), "{answer:?}");
    answer.status == 200
}

async fn sign_out(app: &TestApp, person: &Person) {
    let answer = app.request("POST", "/logout").by(person).send().await;
    assert!(matches!(answer.status, 200 | 204), "{answer:?}");
}

fn session_keys(redis: &mut Client) -> Vec<String> {
    let found = redis.ask("KEYS maru:session:*");
    found.items().iter().map(|key| key.text()).collect()
}

#[tokio::test]
async fn emptying_signs_nobody_out_and_no_ended_session_in() {
    let (app, _door, mut redis) = open().await;
    let kim = app.person("kim").await;
    let gone = app.sign_in(kim.id, "kim").await;
    sign_out(&app, &gone).await;
    let own = session_keys(&mut redis).remove(0);
    let spoils: [&[&str]; 8] = [
        &["FLUSHALL"],
        &["FLUSHDB"],
        &["FLUSHALL ASYNC"],
        &[&format!("DEL {own}")],
        &[&format!("UNLINK {own}")],
        &["SWAPDB 0 1"],
        &[&format!("RENAME {own} elsewhere")],
        &[&format!("DEL {own}"), &format!("RPUSH {own} x")],
    ];
    for commands in spoils {
        for command in commands {
            redis.ask(command);
        }
        assert!(is_signed_in(&app, &kim).await, "{commands:?}");
        assert!(!is_signed_in(&app, &gone).await, "{commands:?}");
        assert_eq!(session_keys(&mut redis), [own.as_str()], "{commands:?}");
        assert_eq!(redis.ask(&format!("TYPE {own}")).text(), "string");
    }
    let ttl_ms: i64 = redis
        .ask(&format!("PTTL {own}"))
        .text()
        .parse()
        .expect("ms");
    assert!(
        ttl_ms > 86_400_000,
        "it ends when the session ends: {ttl_ms}"
    );
}

#[tokio::test]
async fn what_is_put_back_by_others_signs_nobody_in() {
    let (mut app, _door, mut redis) = open().await;
    let kim = app.person("kim").await;
    let renamed = app.sign_in(kim.id, "kim").await;
    let swapped = app.sign_in(kim.id, "kim").await;
    let kept = session_keys(&mut redis);

    // Out of the way while the session ends, then back.
    for key in &kept {
        redis.ask(&format!("COPY {key} copy:{key}"));
        redis.ask(&format!("COPY {key} {key} DB 1"));
    }
    sign_out(&app, &renamed).await;
    redis.ask("SWAPDB 0 1");
    sign_out(&app, &swapped).await;
    redis.ask("SWAPDB 0 1");
    for key in &kept {
        redis.ask(&format!("RENAME copy:{key} {key}"));
    }
    assert_eq!(session_keys(&mut redis).len(), 3);
    for ended in [&renamed, &swapped] {
        assert!(!is_signed_in(&app, ended).await);
    }
    assert!(is_signed_in(&app, &kim).await);

    // Nor after a restart, whatever the files hold.
    redis.ask("SWAPDB 0 1");
    app.restart().await;
    app.cache().db(0).flush().expect("flush");
    let everything = app.cache().db(0);
    everything
        .on_everything(|txn| txn.swap_db(0, 1))
        .expect("swap");
    for ended in [&renamed, &swapped] {
        assert!(!is_signed_in(&app, ended).await);
    }
    assert!(is_signed_in(&app, &kim).await);
}

/// Signing out and putting keys back at the same time: out is out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_wins_over_putting_back() {
    let (app, _door, mut redis) = open().await;
    let kim = app.person("kim").await;
    for _ in 0..20 {
        let ending = app.sign_in(kim.id, "kim").await;
        redis.ask("FLUSHALL");
        let lookups = async {
            for _ in 0..5 {
                is_signed_in(&app, &ending).await;
            }
        };
        tokio::join!(lookups, sign_out(&app, &ending));
        assert!(!is_signed_in(&app, &ending).await);
    }
    assert!(is_signed_in(&app, &kim).await);
    assert_eq!(session_keys(&mut redis).len(), 1, "nothing is left behind");
}

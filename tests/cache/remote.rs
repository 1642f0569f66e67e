//! The cache of another process: a real Redis, and the Redis port of another Maru.

use super::contract;
use crate::resp::kit::Port;
use bytes::Bytes;
use maru::auth::keys::Algorithm;
use maru::auth::sessions::{Live, Sessions};
use maru::auth::tokens::{Grant, TokenError, Tokens};
use maru::cache::{Cache, CacheError, Clock, Handle, Remote, RemoteError, SetOptions};
use maru::domain::{SessionId, UserId};
use rustix::process::{Pid, Signal, kill_process};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// A redis-server on a socket of its own.
struct Redis {
    dir: TempDir,
    child: Child,
    more: Vec<&'static str>,
}

impl Redis {
    async fn start(more: &[&'static str]) -> Redis {
        let dir = tempfile::tempdir().expect("a directory");
        let child = Redis::spawn(&dir, more);
        let redis = Redis {
            dir,
            child,
            more: more.to_vec(),
        };
        redis.ready().await;
        redis
    }

    fn spawn(dir: &TempDir, more: &[&str]) -> Child {
        Command::new("redis-server")
            .args(["--port", "0", "--unixsocket", "sock", "--save", ""])
            .args(more)
            .current_dir(dir.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed")
    }

    async fn ready(&self) {
        let started = Instant::now();
        while tokio::net::UnixStream::connect(self.socket())
            .await
            .is_err()
        {
            assert!(started.elapsed() < PATIENCE, "redis-server does not start");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("sock")
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    fn kill(&mut self) {
        self.child.kill().expect("is killed");
        self.child.wait().expect("is gone");
        let _ = std::fs::remove_file(self.socket());
    }

    async fn start_again(&mut self) {
        self.child = Redis::spawn(&self.dir, &self.more);
        self.ready().await;
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a signal");
    }

    fn cli(&self, words: &str) {
        let done = Command::new("redis-cli")
            .arg("-s")
            .arg(self.socket())
            .args(words.split(' '))
            .output()
            .expect("redis-cli is installed");
        assert!(done.status.success(), "{done:?}");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn sentence<T>(failed: Result<T, CacheError>) -> String {
    match failed {
        Err(CacheError::Unavailable(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it worked"),
    }
}

/// Tries until it works.
async fn until_set(remote: &Remote, key: &[u8]) {
    let started = Instant::now();
    while remote
        .set(key, text("v"), SetOptions::default())
        .await
        .is_err()
    {
        assert!(started.elapsed() < PATIENCE, "it does not come back");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_real_redis_keeps_the_contract() {
    let redis = Redis::start(&[]).await;
    let remote = Remote::open(&redis.url()).await.expect("opens");
    let now_ms = Clock::system().unix_ms();
    contract::check(&remote, "contract:", now_ms, false).await;
}

#[tokio::test]
async fn another_maru_keeps_the_contract() {
    let port = Port::open();
    let url = format!("redis://{}", port.address);
    let remote = Remote::open(&url).await.expect("opens");
    let now_ms = port.cache.clock().unix_ms();
    contract::check(&remote, "contract:", now_ms, false).await;
}

#[tokio::test]
async fn what_cannot_be_used_is_said_without_the_password() {
    let redis = Redis::start(&["--requirepass", "kept-to-itself"]).await;
    let with = |login: &str| format!("redis+unix://{}?{login}", redis.socket().display());
    let unreachable = |opened: Result<Remote, RemoteError>| match opened.err() {
        Some(RemoteError::Unreachable(why)) => why,
        other => panic!("{other:?}"),
    };
    let wrong = unreachable(Remote::open(&with("pass=guessed-badly")).await);
    assert!(
        wrong.contains("refuses the user or the password"),
        "{wrong}"
    );
    assert!(
        wrong.contains("sock") && !wrong.contains("guessed"),
        "{wrong}"
    );
    let none = unreachable(Remote::open(&with("db=0")).await);
    assert!(none.contains("wants a password"), "{none}");
    let right = Remote::open(&with("pass=kept-to-itself"))
        .await
        .expect("opens");
    assert_eq!(right.get(b"k").await, Ok(None));
    redis.cli("-a kept-to-itself --no-auth-warning CONFIG SET maxmemory 1");
    let full = sentence(right.set(b"k", text("v"), SetOptions::default()).await);
    assert!(full.contains("is full"), "{full}");

    let nobody = unreachable(Remote::open("redis://:hidden@127.0.0.1:1").await);
    assert!(
        nobody.contains("127.0.0.1:1") && nobody.contains("running?"),
        "{nobody}"
    );
    assert!(!nobody.contains("hidden"), "{nobody}");
    let bad = Remote::open("http://:hidden@host")
        .await
        .err()
        .expect("refused");
    assert!(matches!(bad, RemoteError::Url(_)), "{bad}");
    assert!(!bad.to_string().contains("hidden"), "{bad}");
}

#[tokio::test]
async fn a_redis_that_was_killed_is_found_again_and_heard_again() {
    let mut redis = Redis::start(&[]).await;
    let remote = Remote::open(&redis.url()).await.expect("opens");
    let mut heard = remote.subscribe(&[b"news"]).await.expect("subscribes");
    let mut globs = remote.psubscribe(&[b"n*"]).await.expect("subscribes");
    until_set(&remote, b"k").await;
    redis.kill();
    let away = sentence(remote.get(b"k").await);
    assert!(away.contains("sock"), "{away}");
    let still = sentence(remote.get(b"k").await);
    assert!(still.starts_with("the Redis at"), "{still}");
    redis.start_again().await;
    until_set(&remote, b"k").await;
    assert_eq!(remote.get(b"k").await, Ok(Some(text("v"))));

    // Once both names are listened to again, everything is heard.
    let started = Instant::now();
    while remote.publish(b"news", text("again")).await != Ok(2) {
        assert!(started.elapsed() < PATIENCE, "nothing is listened to");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for subscription in [&mut heard, &mut globs] {
        let message = tokio::time::timeout(PATIENCE, subscription.next()).await;
        let message = message.expect("in time").expect("open");
        assert_eq!(
            (&message.channel[..], &message.payload[..]),
            (&b"news"[..], &b"again"[..])
        );
    }
}

#[tokio::test]
async fn a_redis_that_hangs_is_not_waited_for_and_answers_stay_in_step() {
    let redis = Redis::start(&[]).await;
    let remote = Remote::open(&redis.url()).await.expect("opens");
    until_set(&remote, b"k").await;
    redis.signal(Signal::STOP);
    let started = Instant::now();
    let hangs = sentence(remote.get(b"k").await);
    assert!(hangs.contains("in time"), "{hangs}");
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
    let subscribed = remote.subscribe(&[b"news"]).await;
    assert!(sentence(subscribed).contains("subscriptions"));
    redis.signal(Signal::CONT);
    until_set(&remote, b"k").await;
    for n in 0..100 {
        let (key, value) = (format!("k{n}"), Bytes::from(format!("v{n}")));
        let stored = remote
            .set(key.as_bytes(), value.clone(), SetOptions::default())
            .await;
        assert!(stored.expect("answers").stored);
        assert_eq!(remote.get(key.as_bytes()).await, Ok(Some(value)));
    }
}

#[tokio::test]
async fn an_emptied_redis_signs_nobody_out_and_no_ended_session_in() {
    let redis = Redis::start(&[]).await;
    let remote: Arc<dyn Cache> = Arc::new(Remote::open(&redis.url()).await.expect("opens"));
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::system();
    let tokens = Tokens::open(&dir.path().join("keys"), Algorithm::HS256, clock.clone());
    let sessions = Sessions::new(tokens.expect("keys"), Handle::Remote(remote.clone()));
    let now_ms = clock.unix_ms();
    let live = |number: u64| Live {
        jti: format!("jti-{number}"),
        user_id: UserId(number),
        session_id: SessionId(number),
        expires_at_ms: now_ms + 86_400_000,
    };
    let token = |live: &Live| {
        let grant = Grant {
            user_id: live.user_id,
            session_id: live.session_id,
            jti: live.jti.clone(),
            issued_at_ms: now_ms,
            expires_at_ms: live.expires_at_ms,
        };
        sessions.tokens().issue(&grant).expect("a token")
    };
    let (kept, ended) = (live(1), live(2));
    for session in [&kept, &ended] {
        sessions.remember(session).await.expect("remembered");
    }
    sessions.forget(&ended.jti).await.expect("forgotten");
    redis.cli("FLUSHALL");
    assert!(sessions.lookup(&token(&kept)).await.is_ok());
    assert_eq!(
        sessions.lookup(&token(&ended)).await,
        Err(TokenError::Revoked)
    );
}

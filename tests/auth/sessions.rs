//! A token counts only while its session lives in the cache.

use bytes::Bytes;
use maru::auth::keys::Algorithm;
use maru::auth::sessions::{Caller, Live, Reconciled, Sessions};
use maru::auth::tokens::{Grant, TokenError, Tokens};
use maru::cache::{Cache, Clock, Embedded, Handle, ManualClock, Options, SetOptions};
use maru::domain::{SessionId, UserId};
use std::sync::Arc;
use tempfile::TempDir;

const NOW_MS: u64 = 1_800_000_000_000;
const DAY_MS: u64 = 86_400_000;

struct House {
    sessions: Sessions,
    cache: Arc<Embedded>,
    hand: Arc<ManualClock>,
    _dir: TempDir,
}

/// `remote`: through the trait, as a cache in another process would be used.
fn house(remote: bool) -> House {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, hand) = Clock::manual(NOW_MS);
    let options = Options {
        clock: clock.clone(),
        ..Options::default()
    };
    let cache = Arc::new(Embedded::open(options).expect("cache"));
    let tokens = Tokens::open(&dir.path().join("keys"), Algorithm::HS256, clock).expect("keys");
    let handle = if remote {
        Handle::Remote(cache.clone())
    } else {
        Handle::Embedded(cache.clone())
    };
    House {
        sessions: Sessions::new(tokens, handle),
        cache,
        hand,
        _dir: dir,
    }
}

fn live(number: u64) -> Live {
    Live {
        jti: format!("jti-{number}"),
        user_id: UserId(100 + number),
        session_id: SessionId(number),
        expires_at_ms: NOW_MS + 30 * DAY_MS,
    }
}

impl House {
    fn token(&self, live: &Live) -> String {
        let grant = Grant {
            user_id: live.user_id,
            session_id: live.session_id,
            jti: live.jti.clone(),
            issued_at_ms: NOW_MS,
            expires_at_ms: live.expires_at_ms,
        };
        self.sessions.tokens().issue(&grant).expect("token")
    }
}

#[tokio::test]
async fn remembered_until_forgotten() {
    for remote in [false, true] {
        let house = house(remote);
        let (one, two) = (live(1), live(2));
        let (token, other) = (house.token(&one), house.token(&two));
        assert_eq!(
            house.sessions.lookup(&token).await,
            Err(TokenError::Revoked),
            "signed is not enough"
        );
        house.sessions.remember(&one).await.expect("remember");
        house.sessions.remember(&two).await.expect("remember");
        let caller = Caller {
            user_id: UserId(101),
            session_id: SessionId(1),
            expires_at_ms: one.expires_at_ms,
        };
        assert_eq!(house.sessions.lookup(&token).await, Ok(caller));
        house.sessions.forget(&one.jti).await.expect("forget");
        house
            .sessions
            .forget(&one.jti)
            .await
            .expect("safe to repeat");
        assert_eq!(
            house.sessions.lookup(&token).await,
            Err(TokenError::Revoked)
        );
        assert!(house.sessions.lookup(&other).await.is_ok());
    }
}

#[tokio::test]
async fn a_session_ends_at_its_deadline_whatever_the_wall_clock_does() {
    let house = house(false);
    let one = live(1);
    let token = house.token(&one);
    house.sessions.remember(&one).await.expect("remember");
    for jump_ms in [2 * DAY_MS as i64, -4 * DAY_MS as i64, 2 * DAY_MS as i64] {
        house.hand.jump_ms(jump_ms);
        assert!(house.sessions.lookup(&token).await.is_ok());
    }
    house.hand.advance_ms(30 * DAY_MS);
    assert_eq!(
        house.sessions.lookup(&token).await,
        Err(TokenError::Revoked)
    );
    house.hand.advance_ms(5_000);
    assert_eq!(
        house.sessions.lookup(&token).await,
        Err(TokenError::Expired)
    );
}

#[tokio::test]
async fn a_session_of_the_same_name_must_be_the_tokens() {
    let house = house(false);
    let one = live(1);
    let token = house.token(&one);
    let stranger = Live {
        user_id: UserId(666),
        ..one
    };
    house.sessions.remember(&stranger).await.expect("remember");
    assert_eq!(
        house.sessions.lookup(&token).await,
        Err(TokenError::Mismatched)
    );
}

#[tokio::test]
async fn reconciling_follows_state() {
    for remote in [false, true] {
        let house = house(remote);
        for number in 0..1500 {
            house
                .sessions
                .remember(&live(number))
                .await
                .expect("remember");
        }
        let stranger = Live {
            user_id: UserId(666),
            ..live(1000)
        };
        house.sessions.remember(&stranger).await.expect("remember");
        let forever = SetOptions::default();
        Cache::set(
            &*house.cache,
            b"maru:session:junk",
            Bytes::from_static(b"?"),
            forever,
        )
        .await
        .expect("set");
        Cache::set(
            &*house.cache,
            b"other",
            Bytes::from_static(b"kept"),
            forever,
        )
        .await
        .expect("set");

        let state = || (1000..2000).map(live);
        let outcome = house.sessions.reconcile(state()).await.expect("reconcile");
        assert_eq!(
            outcome,
            Reconciled {
                added: 501,
                removed: 1001,
                kept: 499
            }
        );
        for (number, alive) in [
            (0, false),
            (999, false),
            (1000, true),
            (1499, true),
            (1999, true),
            (2000, false),
        ] {
            let found = house.sessions.lookup(&house.token(&live(number))).await;
            assert_eq!(found.is_ok(), alive, "{number}: {found:?}");
        }
        assert!(
            house.cache.get(b"other").expect("get").is_some(),
            "only sessions are touched"
        );
        let again = house.sessions.reconcile(state()).await.expect("reconcile");
        assert_eq!(
            again,
            Reconciled {
                kept: 1000,
                ..Reconciled::default()
            }
        );
    }
}

//! Who guesses passwords is slowed down, and nobody else.

use super::throttle::throttle;
use maru::auth::guesses::{Account, Attempt, GuessOrigin};
use maru::auth::throttle::ThrottleError;
use maru::domain::{SessionId, UserId};
use std::net::IpAddr;
use std::time::Duration;

const JINSU: Account<'static> = Account::Known(UserId(7));

fn from(number: u8) -> GuessOrigin<'static> {
    GuessOrigin::Address(IpAddr::from([10, 0, 0, number]))
}

fn wait(outcome: Result<Attempt<'_>, ThrottleError>) -> Option<Duration> {
    match outcome {
        Ok(attempt) => {
            attempt.failed();
            None
        }
        Err(ThrottleError::Throttled(throttled)) => Some(throttled.retry_after),
        Err(ThrottleError::Cache(error)) => panic!("{error}"),
    }
}

#[tokio::test]
async fn failures_slow_down_where_they_come_from_and_success_forgives() {
    let (throttle, hand, _) = throttle();
    for quick in 1..=5 {
        assert_eq!(wait(throttle.begin(JINSU, from(1)).await), None, "{quick}");
    }
    for delay_s in [1, 2, 4, 8, 16, 32, 60, 60] {
        let told = wait(throttle.begin(JINSU, from(1)).await).expect("a delay");
        assert_eq!(told, Duration::from_secs(delay_s));
        hand.advance_ms(delay_s * 1000 - 1);
        assert!(wait(throttle.begin(JINSU, from(1)).await).is_some());
        hand.advance_ms(1);
        assert_eq!(wait(throttle.begin(JINSU, from(1)).await), None);
    }
    hand.advance_ms(60_000);
    let attempt = throttle.begin(JINSU, from(1)).await.expect("free");
    attempt.succeeded().await.expect("told");
    for quick in 1..=10 {
        let told = wait(throttle.begin(JINSU, from(1)).await);
        assert_eq!(told, None, "{quick} where it is known");
    }
    assert!(wait(throttle.begin(JINSU, from(1)).await).is_some());
    hand.advance_ms(16 * 60_000);
    assert_eq!(wait(throttle.begin(JINSU, from(1)).await), None);
}

#[tokio::test]
async fn a_loop_elsewhere_never_keeps_an_owner_out() {
    let (throttle, hand, _) = throttle();
    let device = GuessOrigin::Device("mine");
    for second in 0..600_u64 {
        for _ in 0..5 {
            // Each makes its delay longer, or is refused.
            let _: Option<Duration> = wait(throttle.begin(JINSU, from(1)).await);
        }
        if second % 10 == 0 {
            for source in [from(2), device.clone()] {
                let attempt = throttle.begin(JINSU, source).await.expect("let in");
                attempt.succeeded().await.expect("told");
            }
        }
        hand.advance_ms(1000);
    }
}

#[tokio::test]
async fn while_many_addresses_guess_a_stranger_has_one_try() {
    let (throttle, _, _) = throttle();
    let known = throttle.begin(JINSU, from(200)).await.expect("free");
    known.succeeded().await.expect("told");
    for number in 0..150 {
        // One guess each; the owner comes from the next.
        assert_eq!(wait(throttle.begin(JINSU, from(number)).await), None);
    }
    let again = wait(throttle.begin(JINSU, from(149)).await);
    assert_eq!(again, Some(Duration::from_secs(60)), "strangers guess once");
    let owner = throttle.begin(JINSU, from(201)).await.expect("one try");
    owner.succeeded().await.expect("told");
    for quick in 1..=9 {
        let told = wait(throttle.begin(JINSU, from(200)).await);
        assert_eq!(told, None, "{quick} where it signed in before");
    }
    let other = Account::Known(UserId(8));
    assert_eq!(wait(throttle.begin(other.clone(), from(1)).await), None);
    assert_eq!(wait(throttle.begin(other, from(1)).await), None);
}

#[tokio::test]
async fn guesses_at_the_same_time_count_too() {
    let (throttle, _, _) = throttle();
    let mut under_way = Vec::new();
    for _ in 0..15 {
        if let Ok(attempt) = throttle.begin(JINSU, from(1)).await {
            under_way.push(attempt);
        }
    }
    assert_eq!(under_way.len(), 5);
}

#[tokio::test]
async fn all_spellings_of_a_name_are_one() {
    let (throttle, _, _) = throttle();
    let spellings = [
        "김철수",
        "\u{1100}\u{1175}\u{11b7}철수",
        "김\u{200b}철수",
        "김철\u{1109}\u{116e}",
        "김철수\u{34f}",
    ];
    for name in spellings {
        let account = Account::Missing(name);
        assert_eq!(wait(throttle.begin(account, from(1)).await), None);
    }
    let account = Account::Missing("김철수");
    assert!(wait(throttle.begin(account, from(1)).await).is_some());
}

#[tokio::test]
async fn an_address_may_fail_twenty_times_a_minute_over_all_accounts() {
    let (throttle, hand, _) = throttle();
    let account = |number: u64| Account::Known(UserId(number));
    for number in 0..100 {
        let attempt = throttle.begin(account(number), from(1)).await;
        let told = attempt.expect("free").succeeded().await;
        told.expect("told");
    }
    for number in 0..20 {
        let told = wait(throttle.begin(account(number), from(1)).await);
        assert_eq!(told, None);
    }
    let told = wait(throttle.begin(account(20), from(1)).await).expect("a delay");
    assert!(
        told <= Duration::from_secs(60) && !told.is_zero(),
        "{told:?}"
    );
    assert_eq!(wait(throttle.begin(account(20), from(2)).await), None);
    hand.advance_ms(120_000);
    assert_eq!(wait(throttle.begin(account(21), from(1)).await), None);
}

#[tokio::test]
async fn who_is_signed_in_is_counted_alone() {
    let (throttle, _, _) = throttle();
    let session = |id| GuessOrigin::Session(SessionId(id));
    for _ in 0..30 {
        let _: Option<Duration> = wait(throttle.begin(JINSU, session(1)).await);
    }
    assert!(wait(throttle.begin(JINSU, session(1)).await).is_some());
    assert_eq!(wait(throttle.begin(JINSU, session(2)).await), None);
    assert_eq!(wait(throttle.begin(JINSU, from(1)).await), None);
}

#[tokio::test]
async fn a_busy_server_blames_nobody() {
    let (throttle, _, _) = throttle();
    for _ in 0..50 {
        let attempt = throttle.begin(JINSU, from(1)).await.expect("free");
        attempt.abandoned().await.expect("told");
    }
}

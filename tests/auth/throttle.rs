//! Delays for those who guess, limits for those who flood.

use maru::auth::throttle::{Attempt, Limit, Throttle, ThrottleError, neighbourhood};
use maru::cache::{Clock, Embedded, Handle, ManualClock, Options};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

fn throttle() -> (Throttle, Arc<ManualClock>, Arc<Embedded>) {
    let (clock, hand) = Clock::manual(1_800_000_000_000);
    let options = Options {
        clock: clock.clone(),
        ..Options::default()
    };
    let cache = Arc::new(Embedded::open(options).expect("cache"));
    (
        Throttle::new(Handle::Embedded(cache.clone()), clock),
        hand,
        cache,
    )
}

fn address(number: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, number])
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
async fn failures_slow_an_account_down_and_success_forgives() {
    let (throttle, hand, _) = throttle();
    let mut from = 0;
    let mut next = || {
        from += 1;
        address(from)
    };
    for quick in 1..=5 {
        assert_eq!(
            wait(throttle.begin("jinsu", next()).await),
            None,
            "failure {quick}"
        );
    }
    for delay_s in [1, 2, 4, 8, 16, 32, 60, 60] {
        let told = wait(throttle.begin("JinSu", next()).await).expect("a delay");
        assert_eq!(
            told,
            Duration::from_secs(delay_s),
            "names differ in case only"
        );
        hand.advance_ms(delay_s * 1000 - 1);
        assert!(wait(throttle.begin("jinsu", next()).await).is_some());
        assert_eq!(wait(throttle.begin("someone else", next()).await), None);
        throttle
            .begin("someone else", next())
            .await
            .expect("free")
            .succeeded()
            .await
            .expect("told");
        hand.advance_ms(1);
        assert_eq!(
            wait(throttle.begin("jinsu", next()).await),
            None,
            "after {delay_s} s"
        );
    }
    hand.advance_ms(60_000);
    throttle
        .begin("jinsu", next())
        .await
        .expect("free")
        .succeeded()
        .await
        .expect("told");
    for quick in 1..=5 {
        assert_eq!(
            wait(throttle.begin("jinsu", next()).await),
            None,
            "{quick} after a success"
        );
    }
    assert!(wait(throttle.begin("jinsu", next()).await).is_some());
    hand.advance_ms(16 * 60_000);
    for quick in 1..=5 {
        assert_eq!(
            wait(throttle.begin("jinsu", next()).await),
            None,
            "{quick} after a long time"
        );
    }
}

#[tokio::test]
async fn guesses_at_the_same_time_count_too() {
    let (throttle, _, _) = throttle();
    let mut under_way = Vec::new();
    for number in 0..100 {
        if let Ok(attempt) = throttle.begin("jinsu", address(number)).await {
            under_way.push(attempt);
        }
    }
    assert_eq!(under_way.len(), 5);
}

#[tokio::test]
async fn an_address_may_fail_twenty_times_a_minute_over_all_accounts() {
    let (throttle, hand, _) = throttle();
    for number in 0..100 {
        let attempt = throttle
            .begin(&format!("good{number}"), address(1))
            .await
            .expect("free");
        attempt.succeeded().await.expect("told");
    }
    for number in 0..20 {
        assert_eq!(
            wait(throttle.begin(&format!("bad{number}"), address(1)).await),
            None
        );
    }
    let told = wait(throttle.begin("bad20", address(1)).await).expect("a delay");
    assert!(
        told <= Duration::from_secs(60) && !told.is_zero(),
        "{told:?}"
    );
    assert_eq!(
        wait(throttle.begin("bad20", address(2)).await),
        None,
        "others are free"
    );
    hand.advance_ms(120_000);
    assert_eq!(wait(throttle.begin("bad21", address(1)).await), None);
}

#[tokio::test]
async fn a_busy_server_blames_nobody() {
    let (throttle, _, _) = throttle();
    for _ in 0..50 {
        let attempt = throttle.begin("jinsu", address(1)).await.expect("free");
        attempt.abandoned().await.expect("told");
    }
}

#[tokio::test]
async fn a_limit_fades_instead_of_starting_over() {
    let (throttle, hand, cache) = throttle();
    let limit = Limit {
        name: "test",
        count: 10,
        per: Duration::from_secs(10),
    };
    let mut taken = 0;
    while throttle.take(&limit, "k").await.is_ok() {
        taken += 1;
    }
    assert_eq!(taken, 10);
    let Err(ThrottleError::Throttled(throttled)) = throttle.take(&limit, "k").await else {
        panic!("one too many");
    };
    assert!(
        (1..=10).contains(&throttled.retry_after_s()),
        "{throttled:?}"
    );
    assert!(
        throttle.take(&limit, "other").await.is_ok(),
        "keys are apart"
    );

    hand.advance_ms(15_000);
    let mut taken = 0;
    while throttle.take(&limit, "k").await.is_ok() {
        taken += 1;
    }
    assert_eq!(taken, 5, "half of the last window still counts");
    let Err(ThrottleError::Throttled(throttled)) = throttle.take(&limit, "k").await else {
        panic!("one too many");
    };
    hand.advance_ms(throttled.retry_after.as_millis() as u64);
    assert!(
        throttle.take(&limit, "k").await.is_ok(),
        "it said when: {throttled:?}"
    );

    hand.advance_ms(60_000);
    cache.expire();
    assert_eq!(cache.db(0).len(), 0, "counters go away");
}

#[test]
fn neighbours_share_a_network() {
    for (address, expected) in [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::1", "0:0:0:0::/64"),
    ] {
        assert_eq!(neighbourhood(address.parse().expect("address")), expected);
    }
}

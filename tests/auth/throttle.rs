//! Limits for those who flood.

use maru::auth::throttle::{Limit, Throttle, ThrottleError, neighbourhood};
use maru::cache::{Clock, Embedded, Handle, ManualClock, Options};
use std::sync::Arc;
use std::time::Duration;

pub fn throttle() -> (Throttle, Arc<ManualClock>, Arc<Embedded>) {
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

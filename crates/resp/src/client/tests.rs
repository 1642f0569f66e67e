use super::super::acl::Acl;
use super::*;
use std::net::TcpListener;
use std::time::Duration;

/// Listens to one channel, and reads nothing.
fn deaf() -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let stream = TcpStream::connect(address).expect("connected");
    let user = Acl::new(None).default_user();
    let mut client = Client::new(1, stream, Default::default(), user, Waker::noop().clone());
    client.hears[0] = 1;
    client
}

#[test]
fn eight_megabytes_may_wait_for_a_listener_for_less_than_a_minute() {
    const SOFT_BYTES: usize = 8 << 20;
    let settings = Settings::new(1);
    let mut client = deaf();
    let start = Instant::now();
    let mut waits = |bytes, after_s| {
        let now = start + Duration::from_secs(after_s);
        client.waits_for_too_much(&settings, bytes, now)
    };
    assert!(!waits(SOFT_BYTES, 0), "as much as may wait for ever");
    assert!(!waits(SOFT_BYTES + 1, 100));
    assert!(!waits(SOFT_BYTES + 1, 159));
    assert!(waits(SOFT_BYTES + 1, 160));
    // It has read something meanwhile.
    assert!(!waits(SOFT_BYTES, 161));
    assert!(!waits(4 * SOFT_BYTES, 162));
    assert!(waits(4 * SOFT_BYTES + 1, 163), "at once");
    // Who does not listen has a hard limit alone.
    client.hears[0] = 0;
    assert!(!client.waits_for_too_much(&settings, 64 << 20, start));
    assert!(client.waits_for_too_much(&settings, (64 << 20) + 1, start));
}

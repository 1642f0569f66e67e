//! Messages arrive in order, and slow listeners are closed instead of waited for.

use bytes::Bytes;
use futures_util::StreamExt as _;
use maru::cache::{Closed, Embedded, Limits, Options, Selector};

fn cache(limits: Limits) -> Embedded {
    let options = Options {
        subscriber: limits,
        ..Options::default()
    };
    Embedded::open(options).expect("open")
}

#[tokio::test]
async fn a_listener_that_does_not_read_is_closed_with_a_reason() {
    let limits = Limits {
        messages: 10,
        bytes: 1 << 20,
    };
    let cache = cache(limits);
    let mut slow = cache.listen(Selector::Channel, &[b"c"]);
    let mut quick = cache.listen(Selector::Channel, &[b"c"]);
    for number in 0..10u8 {
        assert_eq!(cache.publish(b"c", Bytes::from(vec![number])), 2);
        assert_eq!(quick.next().await.expect("open").payload[..], [number]);
    }
    assert_eq!(cache.publish(b"c", Bytes::from_static(b"too many")), 1);
    assert_eq!(&quick.next().await.expect("open").payload[..], b"too many");
    assert_eq!(slow.next().await.err(), Some(Closed::TooSlow));
    assert_eq!(
        slow.try_next().err(),
        Some(Closed::TooSlow),
        "and stays closed"
    );
    assert_eq!(
        cache.publish(b"c", Bytes::from_static(b"later")),
        1,
        "others do not notice"
    );

    let ended: Vec<_> = slow.collect().await;
    assert_eq!(ended.len(), 1, "as a stream: one error, then the end");
    assert_eq!(cache.listeners(Selector::Channel, b"c"), 1);
}

#[tokio::test]
async fn bytes_are_bounded_as_well() {
    let limits = Limits {
        messages: 1000,
        bytes: 10_000,
    };
    let cache = cache(limits);
    let mut slow = cache.listen(Selector::Pattern, &[b"*"]);
    let mut delivered = 0;
    while cache.publish(b"c", Bytes::from(vec![0; 1000])) == 1 {
        delivered += 1;
    }
    assert_eq!(delivered, 9);
    assert_eq!(slow.next().await.err(), Some(Closed::TooSlow));
}

#[tokio::test]
async fn everybody_hears_one_order() {
    let cache = cache(Limits::default());
    let mut listeners: Vec<_> = (0..4)
        .map(|_| cache.listen(Selector::Channel, &[b"c"]))
        .collect();
    std::thread::scope(|scope| {
        for publisher in 0..4u8 {
            let cache = &cache;
            scope.spawn(move || {
                for number in 0..500u16 {
                    let [high, low] = number.to_be_bytes();
                    cache.publish(b"c", Bytes::from(vec![publisher, high, low]));
                }
            });
        }
    });
    let mut orders = Vec::new();
    for listener in &mut listeners {
        let mut order = Vec::new();
        while let Some(message) = listener.try_next().expect("open") {
            order.push(message.payload.clone());
        }
        orders.push(order);
    }
    assert_eq!(orders[0].len(), 2000);
    assert!(orders.iter().all(|order| *order == orders[0]));
    for publisher in 0..4 {
        let own: Vec<_> = orders[0].iter().filter(|m| m[0] == publisher).collect();
        assert!(own.is_sorted(), "each publisher's own order is kept");
    }
}

#[tokio::test]
async fn names_come_and_go() {
    let cache = cache(Limits::default());
    let mut listener = cache.subscription();
    assert!(listener.add(Selector::Channel, b"news.kr"));
    assert!(!listener.add(Selector::Channel, b"news.kr"));
    assert!(listener.add(Selector::Pattern, b"news.*"));
    assert!(listener.add(Selector::Sharded, b"news.kr"));
    assert_eq!(
        cache.publish(b"news.kr", Bytes::new()),
        2,
        "sharded channels are a world apart"
    );
    assert_eq!(cache.publish_sharded(b"news.kr", Bytes::new()), 1);
    let heard: Vec<_> = (0..3)
        .map(|_| {
            listener
                .try_next()
                .expect("open")
                .expect("waiting")
                .selector
        })
        .collect();
    assert_eq!(
        heard,
        [Selector::Channel, Selector::Pattern, Selector::Sharded]
    );
    assert_eq!(
        cache.listened_to(Selector::Channel, b"news*"),
        [&b"news.kr"[..]]
    );

    assert!(listener.remove(Selector::Channel, b"news.kr"));
    assert!(!listener.remove(Selector::Channel, b"news.kr"));
    assert_eq!(cache.publish(b"news.kr", Bytes::new()), 1);
    assert_eq!(listener.names().count(), 2);
    drop(listener);
    for selector in [Selector::Channel, Selector::Pattern, Selector::Sharded] {
        assert_eq!(cache.names_listened_to(selector), 0);
    }
}

#[tokio::test]
async fn a_waiting_listener_wakes_up() {
    let cache = cache(Limits::default());
    let mut listener = cache.listen(Selector::Channel, &[b"c"]);
    let waits = tokio::spawn(async move {
        let first = listener.next().await.map(|message| message.payload.clone());
        (first, listener.next().await.err())
    });
    tokio::task::yield_now().await;
    cache.publish(b"c", Bytes::from_static(b"wake up"));
    tokio::task::yield_now().await;
    drop(cache);
    let (first, second) = waits.await.expect("no panic");
    assert_eq!(first, Ok(Bytes::from_static(b"wake up")));
    assert_eq!(second, Some(Closed::Shutdown));
}

#[tokio::test]
async fn the_house_listens_unseen_except_by_name() {
    let cache = cache(Limits::default());
    let mut tap = cache.tap(&[b"news", b"all*"], &[]);
    assert_eq!(cache.names_listened_to(Selector::Channel), 0);
    assert_eq!(cache.names_listened_to(Selector::Pattern), 0);
    assert!(cache.listened_to(Selector::Channel, b"*").is_empty());
    assert_eq!(cache.listeners(Selector::Channel, b"news"), 1);
    assert_eq!(cache.listeners(Selector::Channel, b"all1"), 0);
    assert_eq!(cache.listeners(Selector::Pattern, b"all*"), 0);
    assert_eq!(cache.publish(b"news", Bytes::from_static(b"1")), 1);
    assert_eq!(cache.publish(b"all1", Bytes::from_static(b"2")), 0);
    for wanted in [&b"1"[..], b"2"] {
        assert_eq!(&tap.next().await.expect("open").payload[..], wanted);
    }
    drop(tap);
    assert_eq!(cache.listeners(Selector::Channel, b"news"), 0);
}

//! What can be changed about the files while they are written.

use super::{NOW_MS, clock, content, crash_image, open, options, rewrite_and_wait, until};
use maru::cache::{Fsync, Options, SetOptions};
use tempfile::TempDir;

#[test]
fn when_writes_reach_the_disk_can_be_changed() {
    let (dir, image) = (
        TempDir::new().expect("a directory"),
        TempDir::new().expect("one"),
    );
    let (clock, _hand) = clock();
    let cache = maru::cache::Embedded::open(Options {
        fsync: Fsync::No,
        ..options(dir.path(), &clock)
    })
    .expect("opens");
    for (round, fsync) in [Fsync::Always, Fsync::No, Fsync::EverySec, Fsync::Always]
        .into_iter()
        .enumerate()
    {
        cache.set_fsync(fsync);
        assert_eq!(cache.fsync(), Some(fsync));
        let key = format!("key {round}");
        let set = cache.set(key.as_bytes(), "value", SetOptions::default());
        set.expect("is not held up");
        if fsync == Fsync::Always {
            let image = image.path().join(round.to_string());
            crash_image(dir.path(), &image);
            let again = open(&image, &clock);
            assert_eq!(content(&again, 0), content(&cache, 0));
        }
    }
}

#[test]
fn whoever_waits_for_the_disk_goes_on_when_that_is_no_longer_asked_for() {
    let dir = TempDir::new().expect("a directory");
    let (clock, _hand) = clock();
    let cache = open(dir.path(), &clock);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 0..2000 {
                let key = format!("key {n}");
                let set = cache.set(key.as_bytes(), "value", SetOptions::default());
                set.expect("set");
            }
        });
        for fsync in [Fsync::No, Fsync::Always].into_iter().cycle() {
            cache.set_fsync(fsync);
            if writer.is_finished() {
                return;
            }
            std::thread::yield_now();
        }
    });
    assert_eq!(content(&cache, 0).len(), 2000);
}

#[test]
fn many_writes_wait_for_the_disk_together() {
    let (dir, image) = (
        TempDir::new().expect("a directory"),
        TempDir::new().expect("one"),
    );
    let (clock, _hand) = clock();
    let cache = open(dir.path(), &clock);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            cache.settle_deferred().expect("nothing to wait for");
            for n in 0..500 {
                let key = format!("key {n}");
                let set = cache.set(key.as_bytes(), "value", SetOptions::default());
                set.expect("set");
            }
            cache.settle_deferred().expect("on disk");
            crash_image(dir.path(), image.path());
        });
    });
    assert_eq!(content(&open(image.path(), &clock), 0).len(), 500);
}

#[test]
fn what_was_answered_outlives_the_process() {
    for fsync in [Fsync::EverySec, Fsync::No] {
        let dir = TempDir::new().expect("a directory");
        let image = TempDir::new().expect("one");
        let (clock, _hand) = clock();
        let cache = maru::cache::Embedded::open(Options {
            fsync,
            ..options(dir.path(), &clock)
        })
        .expect("opens");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                cache.settle_deferred().expect("nothing to hand over");
                for n in 0..500 {
                    let key = format!("key {n}");
                    let set = cache.set(key.as_bytes(), "value", SetOptions::default());
                    set.expect("set");
                }
                cache.settle_deferred().expect("with the system");
                crash_image(dir.path(), image.path());
            });
        });
        let found = content(&open(image.path(), &clock), 0).len();
        assert_eq!(found, 500, "{fsync:?}");
    }
}

#[test]
fn a_log_that_is_never_synced_is_rewritten_in_time_too() {
    let dir = TempDir::new().expect("a directory");
    let (clock, _hand) = clock();
    let cache = maru::cache::Embedded::open(Options {
        fsync: Fsync::No,
        ..options(dir.path(), &clock)
    })
    .expect("opens");
    cache.set_rewrite_rule(100, 4 << 20);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            cache.settle_deferred().expect("nothing to hand over");
            for n in 0..8 {
                // The disk's thread sleeps when the next one comes.
                until("the file", || {
                    let status = cache.disk_status().expect("on disk");
                    status.tail_bytes >= n << 19 || status.rewrites > 0
                });
                let set = cache.set(b"key", vec![7; 700_000], SetOptions::default());
                set.expect("set");
                cache.settle_deferred().expect("with the system");
            }
        });
    });
    until("the rewrite", || {
        cache.disk_status().expect("on disk").rewrites > 0
    });
}

#[test]
fn everything_can_be_read_back_while_running() {
    let dir = TempDir::new().expect("a directory");
    let (clock, hand) = clock();
    let cache = open(dir.path(), &clock);
    let text = SetOptions::until(NOW_MS + 5000);
    cache.set(b"mortal", "value", text).expect("set");
    cache
        .set(b"ends", "value", SetOptions::until(NOW_MS + 100))
        .expect("set");
    rewrite_and_wait(&cache);
    cache
        .db(3)
        .set(b"later", "value", SetOptions::default())
        .expect("set");
    let volatile = SetOptions {
        volatile: true,
        ..SetOptions::default()
    };
    cache.set(b"volatile", "value", volatile).expect("set");
    let used_bytes = cache.used_bytes();
    hand.advance_ms(200);
    let reload = || cache.db(0).on_everything(|txn| cache.reload(txn));
    until("reading back", || {
        reload().expect("durable").expect("readable")
    });
    assert_eq!(
        content(&cache, 0).len(),
        1,
        "neither what ended nor what is volatile"
    );
    assert_eq!(content(&cache, 3).len(), 1);
    assert!(cache.used_bytes() < used_bytes);
    hand.advance_ms(5000);
    assert!(
        content(&cache, 0).is_empty(),
        "deadlines are read back, too"
    );
    cache
        .set(b"after", "value", SetOptions::default())
        .expect("set");
    drop(cache);
    let again = open(dir.path(), &clock);
    assert_eq!(content(&again, 0).len(), 1);
    assert_eq!(content(&again, 3).len(), 1);
}

#[test]
fn a_long_log_is_rewritten_by_itself_as_the_rule_says() {
    let dir = TempDir::new().expect("a directory");
    let (clock, _hand) = clock();
    let cache = maru::cache::Embedded::open(Options {
        fsync: Fsync::No,
        ..options(dir.path(), &clock)
    })
    .expect("opens");
    let rewrites = || cache.disk_status().expect("on disk").rewrites;
    let write = |count: usize| {
        for n in 0..count {
            let set = cache.set(b"key", format!("value {n}"), SetOptions::default());
            set.expect("set");
        }
    };
    cache.set_rewrite_rule(0, 0);
    write(1000);
    until("writing", || {
        cache.disk_status().expect("on disk").tail_bytes > 10_000
    });
    assert_eq!(rewrites(), 0);
    assert_eq!(cache.changes_since_snapshot(), 1000);
    cache.set_rewrite_rule(100, 10_000);
    write(1);
    until("the rewrite", || rewrites() > 0);
    until("its end", || !cache.is_rewriting());
    assert!(cache.changes_since_snapshot() <= 1);
    let status = cache.disk_status().expect("on disk");
    assert!(
        status.tail_bytes < 1000 && !status.last_rewrite_failed,
        "{status:?}"
    );
    assert!(status.last_rewrite.is_some());
}

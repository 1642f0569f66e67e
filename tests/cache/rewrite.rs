//! Snapshots are written while others write, and the way back from a disk that failed.

use super::{NOW_MS, clock, content, open, options, rewrite_and_wait, until};
use bytes::Bytes;
use maru::cache::{Clock, Creation, Embedded, Fsync, Options, SetOptions};
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn nothing_is_lost_or_doubled_while_rewriting() {
    for fsync in [Fsync::EverySec, Fsync::Always] {
        let dir = tempfile::tempdir().expect("a directory");
        let options = Options {
            path: Some(dir.path().to_path_buf()),
            fsync,
            clock: Clock::system(),
            ..Options::default()
        };
        let cache = Embedded::open(options.clone()).expect("open");
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4u64)
                .map(|writer| {
                    let cache = &cache;
                    scope.spawn(move || {
                        for round in 0..300u64 {
                            let counter = format!("counter{}", (writer + round) % 50);
                            cache
                                .incr_by(counter.as_bytes(), 1, Creation::default())
                                .expect("incr");
                            let own = format!("own{writer}:{}", round % 70);
                            if round % 3 == 0 {
                                cache.del(&[own.as_bytes()]).expect("del");
                            } else {
                                let value = Bytes::from(round.to_string());
                                cache
                                    .set(own.as_bytes(), value, SetOptions::default())
                                    .expect("set");
                            }
                            if round % 100 == 99 && writer == 0 {
                                cache.db(3).flush().expect("flush");
                            }
                            let third = cache.db(3);
                            third
                                .incr_by(own.as_bytes(), 1, Creation::default())
                                .expect("incr");
                        }
                    })
                })
                .collect();
            let rewriter = scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    rewrite_and_wait(&cache);
                }
            });
            for writer in writers {
                writer.join().expect("writer");
            }
            done.store(true, Ordering::Release);
            rewriter.join().expect("rewriter");
        });
        let counted: u64 = content(&cache, 0)
            .iter()
            .filter(|(key, _)| key.starts_with(b"counter"))
            .map(|(_, value)| {
                std::str::from_utf8(value)
                    .expect("text")
                    .parse::<u64>()
                    .expect("number")
            })
            .sum();
        assert_eq!(counted, 1200);
        let before = [content(&cache, 0), content(&cache, 3)];
        assert!(cache.disk_status().expect("on disk").rewrites > 0);
        drop(cache);
        let cache = Embedded::open(options).expect("open");
        assert!(
            [content(&cache, 0), content(&cache, 3)] == before,
            "{fsync:?}"
        );
    }
}

#[test]
fn a_long_log_is_rewritten_by_itself_and_old_files_go() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let cache = Embedded::open(Options {
        fsync: Fsync::No,
        ..options(dir.path(), &clock)
    })
    .expect("open");
    cache.set_rewrite_rule(100, 1 << 20);
    for round in 0..40u8 {
        for key in 0..10u8 {
            cache
                .set(
                    &[key],
                    Bytes::from(vec![round; 10_000]),
                    SetOptions::default(),
                )
                .expect("set");
        }
    }
    until("a rewrite", || {
        cache
            .disk_status()
            .is_some_and(|status| status.rewrites > 0)
    });
    drop(cache);
    let total: u64 = std::fs::read_dir(dir.path())
        .expect("files")
        .map(|entry| entry.expect("entry").metadata().expect("metadata").len())
        .sum();
    assert!(total < 4_000_000, "{total} bytes for 100,000 bytes of keys");
    let cache = open(dir.path(), &clock);
    assert!(
        content(&cache, 0)
            .values()
            .all(|value| value.iter().all(|&byte| byte == 39))
    );
    assert_eq!(content(&cache, 0).len(), 10);
}

#[test]
fn large_old_files_go_step_by_step_while_running() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let cache = Embedded::open(Options {
        fsync: Fsync::EverySec,
        ..options(dir.path(), &clock)
    })
    .expect("open");
    for _ in 0..9 {
        let value = Bytes::from(vec![7; 1 << 20]);
        cache
            .set(b"key", value, SetOptions::default())
            .expect("set");
    }
    let sizes = || -> Vec<u64> {
        let entries = std::fs::read_dir(dir.path()).expect("files");
        let size = |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.metadata().ok();
        entries
            .filter_map(size)
            .map(|metadata| metadata.len())
            .collect()
    };
    rewrite_and_wait(&cache);
    until("only the snapshot and a new log", || {
        let sizes = sizes();
        sizes.len() == 2 && sizes.iter().sum::<u64>() < 2 << 20
    });
    // Nothing else was touched.
    cache.set(b"last", "", SetOptions::default()).expect("set");
    drop(cache);
    assert_eq!(content(&open(dir.path(), &clock), 0).len(), 2);
}

#[test]
fn many_restarts_leave_few_files() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    for round in 0..40i64 {
        let many = std::fs::read_dir(dir.path()).expect("files").count() > 9;
        let cache = open(dir.path(), &clock);
        assert_eq!(
            cache.incr_by(b"starts", 1, Creation::default()),
            Ok(round + 1)
        );
        if many {
            until("a rewrite", || {
                cache
                    .disk_status()
                    .is_some_and(|status| status.rewrites > 0)
            });
        }
    }
    let files = std::fs::read_dir(dir.path()).expect("files").count();
    assert!(files < 15, "{files}");
}

#[test]
fn after_a_failure_everything_comes_to_disk_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let (path, away) = (dir.path().join("cache"), dir.path().join("away"));
    let options = Options {
        fsync: Fsync::EverySec,
        ..options(&path, &clock)
    };
    let cache = Embedded::open(options).expect("open");
    cache.incr_by(b"n", 1, Creation::default()).expect("incr");
    std::fs::rename(&path, &away).expect("take the directory away");
    cache.rewrite();
    let status = || cache.disk_status().expect("on disk");
    until("an error", || status().error.is_some());
    for _ in 0..10 {
        cache
            .incr_by(b"n", 1, Creation::default())
            .expect("memory goes on");
    }
    std::fs::rename(&away, &path).expect("bring it back");
    until("recovery", || status().error.is_none());
    cache.incr_by(b"n", 1, Creation::default()).expect("incr");
    drop(cache);
    let cache = open(&path, &clock);
    assert_eq!(cache.get(b"n").expect("get").as_deref(), Some(&b"12"[..]));
    assert_eq!(cache.load_report().cuts, []);
}

#[test]
fn volatile_keys_leave_no_trace() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, _) = clock();
    let volatile = SetOptions {
        volatile: true,
        ..SetOptions::until(NOW_MS + 60_000)
    };
    let cache = open(dir.path(), &clock);
    cache
        .set(b"kept", Bytes::from_static(b"1"), SetOptions::default())
        .expect("set");
    cache
        .set(
            b"became volatile",
            Bytes::from_static(b"1"),
            SetOptions::default(),
        )
        .expect("set");
    cache
        .set(b"became volatile", Bytes::from_static(b"2"), volatile)
        .expect("set");
    cache
        .set(b"volatile", Bytes::from_static(b"1"), volatile)
        .expect("set");
    let size = || cache.disk_status().expect("on disk").tail_bytes;
    let before = size();
    cache
        .expire_at(b"volatile", NOW_MS + 90_000)
        .expect("expire");
    cache
        .set(b"volatile", Bytes::from_static(b"2"), volatile)
        .expect("set");
    cache.del(&[b"volatile"]).expect("del");
    cache
        .set(b"volatile", Bytes::from_static(b"3"), volatile)
        .expect("set");
    assert_eq!(size(), before);
    rewrite_and_wait(&cache);
    drop(cache);
    let cache = open(dir.path(), &clock);
    assert_eq!(content(&cache, 0).len(), 1);
}

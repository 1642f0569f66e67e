//! Backups while people talk: each is the state of exactly one position.

use crate::kit::{Person, TestApp};
use crate::state::dump;
use maru::archive::Compressed;
use maru::log::codec;
use maru::ops::backup::BackupSource;
use maru::ops::data_dir::DataDir;
use maru::ops::restore::{self, Restored};
use maru::state::State;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tempfile::TempDir;

fn source(app: &TestApp) -> BackupSource {
    let services = app.services();
    let files = services.files.store().clone();
    BackupSource::new(
        app.path(),
        services.engine.clone(),
        app.cache().clone(),
        files,
    )
}

async fn back_up(source: &BackupSource, to: PathBuf) -> u64 {
    let source = source.clone();
    let made = tokio::task::spawn_blocking(move || {
        let cut = source
            .cut(true, true, &mut |_, _| Ok(()))
            .expect("a moment");
        let seq = cut.about().seq;
        let file = std::fs::File::create(to).expect("made");
        let mut out = Compressed::new(file).expect("begins");
        cut.write(&mut out, &mut |_, _| Ok(())).expect("written");
        out.finish().expect("ends");
        seq
    });
    made.await.expect("no panic")
}

fn restored(archive: &Path, dir: &Path, keep_sessions: bool) -> Restored {
    let dir = DataDir::claim(dir, "restore").expect("is empty");
    let file = std::fs::File::open(archive).expect("is there");
    restore::restore(file, &dir, keep_sessions).expect("is whole")
}

/// What the log says the state is at this position.
fn replayed(app: &TestApp, upto: u64) -> State {
    let dir = TempDir::new().expect("a directory");
    let mut state = State::open(&dir.path().join("state.redb"), 8 << 20).expect("opens");
    let log = app.log();
    for raw in log.entries(log.first_seq()) {
        let entry = codec::entry(&raw.expect("is whole")).expect("is a command");
        if entry.seq.0 > upto {
            break;
        }
        state.apply(&[entry]).expect("applies");
    }
    state
}

async fn talk(
    app: Arc<TestApp>,
    person: Person,
    room: u64,
    stop: Arc<AtomicBool>,
    said: Arc<AtomicU64>,
) {
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let id = app
            .say(&person, room, &format!("{n}번째 글, 멈추지 않고"))
            .await;
        if n % 5 == 0 {
            let path = format!("/messages/{id}");
            app.delete(&path).by(&person).send().await;
        } else if n % 3 == 0 {
            let path = format!("/messages/{id}");
            let edit = json!({ "text": "고친 글" });
            app.patch(&path, edit).by(&person).send().await;
        }
        said.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_backups_under_load_are_each_the_state_of_their_position() {
    let app = Arc::new(TestApp::start().await);
    let kim = app.person("kim").await;
    let room = app.room(&kim, "마루", "public").await;
    let (stop, said) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let talkers: Vec<_> = (0..3)
        .map(|_| {
            let talking = talk(app.clone(), kim.clone(), room, stop.clone(), said.clone());
            tokio::spawn(talking)
        })
        .collect();
    let source = source(&app);
    let archives = TempDir::new().expect("a directory");
    let mut made = Vec::new();
    for n in 0..20 {
        // Some more is said between one and the next.
        let before = said.load(Ordering::Relaxed);
        while said.load(Ordering::Relaxed) < before + 5 {
            tokio::task::yield_now().await;
        }
        let acknowledged = app.services().engine.status().seq.0;
        let path = archives.path().join(format!("{n}.maru"));
        let seq = back_up(&source, path.clone()).await;
        assert!(seq >= acknowledged, "what was answered before is in it");
        made.push((seq, path));
    }
    stop.store(true, Ordering::Relaxed);
    for talker in talkers {
        talker.await.expect("talked in peace");
    }
    assert!(!app.path().join("backup.tmp").exists(), "no draft is left");
    let made_last = made.last().map_or(0, |(seq, _)| *seq);
    for (seq, archive) in made {
        let dir = archives.path().join("data");
        let restored = restored(&archive, &dir, true);
        assert_eq!(restored.about.seq, seq);
        let state = State::open(&dir.join("state.redb"), 8 << 20).expect("opens");
        assert_eq!(state.seq().0, seq);
        let expected = replayed(&app, seq);
        let read = |state: &State| dump(&state.snapshot().read().expect("reads"));
        assert!(read(&state) == read(&expected), "position {seq}");
        drop(state);
        if made_last != seq && seq % 4 != 0 {
            std::fs::remove_dir_all(&dir).expect("removed");
            continue;
        }
        let checked = Command::new(env!("CARGO_BIN_EXE_maru"))
            .args(["check", "--data-dir"])
            .arg(&dir)
            .output()
            .expect("runs");
        assert!(checked.status.success(), "{checked:?}");
        std::fs::remove_dir_all(&dir).expect("removed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_backup_at_a_time_and_contents_stay_until_it_is_written() {
    let app = TestApp::start().await;
    let source = source(&app);
    let cut = source
        .cut(true, true, &mut |_, _| Ok(()))
        .expect("a moment");
    let second = source.cut(true, true, &mut |_, _| Ok(()));
    let error = second.err().expect("refused").to_string();
    assert!(error.contains("another backup"), "{error}");
    drop(cut);
    drop(
        source
            .cut(true, true, &mut |_, _| Ok(()))
            .expect("a moment"),
    );
    // Whoever asked has gone away meanwhile.
    let error = source.cut(true, true, &mut |_, _| {
        Err(std::io::ErrorKind::BrokenPipe.into())
    });
    assert!(error.is_err());
    assert!(!app.path().join("backup.tmp").exists(), "no draft is left");
}

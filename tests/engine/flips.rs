//! One bit of a stopped directory flips: nothing is served that was not written, nothing panics, and
//! what cannot be used is named.

use super::{options, post, quiet, room, say, user};
use maru::domain::{Actor, MessageId, RoomId};
use maru::engine::{Engine, Parts};
use maru::state::HistoryQuery;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What people see.
fn seen(engine: &Engine, room: RoomId) -> String {
    let reader = engine.read().expect("reads");
    let mut page = HistoryQuery {
        after: Some(MessageId(0)),
        limit: 100,
        ..HistoryQuery::default()
    };
    let mut all = format!("{:?}", reader.users().expect("reads"));
    loop {
        let history = reader.history(room, page).expect("reads");
        page.after = history.messages.last().map(|message| message.id);
        all.push_str(&format!("{:?}", history.messages));
        if !history.more_after {
            return all;
        }
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all = vec!["state.redb".into(), "state.redb.sums".into()];
    for item in std::fs::read_dir(dir.join("log")).expect("listed") {
        all.push(Path::new("log").join(item.expect("listed").file_name()));
    }
    all.sort();
    all
}

/// More by hand: `MARU_FLIPS=2000`.
#[tokio::test]
async fn a_flipped_bit_is_noticed_wherever_it_is() {
    let flips = std::env::var("MARU_FLIPS")
        .ok()
        .and_then(|n| n.parse().ok());
    let home = TempDir::new().expect("a directory");
    let start = |dir: &Path| Parts::open(options(dir)).map(|parts| parts.start(quiet()));
    let engine = start(home.path()).expect("opens").expect("starts");
    let kim = user(&engine, "kim").await;
    let marus = room(&engine, kim, "마루").await;
    for n in 0..300 {
        say(&engine, kim, marus, &format!("{n} {}", "글".repeat(n % 80))).await;
    }
    let wanted = seen(&engine, marus);
    engine.stop();
    drop(engine);

    let (mut dice, mut refused, mut served) = (42_u64, 0, 0);
    for n in 0..flips.unwrap_or(60) {
        let copy = TempDir::new().expect("a directory");
        crate::upgrade::copy_all(home.path(), copy.path());
        let mut chance = |below: usize| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (dice >> 33) as usize % below
        };
        let all = files(home.path());
        let file = &all[chance(all.len())];
        let path = copy.path().join(file);
        let mut bytes = std::fs::read(&path).expect("read");
        let at = chance(bytes.len());
        bytes[at] ^= 1 << chance(8);
        std::fs::write(&path, bytes).expect("written");
        let what = format!("flip {n}: {} at byte {at}", file.display());
        match start(copy.path()) {
            Err(error) => {
                refused += 1;
                let (text, file) = (error.to_string(), file.display().to_string());
                assert!(text.contains(&file), "{what}: {text}");
            }
            Ok(engine) => {
                served += 1;
                let engine = engine.expect("starts");
                assert!(seen(&engine, marus) == wanted, "{what}");
                let again = post(marus, "and on", None);
                let posted = engine.submit(Actor::User(kim), again).await;
                posted.unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
                engine.stop();
            }
        }
    }
    assert!(
        refused > 0 && served > 0,
        "{refused} refused, {served} served"
    );
}

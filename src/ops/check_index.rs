//! The index compared with the state, in one pass over both.

use super::check::{CheckTarget, Report, Said};
use crate::domain::{MessageId, Seq};
use crate::engine::Engine;
use crate::search::{Indexed, Search, Stage};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The index may have to be built first, or to catch up.
const PATIENCE: Duration = Duration::from_secs(600);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What cannot be compared is an error; an index that is being built is none.
pub(super) fn check_index(
    engine: &Engine,
    target: &CheckTarget,
    said: &Said,
    report: &mut Report,
) -> anyhow::Result<()> {
    let search = &target.search;
    let began = Instant::now();
    while target.waits && is_built(search) && began.elapsed() < PATIENCE {
        std::thread::sleep(LOOK_EVERY);
    }
    if is_built(search) {
        let text = "index: it is being built, and was not compared; check again when that is done";
        report.notes.push(text.to_owned());
        return Ok(());
    }
    let mut wanted = BTreeSet::new();
    for (room, messages) in said {
        wanted.extend(messages.iter().map(|message| Indexed {
            room: *room,
            message: *message,
        }));
    }
    let seen = Seen::of(search, engine)?;
    report.indexed = seen.found.intersection(&wanted).count() as u64;
    let newest = MessageId(seen.upto.next().id());
    let lacking: BTreeSet<_> = wanted.difference(&seen.found).collect();
    let left = seen.found.difference(&wanted);
    // Messages that came after this check began are not its business.
    let left: BTreeSet<_> = left.filter(|found| found.message < newest).collect();
    if lacking.is_empty() && left.is_empty() && seen.twice.is_empty() {
        return Ok(());
    }
    // Others may have written and deleted between the two looks: what counts is still so.
    let again = Seen::of(search, engine)?;
    let reader = engine.read()?;
    let is_said = |one: &Indexed| -> anyhow::Result<bool> {
        let located = reader.located(one.message)?;
        Ok(located.is_some_and(|found| !found.record.deleted && found.place.room == one.room))
    };
    for one in lacking {
        if !again.found.contains(one) && is_said(one)? {
            let (id, room) = (one.message, one.room);
            report.find(format!("index: message {id} of room {room} is not found"));
        }
    }
    for one in left {
        if again.found.contains(one) && !is_said(one)? {
            let (id, room) = (one.message, one.room);
            report.find(format!(
                "index: message {id} of room {room} is found, but is not there"
            ));
        }
    }
    for one in seen.twice.intersection(&again.twice) {
        let id = one.message;
        report.find(format!("index: message {id} is there twice"));
    }
    Ok(())
}

fn is_built(search: &Search) -> bool {
    search.progress().stage != Stage::Following
}

struct Seen {
    found: BTreeSet<Indexed>,
    twice: BTreeSet<Indexed>,
    upto: Seq,
}

impl Seen {
    fn of(search: &Search, engine: &Engine) -> anyhow::Result<Seen> {
        let upto = engine.read()?.seq();
        anyhow::ensure!(
            search.wait_visible(upto, PATIENCE),
            "it does not catch up; see the log"
        );
        let all = search.contents()?;
        let twice = all.windows(2).filter(|pair| pair[0] == pair[1]);
        Ok(Seen {
            twice: twice.map(|pair| pair[0]).collect(),
            found: all.into_iter().collect(),
            upto,
        })
    }
}

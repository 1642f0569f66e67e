//! The state: rules, replay, reopening.
mod damage;
mod history;
mod mentions;
mod model;
mod places;
mod replay;
mod rules;
mod unsent;

use maru::domain::{
    Actor, Code, Command, Draft, Entry, Event, Message, Outcome, Role, Room, RoomId, RoomKind,
    Timestamp, User, UserId,
};
use maru::state::table::{Held, Readable, TableKey};
use maru::state::tables::Visit;
use maru::state::{Applied, Reader, State};
use std::collections::BTreeMap;
use tempfile::TempDir;

/// A state in a directory of its own, with a clock that ticks a second for each command.
pub struct Bench {
    pub dir: TempDir,
    pub state: State,
    pub entries: Vec<Entry>,
}

impl Bench {
    pub fn new() -> Bench {
        let dir = TempDir::new().expect("a directory");
        let state = open(&dir);
        Bench {
            dir,
            state,
            entries: Vec::new(),
        }
    }

    pub fn apply(&mut self, actor: Actor, command: Command) -> Applied {
        let command = command.checked().expect("the command has its shape");
        self.apply_as_it_was_logged(actor, command)
    }

    /// Older versions had other rules for what is in a command.
    pub fn apply_as_it_was_logged(&mut self, actor: Actor, command: Command) -> Applied {
        let seq = self.state.seq().next();
        let at = Timestamp(1_000_000 + seq.0 as i64 * 1_000);
        let entry = Entry::bare(seq, Draft { actor, at, command });
        let mut applied = self
            .state
            .apply(std::slice::from_ref(&entry))
            .expect("applies");
        self.entries.push(entry);
        applied.remove(0)
    }

    pub fn done(&mut self, actor: Actor, command: Command) -> (Outcome, Option<Event>) {
        let applied = self.apply(actor, command.clone());
        match applied.outcome {
            Ok(outcome) => (outcome, applied.events.into_iter().next()),
            Err(refusal) => panic!("{command:?} was refused: {refusal}"),
        }
    }

    pub fn refused(&mut self, actor: Actor, command: Command) -> Code {
        let before = dump(&self.read());
        let applied = self.apply(actor, command.clone());
        assert!(applied.events.is_empty() && applied.effects.is_empty());
        let after = dump(&self.read());
        assert_eq!(
            before, after,
            "a refused command changes nothing: {command:?}"
        );
        applied.outcome.expect_err("is refused").code
    }

    pub fn user(&mut self, name: &str) -> UserId {
        self.user_as(name, Role::Member)
    }

    pub fn user_as(&mut self, name: &str, role: Role) -> UserId {
        match self.done(Actor::System, new_user(name, role)).0 {
            Outcome::User(User { id, .. }) => id,
            other => panic!("{other:?}"),
        }
    }

    pub fn room(&mut self, owner: UserId, name: &str, kind: RoomKind) -> RoomId {
        let command = Command::CreateRoom {
            name: name.into(),
            topic: String::new(),
            kind,
        };
        match self.done(Actor::User(owner), command).0 {
            Outcome::Room {
                room: Room { id, .. },
                created: true,
            } => id,
            other => panic!("{other:?}"),
        }
    }

    pub fn post(&mut self, author: UserId, room: RoomId, text: &str) -> Message {
        match self.done(Actor::User(author), post(room, text)).0 {
            Outcome::Message { message, .. } => message,
            other => panic!("{other:?}"),
        }
    }

    pub fn read(&self) -> Reader {
        self.state.snapshot().read().expect("reads")
    }
}

pub fn open(dir: &TempDir) -> State {
    State::open(&dir.path().join("state.redb"), 8 << 20).expect("opens")
}

pub fn new_user(name: &str, role: Role) -> Command {
    Command::CreateUser {
        username: name.into(),
        display_name: None,
        role,
        password_hash: None,
        invite: None,
        session: None,
    }
}

pub fn post(room: RoomId, text: &str) -> Command {
    Command::Post {
        room,
        text: text.into(),
        client_id: None,
        reply_to: None,
        mentions: Vec::new(),
        files: Vec::new(),
        also_in_room: false,
        may_call: true,
    }
}

/// Every row of every table but the position.
pub fn dump(reader: &Reader) -> BTreeMap<String, Vec<u8>> {
    struct Dump(BTreeMap<String, Vec<u8>>);

    impl Visit for Dump {
        fn table<K: TableKey, T: Held + 'static>(
            &mut self,
            column: &impl Readable<K, T>,
        ) -> maru::state::Result<()> {
            if matches!(column.name(), "meta" | "position") {
                return Ok(());
            }
            for row in column.rows()? {
                let (key, value) = row?;
                let mut bytes = Vec::new();
                value.write(&mut bytes);
                self.0.insert(format!("{} {key:?}", column.name()), bytes);
            }
            Ok(())
        }
    }

    let mut dump = Dump(BTreeMap::new());
    reader.visit(&mut dump).expect("every row is whole");
    dump.0
}

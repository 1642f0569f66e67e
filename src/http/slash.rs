//! Slash commands under way: who asked, which bot answers, and until when it may.

use crate::domain::{Code, MessageId, Refusal, RoomId, UserId};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use utoipa::ToSchema;

/// A bot that needs longer says so, or says nothing and has failed.
pub const PATIENCE: Duration = Duration::from_secs(3);
/// So long it may take then.
const DEFERRED: Duration = Duration::from_secs(30 * 60);
/// Under way at the same time.
const MOST: usize = 10_000;

/// Commands under way on this node. Clones are the same.
#[derive(Clone, Default)]
pub struct Slash {
    under_way: Arc<Mutex<HashMap<String, Pending>>>,
    /// Those that other nodes have begun: which bot answers, and until when.
    elsewhere: Arc<Mutex<HashMap<String, (UserId, Instant)>>>,
}

struct Pending {
    asked: Asked,
    waits: Option<oneshot::Sender<Answer>>,
    until: Instant,
}

/// Who asked which bot, and where.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub bot: UserId,
    pub caller: UserId,
    pub room: RoomId,
    /// The message that began the thread in which it was asked.
    pub thread: Option<MessageId>,
}

/// Who sees an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visible {
    /// Only who asked, until their page is closed: it is kept nowhere.
    #[default]
    Caller,
    /// It is a message of the bot in the room.
    Room,
}

/// What a bot says to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Markdown. May be left out of a deferred answer.
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub visible: Visible,
    /// Another answer follows, within half an hour.
    #[serde(default)]
    pub deferred: bool,
}

impl Slash {
    /// A command is under way from now on.
    pub fn begin(&self, id: String, asked: Asked) -> Result<oneshot::Receiver<Answer>, Refusal> {
        let now = Instant::now();
        let mut under_way = self.under_way.lock();
        under_way.retain(|_, pending| pending.until > now);
        if under_way.len() >= MOST {
            return Err(Refusal::new(
                Code::TooManyRequests,
                "Too many commands wait for their bots; try again in a moment.",
            ));
        }
        let (send, answer) = oneshot::channel();
        let pending = Pending {
            asked,
            waits: Some(send),
            until: now + DEFERRED,
        };
        under_way.insert(id, pending);
        Ok(answer)
    }

    /// Another node has asked this bot, which may answer here.
    pub fn begun_elsewhere(&self, id: &str, bot: UserId) {
        let now = Instant::now();
        let mut elsewhere = self.elsewhere.lock();
        if elsewhere.len() >= MOST {
            elsewhere.retain(|_, (_, until)| *until > now);
        }
        if elsewhere.len() < MOST {
            elsewhere.insert(id.to_owned(), (bot, now + DEFERRED));
        }
    }

    /// Whether another node waits for this bot's answer; no longer, unless that is deferred.
    pub fn is_elsewhere(&self, id: &str, bot: UserId, deferred: bool) -> bool {
        let mut elsewhere = self.elsewhere.lock();
        let found = elsewhere.get(id);
        let is_there = found.is_some_and(|(of, until)| *of == bot && *until > Instant::now());
        if is_there && !deferred {
            elsewhere.remove(id);
        }
        is_there
    }

    /// The bot did not answer in time.
    pub fn end(&self, id: &str) {
        self.under_way.lock().remove(id);
    }

    /// Takes a bot's answer. What comes back is to be told to who asked, who waits no longer.
    pub fn answer(&self, id: &str, bot: UserId, answer: Answer) -> Result<Option<Asked>, Refusal> {
        let none = || Refusal::not_found("command");
        let mut under_way = self.under_way.lock();
        let pending = under_way
            .get_mut(id)
            .filter(|pending| pending.asked.bot == bot && pending.until > Instant::now());
        let pending = pending.ok_or_else(none)?;
        let (asked, deferred) = (pending.asked, answer.deferred);
        let late = match pending.waits.take() {
            Some(waits) => waits.send(answer).is_err(),
            None => true,
        };
        if !deferred {
            under_way.remove(id);
        }
        Ok(late.then_some(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str, deferred: bool) -> Answer {
        Answer {
            text: text.to_owned(),
            visible: Visible::Caller,
            deferred,
        }
    }

    #[test]
    fn an_answer_is_taken_from_its_bot_once_and_a_deferred_one_later() {
        let slash = Slash::default();
        let asked = Asked {
            bot: UserId(1),
            caller: UserId(2),
            room: RoomId(3),
            thread: None,
        };
        let mut waits = slash.begin("a".into(), asked).expect("begins");
        assert!(slash.answer("a", UserId(9), answer("x", false)).is_err());
        let first = slash
            .answer("a", UserId(1), answer("", true))
            .expect("taken");
        assert!(first.is_none() && waits.try_recv().expect("there").deferred);
        let late = slash
            .answer("a", UserId(1), answer("y", false))
            .expect("taken");
        assert_eq!(late.map(|asked| asked.caller), Some(UserId(2)));
        assert!(slash.answer("a", UserId(1), answer("z", false)).is_err());
    }

    #[test]
    fn what_another_node_began_is_answered_by_its_bot_until_it_is_done() {
        let slash = Slash::default();
        slash.begun_elsewhere("a", UserId(1));
        assert!(!slash.is_elsewhere("b", UserId(1), false));
        assert!(!slash.is_elsewhere("a", UserId(2), false));
        assert!(slash.is_elsewhere("a", UserId(1), true));
        assert!(slash.is_elsewhere("a", UserId(1), false));
        assert!(!slash.is_elsewhere("a", UserId(1), false));
    }
}

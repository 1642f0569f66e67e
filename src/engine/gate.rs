//! Whether writes are taken right now.

use crate::domain::{Code, Refusal};
use arc_swap::ArcSwapOption;
use std::sync::Arc;

/// Open, or shut with a reason. Shut by whichever thread meets the trouble, opened by the appender
/// and the applier when log and state work again.
#[derive(Default)]
pub struct Gate {
    log: ArcSwapOption<Trouble>,
    state: ArcSwapOption<Trouble>,
    /// A thread of the engine is gone; never opened again.
    dead: ArcSwapOption<Trouble>,
}

/// Why nothing can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub storage_full: bool,
    /// Commands that end sessions or remove something are taken all the same.
    pub takes_relief: bool,
    /// Not this node's disk: the cause may be told to everybody.
    pub away: bool,
    /// For the operator; the outside hears only the kind.
    pub cause: String,
}

impl Gate {
    pub fn trouble(&self) -> Option<Trouble> {
        let mut all = [&self.dead, &self.log, &self.state]
            .into_iter()
            .filter_map(|side| side.load_full());
        let first = all.next()?;
        let takes_relief = first.takes_relief && all.all(|other| other.takes_relief);
        Some(Trouble {
            takes_relief,
            ..(*first).clone()
        })
    }

    pub fn check(&self) -> Result<(), Refusal> {
        self.admit(false)
    }

    /// As [`Gate::check`]; `is_relief`: the command ends sessions or removes something.
    pub fn admit(&self, is_relief: bool) -> Result<(), Refusal> {
        match self.trouble() {
            None => Ok(()),
            Some(trouble) if is_relief && trouble.takes_relief => Ok(()),
            Some(trouble) => Err(trouble.refusal()),
        }
    }

    pub(super) fn log_failed(&self, trouble: Trouble) {
        shut(&self.log, trouble, "the log");
    }

    pub(super) fn log_works(&self) {
        open(&self.log, "the log");
    }

    pub(super) fn log_is_shut(&self) -> bool {
        self.log.load().is_some()
    }

    pub(super) fn state_failed(&self, trouble: Trouble) {
        shut(&self.state, trouble, "the state");
    }

    pub(super) fn state_works(&self) {
        open(&self.state, "the state");
    }

    pub(super) fn died(&self, trouble: Trouble) {
        self.dead.store(Some(Arc::new(trouble)));
    }
}

fn shut(side: &ArcSwapOption<Trouble>, trouble: Trouble, what: &str) {
    let before = side.load();
    if !before
        .as_ref()
        .is_some_and(|before| before.is_like(&trouble))
    {
        tracing::error!(cause = %trouble.cause, "{what} cannot be written; writes are refused");
    }
    side.store(Some(Arc::new(trouble)));
}

fn open(side: &ArcSwapOption<Trouble>, what: &str) {
    if side.swap(None).is_some() {
        tracing::warn!("{what} can be written again; writes are taken");
    }
}

impl Trouble {
    /// The same again, at another place or with other figures: the log has told of it.
    fn is_like(&self, other: &Trouble) -> bool {
        let kind = |it: &Trouble| (it.storage_full, it.takes_relief, it.away);
        let words = |it: &'_ Trouble| it.cause.replace(|c: char| c.is_ascii_digit(), "");
        kind(self) == kind(other) && words(self) == words(other)
    }

    /// Nothing at all can be written.
    pub(super) fn fault(cause: String) -> Trouble {
        Trouble {
            storage_full: false,
            takes_relief: false,
            away: false,
            cause,
        }
    }

    pub fn refusal(&self) -> Refusal {
        if self.away {
            let message = format!(
                "Nothing can be written right now: {}. Reading goes on; try again later.",
                self.cause
            );
            return Refusal {
                retry_after_s: Some(2),
                ..Refusal::new(Code::ReadOnly, message)
            };
        }
        let (code, message) = if self.storage_full {
            (
                Code::StorageFull,
                "The server's disk is full: nothing can be written until there is space again. Reading goes on.",
            )
        } else {
            (
                Code::ReadOnly,
                "The server cannot write to its disk right now. Reading goes on; try again later.",
            )
        };
        Refusal {
            retry_after_s: Some(2),
            ..Refusal::new(code, message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_trouble_with_other_figures_is_no_news() {
        let trouble = |full, cause: &str| Trouble {
            storage_full: full,
            ..Trouble::fault(cause.to_owned())
        };
        let first = trouble(
            true,
            "log/0012.log cannot be written at byte 4711: no space",
        );
        assert!(first.is_like(&trouble(
            true,
            "log/0013.log cannot be written at byte 12: no space"
        )));
        assert!(!first.is_like(&trouble(false, &first.cause)));
        assert!(!first.is_like(&trouble(true, "log/0012.log cannot be synced")));
    }
}

//! What was wrong with the files when they were opened, and what that cost.

use std::path::PathBuf;

/// A file that was not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// Where the first damage was; `None`: the file is missing.
    pub offset: Option<u64>,
    /// What is wrong there.
    pub what: String,
    /// In how many places something was wrong.
    pub places: u64,
    /// Everything in it could be put right.
    pub is_mended: bool,
    /// Where the file is kept once its keys are written anew.
    pub aside: Option<PathBuf>,
}

/// Keys that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// How many.
    pub keys: u64,
    /// There may be more.
    pub is_uncounted: bool,
    /// Some of their names, but none of the chat's own keys.
    pub names: Vec<String>,
}

/// Damage is told once, where it was found.
pub(in super::super) fn tell(damages: &[Damage], gone: &Gone) {
    for Damage {
        path,
        offset,
        what,
        places,
        is_mended,
        aside,
    } in damages
    {
        let path = path.display();
        let kept = match aside {
            Some(aside) => format!("; it is kept as {}", aside.display()),
            None => String::new(),
        };
        match offset {
            Some(offset) if *is_mended => {
                tracing::warn!("{path}: {what} at byte {offset}; no key of it is lost{kept}");
            }
            Some(offset) => tracing::error!(
                "{path} is damaged at byte {offset} ({what}; {places} places); what can be read is kept in new files{kept}"
            ),
            None => tracing::error!("{path}: {what}; restore it from a backup if there is one"),
        }
    }
    if damages.iter().all(|damage| damage.is_mended) {
        return;
    }
    let more = if gone.is_uncounted {
        ", and there may be more"
    } else {
        ""
    };
    let names = match &gone.names[..] {
        [] => String::new(),
        names => format!(", among them {}", names.join(", ")),
    };
    let keys = gone.keys;
    tracing::error!(
        "{keys} keys of the cache are gone{more}{names}; sessions are taken from the chat's state"
    );
}

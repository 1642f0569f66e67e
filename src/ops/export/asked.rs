//! What is asked for, on the command line or over the control socket.

use super::html::{Language, RoomPage};
use super::{Export, Leaving, Scope};
use crate::domain::Refusal;
use crate::engine::Engine;
use crate::files::Store;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub all: bool,
    /// By its name or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A page of the room, in this language, instead of lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Language>,
    #[serde(default)]
    pub utc_offset_minutes: i32,
}

impl Asked {
    /// What leaves, and how many rooms are left out.
    pub fn open(&self, engine: &Engine, store: Store) -> Result<(Leaving, u64), Refusal> {
        let reader = engine.read()?;
        if let Some(language) = self.page {
            let room = Scope::room(&reader, self.room.as_deref().unwrap_or_default())?;
            let page = RoomPage::new(reader, store, room, language, self.utc_offset_minutes);
            return Ok((Leaving::Page(Box::new(page)), 0));
        }
        let scope = Scope::named(
            &reader,
            self.all,
            self.room.as_deref(),
            self.user.as_deref(),
        )?;
        let export = Export::new(reader, engine.epoch(), store, scope);
        let left_out = export.rooms_left_out()?;
        Ok((Leaving::Lines(Box::new(export)), left_out))
    }
}

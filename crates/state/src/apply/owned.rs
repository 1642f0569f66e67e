//! What belongs to one person: saved messages, settings, status.

use super::users::tell_user;
use super::{Stop, Work};
use crate::records::SettingsRecord;
use crate::table::Readable;
use maru_domain::event::Body;
use maru_domain::{Audience, Code, MessageId, Outcome, Refusal, Status, limits};
use serde_json::{Map, Value};

impl Work<'_, '_> {
    pub(super) fn save(&mut self, id: MessageId, on: bool) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let key = (user.0, id.0);
        if !on {
            // What one may not read any more can still be let go.
            if !self.tables.saved.remove(key)? {
                self.visible_message(id)?;
            }
            return Ok(Outcome::Done);
        }
        self.readable_message(id)?;
        if self.tables.saved.has(key)? {
            return Ok(Outcome::Done);
        }
        let mine = (user.0, 0)..=(user.0, u64::MAX);
        if self.tables.saved.range(mine)?.count() >= limits::SAVED {
            return Err(Refusal {
                limit: Some(limits::SAVED as u64),
                ..Refusal::new(
                    Code::Conflict,
                    "You have saved as many messages as you may; remove some first.",
                )
            }
            .into());
        }
        self.tables.saved.put(key, &self.at.0)?;
        Ok(Outcome::Done)
    }

    pub(super) fn change_settings(&mut self, patch: &str) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let bad = || Refusal::invalid("settings", "Settings are a JSON object.");
        let patch: Map<String, Value> = serde_json::from_str(patch).map_err(|_| bad())?;
        let held = self.tables.settings.get(user.0)?.unwrap_or_default().json;
        let mut settings: Value = serde_json::from_str(&held).unwrap_or_default();
        merge(&mut settings, Value::Object(patch));
        let json = settings.to_string();
        if json.len() > limits::SETTINGS_BYTES {
            return Err(Refusal::too_long("settings", limits::SETTINGS_BYTES, "bytes").into());
        }
        if json != held {
            let record = SettingsRecord { json: json.clone() };
            self.tables.settings.put(user.0, &record)?;
            let body = Body::SettingsUpdated { settings };
            self.tell(Audience::Users(vec![user]), body);
        }
        Ok(Outcome::Settings(json))
    }

    pub(super) fn set_status(&mut self, status: Option<&Status>) -> Result<Outcome, Stop> {
        let id = self.person()?;
        let mut record = self.user_record(id)?;
        let status = status.filter(|status| status.until.is_none_or(|until| until > self.at));
        let end = |status: Option<&Status>| status.and_then(|status| status.until);
        if let Some(until) = end(record.status.as_ref()) {
            self.tables.status_ends.remove((until.0, id.0))?;
        }
        if let Some(until) = end(status) {
            self.tables.status_ends.put((until.0, id.0), &())?;
        }
        let changed = record.status.as_ref() != status;
        record.status = status.cloned();
        self.save_user(id, &record)?;
        let user = record.view(id);
        if changed {
            tell_user(self, user.clone());
        }
        Ok(Outcome::User(user))
    }
}

/// RFC 7396: null removes, objects merge, everything else replaces.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Value::Object(target) = target {
        for (key, value) in patch {
            if value.is_null() {
                target.remove(&key);
            } else {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
    }
}

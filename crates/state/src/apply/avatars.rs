//! The pictures that stand for people.

use super::users::tell_user;
use super::{Stop, Work};
use crate::records::AvatarRecord;
use maru_domain::Outcome;
use maru_domain::file::NewFile;

impl Work<'_, '_> {
    pub(super) fn set_avatar(&mut self, picture: Option<&NewFile>) -> Result<Outcome, Stop> {
        let id = self.person()?;
        let mut record = self.user_record(id)?;
        let old = record.avatar.take();
        if let Some(new) = picture {
            self.hold_content(&new.content, new.size)?;
            record.avatar = Some(AvatarRecord {
                content: new.content.clone(),
                size: new.size,
                version: self.seq.0,
            });
        }
        let changed = old.is_some() || picture.is_some();
        if let Some(old) = old {
            self.drop_content(&old.content, old.size)?;
        }
        self.save_user(id, &record)?;
        let user = record.view(id);
        if changed {
            tell_user(self, user.clone());
        }
        Ok(Outcome::User(user))
    }
}

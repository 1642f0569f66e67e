//! What the workspace is called, and the picture that stands for it.

use super::{Stop, Work};
use crate::records::{AvatarRecord, WorkspaceRecord};
use crate::table::Readable;
use maru_domain::Outcome;
use maru_domain::file::NewFile;

/// The one row of the table.
pub(crate) const IT: &str = "it";

impl Work<'_, '_> {
    pub(super) fn name_workspace(&mut self, name: &str) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let mut record = self.workspace()?;
        name.clone_into(&mut record.name);
        self.tables.workspace.put(IT, &record)?;
        Ok(Outcome::Done)
    }

    pub(super) fn picture_workspace(&mut self, picture: Option<&NewFile>) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let mut record = self.workspace()?;
        let old = record.picture.take();
        if let Some(new) = picture {
            self.hold_content(&new.content, new.size)?;
            record.picture = Some(AvatarRecord {
                content: new.content.clone(),
                size: new.size,
                version: self.seq.0,
            });
        }
        if let Some(old) = old {
            self.drop_content(&old.content, old.size)?;
        }
        self.tables.workspace.put(IT, &record)?;
        Ok(Outcome::Done)
    }

    fn workspace(&self) -> Result<WorkspaceRecord, Stop> {
        Ok(self.tables.workspace.get(IT)?.unwrap_or_default())
    }
}

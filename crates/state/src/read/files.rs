//! Files: of a message, of a room, and what of them lies on the disk.

use super::reader::Reader;
use crate::Result;
use crate::apply::{FILES_BYTES, workspace::IT};
use crate::records::{FileRecord, WorkspaceRecord};
use crate::table::Readable;
use crate::tables::Tables;
use maru_domain::file::File;
use maru_domain::{FileId, Message, MessageId, RoomId, UserId};
use std::collections::HashSet;

/// What queries need of the files.
pub trait FileLookup: Tables {
    fn file_ids_of(&self, message: MessageId) -> Result<Vec<FileId>> {
        let all = (message.0, 0)..=(message.0, u64::MAX);
        let rows = self.message_files().range(all)?;
        rows.map(|row| Ok(FileId(row?.1))).collect()
    }

    fn files_of(&self, message: MessageId) -> Result<Vec<File>> {
        self.files_by_ids(&self.file_ids_of(message)?)
    }

    /// Those that are still there.
    fn files_by_ids(&self, ids: &[FileId]) -> Result<Vec<File>> {
        let mut files = Vec::new();
        for &id in ids {
            if let Some(record) = self.files().get(id.0)? {
                files.push(record.view(id));
            }
        }
        Ok(files)
    }
}

impl<T: Tables> FileLookup for T {}

impl Reader {
    /// The name of a file's content on the disk, whoever asks.
    pub fn file_record(&self, id: FileId) -> Result<Option<FileRecord>> {
        self.tables().files.get(id.0)
    }

    pub fn content_of(&self, id: FileId) -> Result<Option<String>> {
        Ok(self.tables().files.get(id.0)?.map(|record| record.content))
    }

    /// A file that this person may read, with the name of its content on the disk: before it is
    /// posted its sender alone, then whoever reads its room.
    pub fn file_for(&self, viewer: UserId, id: FileId) -> Result<Option<(File, String)>> {
        let Some(record) = self.tables().files.get(id.0)? else {
            return Ok(None);
        };
        let may_read = if record.message == MessageId(0) {
            record.owner == viewer
        } else {
            self.can_read(viewer, record.room)?
        };
        Ok(may_read.then(|| (record.view(id), record.content)))
    }

    /// The name of the content of somebody's picture, and its version.
    pub fn avatar(&self, id: UserId) -> Result<Option<(String, u64)>> {
        let record = self.tables().users.get(id.0)?;
        let avatar = record.and_then(|record| record.avatar);
        Ok(avatar.map(|avatar| (avatar.content, avatar.version)))
    }

    /// The files that a message carries.
    pub fn files_of(&self, message: MessageId) -> Result<Vec<File>> {
        FileLookup::files_of(self.tables(), message)
    }

    /// What was shared in a room, the newest first, before a file. Does not ask whether `viewer`
    /// may read the room.
    pub fn files_of_room(
        &self,
        viewer: UserId,
        room: RoomId,
        before: Option<FileId>,
        limit: usize,
    ) -> Result<Vec<(File, Message)>> {
        let end = before.map_or(u64::MAX, |file| file.0);
        let tables = self.tables();
        let mut found = Vec::new();
        for row in tables.room_files.range((room.0, 0)..(room.0, end))?.rev() {
            let ((_, id), message) = row?;
            let Some(record) = tables.files.get(id)? else {
                continue;
            };
            if let Some(message) = self.message_for(viewer, MessageId(message))? {
                found.push((record.view(FileId(id)), message));
            }
            if found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }

    /// What the people of the workspace made of it.
    pub fn workspace(&self) -> Result<WorkspaceRecord> {
        let record = self.tables().workspace.get(IT)?;
        Ok(record.unwrap_or_default())
    }

    /// Bytes of all contents together.
    pub fn files_bytes(&self) -> Result<u64> {
        Ok(self.tables().meta.get(FILES_BYTES)?.unwrap_or(0))
    }

    /// The names of all contents that some file has.
    pub fn contents(&self) -> Result<HashSet<String>> {
        let rows = self.tables().contents.rows()?;
        rows.map(|row| Ok(row?.0)).collect()
    }
}

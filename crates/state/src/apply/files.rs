//! Files: added when they are whole, shown with the message that carries them, gone with it.

use super::{Stop, Work};
use crate::read::{FileLookup, Located};
use crate::records::FileRecord;
use crate::table::Readable;
use maru_domain::file::{File, NewFile};
use maru_domain::{
    Code, FileId, MessageId, Outcome, Refusal, RoomId, ScheduledId, Timestamp, UserId, limits,
};

/// The key of `meta` under which the bytes of all contents are counted.
pub const FILES_BYTES: &str = "files_bytes";

impl Work<'_, '_> {
    pub(super) fn add_file(&mut self, new: &NewFile) -> Result<Outcome, Stop> {
        let owner = self.person()?;
        let mine = (owner.0, 0)..=(owner.0, u64::MAX);
        if self.tables.loose_files.range(mine)?.count() >= limits::LOOSE_FILES {
            return Err(Refusal {
                limit: Some(limits::LOOSE_FILES as u64),
                unit: Some("files".into()),
                ..Refusal::new(
                    Code::Conflict,
                    "Too many of your files wait for their message; post or remove some first.",
                )
            }
            .into());
        }
        let id = FileId(self.new_id());
        let record = FileRecord {
            owner,
            name: new.name.clone(),
            size: new.size,
            mime: new.mime.clone(),
            content: new.content.clone(),
            width: new.width,
            height: new.height,
            thumbnail: new.thumbnail,
            created_at: self.at,
            room: RoomId(0),
            message: MessageId(0),
            scheduled: ScheduledId(0),
        };
        self.tables.files.put(id.0, &record)?;
        self.tables.loose_files.put((owner.0, id.0), &self.at.0)?;
        self.hold_content(&record.content, record.size)?;
        Ok(Outcome::File(record.view(id)))
    }

    /// A file that no message carries yet, taken back by whoever sent it.
    pub(super) fn drop_file(&mut self, id: FileId) -> Result<Outcome, Stop> {
        let owner = self.person()?;
        let record = self.tables.files.get(id.0)?;
        match record {
            Some(record)
                if record.owner == owner
                    && record.message == MessageId(0)
                    && record.scheduled == ScheduledId(0) =>
            {
                self.remove_file(id, &record)?;
                Ok(Outcome::Done)
            }
            _ => Err(Refusal::not_found("file").into()),
        }
    }

    /// The author's own files that no message carries yet, in the order in which they were named; of
    /// those that wait with a scheduled message, only its own.
    pub(super) fn own_files(
        &self,
        author: UserId,
        ids: &[FileId],
        scheduled: Option<ScheduledId>,
    ) -> Result<Vec<(FileId, FileRecord)>, Stop> {
        let mut files: Vec<(FileId, FileRecord)> = Vec::with_capacity(ids.len());
        for &id in ids {
            let record = self.tables.files.get(id.0)?;
            let free = record.filter(|record| {
                record.owner == author
                    && record.message == MessageId(0)
                    && record.scheduled == scheduled.unwrap_or_default()
                    && files.iter().all(|(other, _)| *other != id)
            });
            let record = free.ok_or_else(|| Refusal {
                field: Some("file_ids".into()),
                ..Refusal::new(
                    Code::NotFound,
                    "A file is not there, is not yours, or is in a message already.",
                )
            })?;
            files.push((id, record));
        }
        Ok(files)
    }

    pub(super) fn attach_files(
        &mut self,
        found: &Located,
        files: Vec<(FileId, FileRecord)>,
    ) -> Result<(), Stop> {
        let (room, message) = (found.place.room, found.id);
        for (n, (id, mut record)) in files.into_iter().enumerate() {
            (record.room, record.message) = (room, message);
            record.scheduled = ScheduledId(0);
            self.tables.files.put(id.0, &record)?;
            self.tables.loose_files.remove((record.owner.0, id.0))?;
            self.tables.room_files.put((room.0, id.0), &message.0)?;
            self.tables
                .message_files
                .put((message.0, n as u64), &id.0)?;
        }
        Ok(())
    }

    /// Files of a line of history, with the message that carries them.
    pub(super) fn import_files(
        &mut self,
        found: &Located,
        owner: UserId,
        files: &[NewFile],
    ) -> Result<(), Stop> {
        let since = found.record.sent_at.unwrap_or(Timestamp(found.place.at));
        let mut records = Vec::with_capacity(files.len());
        for new in files {
            records.push(self.import_file(owner, since, new)?);
        }
        self.attach_files(found, records)
    }

    /// Files of a line that tells of a scheduled message.
    pub(super) fn import_held_files(
        &mut self,
        scheduled: ScheduledId,
        owner: UserId,
        since: Timestamp,
        files: &[NewFile],
    ) -> Result<Vec<FileId>, Stop> {
        let mut ids = Vec::with_capacity(files.len());
        for new in files {
            let (id, mut record) = self.import_file(owner, since, new)?;
            record.scheduled = scheduled;
            self.tables.files.put(id.0, &record)?;
            ids.push(id);
        }
        Ok(ids)
    }

    fn import_file(
        &mut self,
        owner: UserId,
        since: Timestamp,
        new: &NewFile,
    ) -> Result<(FileId, FileRecord), Stop> {
        let record = FileRecord {
            owner,
            name: new.name.clone(),
            size: new.size,
            mime: new.mime.clone(),
            content: new.content.clone(),
            width: new.width,
            height: new.height,
            thumbnail: new.thumbnail,
            created_at: new.created_at.unwrap_or(since),
            room: RoomId(0),
            message: MessageId(0),
            scheduled: ScheduledId(0),
        };
        self.hold_content(&record.content, record.size)?;
        Ok((FileId(self.new_id()), record))
    }

    /// All files of a message that goes.
    pub(super) fn drop_files(&mut self, found: &Located) -> Result<(), Stop> {
        for id in self.tables.file_ids_of(found.id)? {
            if let Some(record) = self.tables.files.get(id.0)? {
                self.remove_file(id, &record)?;
            }
        }
        let all = (found.id.0, 0)..=(found.id.0, u64::MAX);
        let keys = self.tables.message_files.range(all)?;
        let keys = keys.map(|row| Ok(row?.0));
        for key in keys.collect::<crate::Result<Vec<_>>>()? {
            self.tables.message_files.remove(key)?;
        }
        Ok(())
    }

    /// Files wait with a message that is scheduled: nothing else may carry them, and they are not swept.
    pub(super) fn hold_files(
        &mut self,
        scheduled: ScheduledId,
        files: Vec<(FileId, FileRecord)>,
    ) -> Result<(), Stop> {
        for (id, mut record) in files {
            record.scheduled = scheduled;
            self.tables.loose_files.remove((record.owner.0, id.0))?;
            self.tables.files.put(id.0, &record)?;
        }
        Ok(())
    }

    /// Those of a scheduled message that is given up.
    pub(super) fn drop_held_files(
        &mut self,
        scheduled: ScheduledId,
        ids: &[FileId],
    ) -> Result<(), Stop> {
        for &id in ids {
            if let Some(record) = self.tables.files.get(id.0)?
                && record.scheduled == scheduled
            {
                self.remove_file(id, &record)?;
            }
        }
        Ok(())
    }

    /// Files whose message never came.
    pub(super) fn sweep_files(&mut self, max: usize) -> Result<usize, Stop> {
        let over = self.at.0 - limits::LOOSE_FILE_MS;
        let mut gone = Vec::new();
        for row in self.tables.loose_files.rows()? {
            let ((_, id), at) = row?;
            if at < over && gone.len() < max {
                gone.push(FileId(id));
            }
        }
        for &id in &gone {
            if let Some(record) = self.tables.files.get(id.0)? {
                self.remove_file(id, &record)?;
            }
        }
        Ok(gone.len())
    }

    fn remove_file(&mut self, id: FileId, record: &FileRecord) -> Result<(), Stop> {
        self.tables.files.remove(id.0)?;
        self.tables.loose_files.remove((record.owner.0, id.0))?;
        self.tables.room_files.remove((record.room.0, id.0))?;
        self.drop_content(&record.content, record.size)
    }

    /// Its last holder goes, and with it the content.
    pub(super) fn drop_content(&mut self, content: &str, size: u64) -> Result<(), Stop> {
        match self.tables.contents.get(content)? {
            Some(held) if held > 1 => self.tables.contents.put(content, &(held - 1))?,
            _ => {
                self.tables.contents.remove(content)?;
                self.count_bytes(|bytes| bytes.saturating_sub(size))?;
            }
        }
        Ok(())
    }

    /// The same content is on the disk once, and counts once.
    pub(super) fn hold_content(&mut self, content: &str, size: u64) -> Result<(), Stop> {
        let held = self.tables.contents.get(content)?.unwrap_or(0);
        if held == 0 {
            self.count_bytes(|bytes| bytes.saturating_add(size))?;
        }
        self.tables.contents.put(content, &(held + 1))?;
        Ok(())
    }

    fn count_bytes(&mut self, change: impl FnOnce(u64) -> u64) -> Result<(), Stop> {
        let bytes = self.tables.meta.get(FILES_BYTES)?.unwrap_or(0);
        self.tables.meta.put(FILES_BYTES, &change(bytes))?;
        Ok(())
    }
}

impl FileRecord {
    pub fn view(&self, id: FileId) -> File {
        File {
            id,
            name: self.name.clone(),
            size: self.size,
            mime: self.mime.clone(),
            width: self.width,
            height: self.height,
            thumbnail: self.thumbnail,
            created_at: self.created_at,
        }
    }
}

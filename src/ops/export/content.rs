//! Contents of files as lines, in parts that fit a line. Content that several files have goes once.

use super::{Out, whole};
use crate::domain::{FileId, Timestamp};
use crate::files::Store;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;

/// Of content, on one line.
const PART_BYTES: u64 = 512 * 1024;

#[derive(Serialize)]
struct FileLine<'a> {
    r#type: &'static str,
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    part: u64,
    parts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_as: Option<&'a str>,
    data: String,
}

/// What a file is called on its way out.
pub struct Called<'a> {
    pub name: &'a str,
    pub content: &'a str,
    pub created_at: Option<Timestamp>,
}

pub struct Contents {
    store: Store,
    /// Content to the id of the first file that has it.
    sent: HashMap<String, String>,
    /// Files whose content is not there, or is not what was sent.
    pub lost: u64,
}

/// A file whose parts go out.
pub struct Coming {
    id: String,
    name: String,
    created_at: Option<Timestamp>,
    file: File,
    part: u64,
    parts: u64,
}

impl Contents {
    pub fn new(store: Store) -> Contents {
        Contents {
            store,
            sent: HashMap::new(),
            lost: 0,
        }
    }

    /// What brings a file's content before the line that names it; nothing where it is lost. Blocks.
    pub fn send(&mut self, id: String, called: &Called<'_>) -> Option<(Out, String)> {
        if let Some(first) = self.sent.get(called.content) {
            if *first == id {
                return Some((Out::Bytes(Vec::new()), id));
            }
            let line = FileLine {
                r#type: "file",
                id: &id,
                name: called.name,
                created_at: called.created_at,
                part: 0,
                parts: 1,
                same_as: Some(first),
                data: String::new(),
            };
            return Some((Out::Bytes(whole(&line)), id));
        }
        let opened = self.store.verify(called.content).ok().and_then(|()| {
            let file = File::open(self.store.path(called.content)).ok()?;
            let size = file.metadata().ok()?.len();
            Some((file, size))
        });
        let Some((file, size)) = opened else {
            tracing::warn!(
                file = id,
                "the content of a file is lost; it is not exported"
            );
            self.lost += 1;
            return None;
        };
        self.sent.insert(called.content.to_owned(), id.clone());
        let coming = Coming {
            id: id.clone(),
            name: called.name.to_owned(),
            created_at: called.created_at,
            file,
            part: 0,
            parts: size.div_ceil(PART_BYTES).max(1),
        };
        Some((Out::File(Box::new(coming)), id))
    }
}

impl Coming {
    /// The next part, and whether others follow.
    pub fn next_part(&mut self) -> std::io::Result<(Vec<u8>, bool)> {
        let mut bytes = Vec::new();
        (&mut self.file).take(PART_BYTES).read_to_end(&mut bytes)?;
        let line = FileLine {
            r#type: "file",
            id: &self.id,
            name: &self.name,
            created_at: self.created_at,
            part: self.part,
            parts: self.parts,
            same_as: None,
            data: STANDARD.encode(&bytes),
        };
        self.part += 1;
        Ok((whole(&line), self.part < self.parts))
    }
}

/// The id of a file's line.
pub fn file_name(id: FileId) -> String {
    format!("file-{id}")
}

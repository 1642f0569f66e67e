//! Contents of files on their way in: pieces become a kept file, which a message carries.

use super::line::FilePiece;
use crate::domain::file::{NewFile, Thumbnail};
use crate::domain::history::{HistoryLine, ImportedMark};
use crate::files::{Incoming, Store};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::collections::HashMap;
use std::io::Write;

/// Of one file.
const MAX_BYTES: u64 = 4 << 30;

pub struct Contents {
    store: Store,
    /// The file whose pieces come.
    coming: Option<(String, u64, Incoming)>,
    kept: HashMap<String, NewFile>,
}

impl Contents {
    pub fn new(store: Store) -> Contents {
        Contents {
            store,
            coming: None,
            kept: HashMap::new(),
        }
    }

    /// A piece; they follow one another.
    pub fn take(&mut self, piece: FilePiece) -> Result<(), String> {
        if let Some(first) = piece.same_as {
            let first = self.kept.get(&first);
            let first = first.ok_or("the file that it is the same as did not come before it")?;
            let same = NewFile {
                name: piece.name,
                created_at: piece.created_at,
                ..first.clone()
            };
            self.kept.insert(piece.id, same);
            return Ok(());
        }
        let data = STANDARD
            .decode(&piece.data)
            .map_err(|_| "its `data` is no base64".to_owned())?;
        let broken = |error: crate::files::FileError| format!("it cannot be kept: {error}");
        let (id, next, incoming) = match self.coming.take() {
            Some((id, next, incoming)) if id == piece.id && next == piece.part => {
                (id, next, incoming)
            }
            _ if piece.part == 0 => {
                let incoming = self.store.begin().map_err(broken)?;
                (piece.id.clone(), 0, incoming)
            }
            _ => return Err("a piece of the file before it is missing".to_owned()),
        };
        let size = incoming.size_bytes().map_err(broken)?;
        if size + data.len() as u64 > MAX_BYTES {
            return Err("the file is larger than 4 GiB".to_owned());
        }
        let mut file = incoming.open_at(size).map_err(broken)?;
        file.write_all(&data)
            .map_err(|error| format!("it cannot be kept: {error}"))?;
        if next + 1 < piece.parts {
            self.coming = Some((id, next + 1, incoming));
            return Ok(());
        }
        let stored = self.store.keep(&incoming).map_err(broken)?;
        let new = NewFile {
            name: piece.name,
            size: stored.size_bytes,
            mime: stored.mime.to_owned(),
            content: stored.hash,
            width: stored.size.map(|size| size.width),
            height: stored.size.map(|size| size.height),
            thumbnail: stored.size.map(|size| {
                let small = size.thumbnail();
                Thumbnail {
                    width: small.width,
                    height: small.height,
                }
            }),
            created_at: piece.created_at,
        };
        self.kept.insert(id, new);
        Ok(())
    }

    /// Gives a line the files that it names; where one of a message without a text never came, a sign
    /// stands for it.
    pub fn give(&self, line: &mut HistoryLine, ids: &[String]) {
        let (text, files) = match line {
            HistoryLine::User(user) => {
                user.avatar = ids.first().and_then(|id| self.kept.get(id)).cloned();
                return;
            }
            HistoryLine::Message(message) => (&mut message.text, &mut message.files),
            HistoryLine::Mark(ImportedMark::Scheduled { text, files, .. }) => (text, files),
            HistoryLine::Room(_) | HistoryLine::Mark(_) => return,
        };
        for id in ids {
            match self.kept.get(id) {
                Some(file) => files.push(file.clone()),
                None if text.is_empty() => *text = "📎".to_owned(),
                None => {}
            }
        }
    }
}

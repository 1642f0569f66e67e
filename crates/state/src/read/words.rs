//! Words that search is taught.

use super::reader::Reader;
use crate::Result;
use crate::table::Readable;
use maru_domain::{KeptWord, OwnWord, WordId};

impl Reader {
    /// All of them, in the order in which they came.
    pub fn own_words(&self) -> Result<Vec<KeptWord>> {
        let rows = self.tables.own_words.rows()?;
        rows.map(|row| {
            let (id, record) = row?;
            Ok(record.view(WordId(id)))
        })
        .collect()
    }

    pub fn own_word(&self, id: WordId) -> Result<Option<KeptWord>> {
        let record = self.tables.own_words.get(id.0)?;
        Ok(record.map(|record| record.view(id)))
    }

    /// In any case and form.
    pub fn own_word_named(&self, word: &str) -> Result<Option<WordId>> {
        let key = OwnWord::key(word);
        Ok(self.tables.own_word_keys.get(&key)?.map(WordId))
    }
}

//! Words that search is taught.

use super::{Stop, Work};
use crate::read::require;
use crate::records::WordRecord;
use crate::table::Readable;
use maru_domain::command::Lesson;
use maru_domain::{Code, Effect, Outcome, OwnWord, Refusal, WordId, limits};

impl Work<'_, '_> {
    pub(super) fn teach_words(&mut self, lesson: &Lesson) -> Result<Outcome, Stop> {
        self.need_admin()?;
        let there = self.tables.own_words.len()?;
        if there + lesson.words.len() as u64 > limits::OWN_WORDS {
            return Err(Refusal {
                limit: Some(limits::OWN_WORDS),
                ..Refusal::new(
                    Code::Conflict,
                    "Search is taught as many words as it can be; remove some first.",
                )
            }
            .into());
        }
        let mut ids = Vec::with_capacity(lesson.words.len());
        let mut changed = false;
        for word in &lesson.words {
            let key = OwnWord::key(&word.word);
            let id = match self.tables.own_word_keys.get(&key)? {
                Some(id) => id,
                None => self.new_id(),
            };
            let record = WordRecord::new(word, lesson.from_file);
            if self.tables.own_words.get(id)?.as_ref() != Some(&record) {
                self.tables.own_words.put(id, &record)?;
                self.tables.own_word_keys.put(&key, &id)?;
                changed = true;
            }
            ids.push(WordId(id));
        }
        if changed {
            self.effects.push(Effect::WordsChanged);
        }
        Ok(Outcome::Words(ids))
    }

    pub(super) fn forget_words(&mut self, words: &[WordId]) -> Result<Outcome, Stop> {
        self.need_admin()?;
        for id in words {
            require(self.tables.own_words.get(id.0)?, "word")?;
        }
        for id in words {
            if let Some(record) = self.tables.own_words.get(id.0)? {
                self.tables.own_words.remove(id.0)?;
                let key = OwnWord::key(&record.word);
                self.tables.own_word_keys.remove(key.as_str())?;
                self.effects.push(Effect::WordsChanged);
            }
        }
        Ok(Outcome::Done)
    }
}

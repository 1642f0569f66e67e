use crate::table::records;
use maru_domain::{KeptWord, OwnWord, PartOfSpeech, WordId};
use serde::{Deserialize, Serialize};

/// A word that search is taught.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordRecord {
    pub word: String,
    pub pos: Option<PartOfSpeech>,
    pub parts: Vec<String>,
    pub synonyms: Vec<String>,
    pub stop: bool,
    pub from_file: bool,
}

records!(WordRecord);

impl WordRecord {
    pub fn new(word: &OwnWord, from_file: bool) -> WordRecord {
        let OwnWord {
            word,
            pos,
            parts,
            synonyms,
            stop,
        } = word.clone();
        WordRecord {
            word,
            pos,
            parts,
            synonyms,
            stop,
            from_file,
        }
    }

    pub fn view(self, id: WordId) -> KeptWord {
        KeptWord {
            id,
            word: OwnWord {
                word: self.word,
                pos: self.pos,
                parts: self.parts,
                synonyms: self.synonyms,
                stop: self.stop,
            },
            from_file: self.from_file,
        }
    }
}

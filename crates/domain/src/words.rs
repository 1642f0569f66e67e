//! Words that administrators teach search: what the dictionary lacks, synonyms, stop words.

use super::{Refusal, WordId, fold::folded, limits, text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The part of speech of a word. The tags of Korean dictionaries are understood, too.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PartOfSpeech {
    #[serde(alias = "NNG", alias = "명사")]
    Noun,
    /// Of a person, a place, a product.
    #[serde(alias = "NNP", alias = "고유명사")]
    Name,
    /// In its form with 다.
    #[serde(alias = "VV", alias = "동사")]
    Verb,
    /// In its form with 다.
    #[serde(alias = "VA", alias = "형용사")]
    Adjective,
    #[serde(alias = "MAG", alias = "부사")]
    Adverb,
}

/// A word of the server's own. Every field is written, for commands are written without names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnWord {
    pub word: String,
    /// Makes it a word of the dictionary. Left out: the dictionary cuts it as before.
    #[serde(default)]
    pub pos: Option<PartOfSpeech>,
    /// The words that a compound consists of: a search for one of them finds the compound.
    #[serde(default)]
    pub parts: Vec<String>,
    /// A search for the word finds these, and the other way round.
    #[serde(default)]
    pub synonyms: Vec<String>,
    /// Need not be in a message, whatever else is asked for.
    #[serde(default)]
    pub stop: bool,
}

/// A word as the state holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeptWord {
    pub id: WordId,
    #[serde(flatten)]
    pub word: OwnWord,
    /// It stands in the file of words that the server is started with, and goes with it.
    pub from_file: bool,
}

impl OwnWord {
    /// What two spellings of one word have in common.
    pub fn key(word: &str) -> String {
        folded(word.trim())
    }

    /// The word with its texts normalised, or why it cannot be meant.
    pub fn checked(self) -> Result<OwnWord, Refusal> {
        let word = one("word", self.word)?;
        let many = |field: &'static str, texts: Vec<String>| {
            if texts.len() > limits::WORD_FORMS {
                return Err(Refusal::too_long(field, limits::WORD_FORMS, "words"));
            }
            texts.into_iter().map(|text| one(field, text)).collect()
        };
        let parts: Vec<String> = many("parts", self.parts)?;
        let mut synonyms: Vec<String> = many("synonyms", self.synonyms)?;
        let key = OwnWord::key(&word);
        synonyms.retain(|synonym| OwnWord::key(synonym) != key);
        let letters = key.chars().all(char::is_alphanumeric);
        if self.pos.is_some() && !letters {
            let text = "A word of the dictionary has letters and digits only; a phrase can have synonyms, without `pos`.";
            return Err(Refusal::invalid("word", text));
        }
        let is_verb = matches!(self.pos, Some(PartOfSpeech::Verb | PartOfSpeech::Adjective));
        if is_verb && (!key.ends_with('다') || key.chars().count() < 2) {
            let text = "A verb or adjective stands in its form with 다, such as 갈무리하다.";
            return Err(Refusal::invalid("word", text));
        }
        let joined: String = parts.iter().map(|part| OwnWord::key(part)).collect();
        if !parts.is_empty() && (joined != key || self.pos.is_none() || is_verb) {
            let text = "`parts` make up the letters of `word`, which is a noun or a name.";
            return Err(Refusal::invalid("parts", text));
        }
        if self.pos.is_none() && synonyms.is_empty() && !self.stop {
            let text = "Say what the word is: `pos` (noun, name, verb, adjective, adverb), `synonyms` or `stop`.";
            return Err(Refusal::invalid("pos", text));
        }
        Ok(OwnWord {
            word,
            pos: self.pos,
            parts,
            synonyms,
            stop: self.stop,
        })
    }
}

/// Words that are taught at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    pub words: Vec<OwnWord>,
    pub from_file: bool,
}

impl Lesson {
    pub fn checked(self) -> Result<Lesson, Refusal> {
        let words = few_words(self.words)?.into_iter().map(OwnWord::checked);
        Ok(Lesson {
            words: words.collect::<Result<_, _>>()?,
            from_file: self.from_file,
        })
    }
}

/// Not more than one command may have.
pub fn few_words<T>(words: Vec<T>) -> Result<Vec<T>, Refusal> {
    if words.len() > limits::WORDS_PER_REQUEST {
        let limit = limits::WORDS_PER_REQUEST;
        return Err(Refusal::too_long("words", limit, "words"));
    }
    Ok(words)
}

fn one(field: &'static str, written: String) -> Result<String, Refusal> {
    let written = text::line(field, written, limits::WORD_GRAPHEMES, limits::NAME_BYTES)?;
    if OwnWord::key(&written).chars().any(char::is_alphanumeric) {
        Ok(written)
    } else {
        Err(Refusal::empty(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(json: &str) -> Result<OwnWord, Refusal> {
        serde_json::from_str::<OwnWord>(json).expect(json).checked()
    }

    #[test]
    fn words_are_checked() {
        for good in [
            r#"{"word":"갓생","pos":"noun"}"#,
            r#"{"word":"킹받다","pos":"VV"}"#,
            r#"{"word":"마루톡","pos":"name","parts":["마루","톡"],"synonyms":["maru talk"]}"#,
            r#"{"word":"콜 센터","synonyms":["고객센터"]}"#,
            r#"{"word":"그거","stop":true}"#,
        ] {
            word(good).expect(good);
        }
        for bad in [
            r#"{"word":"","pos":"noun"}"#,
            r#"{"word":"갓 생","pos":"noun"}"#,
            r#"{"word":"킹받","pos":"verb"}"#,
            r#"{"word":"마루톡","pos":"name","parts":["마루","콩"]}"#,
            r#"{"word":"그거"}"#,
            r#"{"word":"그거","synonyms":["그거"]}"#,
        ] {
            word(bad).expect_err(bad);
        }
    }
}

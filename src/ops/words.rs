//! The file of words that a server is started with: what it says is taught, and what it said before
//! and no longer says is forgotten.

use crate::domain::{
    Actor, Command, OwnWord, PartOfSpeech, Refusal, WordId, command::Lesson, limits,
};
use crate::engine::Engine;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    #[error("the file of words {} cannot be read: {cause}", path.display())]
    Unreadable {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("line {number} of the file of words {} cannot be used: {why}", path.display())]
    Line {
        path: PathBuf,
        number: usize,
        why: String,
    },
    #[error("the words cannot be taught: {0}")]
    Refused(#[from] Refusal),
}

/// Reads the file and teaches what is new in it. Returns how many words changed.
pub async fn teach(engine: &Engine, path: &Path) -> Result<usize, WordsError> {
    let text = std::fs::read_to_string(path).map_err(|cause| WordsError::Unreadable {
        path: path.to_owned(),
        cause,
    })?;
    let wanted = parse(&text).map_err(|(number, why)| WordsError::Line {
        path: path.to_owned(),
        number,
        why,
    })?;
    let kept = engine.read()?.own_words().map_err(Refusal::from)?;
    let of_file = kept.iter().filter(|kept| kept.from_file);
    let there: BTreeMap<String, &OwnWord> = of_file
        .map(|kept| (OwnWord::key(&kept.word.word), &kept.word))
        .collect();
    let gone = kept
        .iter()
        .filter(|kept| kept.from_file && !wanted.contains_key(&OwnWord::key(&kept.word.word)));
    let gone: Vec<WordId> = gone.map(|kept| kept.id).collect();
    let new = wanted
        .iter()
        .filter(|(key, word)| there.get(*key) != Some(word));
    let new: Vec<OwnWord> = new.map(|(_, word)| word.clone()).collect();
    for words in gone.chunks(limits::WORDS_PER_REQUEST) {
        let command = Command::ForgetWords(words.to_vec());
        engine.submit(Actor::System, command).await?;
    }
    for words in new.chunks(limits::WORDS_PER_REQUEST) {
        let command = Command::TeachWords(Lesson {
            words: words.to_vec(),
            from_file: true,
        });
        engine.submit(Actor::System, command).await?;
    }
    Ok(gone.len() + new.len())
}

/// By key. An error names its line.
fn parse(text: &str) -> Result<BTreeMap<String, OwnWord>, (usize, String)> {
    let mut words: BTreeMap<String, (usize, OwnWord)> = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let word = parse_line(line).map_err(|why| (number, why))?;
        let key = OwnWord::key(&word.word);
        match words.get_mut(&key) {
            Some((_, there)) => join(there, word),
            None => {
                words.insert(key, (number, word));
            }
        }
    }
    words
        .into_iter()
        .map(|(key, (number, word))| {
            let checked = word.checked();
            let word = checked.map_err(|refusal| (number, refusal.message.into_owned()))?;
            Ok((key, word))
        })
        .collect()
}

/// A word may stand on several lines, each of which says something of it.
fn join(there: &mut OwnWord, word: OwnWord) {
    there.pos = word.pos.or(there.pos);
    if !word.parts.is_empty() {
        there.parts = word.parts;
    }
    there.synonyms.extend(word.synonyms);
    there.stop |= word.stop;
}

/// `갓생 noun`, `마루톡 name 마루+톡`, `배포 = 롤아웃, 디플로이`, `그거 stop`, or a JSON object.
fn parse_line(line: &str) -> Result<OwnWord, String> {
    if line.starts_with('{') {
        return serde_json::from_str(line).map_err(|error| error.to_string());
    }
    let empty = OwnWord {
        word: String::new(),
        pos: None,
        parts: Vec::new(),
        synonyms: Vec::new(),
        stop: false,
    };
    if let Some((word, others)) = line.split_once('=') {
        let others = others.split(',').map(|other| other.trim().to_owned());
        return Ok(OwnWord {
            word: word.trim().to_owned(),
            synonyms: others.filter(|other| !other.is_empty()).collect(),
            ..empty
        });
    }
    let mut columns = line.split_whitespace();
    let (Some(word), Some(what), parts, None) = (
        columns.next(),
        columns.next(),
        columns.next(),
        columns.next(),
    ) else {
        return Err(
            "write `word noun`, `word verb`, `word stop` or `word = another, a third`".to_owned(),
        );
    };
    let is_stop = matches!(what, "stop" | "불용어");
    let pos = if is_stop {
        None
    } else {
        Some(part_of_speech(what)?)
    };
    let parts = parts.unwrap_or_default().split('+');
    Ok(OwnWord {
        word: word.to_owned(),
        pos,
        parts: parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect(),
        stop: is_stop,
        ..empty
    })
}

fn part_of_speech(name: &str) -> Result<PartOfSpeech, String> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).map_err(|_| {
        format!("`{name}` is no part of speech: noun, name, verb, adjective, adverb, or stop")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_words() {
        let text = "# ours\n갓생 noun\n마루톡\tNNP 마루+톡\n배포 = 롤아웃, 디플로이\n배포 명사\n그거 stop\n\
                    {\"word\":\"킹받다\",\"pos\":\"verb\"}\n";
        let words = parse(text).expect("words");
        assert_eq!(words.len(), 5);
        assert_eq!(words["배포"].synonyms, ["롤아웃", "디플로이"]);
        assert_eq!(words["배포"].pos, Some(PartOfSpeech::Noun));
        assert_eq!(words["마루톡"].parts, ["마루", "톡"]);
        assert!(words["그거"].stop);
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, line) in [
            ("갓생 noun\n갓생", 2),
            ("\n\n그거 뭐", 3),
            ("가 나 다 라", 1),
        ] {
            assert_eq!(parse(text).expect_err(text).0, line, "{text}");
        }
    }
}

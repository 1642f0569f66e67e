//! Words that administrators teach search.

use super::unexpected;
use crate::domain::{Command, KeptWord, Outcome, OwnWord, Refusal, WordId, command::Lesson};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    handler::{Call, Part},
    openapi::Doc,
    parts::{Json, next},
};
use crate::search::{analyzer::Analyzer, explain::explain};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// All own words, and the index that they stand in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Words {
    words: Vec<KeptWord>,
    index: IndexState,
}

/// Which index answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndexState {
    /// Grows with every rebuild.
    generation: u64,
    /// Hash of dictionary, own words and rules that texts are cut by.
    analyzer: String,
    /// A new index is being built behind; until it takes over, searches are `partial`.
    building: bool,
    /// Messages that this build, or the last one, has read.
    built: u64,
}

/// One word, or several in `words`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWords {
    word: Option<String>,
    /// Makes it a word of the dictionary.
    pos: Option<crate::domain::PartOfSpeech>,
    /// The words that a compound consists of.
    #[serde(default)]
    parts: Vec<String>,
    #[serde(default)]
    synonyms: Vec<String>,
    /// Need not be in a message, whatever else is asked for.
    #[serde(default)]
    stop: bool,
    #[serde(default)]
    words: Vec<OwnWord>,
}

/// What was taught; of a single word, its fields too.
#[derive(Debug, Serialize, ToSchema)]
pub struct Taught {
    #[serde(flatten)]
    word: Option<KeptWord>,
    words: Vec<KeptWord>,
    /// A new index is being built behind.
    building: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordTest {
    /// At most 2,000 characters.
    #[serde(alias = "q")]
    text: String,
    /// Words to try together with those that are there; they are not kept.
    #[serde(default)]
    words: Vec<OwnWord>,
}

/// How the text is cut, and what a search for it would look for.
#[derive(Debug, Serialize, ToSchema)]
pub struct WordTested {
    /// Hash of dictionary, own words and rules.
    analyzer: String,
    tokens: Vec<Morpheme>,
    /// The words under which a message with this text is found.
    found_under: Vec<String>,
    query: TestedQuery,
}

/// A piece of a text, as the dictionary cuts it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Morpheme {
    text: String,
    /// As Korean dictionaries tag it: NNG a noun, VV a verb, JKO a particle of the object.
    tag: String,
    /// What it is looked up as; absent where it is only grammar or punctuation.
    #[serde(skip_serializing_if = "Option::is_none")]
    term: Option<String>,
    /// UTF-16 units of the text.
    start: u32,
    end: u32,
    /// One of the own words.
    own: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TestedQuery {
    terms: Vec<String>,
    /// `a + b`: both; `a | b`: one of them; `a^0.5`: counts half; `"ab"`: these letters.
    looks_for: String,
    /// Stop words, which need not be there.
    ignored: Vec<String>,
}

/// An own word at the end of a path, or its id.
pub struct WordPath(pub String);

impl Part for WordPath {
    fn describe(doc: &mut Doc) {
        doc.path_text("The word, percent-encoded, or its id.");
    }
    async fn take(call: &mut Call) -> Result<WordPath, Refusal> {
        next(call)
            .map(|text| WordPath(text.to_owned()))
            .ok_or_else(|| Refusal::not_found("word"))
    }
}

/// Of a text that is tried.
const TEST_CHARS: usize = 2_000;

pub async fn list(app: App, _: Caller) -> Result<Shown<Words>, Refusal> {
    let words = app.read()?.own_words()?;
    let search = &app.services().search;
    let progress = search.progress();
    let analyzer = search.analyzer().unwrap_or_else(Analyzer::plain);
    Ok(Shown(Words {
        words,
        index: IndexState {
            generation: progress.generation,
            analyzer: hash(&analyzer),
            building: progress.is_renewing() || progress.stage != crate::search::Stage::Following,
            built: search.built(),
        },
    }))
}

pub async fn teach(
    app: App,
    caller: Caller,
    Json(new): Json<NewWords>,
) -> Result<Created<Taught>, Refusal> {
    let is_one = new.word.is_some();
    let mut words = new.words;
    if let Some(word) = new.word {
        words.insert(
            0,
            OwnWord {
                word,
                pos: new.pos,
                parts: new.parts,
                synonyms: new.synonyms,
                stop: new.stop,
            },
        );
    }
    if words.is_empty() {
        return Err(Refusal::empty("word"));
    }
    let lesson = Lesson {
        words,
        from_file: false,
    };
    let outcome = app.submit(&caller, Command::TeachWords(lesson)).await?;
    let Outcome::Words(ids) = outcome else {
        return Err(unexpected(&outcome));
    };
    let read = app.read()?;
    let mut words = Vec::with_capacity(ids.len());
    for id in ids {
        words.extend(read.own_word(id)?);
    }
    Ok(Created(Taught {
        word: words.first().filter(|_| is_one).cloned(),
        words,
        building: app.services().search.progress().is_renewing(),
    }))
}

/// By id, or by the word itself.
pub async fn forget(app: App, caller: Caller, WordPath(word): WordPath) -> Result<Done, Refusal> {
    let read = app.read()?;
    let by_id = word.parse().ok().map(WordId);
    let by_id = match by_id {
        Some(id) => read.own_word(id)?.map(|kept| kept.id),
        None => None,
    };
    let id = match by_id {
        Some(id) => id,
        None => read
            .own_word_named(&word)?
            .ok_or_else(|| Refusal::not_found("word"))?,
    };
    drop(read);
    app.submit(&caller, Command::ForgetWords(vec![id])).await?;
    Ok(Done)
}

pub async fn test(
    app: App,
    _: Caller,
    Json(asked): Json<WordTest>,
) -> Result<Shown<WordTested>, Refusal> {
    if asked.text.chars().count() > TEST_CHARS {
        return Err(Refusal::too_long("text", TEST_CHARS, "characters"));
    }
    let tried = Lesson {
        words: asked.words,
        from_file: false,
    };
    let tried = tried.checked()?.words;
    let kept = app.read()?.own_words()?;
    let told = app
        .big_read(move |_| {
            let words = kept.into_iter().map(|kept| kept.word);
            let words: Vec<OwnWord> = words.chain(tried).collect();
            let analyzer = Arc::new(Analyzer::new(&words));
            Ok((hash(&analyzer), explain(&analyzer, &asked.text)))
        })
        .await?;
    let (analyzer, told) = told;
    let tokens = told.tokens.into_iter().map(|token| Morpheme {
        text: token.text,
        tag: token.tag,
        term: token.term,
        start: token.start,
        end: token.end,
        own: token.own,
    });
    Ok(Shown(WordTested {
        analyzer,
        tokens: tokens.collect(),
        found_under: told.found_under,
        query: TestedQuery {
            terms: told.terms,
            looks_for: told.looks_for,
            ignored: told.ignored,
        },
    }))
}

fn hash(analyzer: &Analyzer) -> String {
    format!("{:016x}", analyzer.hash())
}

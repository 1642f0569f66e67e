//! Bringing in the history of other programs, for administrators.

use crate::domain::audit::{Act, Target};
use crate::domain::{Command, FileId, Manage, Refusal, names};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    guard::Caller,
    handler::{Call, Part},
    imports::{self, Came, Import},
    openapi::Doc,
    parts::{Json, PathId, next_id},
};
use crate::imports::{Format, Options};
use crate::ops::import::{feed, load};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Names that are said to be others here.
const USERS: usize = 20_000;

/// An import's number.
pub struct ImportId(u64);

impl PathId for ImportId {
    const NOUN: &'static str = "import";
    fn from_number(number: u64) -> ImportId {
        ImportId(number)
    }
}

impl Part for ImportId {
    fn describe(doc: &mut Doc) {
        doc.path_id::<ImportId>();
    }
    async fn take(call: &mut Call) -> Result<ImportId, Refusal> {
        next_id(call)
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewImport {
    /// A file that the caller uploaded and no message carries.
    file_id: FileId,
    /// `jsonl` (Maru's own lines), `slack`, `mattermost`, `kakaotalk`, `discord` or `csv`.
    format: String,
    /// The room into which it goes, where the file is of one room.
    room: Option<String>,
    /// From names in the file to user names here.
    #[serde(default)]
    users: BTreeMap<String, String>,
    /// The meaning of a table's columns, in their order, where its first line does not say it.
    #[serde(default)]
    columns: Vec<String>,
    /// Minutes east of UTC, for files that tell times without a zone.
    utc_offset_minutes: Option<i32>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunImport {
    /// Load the good lines although others are bad.
    #[serde(default)]
    skip_bad_lines: bool,
}

/// Newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportList {
    imports: Vec<Import>,
}

pub async fn list(app: App, _: Caller) -> Result<Shown<ImportList>, Refusal> {
    let imports = app.services().imports.all();
    Ok(Shown(ImportList { imports }))
}

pub async fn show(app: App, _: Caller, id: ImportId) -> Result<Shown<Import>, Refusal> {
    app.services().imports.find(id.0).map(Shown)
}

pub async fn begin(
    app: App,
    caller: Caller,
    Json(new): Json<NewImport>,
) -> Result<Created<Import>, Refusal> {
    let format = format_of(&new.format)?;
    if let Some(minutes) = new.utc_offset_minutes
        && !(-1440..=1440).contains(&minutes)
    {
        let text = "The zone is -1440 to 1440 minutes east of UTC.";
        return Err(Refusal::invalid("utc_offset_minutes", text));
    }
    if new.users.len() > USERS {
        return Err(Refusal::invalid("users", "These are too many names."));
    }
    let room = new.room.map(names::room_name);
    let found = app.read()?.file_for(caller.user.id, new.file_id)?;
    let (file, content) = found.ok_or_else(|| Refusal::not_found("file"))?;
    app.services().bring(&content).await;
    let options = Options {
        room: room.transpose()?,
        users: new.users,
        columns: new.columns,
        utc_offset_minutes: new.utc_offset_minutes,
        name: Some(file.name.clone()),
        force: false,
        fetch: None,
    };
    let (jobs, store) = (
        app.services().imports.clone(),
        app.services().files.store().clone(),
    );
    let (shown, course) = jobs.begin(file.name, &new.format, app.engine().now())?;
    let id = shown.id;
    let engine = app.engine().clone();
    tokio::spawn(async move {
        let read = tokio::task::spawn_blocking(move || {
            // The content stays where it is while it is read.
            let _hold = store.hold();
            let path = store.path(&content);
            imports::read(&path, format, &options, &store, &course, || engine.read())
        });
        let read = read.await;
        jobs.was_read(id, read.unwrap_or_else(|_| Err(broke_down())));
        // It was uploaded for this; an own file of lines stays open until it is loaded.
        let drop = Command::DropFile { file: file.id };
        if let Err(refusal) = app.submit(&caller, drop).await {
            tracing::debug!(%refusal, "the file of an import is gone already");
        }
    });
    Ok(Created(shown))
}

pub async fn run(
    app: App,
    caller: Caller,
    id: ImportId,
    Json(asked): Json<RunImport>,
) -> Result<Shown<Import>, Refusal> {
    let jobs = app.services().imports.clone();
    let skip = asked.skip_bad_lines;
    let (shown, lines, course) = jobs.load(id.0, skip)?;
    let (file, format) = (shown.file.clone(), shown.format.clone());
    tokio::spawn(async move {
        let loaded = match lines.read(&course) {
            Ok(reader) => {
                let store = app.services().files.store().clone();
                let loaded = load(app.engine(), feed(reader, skip, store), skip).await;
                loaded.map_err(|error| sentence(&error.to_string()))
            }
            Err(error) => Err(sentence(&error.to_string())),
        };
        if let Ok(loaded) = &loaded {
            let act = note(&file, &format, loaded.created);
            let command = Command::Manage(Manage::Note(act));
            if let Err(refusal) = app.submit(&caller, command).await {
                tracing::warn!(%refusal, "an import is missing in the audit log");
            }
        }
        let came = loaded.map(|loaded| Came {
            created: loaded.created,
            repeated: loaded.repeated,
            skipped: loaded.skipped,
        });
        jobs.was_loaded(id.0, came);
    });
    Ok(Shown(shown))
}

pub async fn cancel(app: App, _: Caller, id: ImportId) -> Result<Done, Refusal> {
    app.services().imports.cancel(id.0)?;
    Ok(Done)
}

/// `None` for Maru's own lines.
fn format_of(name: &str) -> Result<Option<Format>, Refusal> {
    Ok(Some(match name {
        "jsonl" => return Ok(None),
        "slack" => Format::Slack,
        "mattermost" => Format::Mattermost,
        "kakaotalk" => Format::Kakaotalk,
        "discord" => Format::Discord,
        "csv" => Format::Csv,
        _ => {
            return Err(Refusal::invalid(
                "format",
                "`format` is jsonl, slack, mattermost, kakaotalk, discord or csv.",
            ));
        }
    }))
}

fn note(file: &str, format: &str, messages: u64) -> Act {
    let details = [
        ("file", file.to_owned()),
        ("format", format.to_owned()),
        ("messages", messages.to_string()),
    ];
    Act {
        action: "history.imported".to_owned(),
        target: Target {
            kind: "server".to_owned(),
            ..Target::default()
        },
        details: details.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}

fn broke_down() -> String {
    "The import broke down; the server's log says why.".to_owned()
}

fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

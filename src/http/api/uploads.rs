//! Uploads: in one piece as a form, or in several that go on where the line broke.

use super::unexpected;
use crate::domain::{Code, Command, File, Outcome, Refusal, file::NewFile};
use crate::http::{
    answers::{Created, Done, Shown},
    app::App,
    body::Body,
    guard::Caller,
    handler::{Call, Part},
    openapi::Doc,
    parts::Json,
    uploads::{self, Plan},
};
use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of an upload as it comes.
pub struct Incoming {
    headers: HeaderMap,
    body: Body,
}

impl Part for Incoming {
    fn describe(doc: &mut Doc) {
        doc.media_body(
            "multipart/form-data",
            "The field `file`, with the file's name.",
        );
    }
    async fn take(call: &mut Call) -> Result<Incoming, Refusal> {
        Ok(Incoming {
            headers: call.parts.headers.clone(),
            body: std::mem::take(&mut call.body),
        })
    }
}

impl Incoming {
    fn declared(&self) -> Option<u64> {
        let value = self.headers.get(header::CONTENT_LENGTH)?;
        value.to_str().ok()?.parse().ok()
    }

    fn content_type(&self) -> &str {
        let value = self.headers.get(header::CONTENT_TYPE);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

/// Around the content there are some hundred bytes of form.
const FORM_BYTES: u64 = 16 * 1024;
/// Of somebody's picture, as it is sent.
const AVATAR_BYTES: u64 = 8 * 1024 * 1024;

pub async fn upload(
    app: App,
    caller: Caller,
    incoming: Incoming,
) -> Result<Created<File>, Refusal> {
    let new = from_form(&app, &caller, incoming).await?;
    add(&app, &caller, new).await.map(Created)
}

/// The file of a form, kept.
async fn from_form(app: &App, caller: &Caller, incoming: Incoming) -> Result<NewFile, Refusal> {
    let files = &app.services().files;
    let most = incoming.declared().unwrap_or(files.max_file_bytes());
    let most = most.saturating_sub(FORM_BYTES);
    let used = app.read()?.files_bytes()?;
    let _ticket = files.admit(caller.user.id, most, used)?;
    let boundary = multer::parse_boundary(incoming.content_type()).map_err(|_| {
        Refusal::new(
            Code::UnsupportedMediaType,
            "Send the file as `multipart/form-data`, in the field `file`.",
        )
    })?;
    let mut form = multer::Multipart::new(incoming.body.into_data_stream(), boundary);
    loop {
        let field = form.next_field().await.map_err(|_| unreadable_form())?;
        let Some(field) = field else {
            return Err(Refusal {
                field: Some("file".into()),
                ..Refusal::new(Code::BadRequest, "The form has no field `file`.")
            });
        };
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let content = files.store().begin().map_err(uploads::broken)?;
        let max = files.max_file_bytes();
        files.receive(&content, 0, max, field).await?;
        return files.keep(content, name).await;
    }
}

/// A picture, sent as a form or as the whole body.
pub(super) async fn picture(
    app: &App,
    caller: &Caller,
    incoming: Incoming,
) -> Result<NewFile, Refusal> {
    let files = &app.services().files;
    let max = AVATAR_BYTES.min(files.max_file_bytes());
    if incoming
        .declared()
        .is_some_and(|bytes| bytes > max + FORM_BYTES)
    {
        return Err(Refusal {
            limit: Some(max),
            unit: Some("bytes".into()),
            ..Refusal::new(
                Code::TooLarge,
                "The picture is too large; send a smaller one.",
            )
        });
    }
    if multer::parse_boundary(incoming.content_type()).is_ok() {
        return from_form(app, caller, incoming).await;
    }
    let used = app.read()?.files_bytes()?;
    let _ticket = files.admit(caller.user.id, max, used)?;
    let content = files.store().begin().map_err(uploads::broken)?;
    let pieces = incoming.body.into_data_stream();
    files.receive(&content, 0, max, pieces).await?;
    files.keep(content, "avatar".to_owned()).await
}

async fn add(app: &App, caller: &Caller, new: NewFile) -> Result<File, Refusal> {
    let content = new.thumbnail.is_some().then(|| new.content.clone());
    let file = match app.submit(caller, Command::AddFile(new)).await? {
        Outcome::File(file) => file,
        other => return Err(unexpected(&other)),
    };
    if let Some(content) = content {
        app.services().files.make_thumbnail(content);
    }
    Ok(file)
}

fn unreadable_form() -> Refusal {
    Refusal::new(
        Code::BadRequest,
        "The form cannot be read, or it broke off; send it again.",
    )
}

/// The name of an upload that comes in pieces.
pub struct UploadName(String);

impl Part for UploadName {
    fn describe(doc: &mut Doc) {
        doc.path_text("The `id` of the upload.");
    }
    async fn take(call: &mut Call) -> Result<UploadName, Refusal> {
        let name = call.path.get(call.taken).cloned();
        call.taken += 1;
        name.map(UploadName).ok_or_else(no_such_upload)
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    name: String,
    /// In bytes.
    size: u64,
}

/// How far an upload has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct Upload {
    id: String,
    /// The next piece begins here.
    offset: u64,
    size: u64,
    /// The file, when all has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<File>,
}

pub async fn begin(
    app: App,
    caller: Caller,
    Json(new): Json<NewUpload>,
) -> Result<Created<Upload>, Refusal> {
    let files = &app.services().files;
    let used = app.read()?.files_bytes()?;
    let _ticket = files.admit(caller.user.id, new.size, used)?;
    let plan = Plan {
        person: caller.user.id,
        name: crate::domain::file::name(&new.name),
        size: new.size,
        file: None,
    };
    let incoming = files.plan(&plan)?;
    Ok(Created(Upload {
        id: incoming.name().to_owned(),
        offset: 0,
        size: plan.size,
        file: None,
    }))
}

pub async fn progress(
    app: App,
    caller: Caller,
    name: UploadName,
) -> Result<Shown<Upload>, Refusal> {
    let files = &app.services().files;
    let plan = files.planned(caller.user.id, &name.0);
    let plan = plan.ok_or_else(no_such_upload)?;
    let come = files.store().resume(&name.0);
    let offset = match (&plan.file, come) {
        (Some(_), _) => plan.size,
        (None, Some(come)) => come.size_bytes().map_err(uploads::broken)?,
        (None, None) => return Err(no_such_upload()),
    };
    Ok(Shown(Upload {
        id: name.0,
        offset,
        size: plan.size,
        file: plan.file,
    }))
}

/// The next piece, which begins at `Upload-Offset`. The last one makes the file.
pub async fn go_on(
    app: App,
    caller: Caller,
    name: UploadName,
    piece: Incoming,
) -> Result<Shown<Upload>, Refusal> {
    let files = &app.services().files;
    let mut plan = files
        .planned(caller.user.id, &name.0)
        .ok_or_else(no_such_upload)?;
    let busy = files.occupy(&name.0).ok_or_else(|| {
        Refusal::new(
            Code::Conflict,
            "Another request writes to this upload; wait until it has ended.",
        )
    })?;
    let mut content = files.store().resume(&name.0).ok_or_else(no_such_upload)?;
    let come = content.size_bytes().map_err(uploads::broken)?;
    let offset = piece.headers.get("upload-offset");
    let offset = offset.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if offset != Some(come) {
        return Err(Refusal {
            field: Some("upload-offset".into()),
            limit: Some(come),
            unit: Some("bytes".into()),
            ..Refusal::new(
                Code::Conflict,
                format!("The next piece begins at `Upload-Offset: {come}`."),
            )
        });
    }
    let left = plan.size - come.min(plan.size);
    let used = app.read()?.files_bytes()?;
    let _ticket = files.admit(caller.user.id, left, used)?;
    let pieces = piece.body.into_data_stream();
    let offset = files.receive(&content, come, plan.size, pieces).await?;
    if offset == plan.size {
        content.take();
        let new = files.keep(content, plan.name.clone()).await?;
        plan.file = Some(add(&app, &caller, new).await?);
        // Whoever lost this answer can ask for it again.
        files.save_plan(&name.0, &plan)?;
    }
    drop(busy);
    Ok(Shown(Upload {
        id: name.0,
        offset,
        size: plan.size,
        file: plan.file,
    }))
}

pub async fn give_up(app: App, caller: Caller, name: UploadName) -> Result<Done, Refusal> {
    let files = &app.services().files;
    let plan = files.planned(caller.user.id, &name.0);
    plan.ok_or_else(no_such_upload)?;
    files.forget(&name.0);
    Ok(Done)
}

fn no_such_upload() -> Refusal {
    Refusal::not_found("upload")
}

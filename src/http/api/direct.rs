//! Direct rooms: found by who is in them.

use crate::domain::{Command, Refusal, Room, UserId};
use crate::http::{answers::Made, app::App, guard::Caller, parts::Json};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDirect {
    /// The others; the caller is in it anyway.
    user_ids: Vec<UserId>,
}

pub async fn open(
    app: App,
    caller: Caller,
    Json(new): Json<NewDirect>,
) -> Result<Made<Room>, Refusal> {
    let command = Command::OpenDirect {
        users: new.user_ids,
    };
    let (what, created) = super::room(&app, &caller, command).await?;
    Ok(Made { what, created })
}

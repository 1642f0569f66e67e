//! Pinned messages. Both ways are idempotent.

use crate::domain::{Command, Message, MessageId, Refusal};
use crate::http::{answers::Shown, app::App, guard::Caller};

pub async fn add(app: App, caller: Caller, message: MessageId) -> Result<Shown<Message>, Refusal> {
    pin(&app, &caller, message, true).await
}

pub async fn remove(
    app: App,
    caller: Caller,
    message: MessageId,
) -> Result<Shown<Message>, Refusal> {
    pin(&app, &caller, message, false).await
}

async fn pin(
    app: &App,
    caller: &Caller,
    message: MessageId,
    on: bool,
) -> Result<Shown<Message>, Refusal> {
    let (message, _) = super::message(app, caller, Command::Pin { message, on }).await?;
    Ok(Shown(message))
}

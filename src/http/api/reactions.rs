//! Reactions to messages. Both ways are idempotent.

use crate::domain::{Command, Message, MessageId, Refusal};
use crate::http::{answers::Shown, app::App, guard::Caller, parts::Emoji};

pub async fn add(
    app: App,
    caller: Caller,
    message: MessageId,
    emoji: Emoji,
) -> Result<Shown<Message>, Refusal> {
    react(&app, &caller, message, emoji, true).await
}

pub async fn remove(
    app: App,
    caller: Caller,
    message: MessageId,
    emoji: Emoji,
) -> Result<Shown<Message>, Refusal> {
    react(&app, &caller, message, emoji, false).await
}

async fn react(
    app: &App,
    caller: &Caller,
    message: MessageId,
    Emoji(emoji): Emoji,
    on: bool,
) -> Result<Shown<Message>, Refusal> {
    let command = Command::React { message, emoji, on };
    let (message, _) = super::message(app, caller, command).await?;
    Ok(Shown(message))
}

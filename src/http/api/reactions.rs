//! Reactions to messages. Both ways are idempotent.

use crate::domain::{Command, Message, MessageId, Outcome, Refusal};
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
    match app.submit(caller, command).await? {
        Outcome::Reacted { message, .. } => {
            let all = app.big_read(move |read| read.message(message));
            all.await?
                .map(Shown)
                .ok_or_else(|| Refusal::not_found("message"))
        }
        other => Err(super::unexpected(&other)),
    }
}

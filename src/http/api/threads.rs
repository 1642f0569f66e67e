//! Threads: a message and its replies.

use super::messages::MessagePage;
use crate::domain::{MessageId, Refusal};
use crate::http::{answers::Shown, app::App, guard::Caller};

/// The whole thread, from any message of it.
pub async fn show(
    app: App,
    caller: Caller,
    message: MessageId,
) -> Result<Shown<MessagePage>, Refusal> {
    let viewer = caller.user.id;
    let messages = app
        .big_read(move |read| match read.message_for(viewer, message)? {
            Some(_) => read.thread(message).map(Some),
            None => Ok(None),
        })
        .await?
        .ok_or_else(|| Refusal::not_found("message"))?;
    Ok(Shown(MessagePage {
        messages,
        more_before: false,
        more_after: false,
    }))
}

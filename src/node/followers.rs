//! What has to follow a command that was done.

use crate::auth::sessions::{Live, Sessions};
use crate::domain::Effect;
use crate::engine::Followers;
use crate::live::Hub;
use crate::search::Search;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Sessions begin and end in the cache and in the hub before the command is answered; search is
/// told when there is something to read.
pub fn followers(
    runtime: Handle,
    sessions: &Sessions,
    hub: &Arc<Hub>,
    search: &Arc<Search>,
) -> Followers {
    let (sessions, hub) = (sessions.clone(), hub.clone());
    let search = Arc::downgrade(search);
    Followers {
        // On the applier's own thread, so waiting is allowed; the cache in this process never waits.
        effect: Box::new(move |effect| runtime.block_on(follow(&sessions, &hub, effect))),
        applied: Box::new(move |_| {
            if let Some(search) = search.upgrade() {
                search.notify();
            }
        }),
    }
}

async fn follow(sessions: &Sessions, hub: &Hub, effect: &Effect) {
    let done = match effect {
        Effect::SessionStarted {
            user,
            session,
            jti,
            expires_at,
        } => {
            let live = Live {
                jti: jti.clone(),
                user_id: *user,
                session_id: *session,
                expires_at_ms: u64::try_from(expires_at.0).unwrap_or(0),
            };
            sessions.remember(&live).await
        }
        Effect::SessionEnded { user, session, jti } => {
            let forgotten = sessions.forget(jti).await;
            hub.close_session(*user, *session);
            forgotten
        }
        Effect::SessionsEnded { user, keep } => {
            let forgotten = sessions.forget_user(*user, *keep).await;
            hub.close_sessions(*user, *keep);
            forgotten
        }
        Effect::Seen {
            room,
            user,
            message,
        } => {
            hub.note_seen(*room, *user, *message);
            Ok(())
        }
        // The sweeper looks for it by itself.
        Effect::PurgeDue => Ok(()),
    };
    if let Err(error) = done {
        tracing::error!(%error, "the cache does not know of a session's beginning or end");
    }
}

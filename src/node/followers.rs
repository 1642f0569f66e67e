//! What has to follow a command that was done.

use crate::auth::sessions::{Live, Sessions};
use crate::domain::Effect;
use crate::engine::{Bell, Followers};
use crate::live::Hub;
use crate::search::Search;
use crate::webhooks::Changes;
use std::sync::{Arc, Weak};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Sessions begin and end in the cache and in the hub before the command is answered; search is
/// told when there is something to read.
pub fn followers(
    runtime: Handle,
    sessions: &Sessions,
    hub: &Arc<Hub>,
    search: &Arc<Search>,
    webhooks: Changes,
    bell: Bell,
) -> Followers {
    let (sessions, hub) = (sessions.clone(), hub.clone());
    let search = Arc::downgrade(search);
    let taught = search.clone();
    Followers {
        // On the applier's own thread, so waiting is allowed; the cache in this process never waits.
        effect: Box::new(move |effect, _| {
            if matches!(effect, Effect::WebhooksChanged) {
                webhooks.tell();
            }
            note_words(&taught, effect);
            runtime.block_on(follow(&sessions, &hub, effect));
        }),
        applied: Box::new(move |_| {
            if let Some(search) = search.upgrade() {
                search.notify();
            }
            bell.ring();
        }),
    }
}

/// As [`followers`], of a node among several: what this node knows changes at once, the common
/// cache is told later, by the node that took the command.
pub fn of_many(
    sessions: &Sessions,
    hub: &Arc<Hub>,
    search: &Arc<Search>,
    webhooks: Changes,
    bell: Bell,
) -> Followers {
    let (sessions, hub) = (sessions.clone(), hub.clone());
    let search = Arc::downgrade(search);
    let taught = search.clone();
    let (changes, waiting) = mpsc::channel(CHANGES);
    tokio::spawn(share(sessions.clone(), waiting));
    Followers {
        effect: Box::new(move |effect, is_own| {
            if matches!(effect, Effect::WebhooksChanged) {
                webhooks.tell();
            }
            note_words(&taught, effect);
            let change = note(&sessions, &hub, effect);
            if let Some(change) = change.filter(|_| is_own)
                && changes.try_send(change).is_err()
            {
                // The state decides; the cache is only told.
                tracing::debug!("the common cache is not told of a session");
            }
        }),
        applied: Box::new(move |_| {
            if let Some(search) = search.upgrade() {
                search.notify();
            }
            bell.ring();
        }),
    }
}

fn note_words(search: &Weak<Search>, effect: &Effect) {
    if let (Effect::WordsChanged, Some(search)) = (effect, search.upgrade()) {
        search.words_changed();
    }
}

/// What the common cache has to be told.
enum Change {
    Started(Live),
    Ended(Vec<String>),
}

/// So much may wait while the common cache is away.
const CHANGES: usize = 65_536;

fn note(sessions: &Sessions, hub: &Hub, effect: &Effect) -> Option<Change> {
    match effect {
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
            sessions.note(&live);
            Some(Change::Started(live))
        }
        Effect::SessionEnded { user, session, jti } => {
            sessions.end(jti);
            hub.close_session(*user, *session);
            Some(Change::Ended(vec![jti.clone()]))
        }
        Effect::SessionsEnded { user, keep } => {
            let ended = sessions.end_user(*user, *keep);
            hub.close_sessions(*user, *keep);
            Some(Change::Ended(ended))
        }
        Effect::Seen {
            room,
            user,
            message,
        } => {
            hub.note_seen(*room, *user, *message);
            None
        }
        Effect::TokenEnded { user, token } => {
            hub.close_session(*user, *token);
            None
        }
        // The sweeper looks for it by itself; webhooks and search were told.
        Effect::PurgeDue | Effect::WebhooksChanged | Effect::WordsChanged => None,
    }
}

async fn share(sessions: Sessions, mut waiting: mpsc::Receiver<Change>) {
    while let Some(change) = waiting.recv().await {
        let told = match &change {
            Change::Started(live) => sessions.share(live).await,
            Change::Ended(jtis) => {
                let mut told = Ok(());
                for jti in jtis {
                    told = told.and(sessions.unshare(jti).await);
                }
                told
            }
        };
        if let Err(error) = told {
            tracing::debug!(%error, "the common cache is not told of a session");
        }
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
        Effect::TokenEnded { user, token } => {
            hub.close_session(*user, *token);
            Ok(())
        }
        Effect::WebhooksChanged => Ok(()),
        // The sweeper looks for it by itself.
        Effect::PurgeDue => Ok(()),
        // Search was told.
        Effect::WordsChanged => Ok(()),
    };
    if let Err(error) = done {
        tracing::error!(%error, "the cache does not know of a session's beginning or end");
    }
}

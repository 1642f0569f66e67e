//! Connects what tells people of messages while they are away.

use crate::config;
use crate::engine::{Bell, Engine};
use crate::http::chat::Attention;
use crate::notify::{self, Means};
use crate::outbound::Client;
use crate::push::Vapid;
use std::sync::Arc;
use tokio::task::JoinHandle;

pub fn start(
    engine: Engine,
    client: Client,
    (vapid, subject, attention): (&Arc<Vapid>, &str, &Arc<Attention>),
    works: impl Fn() -> bool + Send + Sync + 'static,
    bell: &Bell,
) -> JoinHandle<()> {
    let attention = Arc::clone(attention);
    let means = Means {
        engine,
        client,
        vapid: Arc::clone(vapid),
        subject: subject.to_owned(),
        is_here: Arc::new(move |user| attention.is_here(user)),
        works: Arc::new(works),
    };
    notify::start(means, bell)
}

/// Some push services refuse what is neither `https:` nor `mailto:`.
pub fn subject(public_url: Option<&config::PublicUrl>) -> String {
    match public_url {
        Some(url) if url.origin().is_https() => url.to_string(),
        _ => "mailto:maru@localhost".to_owned(),
    }
}

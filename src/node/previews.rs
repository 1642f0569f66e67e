//! Connects what looks at pages that messages link to, where that is wanted.

use super::Plan;
use crate::engine::{Bell, Engine};
use crate::outbound::Client;
use crate::previews::{self, Means};
use std::sync::Arc;
use tokio::task::JoinHandle;

pub fn start(
    plan: &Plan,
    engine: &Engine,
    client: &Client,
    works: impl Fn() -> bool + Send + Sync + 'static,
    bell: &Bell,
) -> Option<JoinHandle<()>> {
    plan.link_previews.then(|| {
        let means = Means {
            engine: engine.clone(),
            client: client.clone(),
            own_url: plan.own_url.clone(),
            works: Arc::new(works),
        };
        previews::start(means, bell)
    })
}

//! Connects what looks at pages that messages link to, where that is wanted.

use super::Plan;
use crate::engine::{Bell, Engine};
use crate::files::Store;
use crate::http::Peers;
use crate::outbound::Client;
use crate::previews::{self, Means, Spread};
use std::sync::Arc;
use tokio::task::JoinHandle;

pub fn start(
    plan: &Plan,
    engine: &Engine,
    client: &Client,
    (store, spread): (Store, Spread),
    works: impl Fn() -> bool + Send + Sync + 'static,
    bell: &Bell,
) -> Option<JoinHandle<()>> {
    plan.link_previews.then(|| {
        let means = Means {
            engine: engine.clone(),
            client: client.clone(),
            own_url: plan.own_url.clone(),
            store,
            spread,
            works: Arc::new(works),
        };
        previews::start(means, bell)
    })
}

/// Alone there is no second node to bring anything to.
pub fn spread(peers: Option<Peers>) -> Spread {
    Arc::new(move |content| {
        let Some(peers) = &peers else { return true };
        let spread = peers.spread(&[content.to_owned()]);
        spread.is_ok()
    })
}

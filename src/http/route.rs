//! One route: where it is, whom it lets in, what it does.

use super::{
    handler::{Call, Handler},
    openapi::Doc,
};
use crate::auth::policy::Need;
use axum::{http::Method, response::Response};
use futures_util::future::BoxFuture;
use std::{sync::Arc, time::Duration};

/// A handler that takes longer is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// For bodies that are large.
const SLOW_PATIENCE: Duration = Duration::from_secs(6 * 3600);

type Run = Arc<dyn Fn(Call) -> BoxFuture<'static, Response> + Send + Sync>;

/// A route of the API. There is no way to make one without saying whom it lets in.
#[derive(Clone)]
pub struct Route {
    pub method: Method,
    /// With `{name}` for what varies.
    pub path: &'static str,
    pub need: Need,
    /// What it does, in a line.
    pub about: &'static str,
    /// How long it may take.
    pub patience: Duration,
    describe: fn(&mut Doc),
    run: Run,
}

impl Route {
    /// # Panics
    /// Where the handler asks who calls and the guard lets anybody in: a mistake in the list.
    pub fn new<H, Parts>(
        method: Method,
        path: &'static str,
        need: Need,
        handler: H,
        about: &'static str,
    ) -> Route
    where
        H: Handler<Parts>,
        Parts: 'static,
    {
        let route = Route {
            method,
            path,
            need,
            about,
            patience: PATIENCE,
            describe: H::describe,
            run: Arc::new(move |call| {
                let handler = handler.clone();
                Box::pin(async move { handler.call(call).await })
            }),
        };
        assert!(
            need != Need::Anyone || !route.describe().wants_caller,
            "{path} needs nobody, but its handler wants the caller"
        );
        route
    }

    /// What comes in takes as long as its line needs; silence ends it earlier.
    pub fn slow(mut self) -> Route {
        self.patience = SLOW_PATIENCE;
        self
    }

    pub fn run(&self, call: Call) -> BoxFuture<'static, Response> {
        (self.run)(call)
    }

    pub fn describe(&self) -> Doc {
        let mut doc = Doc::default();
        (self.describe)(&mut doc);
        doc
    }

    /// The names in braces, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &'static str> {
        self.path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// The noun that the route is about: the first word after the API's version.
    pub fn noun(&self) -> &'static str {
        if self.path.contains("/_") {
            return "elastic";
        }
        self.path
            .trim_start_matches("/api/v1")
            .trim_start_matches("/.well-known")
            .trim_start_matches('/')
            .split('/')
            .next()
            .unwrap_or_default()
    }

    /// `post_rooms_id_messages`.
    pub fn operation_id(&self) -> String {
        let words = self
            .path
            .trim_start_matches("/api/v1")
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty());
        let mut id = self.method.as_str().to_ascii_lowercase();
        for word in words {
            id.push('_');
            id.push_str(word);
        }
        id
    }

    /// The document does not list the document, nor second addresses of the same.
    pub fn is_documented(&self) -> bool {
        !matches!(self.noun(), "api") && !self.path.starts_with("/hooks/")
    }
}

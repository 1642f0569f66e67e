//! From the list of routes to answers: the guard, the time limit, and one shape for what is not
//! there.

use super::api::elastic;
use super::problem::IntoResponse as _;
use super::{app::App, guard, handler::Call, position, preload, route::Route, routes};
use crate::domain::{Code, Refusal};
use axum::{
    Router,
    extract::{RawPathParams, Request},
    http::Method,
    response::Response,
    routing::{MethodFilter, on},
};
use tokio::time::timeout;

/// Which route answered; an extension of its response.
#[derive(Clone, Copy, Debug)]
pub struct RouteName(pub &'static str);

pub fn build(app: &App) -> Router {
    let mut router = Router::new();
    for route in routes::list() {
        let Ok(filter) = MethodFilter::try_from(route.method.clone()) else {
            continue;
        };
        let (path, app) = (route.path, app.clone());
        let answer = move |path: Result<RawPathParams, _>, request: Request| {
            let (app, route) = (app.clone(), route.clone());
            async move {
                let values = path.ok().map(|path| values(&path));
                dispatch(app, route, values, request).await
            }
        };
        router = router.route(path, on(filter, answer));
    }
    let app = app.clone();
    router
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(move |request: Request| {
            let app = app.clone();
            async move { elsewhere(app, request).await }
        })
}

fn values(path: &RawPathParams) -> Vec<String> {
    path.iter().map(|(_, value)| value.to_owned()).collect()
}

async fn dispatch(app: App, route: Route, path: Option<Vec<String>>, request: Request) -> Response {
    let Some(path) = path else {
        // The path's escapes are no UTF-8, so it names nothing.
        return Refusal::not_found("resource").into_response();
    };
    let (parts, body) = request.into_parts();
    let peer = guard::peer(&app, &parts);
    let caller = match guard::pass(&app, &route, &parts).await {
        Ok(caller) => caller,
        Err(refusal) => return named(refusal.into_response(), route.path),
    };
    position::wait(&app, &parts).await;
    let changes = !parts.method.is_safe();
    let seen = app.clone();
    let asking = caller.as_ref().map(|caller| caller.user.id);
    let call = Call {
        app: asking.map_or(app.clone(), |person| app.asked_by(person)),
        parts,
        path,
        taken: 0,
        body,
        caller,
        peer,
    };
    let path = route.path;
    let mut answered = timeout(route.patience, route.run(call))
        .await
        .unwrap_or_else(|_| {
            Refusal::new(
                Code::Timeout,
                "The server could not answer in time; try again.",
            )
            .into_response()
        });
    position::tell(&seen, changes, &mut answered);
    named(answered, path)
}

/// With the name of the route that answered, for whoever counts.
fn named(mut response: Response, path: &'static str) -> Response {
    response.extensions_mut().insert(RouteName(path));
    response
}

async fn method_not_allowed(request: Request) -> Response {
    let message = format!(
        "{} is not possible here; see /api/docs for what is.",
        shown(request.method())
    );
    Refusal::new(Code::MethodNotAllowed, message).into_response()
}

/// Methods are free text.
fn shown(method: &Method) -> &str {
    let name = method.as_str();
    name.get(..16).unwrap_or(name)
}

/// What is no route: the web app, or nothing.
async fn elsewhere(app: App, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/" && elastic::is_client(request.headers()) {
        return elastic::about(request.headers());
    }
    let api = path == "/api" || path.starts_with("/api/");
    if !api
        && let Some(mut response) = app
            .assets()
            .answer(request.method(), path, request.headers())
            .await
    {
        preload::announce(&app, &request, &mut response);
        return response;
    }
    let message = if api {
        "There is no such call; see /api/docs for those there are."
    } else {
        "There is nothing at this address."
    };
    Refusal::new(Code::NotFound, message).into_response()
}

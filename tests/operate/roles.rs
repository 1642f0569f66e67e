//! Every route of the list, asked by whoever must not: strangers, members, the disabled, and those
//! whose session has ended.

use crate::kit::{Person, TestApp};
use maru::http::guard::Need;
use maru::http::route::Route;
use serde_json::json;

/// A path of the route, with something for what varies.
fn path(route: &Route) -> String {
    let mut path = route.path.to_owned();
    while let Some((head, rest)) = path.split_once('{') {
        let (_, tail) = rest.split_once('}').expect("it ends");
        path = format!("{head}4096{tail}");
    }
    path
}

async fn asked(app: &TestApp, route: &Route, by: Option<&Person>) -> u16 {
    let mut request = app.raw(route.method.as_str(), &path(route));
    if let Some(person) = by {
        request = request.by(person);
    }
    if route.method != "GET" {
        request = request.json(&json!({}));
    }
    request.send().await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_passes_a_route_that_is_not_theirs() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let (member, disabled, gone) = (
        app.person("kim").await,
        app.person("lee").await,
        app.person("max").await,
    );
    let off = json!({ "disabled": true });
    let path = format!("/users/{}", disabled.id);
    assert_eq!(app.patch(&path, off).by(&admin).send().await.status, 200);
    assert_eq!(
        app.request("POST", "/logout").by(&gone).send().await.status,
        204
    );
    let mut guarded = 0;
    for route in maru::http::routes::list() {
        let name = format!("{} {}", route.method, route.path);
        match route.need {
            Need::Anyone => continue,
            Need::User => {}
            Need::Admin => {
                assert_eq!(asked(&app, &route, Some(&member)).await, 403, "{name}");
            }
        }
        guarded += 1;
        assert_eq!(asked(&app, &route, None).await, 401, "{name}");
        for nobody in [&disabled, &gone] {
            assert_eq!(asked(&app, &route, Some(nobody)).await, 401, "{name}");
        }
    }
    assert!(guarded > 60, "{guarded}");
}

//! The document and the server say the same.

use crate::kit::TestApp;
use maru::http::docs::DOCUMENT;
use serde_json::Value;
use std::path::Path;

#[tokio::test]
async fn every_route_is_documented_and_every_documented_route_is_there() {
    let app = TestApp::start().await;
    let document: Value = serde_json::from_slice(&DOCUMENT).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let mut documented = 0;
    for (path, item) in paths {
        for (method, call) in item.as_object().expect("methods") {
            documented += 1;
            let open = call["security"] == serde_json::json!([]);
            let names: Vec<&str> = call["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            let braces = path.matches('{').count();
            assert_eq!(names.len(), braces, "{method} {path}: {names:?}");
            assert!(
                names
                    .iter()
                    .all(|name| path.contains(&format!("{{{name}}}"))),
                "{path} {names:?}"
            );
            if path == "/api/v1/events" {
                continue;
            }
            let answer = app
                .raw(&method.to_uppercase(), &path.replace(['{', '}'], ""))
                .send()
                .await;
            assert_ne!(answer.status, 405, "{method} {path}");
            if open {
                assert_ne!(answer.status, 401, "{method} {path}")
            } else {
                assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text())
            }
        }
    }
    let routes = maru::http::routes::list();
    let listed = routes.iter().filter(|route| route.is_documented()).count();
    assert_eq!(documented, listed);
    let ids: Vec<String> = routes.iter().map(|route| route.operation_id()).collect();
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
}

/// References lead somewhere.
#[test]
fn the_document_is_whole() {
    fn check(value: &Value, schemas: &serde_json::Map<String, Value>) {
        match value {
            Value::Object(map) => {
                if let Some(name) = map.get("$ref").and_then(Value::as_str) {
                    let name = name
                        .strip_prefix("#/components/schemas/")
                        .expect("a schema");
                    assert!(schemas.contains_key(name), "{name}");
                }
                map.values().for_each(|value| check(value, schemas));
            }
            Value::Array(items) => items.iter().for_each(|value| check(value, schemas)),
            _ => {}
        }
    }
    let document: Value = serde_json::from_slice(&DOCUMENT).expect("JSON");
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("schemas");
    assert!(schemas.len() > 20);
    check(&document, schemas);
}

/// The web app's types are made from this file. `MARU_WRITE_OPENAPI=1` writes it anew.
#[test]
fn the_checked_in_document_is_the_servers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/openapi.json");
    if std::env::var_os("MARU_WRITE_OPENAPI").is_some() {
        std::fs::write(&path, &**DOCUMENT).expect("writes");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept.as_bytes() == &**DOCUMENT,
        "web/openapi.json is not what the server says; run `make openapi`"
    );
}

#[tokio::test]
async fn the_document_is_served_with_its_page() {
    let app = TestApp::start().await;
    let served = app.raw("GET", "/api/openapi.json").send().await;
    assert_eq!(served.body, &**DOCUMENT);
    let page = app.raw("GET", "/api/docs").send().await;
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    for file in ["docs.js", "docs.css"] {
        assert!(page.text().contains(&format!("/api/docs/{file}")));
        let part = app.raw("GET", &format!("/api/docs/{file}")).send().await;
        assert_eq!(part.status, 200);
    }
    assert_eq!(app.raw("GET", "/api/docs/secret").send().await.status, 404);
    assert_eq!(app.raw("GET", "/healthz").send().await.status, 200);
    assert_eq!(app.raw("GET", "/readyz").send().await.status, 200);
    // Shared secrets are not published.
    assert_eq!(
        app.raw("GET", "/.well-known/jwks.json").send().await.status,
        404
    );
}

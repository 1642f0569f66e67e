//! Bad input gets a clear error in one shape and loses nothing.

use crate::kit::{Answer, TestApp};
use serde_json::{Value, json};

fn problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.code(), code, "{}", answer.text());
    let error = &answer.json["error"];
    assert!(
        error["message"].as_str().is_some_and(|m| m.len() > 5),
        "{error}"
    );
    assert!(error["details"].is_object(), "{error}");
}

#[tokio::test]
async fn everything_that_is_wrong_has_one_shape() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let post = format!("/rooms/{room}/messages");

    problem(&app.get("/nothing").send().await, 404, "not_found");
    problem(&app.raw("GET", "/api").send().await, 404, "not_found");
    problem(&app.raw("GET", "/api/v2/me").send().await, 404, "not_found");
    problem(
        &app.get("/rooms/%ff").by(&kim).send().await,
        404,
        "not_found",
    );
    let wrong_method = app.put("/rooms").by(&kim).send().await;
    problem(&wrong_method, 405, "method_not_allowed");
    let allow = wrong_method.header("allow").expect("allow");
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");

    let form = app
        .request("POST", "/login")
        .bytes("application/x-www-form-urlencoded", b"username=a".to_vec());
    problem(&form.send().await, 415, "unsupported_media_type");

    let bodies: [(&str, &str, &str); 9] = [
        ("", "bad_request", ""),
        ("{", "bad_request", ""),
        ("[]", "bad_request", ""),
        ("{\"text\":5}", "bad_request", "text"),
        ("{\"text\":\"a\",\"colour\":1}", "bad_request", "colour"),
        ("{\"text\":\"a\",\"text\":\"b\"}", "bad_request", "text"),
        (
            "{\"text\":\"a\",\"reply_to\":-1}",
            "bad_request",
            "reply_to",
        ),
        (
            "{\"text\":\"a\",\"reply_to\":99999999999999999999}",
            "bad_request",
            "reply_to",
        ),
        ("{\"text\":\" \"}", "bad_length", "text"),
    ];
    for (body, code, field) in bodies {
        let request = app.request("POST", &post).by(&kim);
        let answer = request.bytes("application/json", body.into()).send().await;
        problem(&answer, 400, code);
        if !field.is_empty() {
            assert_eq!(answer.json["error"]["details"]["field"], field, "{body}");
        }
    }
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=1&limit=2",
        "before=x",
        "size=3",
    ] {
        let answer = app.get(&format!("{post}?{query}")).by(&kim).send().await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
    }
    let files = json!({ "text": "a", "file_ids": [1] });
    problem(
        &app.post(&post, files).by(&kim).send().await,
        404,
        "not_found",
    );
    let none = json!({ "text": "a", "file_ids": [] });
    assert_eq!(app.post(&post, none).by(&kim).send().await.status, 201);
}

#[tokio::test]
async fn large_and_deep_bodies_get_an_answer() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let post = format!("/rooms/{room}/messages");

    let five_mb = json!({ "text": "a".repeat(5 << 20) });
    problem(
        &app.post(&post, five_mb.clone()).by(&kim).send().await,
        413,
        "too_large",
    );
    // Also where the body is of no interest: the answer arrives all the same.
    problem(
        &app.post(&post, five_mb).send().await,
        401,
        "unauthenticated",
    );

    let deep = format!("{{\"text\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let request = app.request("POST", &post).by(&kim);
    let answer = request
        .bytes("application/json", deep.into_bytes())
        .send()
        .await;
    assert_eq!(answer.status, 400, "{}", answer.text());

    let long = json!({ "text": "가".repeat(10_001) });
    let answer = app.post(&post, long).by(&kim).send().await;
    problem(&answer, 400, "bad_length");
    assert_eq!(answer.json["error"]["details"]["limit"], 10_000);
    let very_long = json!({ "text": "a".repeat(100_000) });
    problem(
        &app.post(&post, very_long).by(&kim).send().await,
        400,
        "bad_length",
    );
    let fits = json!({ "text": "가".repeat(10_000) });
    assert_eq!(app.post(&post, fits).by(&kim).send().await.status, 201);
}

/// Every call with an id in its path, with ids that are nobody's and ids that are none.
#[tokio::test]
async fn foreign_ids_are_not_found() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let document = app.raw("GET", "/api/openapi.json").send().await.json;
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        // Shippers name their documents themselves.
        if !path.contains("{id}") || path.contains("/files/") || path.starts_with("/{room}/") {
            continue;
        }
        for method in ["get", "post", "put", "patch", "delete"] {
            let Some(call) = item.get(method) else {
                continue;
            };
            for id in [
                "4503599627370496",
                "0",
                "18446744073709551616",
                "x",
                "-1",
                "1e3",
                "%00",
            ] {
                let path = path
                    .replace("{id}", id)
                    .replace("{user_id}", &admin.id.to_string())
                    .replace("{emoji}", "%F0%9F%91%8D");
                let mut request = app.raw(&method.to_uppercase(), &path).by(&admin);
                if let Some(schema) =
                    call["requestBody"]["content"]["application/json"].get("schema")
                {
                    request = request.json(&example(&document, schema, admin.id));
                }
                let answer = request.send().await;
                assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

/// The smallest body that a schema takes.
fn example(document: &Value, schema: &Value, user: u64) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().expect("a name");
        return example(document, &document["components"]["schemas"][name], user);
    }
    match schema["type"].as_str() {
        // One of a few words, or any text.
        Some("string") => schema["enum"]
            .get(0)
            .cloned()
            .unwrap_or_else(|| match schema["format"].as_str() {
                Some("date-time") => json!("2126-11-22T09:30:00Z"),
                _ => json!("a good password"),
            }),
        Some("integer") => json!(user),
        Some("array") => json!([]),
        _ => {
            let mut body = serde_json::Map::new();
            for name in schema["required"].as_array().into_iter().flatten() {
                let name = name.as_str().expect("a name");
                body.insert(
                    name.to_owned(),
                    example(document, &schema["properties"][name], user),
                );
            }
            if schema["properties"].get("user_id").is_some() {
                body.insert("user_id".to_owned(), json!(user));
            }
            Value::Object(body)
        }
    }
}

#[tokio::test]
async fn hostile_searches_are_answered() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    for query in [
        "q=",
        "q=%22%22%22",
        "q=AND+OR+NOT",
        "q=*%3A*",
        "q=%00%01",
        "q=%5B1+TO+*%5D",
        "q=a&sort=newest",
        "q=a&has=link,pin",
        "q=a&after=2020-01-01&before=2030-01-01T00:00:00Z",
    ] {
        let answer = app.get(&format!("/search?{query}")).by(&kim).send().await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        assert!(answer.json["hits"].is_array());
    }
    let long = "a".repeat(257);
    for query in [
        format!("q={long}"),
        "q=a&sort=best".into(),
        "q=a&has=soul".into(),
        "q=a&after=yesterday".into(),
        "q=a&cursor=zzz".into(),
        "q=a&limit=101".into(),
        "q=a&page=2".into(),
    ] {
        let answer = app.get(&format!("/search?{query}")).by(&kim).send().await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
    }
}

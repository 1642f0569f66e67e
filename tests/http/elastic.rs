//! The door for shippers of logs, as they speak to Elasticsearch.

use crate::kit::{Person, TestApp};
use serde_json::{Value, json};

async fn bulk(app: &TestApp, by: &Person, path: &str, lines: &str) -> Value {
    let request = app.raw("POST", path).by(by);
    let answer = request
        .bytes("application/x-ndjson", lines.into())
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("x-elastic-product"), Some("Elasticsearch"));
    answer.json
}

#[tokio::test]
async fn documents_become_messages_with_their_times() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "logs", "private").await;
    let lines = concat!(
        r#"{"index":{"_index":"logs","_id":"a1"}}"#,
        "\n",
        r#"{"@timestamp":"2026-01-02T03:04:05.678Z","message":"disk is full","host":"a"}"#,
        "\n",
        r#"{"create":{"_index":"logs-2026.01.02"}}"#,
        "\n",
        r#"{"log":"from fluent bit","@timestamp":1767323046000}"#,
        "\n",
        r#"{"index":{"_index":"nowhere"}}"#,
        "\n",
        r#"{"message":"x"}"#,
        "\n",
        r#"{"delete":{"_index":"logs","_id":"a1"}}"#,
        "\n",
        r#"{"index":{"_index":"logs"}}"#,
        "\n",
        r#"{"@timestamp":"never","message":"x"}"#,
        "\n",
    );
    let done = bulk(&app, &kim, "/_bulk", lines).await;
    assert_eq!(done["errors"], true);
    let statuses: Vec<u64> = done["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|item| item.as_object()?.values().next()?["status"].as_u64())
        .collect();
    assert_eq!(statuses, [201, 201, 404, 400, 400], "{done}");
    // The same again is there already.
    let again = bulk(
        &app,
        &kim,
        "/_bulk",
        &lines[..lines.find("create").expect("it") - 2],
    )
    .await;
    assert_eq!(again["items"][0]["index"]["status"], 200);
    let page = app
        .get(&format!("/rooms/{room}/messages"))
        .by(&kim)
        .send()
        .await;
    let messages = page.json["messages"].as_array().expect("messages");
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0]["text"], "disk is full");
    assert_eq!(messages[0]["sent_at"], "2026-01-02T03:04:05.678Z");
    let doc = app.raw("POST", "/logs/_doc").by(&kim);
    let doc = doc.json(&json!({"message": "one more"})).send().await;
    assert_eq!((doc.status, &doc.json["result"]), (201, &json!("created")));

    let lee = app.person("lee").await;
    let foreign = app
        .raw("POST", "/logs/_doc")
        .by(&lee)
        .json(&json!({"message": "x"}));
    assert_eq!(foreign.send().await.status, 404, "not for strangers to see");
    for bad in [
        "",
        "{",
        "{\"x\":1}\n{}\n",
        "{\"index\":{\"_index\":\"logs\"}}\n",
    ] {
        let request = app.raw("POST", "/_bulk").by(&kim);
        let answer = request
            .bytes("application/x-ndjson", bad.into())
            .send()
            .await;
        assert_eq!(answer.status, 400, "{bad}");
        assert!(answer.json["error"]["reason"].is_string());
    }
}

#[tokio::test]
async fn shippers_bring_their_token_in_their_own_way() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    app.room(&kim, "logs", "public").await;
    let made = json!({"name": "shipper", "scopes": ["messages:write"]});
    let made = app.post("/tokens", made).by(&kim).send().await;
    let token = made.json["token"].as_str().expect("a token");
    let encode = |text: String| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(text)
    };
    for header in [
        format!("Bearer {token}"),
        format!("Basic {}", encode(format!("elastic:{token}"))),
        format!("ApiKey {}", encode(format!("id:{token}"))),
        format!("ApiKey {token}"),
    ] {
        let request = app
            .raw("POST", "/logs/_doc")
            .header("authorization", &header);
        let answer = request.json(&json!({"message": "hello"})).send().await;
        assert_eq!(answer.status, 201, "{header}: {}", answer.text());
    }
    let reads = app.raw("GET", "/logs/_search?q=hello");
    let reads = reads.header("authorization", &format!("Bearer {token}"));
    assert_eq!(reads.send().await.code(), "missing_scope");
    let about = app.raw("GET", "/").header(
        "accept",
        "application/vnd.elasticsearch+json; compatible-with=8",
    );
    let about = about.send().await;
    assert_eq!(about.json["tagline"], "You Know, for Search");
}

#[tokio::test]
async fn small_searches_are_answered_and_others_named() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "logs", "private").await;
    app.say(&kim, room, "disk full on alpha").await;
    app.say(&kim, room, "network down on beta").await;
    let ask = async |body: Value| {
        app.raw("POST", "/logs/_search")
            .by(&kim)
            .json(&body)
            .send()
            .await
    };
    let query = json!({"query": {"bool": {"must": [{"match": {"message": "disk"}}],
        "filter": [{"range": {"@timestamp": {"gte": "2020-01-01"}}}]}}, "size": 5});
    let found = loop {
        let found = ask(query.clone()).await;
        assert_eq!(found.status, 200, "{}", found.text());
        if found.json["hits"]["total"]["value"] == 1 {
            break found.json;
        }
    };
    assert_eq!(
        found["hits"]["hits"][0]["_source"]["message"],
        "disk full on alpha"
    );
    let all = ask(json!({"query": {"match_all": {}}})).await;
    assert_eq!(all.status, 200, "{}", all.text());
    let bad = ask(json!({"query": {"fuzzy": {"message": "dsk"}}})).await;
    assert_eq!(bad.status, 400);
    assert!(
        bad.json["error"]["reason"]
            .as_str()
            .is_some_and(|text| text.contains("fuzzy"))
    );
    let lee = app.person("lee").await;
    let foreign = app.raw("GET", "/logs/_search?q=disk").by(&lee).send().await;
    assert_eq!(
        (foreign.status, &foreign.json["error"]["type"]),
        (404, &json!("index_not_found_exception"))
    );
}

/// Runs a client with the address and a token; it says when all went well.
async fn drive(client: impl FnOnce() -> std::process::Command + Send + 'static) {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    app.room(&kim, "logs", "private").await;
    let body = json!({"name": "shipper", "scopes": ["messages:write", "search:read"]});
    let made = app.post("/tokens", body).by(&kim).send().await;
    let token = made.json["token"].as_str().expect("a token").to_owned();
    let url = app.origin();
    let run = move || client().args([url, token]).output().expect("runs");
    let output = tokio::task::spawn_blocking(run).await.expect("ends");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success() && out.ends_with("well\n"),
        "{out}\n{err}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_writes_and_finds() {
    drive(|| {
        let folder = "tests/http/clients";
        let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut command = std::process::Command::new(crate::kit::python(folder));
        command.arg(script.join("elastic.py"));
        command
    })
    .await;
}

/// Those of versions 8 and 9, as they speak on Node.js.
#[tokio::test(flavor = "multi_thread")]
async fn the_official_clients_for_node_write_and_find() {
    drive(|| {
        let mut command = std::process::Command::new("node");
        let folder = crate::kit::node("tests/http/clients/node");
        command.arg("elastic.mjs").current_dir(folder);
        command
    })
    .await;
}

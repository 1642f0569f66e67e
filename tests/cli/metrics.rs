//! What Prometheus reads, in either form, and what it never says.

use super::run::Place;
use crate::kit::Request;
use std::collections::BTreeMap;
use std::net::SocketAddr;

const PASSWORD: &str = "세 마리의 고래와 등대";

fn address(line: &str) -> SocketAddr {
    let rest = line.split("http://").nth(1).expect("an address");
    let address = rest.split('/').next().expect("an address");
    address.trim().parse().expect("an address")
}

/// Samples by name and labels, after the rules of the form 0.0.4.
fn parse(text: &str) -> BTreeMap<String, f64> {
    let mut kinds = BTreeMap::new();
    let mut samples = BTreeMap::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a kind");
            let before = kinds.insert(name.to_owned(), kind.to_owned());
            assert!(before.is_none(), "{name} is told twice");
        } else if !line.starts_with('#') {
            let (sample, value) = line.rsplit_once(' ').expect("a value");
            let name = sample.split('{').next().expect("a name");
            let family = kinds.contains_key(name)
                || ["_bucket", "_count", "_sum"].iter().any(|end| {
                    let family = name.strip_suffix(end).unwrap_or_default();
                    kinds.get(family).is_some_and(|kind| kind == "histogram")
                });
            assert!(family, "{name} has no kind");
            let value = value.parse().expect("a number");
            let before = samples.insert(sample.to_owned(), value);
            assert!(before.is_none(), "{sample} is there twice");
        }
    }
    samples
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_follow_what_is_done_and_name_nobody() {
    let place = Place::new();
    let add = [
        "user",
        "add",
        "geheim",
        "--role",
        "admin",
        "--password-stdin",
    ];
    place.run_with(&add, PASSWORD).ok();
    let mut server = place.serve_with(&["--metrics-listen", "127.0.0.1:0"]);
    let door = address(&server.url);
    let metrics = address(&server.line());
    let read = async || {
        let answer = Request::new(metrics, "GET", "/metrics").send().await;
        assert_eq!(answer.status, 200);
        let kind = answer.header("content-type").expect("a type").to_owned();
        assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
        answer.text()
    };
    let before = parse(&read().await);
    assert_eq!(before["maru_ready"], 1.0);
    for _ in 0..3 {
        let path = "/api/v1/users/17?q=nobody";
        assert_eq!(Request::new(door, "GET", path).send().await.status, 401);
    }
    let login = serde_json::json!({ "username": "geheim", "password": PASSWORD });
    let signed = Request::new(door, "POST", "/api/v1/login")
        .json(&login)
        .send()
        .await;
    assert_eq!(signed.status, 200);
    assert_eq!(signed.header("x-request-id").map(str::len), Some(16));
    let text = read().await;
    let after = parse(&text);
    assert_eq!(after["maru_refusals_total{code=\"unauthenticated\"}"], 3.0);
    let route = "method=\"GET\",route=\"/api/v1/users/{id}\",status=\"401\"";
    assert_eq!(
        after[&format!("maru_http_request_seconds_count{{{route}}}")],
        3.0
    );
    assert_eq!(after["maru_sign_ins_total{result=\"done\"}"], 1.0);
    assert!(after["maru_commands_total"] > before["maru_commands_total"]);
    assert!(after["maru_log_append_seconds_count"] > 0.0);
    assert!(after["maru_log_fsync_seconds_count"] > 0.0);
    for known in [
        "process_resident_memory_bytes",
        "process_cpu_seconds_total",
        "process_open_fds",
        "maru_disk_free_bytes",
        "maru_folder_bytes{folder=\"log\"}",
        "maru_folder_bytes{folder=\"files\"}",
        "maru_folder_free_bytes{folder=\"index\"}",
        "maru_acknowledge_seconds_count",
        "maru_index_lag_commands",
        "maru_cache_keys",
    ] {
        assert!(after.contains_key(known), "{known}");
    }
    assert!(
        !text.contains("geheim") && !text.contains("nobody"),
        "{text}"
    );
    let open = Request::new(metrics, "GET", "/metrics")
        .header("accept", "application/openmetrics-text;version=1.0.0")
        .send()
        .await;
    assert!(open.text().ends_with("# EOF\n"));
    assert_eq!(Request::new(metrics, "GET", "/").send().await.status, 404);
    assert_eq!(
        Request::new(door, "GET", "/metrics").send().await.status,
        404
    );
    assert_eq!(server.stop().status, 0);
}

/// What the dashboard and the alerts ask for is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dashboard_knows_no_figure_that_is_not_there() {
    let place = Place::new();
    let add = ["user", "add", "kim", "--role", "admin", "--password-stdin"];
    place.run_with(&add, PASSWORD).ok();
    let mut server = place.serve_with(&["--metrics-listen", "127.0.0.1:0"]);
    let (door, metrics) = (address(&server.url), address(&server.line()));
    // Something of each kind: what never happened is not told.
    let login = serde_json::json!({ "username": "kim", "password": PASSWORD });
    let signed = Request::new(door, "POST", "/api/v1/login")
        .json(&login)
        .send()
        .await;
    let bearer = format!("Bearer {}", signed.json["token"].as_str().expect("a token"));
    Request::new(door, "GET", "/api/v1/me").send().await;
    let search = Request::new(door, "GET", "/api/v1/search?q=a").header("authorization", &bearer);
    assert_eq!(search.send().await.status, 200);
    let text = Request::new(metrics, "GET", "/metrics").send().await.text();
    let mut asked = 0;
    for file in ["grafana.json", "alerts.yml"] {
        let path = format!("{}/packaging/{file}", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(path).expect("is there");
        let words = source.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        // Figures of a cluster are told by its nodes alone.
        let words = words.filter(|word| !word.starts_with("maru_cluster_"));
        for word in words.filter(|word| word.starts_with("maru_") || word.starts_with("process_")) {
            let family = ["_bucket", "_count", "_sum"]
                .iter()
                .find_map(|end| word.strip_suffix(end))
                .unwrap_or(word);
            assert!(
                text.contains(&format!("# TYPE {family} ")),
                "{file}: {word}"
            );
            asked += 1;
        }
    }
    assert!(asked > 20, "the files were found");
    assert_eq!(server.stop().status, 0);
}

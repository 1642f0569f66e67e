//! Payloads as senders write them, and the messages that they become.

use maru_imports::payload::{BadPayload, Context, Format, read};

fn text(format: Format, event: &str, content_type: &str, body: &str) -> Result<String, BadPayload> {
    let context = Context {
        format,
        content_type,
        event,
    };
    read(context, body.as_bytes()).map(|post| post.map(|post| post.text).unwrap_or_default())
}

fn slack(body: &str) -> Result<String, BadPayload> {
    text(Format::Slack, "", "application/json", body)
}

#[test]
fn slack_and_its_relatives() {
    assert_eq!(
        slack(r#"{"text":"*hi* <https://a.b|x>"}"#).as_deref(),
        Ok("**hi** [x](https://a.b)")
    );
    let form = "payload=%7B%22text%22%3A%22a+%26amp%3B+b%22%7D";
    let posted = text(Format::Slack, "", "application/x-www-form-urlencoded", form);
    assert_eq!(posted.as_deref(), Ok("a & b"));
    // Mattermost takes the field without a content type.
    assert_eq!(text(Format::Slack, "", "", form).as_deref(), Ok("a & b"));
    assert_eq!(
        text(Format::Slack, "", "text/plain", "just *this*\n").as_deref(),
        Ok("just *this*")
    );
    assert_eq!(
        text(Format::Slack, "", "text/plain; charset=utf-8", "{x").as_deref(),
        Ok("{x")
    );
    for bad in ["", "[]", "{", "null", "\"text\""] {
        assert_eq!(slack(bad), Err(BadPayload::Invalid), "{bad}");
    }
    for empty in [
        "{}",
        r#"{"text":""}"#,
        r#"{"text":" ","attachments":[]}"#,
        r#"{"attachments":[{}]}"#,
    ] {
        assert_eq!(slack(empty), Err(BadPayload::NoText), "{empty}");
    }
}

#[test]
fn attachments_and_blocks() {
    let body = r##"{"text":"build","attachments":[{"color":"#f00","pretext":"pre","title":"T","title_link":"https://t",
        "text":"it *broke*","fields":[{"title":"branch","value":"main","short":true},{"title":"run","value":7}],
        "footer":"ci"},{"fallback":"only this"}]}"##;
    assert_eq!(
        slack(body).as_deref(),
        Ok(
            "build\n\npre\n**[T](https://t)**\nit **broke**\n**branch**: main\n**run**: 7\nci\n\nonly this"
        )
    );
    let body = r#"{"text":"fallback","blocks":[{"type":"header","text":{"type":"plain_text","text":"Title"}},
        {"type":"section","text":{"type":"mrkdwn","text":"*a*"},"fields":[{"type":"mrkdwn","text":"f1"}]},
        {"type":"divider"},{"type":"context","elements":[{"type":"mrkdwn","text":"c"},{"type":"plain_text","text":"d"}]},
        {"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Go"},"url":"https://go"}]},
        {"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x ","style":{"bold":true}},
        {"type":"link","url":"https://l"}]},{"type":"rich_text_list","style":"ordered","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"one"}]}]}]}]}"#;
    assert_eq!(
        slack(body).as_deref(),
        Ok("**Title**\n\n**a**\nf1\n\n---\n\nc d\n\n[Go](https://go)\n\n**x **https://l\n1. one")
    );
}

#[test]
fn long_texts_are_cut_between_characters() {
    let body = format!(r#"{{"text":"{}"}}"#, "한".repeat(20_000));
    let text = slack(&body).expect("a text");
    assert!(text.ends_with('…') && text.chars().count() <= 9_001 && text.len() <= 36_003);
}

#[test]
fn forges_and_alerts() {
    let push = r#"{"ref":"refs/heads/main","compare":"https://c","pusher":{"name":"kim"},
        "repository":{"full_name":"a/b","html_url":"https://r"},"sender":{"login":"kim"},
        "commits":[{"id":"0123456789","message":"fix: it\n\nlong","url":"https://k","author":{"username":"lee"}}]}"#;
    let said = text(Format::GitHub, "push", "application/json", push).expect("a text");
    assert_eq!(
        said,
        "**kim** pushed [1 commit](https://c) to `main` of [a/b](https://r)\n- [`0123456`](https://k) fix: it (lee)"
    );
    let pr = r#"{"action":"closed","sender":{"login":"kim"},"repository":{"full_name":"a/b","html_url":"https://r"},
        "pull_request":{"number":7,"title":"T","html_url":"https://p","merged":true}}"#;
    let said = text(Format::GitHub, "pull_request", "application/json", pr).expect("a text");
    assert!(
        said.contains("merged pull request [#7 T](https://p)"),
        "{said}"
    );
    let unknown = r#"{"action":"made","sender":{"login":"kim"},"repository":{"full_name":"a/b"}}"#;
    assert!(
        text(Format::GitHub, "star", "application/json", unknown)
            .expect("a text")
            .contains("star made in a/b")
    );
    let mr = r#"{"object_kind":"merge_request","user":{"name":"Kim"},"project":{"path_with_namespace":"g/p","web_url":"https://g"},
        "object_attributes":{"iid":3,"title":"T","action":"open","url":"https://m"}}"#;
    let said = text(Format::GitLab, "", "application/json", mr).expect("a text");
    assert_eq!(
        said,
        "**Kim** opened merge request [!3 T](https://m) in [g/p](https://g)"
    );
    let alert = r#"{"version":"4","status":"firing","groupLabels":{"alertname":"DiskFull"},"commonAnnotations":{"summary":"Disk is full"},
        "externalURL":"https://am","alerts":[{"status":"firing","labels":{"alertname":"DiskFull","host":"a"},
        "annotations":{"summary":"Disk is full","description":"95%"},"generatorURL":"https://g","fingerprint":"f"}]}"#;
    for format in [Format::Alertmanager, Format::Grafana] {
        let said = text(format, "", "application/json", alert).expect("a text");
        assert!(said.starts_with("🔥 **[FIRING:1] [DiskFull](https://am)**\nDisk is full\n- 🔥 `alertname=DiskFull host=a` — 95%"), "{said}");
    }
    let older = r#"{"title":"CPU","state":"alerting","message":"hot","ruleUrl":"https://r"}"#;
    assert_eq!(
        text(Format::Grafana, "", "application/json", older).as_deref(),
        Ok("**[CPU](https://r)**: alerting\nhot")
    );
    for format in [Format::GitHub, Format::GitLab, Format::Alertmanager] {
        assert!(text(format, "", "application/json", "{}").is_err());
    }
}
